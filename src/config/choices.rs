//! What settings may be set to, where that is one of a few words.

use clap::ValueEnum;

/// The value of a setting that opens or closes a hole of the originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Permission {
    /// Accept them, like the original.
    Allow,
    /// Reject them.
    Deny,
}

/// How the subject of a new token, a user's id, is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenSub {
    /// A number, like the originals.
    Integer,
    /// A string of digits, as in RFC 7519.
    Text,
}

/// Who may change users and roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UserWrites {
    /// Users change their own account, administrators everything.
    Owner,
    /// Every logged-in user changes everything, like the originals.
    Any,
}

/// What lets a caller set a new password without the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ResetToken {
    /// A reset token from the mail, valid once and for an hour.
    SingleUse,
    /// Any login token, like the originals.
    Login,
}

/// The answer to a reset request for an unknown address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ForgotUnknown {
    /// The same answer as for a known address.
    Hide,
    /// Status 404, like the originals.
    #[value(name = "404")]
    NotFound,
}

/// Who gets an account by signing up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignupPolicy {
    /// Everybody, immediately.
    Open,
    /// Everybody, once an administrator enables the account.
    Approval,
    /// Nobody: only administrators add users.
    Off,
}

impl SignupPolicy {
    /// The value of `SIGNUP`.
    pub fn name(self) -> &'static str {
        match self {
            SignupPolicy::Open => "open",
            SignupPolicy::Approval => "approval",
            SignupPolicy::Off => "off",
        }
    }
}

/// The value of a setting that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Enabled.
    On,
    /// Disabled.
    Off,
}

/// Whose tokens are accepted and issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenDialect {
    /// Those of the original app.
    Own,
    /// A decorator of the app that calls PyJWT.
    #[value(name = "pyjwt")]
    PyJwt,
    /// Flask-JWT 0.3.
    FlaskJwt,
    /// Flask-JWT-Extended 3.
    #[value(name = "flask-jwt-extended-3")]
    Extended3,
    /// Flask-JWT-Extended 4.
    #[value(name = "flask-jwt-extended-4")]
    Extended4,
}

impl TokenDialect {
    /// The value of `TOKEN_DIALECT`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::PyJwt => "pyjwt",
            Self::FlaskJwt => "flask-jwt",
            Self::Extended3 => "flask-jwt-extended-3",
            Self::Extended4 => "flask-jwt-extended-4",
        }
    }

    /// Whether it is a line of Flask-JWT-Extended.
    pub fn is_extended(self) -> bool {
        matches!(self, Self::Extended3 | Self::Extended4)
    }
}

/// What the claim contains that names the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenIdentity {
    /// The user's id.
    Id,
    /// The user's mail address.
    Email,
}

/// The status of the answer to a token that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum InvalidStatus {
    /// 401 Unauthorized.
    #[value(name = "401")]
    Unauthorized,
    /// 422 Unprocessable Entity.
    #[value(name = "422")]
    Unprocessable,
}

/// Where a token is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenPlace {
    /// A header.
    Header,
    /// A parameter of the query.
    Query,
    /// A cookie.
    Cookie,
}

impl TokenPlace {
    /// The entry of `JWT_TOKEN_LOCATION`, which answers name too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Header => "headers",
            Self::Query => "query_string",
            Self::Cookie => "cookies",
        }
    }
}
