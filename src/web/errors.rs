//! Turns errors into answers, in the form that the profile's clients expect.

use std::sync::atomic::{AtomicI64, Ordering};

use poem::{
    Body, Response,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

use crate::{
    error::{Error, Fault},
    flask::{dialect::Dialect, python::repr},
};

/// The answer to a request of `method`.
pub fn answer(error: &Error, method: &Method, dialect: Dialect) -> Response {
    let status = error.status(method);
    match error {
        Error::Busy | Error::Conflict(_) | Error::Upstream(_) => warn_of_overload(error, status),
        _ if status.is_server_error() => {
            tracing::error!(error = %error.with_causes(), "answered {}", status.as_u16());
        }
        _ => {}
    }
    let mut response = Response::builder().status(status);
    if let Error::MethodNotAllowed(allow) = error {
        response = response.header("Allow", allow);
    }
    // A missing right will not come back soon, so no Retry-After.
    if status == StatusCode::SERVICE_UNAVAILABLE && !matches!(error, Error::Denied(_)) {
        response = response.header("Retry-After", "2");
    }
    if let Error::TooManyAttempts { retry_after } = error {
        response = response.header("Retry-After", retry_after.to_string());
    }
    response
        .content_type("application/json")
        .body(Body::from(body(error, method, dialect).to_string()))
}

/// The body of such an answer, with the text under the member that clients read for its status.
pub fn body(error: &Error, method: &Method, dialect: Dialect) -> Value {
    let status = error.status(method);
    let text = error.to_string();
    match error {
        Error::Document { faults, is_scaffolded } => {
            let errors = json!({"errors": faults.iter().map(Fault::to_json).collect::<Vec<_>>()});
            match *is_scaffolded && dialect.document_errors_are_text() {
                true => json!({"error": repr(&errors)}),
                false => json!({"error": errors}),
            }
        }
        Error::AdminRequired | Error::SignupClosed | Error::Constraint(_) | Error::UnknownAddress => {
            json!({"error": text})
        }
        Error::ResetToken(_) => json!({"message": text}),
        _ if status == StatusCode::INTERNAL_SERVER_ERROR => json!({dialect.error_key(status): "Internal Server Error"}),
        _ => json!({dialect.error_key(status): text}),
    }
}

/// Logs an overload, or an outage of the app behind us, once for many answers.
fn warn_of_overload(error: &Error, status: StatusCode) {
    static LAST: AtomicI64 = AtomicI64::new(0);
    const SECONDS: i64 = 10;
    let now = chrono::Utc::now().timestamp();
    let last = LAST.load(Ordering::Relaxed);
    let is_first = || {
        LAST.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    };
    if now - last >= SECONDS && is_first() {
        tracing::warn!(error = %error.with_causes(), "answered {}; others like it are logged every {SECONDS} s only", status.as_u16());
    }
}
