//! A collection as one app uses it: its options, its latest view and its confirmed changes.

use std::rc::Rc;

use tidewire::core::collection::{
    AppRequest, AppResponse, ChangeKind, CollectionOptions, CollectionStatus, ConflictPolicy, Key,
    View,
};
use tidewire::core::error::Cause;
use tidewire::core::id::CollectionId;

use crate::action::{Policy, Storing, Topic, Versions};
use crate::invariants::rows;
use crate::server::Server;
use crate::value::{Value, object};

/// A collection of the table.
#[derive(Debug)]
pub(crate) struct CollectionModel {
    pub(crate) id: CollectionId,
    pub(crate) policy: Policy,
    pub(crate) storing: Storing,
    pub(crate) versions: Versions,
    /// Whether messages contain the ids of its changes, and of those that it shares: a collection
    /// opened before with the same options is the same collection and keeps its changes.
    pub(crate) is_named: bool,
    /// Its latest view.
    pub(crate) view: Option<View<Value>>,
    /// The tags of inserted rows that were confirmed to this app.
    pub(crate) confirmed: Vec<u64>,
    /// Whether another user has signed in: all rows may be dropped at any moment.
    pub(crate) may_empty: bool,
    /// Whether the server has lost messages: messages that it sent before may still arrive.
    pub(crate) outdated: bool,
}

impl CollectionModel {
    pub(crate) const fn new(
        id: CollectionId,
        policy: Policy,
        storing: Storing,
        versions: Versions,
    ) -> Self {
        Self {
            id,
            policy,
            storing,
            versions,
            is_named: storing.is_named(),
            view: None,
            confirmed: Vec::new(),
            may_empty: false,
            outdated: false,
        }
    }

    /// The key of the `nth` row of the view, modulo their number.
    pub(crate) fn key(&self, nth: u8) -> Option<Rc<str>> {
        let rows = &self.view.as_ref()?.rows;
        rows.get(usize::from(nth) % rows.len().max(1)).map(|row| row.key.clone())
    }

    /// Checks and stores the latest view.
    pub(crate) fn shown(&mut self, view: View<Value>, server: &mut Server) {
        rows::check(self, &view, server);
        self.view = Some(view);
    }

    /// The first difference from the server's table.
    pub(crate) fn differs(&self, server: &Server) -> Option<String> {
        let Some(view) = &self.view else { return Some("it has no view".to_owned()) };
        if view.status != CollectionStatus::Live || !view.pending.is_empty() {
            return Some(format!("it is {:?}, pending {:?}", view.status, view.pending));
        }
        let table = &server.channel(Topic::Table).table;
        let mut shown: Vec<_> = view.rows.iter().map(|row| (&row.key, &row.row)).collect();
        let mut stored: Vec<_> = table.rows().collect();
        shown.sort_by_key(|(key, _)| *key);
        stored.sort_by_key(|(key, _)| *key);
        let same = shown.len() == stored.len()
            && shown.iter().zip(&stored).all(|((key, row), (stored_key, stored_row))| {
                key == stored_key && tidewire::core::payload::Payload::eq_json(*row, *stored_row)
            });
        (!same).then(|| format!("it shows {shown:?}, stored are {stored:?}"))
    }
}

/// The options of a collection of the table.
pub(crate) fn options(policy: Policy, storing: Storing, versions: Versions) -> CollectionOptions {
    let version = match (policy, versions) {
        // The app's own clock; the server does not check it.
        (Policy::LastWriteWins, _) => Some("stamp"),
        (_, Versions::Checked) => Some("version"),
        (_, Versions::Unchecked) => None,
    };
    CollectionOptions {
        key: Key::Field("id".to_owned()),
        loads: true,
        persists: storing.is_by_request(),
        events: ["insert", "update", "delete"].map(str::to_owned),
        policy: match policy {
            Policy::ServerWins => ConflictPolicy::ServerWins,
            Policy::ClientWins => ConflictPolicy::ClientWins,
            Policy::LastWriteWins => ConflictPolicy::LastWriteWins,
            Policy::Merge => ConflictPolicy::Merge,
            Policy::Function => ConflictPolicy::Function,
        },
        version: version.map(str::to_owned),
        limit: None,
        identity: String::new(),
        functions: Vec::new(),
    }
}

/// The answer of the server, or of the app itself, to a request of a collection.
pub(crate) fn answer(
    now: u64,
    (storing, user): (Storing, u8),
    app_request: AppRequest<Value>,
    server: &mut Server,
) -> Result<AppResponse<Value>, Cause> {
    match app_request {
        AppRequest::Load => {
            let (rows, position) = server.load(now).ok_or_else(|| cause("unavailable"))?;
            Ok(AppResponse::Rows {
                rows,
                position: Some(position).filter(|_| storing != Storing::NoPosition),
            })
        }
        AppRequest::Persist(change) => {
            let row = change.row.clone().unwrap_or_else(|| object! {});
            let (event, payload) = match change.kind {
                ChangeKind::Insert => ("insert", object! { "row": row }),
                ChangeKind::Update => {
                    let named = row.merged([("id".into(), Value::from(&change.key))]);
                    ("update", object! { "row": named })
                }
                ChangeKind::Remove => ("delete", object! { "key": &change.key }),
            };
            let mutation = (&*change.mutation, storing == Storing::Rest);
            let stored = server.store(now, user, mutation, (event, payload)).map_err(cause)?;
            Ok(AppResponse::Stored(Some(stored).filter(|_| storing != Storing::Silent)))
        }
        AppRequest::Key(row) => Ok(AppResponse::Key(row.get("id").cloned().unwrap_or(Value::Null))),
        AppRequest::Resolve { local, remote, .. } => {
            let own = local.as_ref().and_then(|local| local.get("a")).cloned();
            Ok(AppResponse::Resolved(remote.merged(own.map(|own| ("a".into(), own)))))
        }
    }
}

/// A rejection with this code.
pub(crate) fn cause(code: &str) -> Cause {
    Cause { code: Some(code.to_owned()), message: "rejected".to_owned() }
}
