//! Request and response bodies of the control endpoint.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::publish;

/// Parses the body as JSON, whatever its declared type.
pub(crate) fn read<'a, T: Deserialize<'a>>(body: &'a str) -> Result<T, Box<Response>> {
    serde_json::from_str(body).map_err(|error| Box::new(wrong(&error.to_string())))
}

pub(crate) fn answer(value: &Value) -> Response {
    publish::json(StatusCode::OK, value.to_string())
}

pub(crate) fn wrong(message: &str) -> Response {
    problem(StatusCode::BAD_REQUEST, message)
}

pub(crate) fn not_found(message: &str) -> Response {
    problem(StatusCode::NOT_FOUND, message)
}

pub(super) fn problem(status: StatusCode, message: &str) -> Response {
    publish::json(status, json!({ "error": { "message": message } }).to_string())
}
