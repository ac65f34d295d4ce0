//! The one error type of the project and its only translation to a status; `web/errors.rs` makes the answer.
//!
//! Clients see fixed texts; what went wrong inside is logged, never sent.

mod constraint;
mod diagnostic;
mod fault;
mod texts;
mod token_refusal;

pub use constraint::{Constraint, ConstraintViolation};
pub use diagnostic::{Diagnostic, Diagnostics, Source, Span, Suggestion};
pub use fault::Fault;
pub use texts::{OWN_TEXTS, PACKAGE_TEXTS};
pub use token_refusal::{RefusalBody, RefusalKind, TokenRefusal};

use poem::http::{Method, StatusCode};
use poem_openapi::{
    ApiResponse,
    registry::{MetaResponse, MetaResponses, Registry},
};
use sqlx::{mysql::MySqlDatabaseError, postgres::PgDatabaseError, sqlite::SqliteError};

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
    /// The token of a Flask app is missing or cannot be used.
    #[error("{0}")]
    Token(Box<TokenRefusal>),
    /// The address or the password of a login is wrong.
    #[error("invalid username/password")]
    Credentials {
        /// Whether somebody who may log in has the address.
        is_known: bool,
    },
    /// The token of a password reset is missing or over; its text goes out under `message` in both
    /// Flask-Scaffolds (`ForgotPassword.patch`, `app/baseviews.py`).
    #[error("{0}")]
    ResetToken(&'static str),
    /// The caller may not do this (Flask-Scaffold, `admin_access_required`, `app/baseviews.py`).
    #[error("Admin Access Required")]
    AdminRequired,
    /// Nobody may sign up (`SIGNUP=off`); 403, because a front end signs its user out on 401.
    #[error("Sign-up is closed. Ask an administrator for an account.")]
    SignupClosed,
    /// The document does not fit, or is another resource's.
    #[error("the document is not acceptable")]
    Document {
        /// Everything that is wrong with it.
        faults: Vec<Fault>,
        /// Whether its resource was scaffolded, see `Resource::IS_SCAFFOLDED`.
        is_scaffolded: bool,
    },
    /// The table cannot hold the values.
    #[error("{0}")]
    Constraint(ConstraintViolation),
    /// Nobody has the mail address (Flask-Scaffold, `ForgotPassword.post`, `app/baseviews.py`).
    #[error("We could not find this email address :(")]
    UnknownAddress,
    /// No such route or row.
    #[error("The requested URL was not found on the server.")]
    NotFound,
    /// The path exists, the method does not; carries the value of the `Allow` header.
    #[error("The method is not allowed for the requested URL.")]
    MethodNotAllowed(String),
    /// The request line and the headers are larger than this many bytes.
    #[error("The head of the request is larger than {0} bytes, or has more than 100 lines.")]
    HeadTooLarge(usize),
    /// The address in the request line does not leave room for the rest of so many bytes.
    #[error("The address of the request is too long: its head may have {0} bytes.")]
    UriTooLong(usize),
    /// The body is larger than this many bytes.
    #[error("The request body is larger than {0} bytes.")]
    PayloadTooLarge(usize),
    /// The client took too long to send its body.
    #[error("The request body did not arrive in time.")]
    RequestTimeout,
    /// Too many attempts were made from there, or on that account; one can follow after so many seconds.
    #[error("{}", too_many_attempts(*retry_after))]
    TooManyAttempts {
        /// Seconds, rounded up.
        retry_after: u64,
    },
    /// More work is queued than can be done soon; the client may try again.
    #[error("The server is busy, try again in a moment.")]
    Busy,
    /// Others wrote to the same rows each time that it was tried; nothing was changed.
    #[error("Other requests are changing the same rows, try again in a moment.")]
    Conflict(#[source] sqlx::Error),
    /// The connection was lost before the database said whether it has made the change.
    #[error("The database did not confirm the change. Check whether it was made before you try again.")]
    Unconfirmed(#[source] sqlx::Error),
    /// The old app behind this server cannot be reached, or has ended the connection without an answer.
    #[error("The app behind this server does not answer, try again in a moment.")]
    Upstream(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A request for the old app has come back to this server.
    #[error("UPSTREAM, the address of the app behind this server, leads back to this server.")]
    UpstreamLoop,
    /// The database failed or could not be reached.
    #[error("The database is not available, try again in a moment.")]
    Database(#[source] sqlx::Error),
    /// The database does not let this server do that: it is read-only, or the server's account has not the right.
    #[error("The database does not allow this server to do that.")]
    Denied(#[source] sqlx::Error),
    /// Nobody answers where the database should be; the text says where that is.
    #[error("cannot reach the database at {0}")]
    Unreachable(String, #[source] sqlx::Error),
    /// The database refuses the connection, or is not one; the text says which it is and where.
    #[error("cannot open the database {0}")]
    NotOpened(String, #[source] sqlx::Error),
    /// A migration could not be applied, reverted or read.
    #[error("the migration failed")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A mail could not be sent.
    #[error("the mail cannot be sent")]
    Mail(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A file or socket operation failed; the text names what was attempted.
    #[error("{0}")]
    Io(String, #[source] std::io::Error),
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[source] std::io::Error),
    /// Usage or input that is refused before anything was done; the text says what is allowed.
    #[error("{0}")]
    Refused(String),
    /// A definition of resources that cannot be used; nothing was done. The command line renders it.
    #[error("{0}")]
    Definition(Box<Diagnostics>),
    /// A defect of this program; the text is for the log only.
    #[error("{0}")]
    Internal(String),
}

/// What no second try makes better: it is not the database that fails.
fn is_defect(error: &sqlx::Error) -> bool {
    use sqlx::Error::{ColumnDecode, ColumnIndexOutOfBounds, ColumnNotFound, Decode, Encode};
    matches!(
        error,
        ColumnDecode { .. } | ColumnIndexOutOfBounds { .. } | ColumnNotFound(_) | Decode(_) | Encode(_)
    )
}

impl From<Diagnostics> for Error {
    fn from(diagnostics: Diagnostics) -> Self {
        Error::Definition(Box::new(diagnostics))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let Some(cause) = error.as_database_error() else {
            return match is_defect(&error) {
                true => Error::Internal(error.to_string()),
                false => Error::Database(error),
            };
        };
        match Constraint::of(cause) {
            Some(constraint) => {
                tracing::debug!(%error, "refused by the database");
                Error::Constraint(constraint.into())
            }
            None if is_conflict(cause) => Error::Conflict(error),
            None if is_denied(&error) => Error::Denied(error),
            None => Error::Database(error),
        }
    }
}

/// Whether the database has undone a statement or a transaction because of other writers.
fn is_conflict(error: &dyn sqlx::error::DatabaseError) -> bool {
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        // A lost deadlock or certification, a wait for a lock that took too long, a row changed since it was read,
        // and a Galera node that is not up to date.
        return matches!(error.number(), 1213 | 1205 | 1020 | 1047);
    }
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        return code.parse::<u32>().is_ok_and(is_sqlite_busy);
    }
    // A failed serialization, a deadlock, a wait for a lock that took too long.
    matches!(code.as_ref(), "40001" | "40P01" | "55P03") || is_outdated_statement(error)
}

/// Whether the database refused a statement because it is read-only, or because the account has not the right.
pub fn is_denied(error: &sqlx::Error) -> bool {
    let Some(error) = error.as_database_error() else {
        return false;
    };
    if let Some(error) = error.try_downcast_ref::<MySqlDatabaseError>() {
        // The database, a table, a column, an administrator's right; a server, a transaction, an instance that is read-only.
        return matches!(error.number(), 1044 | 1142 | 1143 | 1227 | 1290 | 1792 | 1836);
    }
    let code = error.code().unwrap_or_default();
    if error.try_downcast_ref::<SqliteError>().is_some() {
        // SQLITE_READONLY, and with what comes of it.
        return code.parse::<u32>().is_ok_and(|code| code & 0xff == 8);
    }
    matches!(code.as_ref(), "42501" | "25006")
}

/// Whether PostgreSQL refused a prepared statement because a column of its result has another type by now.
pub fn is_outdated(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(is_outdated_statement)
}

/// The text depends on the language of the server, its source does not.
fn is_outdated_statement(error: &dyn sqlx::error::DatabaseError) -> bool {
    let error = error.try_downcast_ref::<PgDatabaseError>();
    error.is_some_and(|error| error.code() == "0A000" && error.routine() == Some("RevalidateCachedQuery"))
}

/// Result codes whose low byte is 5 (`SQLITE_BUSY`) or 6 (`SQLITE_LOCKED`).
fn is_sqlite_busy(code: u32) -> bool {
    matches!(code & 0xff, 5 | 6)
}

impl Error {
    /// The error of a request that cannot be read, as Flask 0.10 described it (`BadRequest.description`).
    pub fn unreadable() -> Self {
        Error::BadRequest("The browser (or proxy) sent a request that this server could not understand.".to_owned())
    }

    /// The error with attributes in the place of columns that are called otherwise, given as pairs of both.
    pub fn renamed(self, attributes: &[(&str, &str)]) -> Self {
        match self {
            Error::Constraint(violation) => Error::Constraint(violation.renamed(attributes)),
            error => error,
        }
    }

    /// The error of a statement that changes rows, or of a COMMIT.
    pub fn of_write(error: sqlx::Error) -> Self {
        Error::from(error).after_write()
    }

    /// This error, if a statement that changes rows ended in it.
    pub fn after_write(self) -> Self {
        match self {
            Error::Database(
                error @ (sqlx::Error::Io(_)
                | sqlx::Error::Protocol(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::WorkerCrashed),
            ) => Error::Unconfirmed(error),
            other => other,
        }
    }

    /// The status this error is answered with to a request of `method`.
    pub fn status(&self, method: &Method) -> StatusCode {
        match self {
            Error::BadRequest(_) => StatusCode::BAD_REQUEST,
            Error::Unauthorized(_) | Error::ResetToken(_) | Error::AdminRequired | Error::Credentials { .. } => {
                StatusCode::UNAUTHORIZED
            }
            Error::Token(refusal) => refusal.status,
            Error::Document { faults, .. } if faults.iter().any(Fault::is_conflict) => StatusCode::CONFLICT,
            Error::Document { .. } | Error::Constraint(_) => refused_values(method),
            Error::SignupClosed => StatusCode::FORBIDDEN,
            Error::NotFound | Error::UnknownAddress => StatusCode::NOT_FOUND,
            Error::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Error::HeadTooLarge(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Error::UriTooLong(_) => StatusCode::URI_TOO_LONG,
            Error::PayloadTooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Error::RequestTimeout => StatusCode::REQUEST_TIMEOUT,
            Error::TooManyAttempts { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Upstream(_) => StatusCode::BAD_GATEWAY,
            // Not 502, after which proxies ask again.
            Error::UpstreamLoop => StatusCode::LOOP_DETECTED,
            // A front end signs its user out on 401, so an outage must never look like one.
            Error::Busy
            | Error::Conflict(_)
            | Error::Unconfirmed(_)
            | Error::Database(_)
            | Error::Denied(_)
            | Error::Unreachable(..) => StatusCode::SERVICE_UNAVAILABLE,
            Error::NotOpened(..)
            | Error::Migration(_)
            | Error::Mail(_)
            | Error::Io(..)
            | Error::Output(_)
            | Error::Refused(_)
            | Error::Definition(_)
            | Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A mail that cannot be written or sent.
    pub fn of_mail(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Error::Mail(error.into())
    }

    /// Whether a unique constraint refused the statement.
    pub fn is_unique_violation(&self) -> bool {
        matches!(self, Error::Constraint(violation) if violation.constraint == Constraint::Unique)
    }

    /// What is wrong with the request's token, if it is refused for that.
    pub fn refusal_kind(&self) -> Option<RefusalKind> {
        match self {
            Error::Token(refusal) => Some(refusal.kind),
            Error::Unauthorized(text) => RefusalKind::of(text),
            _ => None,
        }
    }

    /// The error and its causes in one line, each once, for the log and the terminal.
    pub fn with_causes(&self) -> String {
        let mut parts = Vec::new();
        let mut next: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = next {
            if let Some(error) = error.downcast_ref() {
                parts.push(cause_of_database(error));
                break;
            }
            next = error.source();
            let text = error.to_string();
            // Some repeat their cause at the end of their own text.
            let cause = next.map(ToString::to_string).unwrap_or_default();
            let own = text.strip_suffix(&cause).unwrap_or(&text);
            parts.push(own.trim_end_matches([' ', ':', '.']).to_owned());
        }
        parts.retain(|part| !part.is_empty());
        parts.join(": ")
    }

    /// The exit code of the process: 2 for refused input, 1 for everything else.
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::Refused(_) | Error::Definition(_) => 2,
            _ => 1,
        }
    }
}

/// What a driver's error says, once, and without the place in the server's source that PostgreSQL's have.
pub fn cause_of_database(error: &sqlx::Error) -> String {
    use std::io::ErrorKind;
    match error {
        sqlx::Error::Io(error) if error.get_ref().is_none() => match error.kind() {
            ErrorKind::ConnectionRefused => "connection refused".to_owned(),
            ErrorKind::TimedOut => "it does not answer in time".to_owned(),
            _ => error.to_string(),
        },
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => format!("no TLS: {error}"),
        sqlx::Error::PoolTimedOut => "no connection could be had in time".to_owned(),
        sqlx::Error::Database(error) => match error.code() {
            Some(code) => format!("{} ({code})", error.message()),
            None => error.message().to_owned(),
        },
        error => error.to_string(),
    }
}

/// The text of [`Error::TooManyAttempts`], which pages show as it is.
fn too_many_attempts(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..=90 => (seconds, "second"),
        _ => (seconds.div_ceil(60), "minute"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("Too many attempts. Try again in {number} {unit}{plural}.")
}

/// What values that cannot be taken are answered with: 401 to PATCH, 403 to everything else.
///
/// Source: Flask-Scaffold 1.0 and 2.0, `app/users/views.py` and every generated `views.py`, whose `post` and
/// `patch` differ so.
pub fn refused_values(method: &Method) -> StatusCode {
    if method == Method::PATCH {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::FORBIDDEN
    }
}

impl From<Error> for poem::Error {
    fn from(error: Error) -> Self {
        // The gateway knows the method and translates it; until then it travels as it is.
        let mut wrapped = poem::Error::new(error, StatusCode::INTERNAL_SERVER_ERROR);
        wrapped.set_error_message("");
        wrapped
    }
}

impl ApiResponse for Error {
    /// Empty: which statuses an operation answers follows from its parts, see `web/openapi/answers.rs`.
    fn meta() -> MetaResponses {
        MetaResponses { responses: Vec::new() }
    }

    fn register(_registry: &mut Registry) {}
}

/// An [`enum@Error`] of an operation that documents `STATUS`, and `OTHER`, beside those that follow from its parts.
///
/// A handler writes `Result<Answer<T>, OrStatus<401>>` and uses `?` as with [`enum@Error`].
#[derive(Debug)]
pub struct OrStatus<const STATUS: u16, const OTHER: u16 = 0>(Error);

impl<const STATUS: u16, const OTHER: u16> From<Error> for OrStatus<STATUS, OTHER> {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl<const STATUS: u16, const OTHER: u16> From<OrStatus<STATUS, OTHER>> for poem::Error {
    fn from(error: OrStatus<STATUS, OTHER>) -> Self {
        error.0.into()
    }
}

impl<const STATUS: u16, const OTHER: u16> ApiResponse for OrStatus<STATUS, OTHER> {
    fn meta() -> MetaResponses {
        let statuses = [STATUS, OTHER].into_iter().filter(|status| *status != 0);
        MetaResponses {
            responses: statuses
                .map(|status| MetaResponse {
                    description: "",
                    status: Some(status),
                    status_range: None,
                    // Its text depends on the profile and is added to the finished document.
                    content: Vec::new(),
                    headers: Vec::new(),
                })
                .collect(),
        }
    }

    fn register(_registry: &mut Registry) {}
}
