//! Tables at `/rest/v1`, for the basic calls of the official client.

use axum::extract::{ConnectInfo, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use serde_json::value::RawValue;
use tidewire_server_core::Effect;
use tidewire_server_core::Publication;
use tidewire_server_core::Rejection;
use tidewire_server_core::account::Requester;
use tidewire_server_core::frame::{Fields, Object};

use crate::app_state::AppState;
use crate::listener::Peer;
use crate::publish;
use crate::supabase::handshake::requester;
use crate::supabase::record::Columns;
use crate::supabase::rows::RowQuery;
use crate::supabase::state::SupabaseState;
use crate::tables::Key;

/// An authorized request with a valid query.
struct Request<'a> {
    app_state: &'a AppState,
    table: &'a str,
    query: RowQuery,
    headers: &'a HeaderMap,
    /// The requester of a change; `None` for a read.
    requester: Option<Requester>,
}

type Pairs = Vec<(String, String)>;

/// `GET /rest/v1/TABLE`
pub(super) async fn select(
    State(state): State<SupabaseState>,
    Path(table): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    respond(Request::new(&state, &table, &pairs, &headers, Access::Read), |request| {
        let rows = request.rows()?;
        let texts = rows.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>();
        request.show(&texts, StatusCode::OK)
    })
}

/// `POST /rest/v1/TABLE`: one row or a list of them.
pub(super) async fn insert(
    State(state): State<SupabaseState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(table): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
    body: String,
) -> Response {
    respond(Request::new(&state, &table, &pairs, &headers, Access::Write(&peer)), |request| {
        let rows: Vec<&RawValue> = if body.trim_start().starts_with('[') {
            serde_json::from_str(&body)
        } else {
            serde_json::from_str(&body).map(|row| vec![row])
        }
        .map_err(|_| Rejection::invalid("the body is not JSON"))?;
        let mut stored = Vec::new();
        for row in rows {
            let payload = Object::new().raw("row", row.get()).end();
            stored.extend(request.change("insert", payload)?);
        }
        request.respond_with(&stored, StatusCode::CREATED)
    })
}

/// `PATCH /rest/v1/TABLE`: applies the same change to all rows that match.
pub(super) async fn update(
    State(state): State<SupabaseState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(table): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
    body: String,
) -> Response {
    respond(Request::new(&state, &table, &pairs, &headers, Access::Write(&peer)), |request| {
        let fields = Fields::parse(&body)?;
        let mut stored = Vec::new();
        for (key, _) in request.rows()? {
            let changed = fields
                .iter()
                .filter(|(name, _)| *name != "id")
                .fold(Object::new().raw("id", &key.json()), |o, (n, v)| o.raw(n, v.get()));
            let payload = Object::new().raw("row", &changed.end()).end();
            stored.extend(request.change("update", payload)?);
        }
        request.respond_with(&stored, StatusCode::OK)
    })
}

/// `DELETE /rest/v1/TABLE`: deletes all rows that match.
pub(super) async fn delete(
    State(state): State<SupabaseState>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    Path(table): Path<String>,
    Query(pairs): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    respond(Request::new(&state, &table, &pairs, &headers, Access::Write(&peer)), |request| {
        let rows = request.rows()?;
        for (key, _) in &rows {
            request.change("delete", Object::new().raw("key", &key.json()).end())?;
        }
        let deleted: Vec<String> = rows.into_iter().map(|(_, text)| text).collect();
        request.respond_with(&deleted, StatusCode::OK)
    })
}

#[derive(Clone, Copy)]
enum Access<'a> {
    Read,
    Write(&'a Peer),
}

impl<'a> Request<'a> {
    fn new(
        state: &'a SupabaseState,
        table: &'a str,
        pairs: &[(String, String)],
        headers: &'a HeaderMap,
        access: Access<'_>,
    ) -> Result<Self, Box<Response>> {
        let SupabaseState { app_state, realtime } = state;
        let token = requester(realtime, headers)?;
        if !realtime.replication.is_running() {
            let message = "the database is not there at present";
            return Err(Box::new(problem(StatusCode::SERVICE_UNAVAILABLE, "PGRST001", message)));
        }
        let trusted = matches!(token.role.as_str(), "authenticated" | "service_role");
        if matches!(access, Access::Write(_))
            && !trusted
            && !realtime.settings.lock().anonymous_writes
        {
            let message = format!("permission denied for table {table}");
            return Err(Box::new(problem(StatusCode::FORBIDDEN, "42501", &message)));
        }
        let Some(declared) = app_state.hub.catalog().open_table(table) else {
            let message = format!("Could not find the table 'public.{table}' in the schema cache");
            return Err(Box::new(problem(StatusCode::NOT_FOUND, "PGRST205", &message)));
        };
        let query = RowQuery::parse(pairs)
            .map_err(|message| Box::new(problem(StatusCode::BAD_REQUEST, "PGRST100", &message)))?;
        if let Some(name) =
            Columns::declared(declared).and_then(|all| query.unknown(&all).map(ToOwned::to_owned))
        {
            let message = format!("column {table}.{name} does not exist");
            return Err(Box::new(problem(StatusCode::BAD_REQUEST, "42703", &message)));
        }
        let requester = match access {
            Access::Read => None,
            Access::Write(peer) => {
                let requester = app_state.http_requester(peer, token.subject.as_deref());
                Some(requester.map_err(|rejection| {
                    let status = StatusCode::TOO_MANY_REQUESTS;
                    Box::new(problem(status, "53400", &rejection.message))
                })?)
            }
        };
        Ok(Self { app_state, table, query, headers, requester })
    }

