//! The answers to requests without a good token, as the packages give them.

use poem::http::StatusCode;
use serde_json::Value;

use crate::{
    auth::{
        bearer::MISSING_HEADER,
        tokens::{ACCOUNT_IS_GONE, TOKEN_HAS_EXPIRED, TOKEN_IS_INVALID},
    },
    config::{InvalidStatus, TokenConfig, TokenDialect},
    error::{Error, RefusalBody, RefusalKind, TokenRefusal},
    flask::python::repr,
};

/// Why a request is refused.
#[derive(Debug, PartialEq)]
pub enum Reason {
    /// It has no token.
    Missing(String),
    /// Its header cannot be read.
    Header(String),
    /// Its token cannot be used.
    Invalid(String),
    /// The time of its token is over.
    Expired,
    /// It does not repeat what a token in a cookie asks for.
    Csrf(&'static str),
    /// Its token is from before a change of the password.
    Revoked,
    /// Its token names nobody who may call, but this.
    NoUser(Value),
}

/// The answer to a request that is refused for this reason.
pub fn answer(reason: Reason, config: &TokenConfig) -> Error {
    let kind = match reason {
        Reason::Missing(_) => RefusalKind::Missing,
        Reason::Header(_) | Reason::Invalid(_) => RefusalKind::Invalid,
        Reason::Expired => RefusalKind::Expired,
        Reason::Csrf(_) => RefusalKind::Csrf,
        Reason::Revoked => RefusalKind::Revoked,
        Reason::NoUser(_) => RefusalKind::UnknownUser,
    };
    let status = match (kind, config.invalid_status) {
        (RefusalKind::Invalid, InvalidStatus::Unprocessable) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::UNAUTHORIZED,
    };
    let member = config.error_member.clone();
    let (text, body) = match config.dialect {
        TokenDialect::Extended3 | TokenDialect::Extended4 => (of_extended(reason), RefusalBody::Text(member)),
        TokenDialect::FlaskJwt => {
            let (error, text) = of_flask_jwt(reason);
            (text, RefusalBody::FlaskJwt(error))
        }
        TokenDialect::PyJwt | TokenDialect::Own => (of_decorator(reason), RefusalBody::Text(member)),
    };
    Error::Token(Box::new(TokenRefusal {
        status,
        kind,
        text,
        body,
    }))
}

fn of_extended(reason: Reason) -> String {
    match reason {
        Reason::Missing(text) | Reason::Header(text) | Reason::Invalid(text) => text,
        Reason::Expired => "Token has expired".to_owned(),
        Reason::Csrf(text) => text.to_owned(),
        Reason::Revoked => "Token has been revoked".to_owned(),
        Reason::NoUser(Value::String(identity)) => format!("Error loading the user {identity}"),
        Reason::NoUser(identity) => format!("Error loading the user {}", repr(&identity)),
    }
}

/// What Flask-JWT calls the error, and its text.
fn of_flask_jwt(reason: Reason) -> (&'static str, String) {
    match reason {
        Reason::Missing(_) => (
            "Authorization Required",
            "Request does not contain an access token".to_owned(),
        ),
        Reason::Header(text) => ("Invalid JWT header", text),
        Reason::Invalid(text) => ("Invalid token", text),
        Reason::Expired => ("Invalid token", "Signature has expired".to_owned()),
        Reason::Csrf(text) => ("Invalid token", text.to_owned()),
        Reason::Revoked | Reason::NoUser(_) => ("Invalid JWT", "User does not exist".to_owned()),
    }
}

/// The texts of the originals' decorators, which many others have too.
fn of_decorator(reason: Reason) -> String {
    let text = match reason {
        Reason::Missing(_) => MISSING_HEADER,
        Reason::Expired => TOKEN_HAS_EXPIRED,
        Reason::Csrf(text) => text,
        Reason::NoUser(_) => ACCOUNT_IS_GONE,
        Reason::Header(_) | Reason::Invalid(_) | Reason::Revoked => TOKEN_IS_INVALID,
    };
    text.to_owned()
}
