//! The tokens of a Flask app: the package that makes and checks them, and what the app has set otherwise.

use std::time::Duration;

use poem::http::HeaderName;

use super::{
    choices::{InvalidStatus, Permission, TokenDialect, TokenIdentity, TokenPlace, TokenSub},
    environment::{self, named},
    secret_key::SecretKey,
    settings::Settings,
    token_settings::{TokenSettings, refuse_unread, refuse_unsupported, refuse_without_dialect},
};
use crate::error::{Error, Result};

/// What stands before the token in its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemeWord {
    /// Any word, or none.
    Any,
    /// Nothing.
    Nothing,
    /// This word.
    Word(String),
}

/// How a request carries a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenCarrier {
    /// In this header, after this text.
    Header {
        /// The header.
        name: String,
        /// What stands before the token there.
        before: String,
    },
    /// In this parameter of the query.
    Query(String),
    /// In this cookie.
    Cookie(String),
}

impl Default for TokenCarrier {
    fn default() -> Self {
        Self::Header {
            name: "Authorization".to_owned(),
            before: "Bearer ".to_owned(),
        }
    }
}

impl TokenCarrier {
    /// The header with the token, and its value; `None` where the query has it.
    pub fn header(&self, token: &str) -> Option<(&str, String)> {
        match self {
            Self::Header { name, before } => Some((name, format!("{before}{token}"))),
            Self::Cookie(name) => Some(("Cookie", format!("{name}={token}"))),
            Self::Query(_) => None,
        }
    }

    /// What follows an address, where the query has the token; else nothing.
    pub fn query(&self, address: &str, token: &str) -> String {
        let separator = if address.contains('?') { '&' } else { '?' };
        match self {
            Self::Query(name) => format!("{separator}{name}={token}"),
            Self::Header { .. } | Self::Cookie(_) => String::new(),
        }
    }

    /// What curl is given to ask for an address with the token in `$TOKEN`.
    pub fn curl_arguments(&self, address: &str) -> String {
        const TOKEN: &str = "$TOKEN";
        match self.header(TOKEN) {
            Some((name, value)) => format!("{address} -H \"{name}: {value}\""),
            None => format!("\"{address}{}\"", self.query(address, TOKEN)),
        }
    }
}

/// The tokens of a Flask app, as it makes and reads them.
#[derive(Clone, Debug)]
pub struct TokenConfig {
    /// The package; never [`TokenDialect::Own`].
    pub dialect: TokenDialect,
    /// The key that signs the tokens, where it is not SECRET_KEY.
    pub key: Option<SecretKey>,
    /// The claim that names the user.
    pub claim: String,
    /// What that claim contains.
    pub identity: TokenIdentity,
    /// How an issued token has the user's id.
    pub sub: TokenSub,
    /// Where a token is read from, in this order.
    pub places: Vec<TokenPlace>,
    /// The header with the token, as its texts spell it.
    pub header: String,
    /// What stands before the token there.
    pub scheme: SchemeWord,
    /// The query parameter with the token.
    pub query: String,
    /// The cookie with the token.
    pub cookie: String,
    /// The header that repeats the claim `csrf` of a token in a cookie.
    pub csrf_header: String,
    /// Seconds by which clocks may differ.
    pub leeway: u32,
    /// How long a new token is valid, where that is not the profile's to say.
    pub lifetime: Option<Duration>,
    /// Whether a `sub` that is not text is refused.
    pub verifies_sub: bool,
    /// The member with the text of a refusal, where it is not the profile's.
    pub error_member: Option<String>,
    /// The status of the answer to a token that cannot be used.
    pub invalid_status: InvalidStatus,
}