    /// The rows that match, in order, with their keys.
    fn rows(&self) -> Result<Vec<(Key, String)>, Rejection> {
        let rows = self.app_state.hub.rows(self.table)?;
        let mut found = Vec::new();
        for (_, row) in &rows {
            let fields = Fields::parse(&row.text)?;
            let columns = self.columns(&fields);
            if self.query.meets(&columns, &fields) {
                found.push((columns, fields));
            }
        }
        self.query
            .arrange(found)
            .into_iter()
            .map(|(columns, fields)| {
                let key = fields.get("id").map_or("null", RawValue::get);
                Ok((Key::parse(key)?, columns.record(&fields)))
            })
            .collect()
    }

    fn columns(&self, row: &Fields<'_>) -> Columns {
        let declared = self.app_state.hub.catalog().table(self.table).and_then(Columns::declared);
        declared.unwrap_or_else(|| Columns::inferred(row))
    }

    /// Makes a change; returns the resulting row, unless it was deleted.
    fn change(&self, event: &str, payload: String) -> Result<Option<String>, Rejection> {
        let payload = RawValue::from_string(payload)
            .map_err(|_| Rejection::internal("the change cannot be sent"))?;
        let placed = self.app_state.hub.publish(Publication {
            channel: self.table,
            id: None,
            event: Some(event.to_owned()),
            payload,
            user: None,
            verbatim: None,
            requester: self.requester.as_ref(),
        })?;
        Ok(match placed.effect {
            Effect::Stored(row) => Some(row.to_string()),
            Effect::Deleted | Effect::Relayed => None,
        })
    }

    /// The response to a change, with the changed rows if requested.
    fn respond_with(&self, rows: &[String], status: StatusCode) -> Result<Response, Rejection> {
        let prefer = self.headers.get("prefer").and_then(|value| value.to_str().ok());
        if prefer.is_some_and(|prefer| prefer.contains("return=representation")) {
            let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
            return self.show(&rows, status);
        }
        let status = if status == StatusCode::OK { StatusCode::NO_CONTENT } else { status };
        Ok(status.into_response())
    }

    /// The response with rows as a list, or as a single object if requested.
    fn show(&self, rows: &[&str], status: StatusCode) -> Result<Response, Rejection> {
        let mut shown = Vec::new();
        for row in rows {
            let fields = Fields::parse(row)?;
            shown.push(self.query.show(&self.columns(&fields), &fields));
        }
        let accept = self.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        if accept.is_some_and(|accept| accept.starts_with("application/vnd.pgrst.object+json")) {
            return Ok(match shown.as_slice() {
                [row] => publish::json(status, row.clone()),
                rows => {
                    let message = "Cannot coerce the result to a single JSON object";
                    let details = format!("The result contains {} rows", rows.len());
                    let body = json!({
                        "code": "PGRST116", "message": message, "details": details, "hint": null,
                    });
                    publish::json(StatusCode::NOT_ACCEPTABLE, body.to_string())
                }
            });
        }
        Ok(publish::json(status, format!("[{}]", shown.join(","))))
    }
}

fn respond(
    request: Result<Request<'_>, Box<Response>>,
    work: impl FnOnce(&Request<'_>) -> Result<Response, Rejection>,
) -> Response {
    let request = match request {
        Ok(request) => request,
        Err(response) => return *response,
    };
    work(&request).unwrap_or_else(|rejection| {
        let (status, code) = match rejection.code {
            "conflict" => (StatusCode::CONFLICT, "23505"),
            "not_found" => (StatusCode::NOT_FOUND, "PGRST205"),
            "internal" | "limit" => (StatusCode::SERVICE_UNAVAILABLE, "53000"),
            _ => (StatusCode::BAD_REQUEST, "22P02"),
        };
        problem(status, code, &rejection.message)
    })
}

fn problem(status: StatusCode, code: &str, message: &str) -> Response {
    let body = json!({ "code": code, "message": message, "details": null, "hint": null });
    publish::json(status, body.to_string())
}
