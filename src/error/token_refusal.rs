//! The refusal of a token of a Flask app, in the form that the app's package has.

use poem::http::StatusCode;

/// Why a request is refused whose token is a Flask app's.
#[derive(Debug)]
pub struct TokenRefusal {
    /// The status of the answer.
    pub status: StatusCode,
    /// What is wrong.
    pub kind: RefusalKind,
    /// The package's text.
    pub text: String,
    /// What the answer looks like.
    pub body: RefusalBody,
}

/// What is wrong with a request's token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// There is none.
    Missing,
    /// It cannot be used.
    Invalid,
    /// Its time is over.
    Expired,
    /// The request does not repeat what a token in a cookie asks for.
    Csrf,
    /// It is from before a change of the password.
    Revoked,
    /// It names nobody who may call.
    UnknownUser,
}

impl RefusalKind {
    /// What a text of our own tokens says.
    pub(super) fn of(text: &str) -> Option<Self> {
        match text {
            "Missing authorization header" => Some(Self::Missing),
            "Token is invalid" => Some(Self::Invalid),
            "Token has expired" => Some(Self::Expired),
            "The account of this token no longer exists" => Some(Self::UnknownUser),
            _ => None,
        }
    }
}

/// What the answer looks like.
#[derive(Debug)]
pub enum RefusalBody {
    /// The text under this member, or under the profile's.
    Text(Option<String>),
    /// Flask-JWT's three members, of which this is `error`.
    FlaskJwt(&'static str),
}

impl TokenRefusal {
    /// The value of `WWW-Authenticate`, which Flask-JWT alone has, and only without a token.
    pub fn challenge(&self) -> Option<&'static str> {
        let is_asked = self.kind == RefusalKind::Missing && matches!(self.body, RefusalBody::FlaskJwt(_));
        is_asked.then_some("JWT realm=\"Login Required\"")
    }
}

impl std::fmt::Display for TokenRefusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}