impl TokenConfig {
    /// Completes `settings` by what the package does of itself; `None` for tokens of our own.
    ///
    /// # Errors
    /// [`Error::Refused`] for settings that contradict each other, that have no effect, or that cannot be followed.
    pub(super) fn new(settings: TokenSettings, sub: Option<TokenSub>, weak_keys: Permission) -> Result<Option<Self>> {
        let dialect = settings.token_dialect;
        if dialect == TokenDialect::Own {
            refuse_without_dialect(&settings)?;
            return Ok(None);
        }
        refuse_unsupported()?;
        let scheme = same(
            ("JWT_HEADER_TYPE", settings.jwt_header_type.clone()),
            ("JWT_AUTH_HEADER_PREFIX", settings.jwt_auth_header_prefix.clone()),
        )?;
        let leeway = same(
            ("JWT_DECODE_LEEWAY", settings.jwt_decode_leeway),
            ("JWT_LEEWAY", settings.jwt_leeway),
        )?;
        let lifetime = same(
            ("JWT_ACCESS_TOKEN_EXPIRES", settings.jwt_access_token_expires),
            ("JWT_EXPIRATION_DELTA", settings.jwt_expiration_delta),
        )?;
        let places = places(settings.jwt_token_location.as_deref())?;
        refuse_unread(&settings, &places)?;
        let identity_claim = if matches!(dialect, TokenDialect::FlaskJwt | TokenDialect::Extended3) {
            "identity"
        } else {
            "sub"
        };
        let config = Self {
            dialect,
            key: key(&settings, weak_keys)?,
            claim: settings.jwt_identity_claim.unwrap_or_else(|| identity_claim.to_owned()),
            identity: settings.token_identity.unwrap_or(TokenIdentity::Id),
            sub: sub.unwrap_or(match dialect {
                TokenDialect::PyJwt | TokenDialect::Extended4 => TokenSub::Text,
                _ => TokenSub::Integer,
            }),
            header: header("JWT_HEADER_NAME", settings.jwt_header_name, "Authorization")?,
            scheme: scheme_word(dialect, scheme)?,
            query: settings.jwt_query_string_name.unwrap_or_else(|| "jwt".to_owned()),
            cookie: cookie(settings.jwt_access_cookie_name)?,
            csrf_header: header(
                "JWT_ACCESS_CSRF_HEADER_NAME",
                settings.jwt_access_csrf_header_name,
                "X-CSRF-TOKEN",
            )?,
            places,
            lifetime: lifetime
                .or(usual_lifetime(dialect))
                .map(|seconds| Duration::from_secs(seconds.into())),
            leeway: leeway.unwrap_or(if dialect == TokenDialect::FlaskJwt { 10 } else { 0 }),
            verifies_sub: settings.jwt_verify_sub.unwrap_or(dialect == TokenDialect::Extended4),
            error_member: settings
                .jwt_error_message_key
                .or_else(|| dialect.is_extended().then(|| "msg".to_owned())),
            invalid_status: settings.token_invalid_status.unwrap_or(match dialect.is_extended() {
                true => InvalidStatus::Unprocessable,
                false => InvalidStatus::Unauthorized,
            }),
        };
        config.refuse_contradictions(sub)?;
        Ok(Some(config))
    }

    /// How requests carry a token: in the first of the places.
    pub fn carrier(&self) -> TokenCarrier {
        match self.places.first() {
            Some(TokenPlace::Query) => TokenCarrier::Query(self.query.clone()),
            Some(TokenPlace::Cookie) => TokenCarrier::Cookie(self.cookie.clone()),
            _ => TokenCarrier::Header {
                name: self.header.clone(),
                before: match &self.scheme {
                    SchemeWord::Nothing => String::new(),
                    SchemeWord::Any => "Bearer ".to_owned(),
                    SchemeWord::Word(word) => format!("{word} "),
                },
            },
        }
    }

    /// Whether tokens in this place are looked at.
    pub fn reads(&self, place: TokenPlace) -> bool {
        self.places.contains(&place)
    }

    fn refuse_contradictions(&self, sub: Option<TokenSub>) -> Result<()> {
        /// Claims that say something else of a token.
        const TAKEN: [&str; 9] = ["exp", "iat", "nbf", "aud", "iss", "jti", "type", "fresh", "csrf"];
        if TAKEN.contains(&self.claim.as_str()) {
            return Err(Error::Refused(format!(
                "{}: the claims {} say something else of a token",
                named("JWT_IDENTITY_CLAIM"),
                TAKEN.join(", ")
            )));
        }
        let contradiction = match self.dialect {
            TokenDialect::FlaskJwt if self.error_member.is_some() => {
                "JWT_ERROR_MESSAGE_KEY has no effect with TOKEN_DIALECT=flask-jwt, whose answers have three members"
            }
            TokenDialect::FlaskJwt | TokenDialect::Extended3 if self.verifies_sub => {
                "JWT_VERIFY_SUB=true needs PyJWT 2, which TOKEN_DIALECT=flask-jwt and flask-jwt-extended-3 do not use"
            }
            _ if self.identity == TokenIdentity::Email && sub.is_some() => {
                "TOKEN_SUB has no effect with TOKEN_IDENTITY=email: remove TOKEN_SUB"
            }
            _ if self.verifies_sub && self.claim == "sub" && self.sub == TokenSub::Integer => {
                "TOKEN_SUB=integer and JWT_VERIFY_SUB=true contradict each other: remove TOKEN_SUB, or set \
                 JWT_VERIFY_SUB=false"
            }
            _ => return Ok(()),
        };
        Err(Error::Refused(contradiction.to_owned()))
    }
}

/// Seconds that a token is valid, where the package says so of itself.
fn usual_lifetime(dialect: TokenDialect) -> Option<u32> {
    match dialect {
        TokenDialect::Extended3 | TokenDialect::Extended4 => Some(900),
        TokenDialect::FlaskJwt => Some(300),
        TokenDialect::PyJwt | TokenDialect::Own => None,
    }
}

