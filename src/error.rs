//! The one error type of the project and its only translation to a status and a body.
//!
//! Clients see fixed texts; what went wrong inside is logged, never sent.

use poem::{Body, Response, http::StatusCode};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponse, MetaResponses, Registry},
};
use serde_json::json;

/// Shorthand for results whose error is [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that can go wrong, on the command line and while serving.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request body or a header cannot be used; the text says what is wrong and what is allowed.
    #[error("{0}")]
    BadRequest(String),
    /// The caller is not, or not sufficiently, identified; the text is the original's.
    #[error("{0}")]
    Unauthorized(&'static str),
    /// No such route or row.
    #[error("The requested URL was not found on the server.")]
    NotFound,
    /// The path exists, the method does not; carries the value of the `Allow` header.
    #[error("The method is not allowed for the requested URL.")]
    MethodNotAllowed(String),
    /// The body is larger than this many bytes.
    #[error("The request body is larger than {0} bytes.")]
    PayloadTooLarge(usize),
    /// The client took too long to send its body.
    #[error("The request body did not arrive in time.")]
    RequestTimeout,
    /// More work is queued than can be done soon; the client may try again.
    #[error("The server is busy, try again in a moment.")]
    Busy,
    /// The database failed or could not be reached.
    #[error("The database is not available, try again in a moment.")]
    Database(#[from] sqlx::Error),
    /// A migration could not be applied, reverted or read.
    #[error("the migration failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A file or socket operation failed; the text names what was attempted.
    #[error("{0}")]
    Io(String, #[source] std::io::Error),
    /// Usage or input that is refused before anything was done; the text says what is allowed.
    #[error("{0}")]
    Refused(String),
    /// A defect of this program; the text is for the log only.
    #[error("{0}")]
    Internal(String),
}

impl Error {
    /// The status this error is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Error::PayloadTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Error::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            // A front end signs its user out on 401, so an outage must never look like one.
            Error::Busy | Error::Database(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Migration(_) | Error::Io(..) | Error::Refused(_) | Error::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The JSON answer; `key` is the member that the profile's clients read (`message` or `error`).
    pub fn to_response(&self, key: &str) -> Response {
        let status = self.status();
        let text = if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = %self.with_causes(), "internal error");
            "Internal Server Error".to_owned()
        } else {
            if status == StatusCode::SERVICE_UNAVAILABLE {
                tracing::error!(error = %self.with_causes(), "answered 503");
            }
            self.to_string()
        };
        let mut response = Response::builder().status(status);
        if let Error::MethodNotAllowed(allow) = self {
            response = response.header("Allow", allow);
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response = response.header("Retry-After", "2");
        }
        response
            .content_type("application/json")
            .body(Body::from(json!({ key: text }).to_string()))
    }

    /// Whether a unique constraint refused the statement.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Error::Database(sqlx::Error::Database(error)) if error.is_unique_violation())
    }

    /// The error and its causes in one line, for the log and the terminal.
    pub fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    /// The exit code of the process: 2 for refused input, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Error::Refused(_)) { 2 } else { 1 }
    }
}

impl From<Error> for poem::Error {
    fn from(error: Error) -> Self {
        let status = error.status();
        let mut wrapped = poem::Error::new(error, status);
        // The gateway translates it; until then it travels as it is.
        wrapped.set_error_message("");
        wrapped
    }
}

impl ApiResponse for Error {
    /// Empty: which statuses an operation answers follows from its parts, see [`crate::web::openapi`].
    fn meta() -> MetaResponses {
        MetaResponses { responses: Vec::new() }
    }

    fn register(_registry: &mut Registry) {}
}

/// An [`enum@Error`] of an operation that documents `STATUS` beside those that follow from its parts.
///
/// A handler writes `Result<Answer<T>, OrStatus<401>>` and uses `?` as with [`enum@Error`].
#[derive(Debug)]
pub struct OrStatus<const STATUS: u16>(Error);

impl<const STATUS: u16> From<Error> for OrStatus<STATUS> {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl<const STATUS: u16> From<OrStatus<STATUS>> for poem::Error {
    fn from(error: OrStatus<STATUS>) -> Self {
        error.0.into()
    }
}

impl<const STATUS: u16> ApiResponse for OrStatus<STATUS> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "",
                status: Some(STATUS),
                status_range: None,
                // Its text depends on the profile and is added to the finished document.
                content: Vec::new(),
                headers: Vec::new(),
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
