//! Turns errors into answers, in the form that the profile's clients expect.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use poem::{
    Body, Response,
    http::{Method, StatusCode, header::WWW_AUTHENTICATE},
};
use serde_json::{Value, json};

use crate::{
    config::Texts,
    error::{Error, Fault, RefusalBody},
    flask::{dialect::Dialect, python::repr},
};

/// How answers are worded.
#[derive(Clone, Debug)]
pub struct Wording {
    /// The form that the profile's clients expect.
    pub dialect: Dialect,
    /// Texts that take the place of ours.
    pub texts: Arc<Texts>,
}

impl From<Dialect> for Wording {
    fn from(dialect: Dialect) -> Self {
        Self {
            dialect,
            texts: Arc::default(),
        }
    }
}

impl Wording {
    /// The answer to a request of `method`.
    pub fn answer(&self, error: &Error, method: &Method) -> Response {
        let status = error.status(method);
        match error {
            Error::Busy | Error::Conflict(_) | Error::Upstream(_) | Error::UpstreamLoop => {
                warn_of_overload(error, status)
            }
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
        if let Error::Token(refusal) = error
            && let Some(challenge) = refusal.challenge()
        {
            response = response.header(WWW_AUTHENTICATE, challenge);
        }
        response
            .content_type("application/json")
            .body(Body::from(self.body(error, method).to_string()))
    }

    /// The body of such an answer, with the text under the member that clients read for its status.
    pub fn body(&self, error: &Error, method: &Method) -> Value {
        let status = error.status(method);
        let text = self.text(error, status);
        let key = self.dialect.error_key(status);
        match error {
            Error::Document { faults, is_scaffolded } => {
                let errors = json!({"errors": faults.iter().map(Fault::to_json).collect::<Vec<_>>()});
                match *is_scaffolded && self.dialect.document_errors_are_text() {
                    true => json!({"error": repr(&errors)}),
                    false => json!({"error": errors}),
                }
            }
            Error::AdminRequired | Error::SignupClosed | Error::Constraint(_) | Error::UnknownAddress => {
                json!({"error": text})
            }
            Error::ResetToken(_) => json!({"message": text}),
            Error::Token(refusal) => match &refusal.body {
                RefusalBody::Text(member) => json!({member.as_deref().unwrap_or(key): text}),
                RefusalBody::FlaskJwt(error) => {
                    json!({"description": text, "error": error, "status_code": status.as_u16()})
                }
            },
            _ => json!({key: text}),
        }
    }

    /// Its text.
    pub(super) fn text(&self, error: &Error, status: StatusCode) -> String {
        let of_kind = match error {
            Error::Credentials { is_known } => self.texts.of_login(*is_known),
            error => error.refusal_kind().and_then(|kind| self.texts.of_token(kind)),
        };
        if let Some(text) = of_kind {
            return text.to_owned();
        }
        let text = match status {
            StatusCode::INTERNAL_SERVER_ERROR => "Internal Server Error".to_owned(),
            _ => error.to_string(),
        };
        self.texts.replace(text, status.as_u16())
    }
}

/// Logs an overload, or what is wrong with the app behind us, once for many answers.
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