/// How requests carry tokens under these settings.
///
/// # Errors
/// As [`super::Config::new`].
pub fn token_carrier(settings: &Settings) -> Result<TokenCarrier> {
    let sub = settings.compatibility.token_sub;
    // Which keys are good enough is asked where tokens are accepted.
    let tokens = TokenConfig::new(settings.tokens.clone(), sub, Permission::Allow)?;
    Ok(tokens.as_ref().map(TokenConfig::carrier).unwrap_or_default())
}

/// The value of a setting with two names.
fn same<T: PartialEq>(one: (&str, Option<T>), other: (&str, Option<T>)) -> Result<Option<T>> {
    match (one.1, other.1) {
        (Some(value), Some(second)) if value != second => Err(Error::Refused(format!(
            "{} and {} contradict each other: remove one of them",
            named(one.0),
            named(other.0)
        ))),
        (value, second) => Ok(value.or(second)),
    }
}

/// The key of the tokens, where it is not SECRET_KEY.
fn key(settings: &TokenSettings, weak: Permission) -> Result<Option<SecretKey>> {
    let (name, key) = match (&settings.jwt_secret_key, &settings.token_key_setting) {
        (Some(_), Some(_)) => {
            return Err(Error::Refused(format!(
                "{} and {} contradict each other: remove one of them",
                named("JWT_SECRET_KEY"),
                named("TOKEN_KEY_SETTING")
            )));
        }
        (Some(key), None) => ("JWT_SECRET_KEY", key.clone()),
        (None, Some(name)) => {
            let key = environment::text(name)?.ok_or_else(|| {
                Error::Refused(format!(
                    "{}: the setting that it names is not set, neither in the environment nor in .env",
                    named("TOKEN_KEY_SETTING")
                ))
            })?;
            (name.as_str(), key)
        }
        (None, None) => return Ok(None),
    };
    let key = SecretKey::from(key.as_str());
    key.check_strength(name, weak)?;
    Ok(Some(key))
}

/// The places that tokens are read from; a list as Python writes it is taken too.
fn places(given: Option<&[String]>) -> Result<Vec<TokenPlace>> {
    let Some(given) = given else {
        return Ok(vec![TokenPlace::Header]);
    };
    let mut places = Vec::new();
    for (index, entry) in environment::entries(given) {
        let word = entry.trim_matches(|c: char| "[](){}'\" ".contains(c));
        let place = match word {
            "headers" => TokenPlace::Header,
            "query_string" => TokenPlace::Query,
            "cookies" => TokenPlace::Cookie,
            "" => continue,
            _ => {
                return Err(Error::Refused(format!(
                    "{}: {} is not a place that tokens are read from: expected headers, query_string or cookies",
                    named("JWT_TOKEN_LOCATION"),
                    environment::entry(index)
                )));
            }
        };
        if !places.contains(&place) {
            places.push(place);
        }
    }
    match places.is_empty() {
        true => Err(Error::Refused(format!(
            "{}: expected headers, query_string or cookies",
            named("JWT_TOKEN_LOCATION")
        ))),
        false => Ok(places),
    }
}

fn header(setting: &str, given: Option<String>, usual: &str) -> Result<String> {
    let name = given.unwrap_or_else(|| usual.to_owned());
    match name.parse::<HeaderName>() {
        Ok(_) => Ok(name),
        Err(_) => Err(Error::Refused(format!(
            "{}: expected the name of a header",
            named(setting)
        ))),
    }
}

fn cookie(given: Option<String>) -> Result<String> {
    let name = given.unwrap_or_else(|| "access_token_cookie".to_owned());
    let is_part = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?={}".contains(c);
    match !name.is_empty() && name.chars().all(is_part) {
        true => Ok(name),
        false => Err(Error::Refused(format!(
            "{}: expected the name of a cookie",
            named("JWT_ACCESS_COOKIE_NAME")
        ))),
    }
}

fn scheme_word(dialect: TokenDialect, given: Option<String>) -> Result<SchemeWord> {
    let refused = |text: &str| Err(Error::Refused(format!("{}: {text}", named("JWT_HEADER_TYPE"))));
    match (given.as_deref(), dialect) {
        (None, TokenDialect::PyJwt | TokenDialect::Own) => Ok(SchemeWord::Any),
        (None, TokenDialect::FlaskJwt) => Ok(SchemeWord::Word("JWT".to_owned())),
        (None, _) => Ok(SchemeWord::Word("Bearer".to_owned())),
        (Some("none"), TokenDialect::FlaskJwt) => refused("Flask-JWT needs a word before the token"),
        (Some("none"), _) => Ok(SchemeWord::Nothing),
        (Some(word), _) if word.contains(|c: char| c == ',' || !c.is_ascii_graphic()) => {
            refused("expected one word, or none")
        }
        (Some(word), _) => Ok(SchemeWord::Word(word.to_owned())),
    }
}
