//! The tokens of a Flask app: the package that makes and checks them, and what the app has set otherwise.
//!
//! Settings that a package has are called as the package calls them, so a team copies the lines of its `config.py`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use poem::http::HeaderName;

use super::{
    choices::{Permission, TokenSub},
    environment::{self, named},
    secret_key::SecretKey,
};
use crate::error::{Error, Result};

/// The tokens of a Flask app.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Tokens of a Flask app")]
pub struct TokenSettings {
    /// Package whose tokens are accepted and issued
    #[arg(long, env = "TOKEN_DIALECT", default_value = "own", hide_short_help = true)]
    pub token_dialect: TokenDialect,

    /// Key that signs the tokens [default: SECRET_KEY]
    #[arg(long, env = "JWT_SECRET_KEY", hide_env_values = true, hide_short_help = true)]
    pub jwt_secret_key: Option<String>,

    /// Name of the setting that has the key, if the app calls it neither JWT_SECRET_KEY nor SECRET_KEY
    #[arg(long, env = "TOKEN_KEY_SETTING", value_name = "NAME", hide_short_help = true)]
    pub token_key_setting: Option<String>,

    /// Claim that names the user [default: sub; identity with flask-jwt and flask-jwt-extended-3]
    #[arg(long, env = "JWT_IDENTITY_CLAIM", value_name = "NAME", hide_short_help = true)]
    pub jwt_identity_claim: Option<String>,

    /// What that claim contains [default: id]
    #[arg(long, env = "TOKEN_IDENTITY", hide_short_help = true)]
    pub token_identity: Option<TokenIdentity>,

    /// Places that a token is read from, in this order: headers, query_string, cookies, separated by commas [default:
    /// headers]
    #[arg(
        long,
        env = "JWT_TOKEN_LOCATION",
        value_name = "PLACES",
        value_delimiter = ',',
        hide_short_help = true
    )]
    pub jwt_token_location: Option<Vec<String>>,

    /// Header that a token is read from [default: Authorization]
    #[arg(long, env = "JWT_HEADER_NAME", value_name = "NAME", hide_short_help = true)]
    pub jwt_header_name: Option<String>,

    /// Word before the token in the header, or none [default: Bearer; JWT with flask-jwt, any word with pyjwt]
    #[arg(long, env = "JWT_HEADER_TYPE", value_name = "WORD", hide_short_help = true)]
    pub jwt_header_type: Option<String>,

    /// JWT_HEADER_TYPE, as Flask-JWT calls it
    #[arg(long, env = "JWT_AUTH_HEADER_PREFIX", value_name = "WORD", hide_short_help = true)]
    pub jwt_auth_header_prefix: Option<String>,

    /// Query parameter that a token is read from [default: jwt]
    #[arg(long, env = "JWT_QUERY_STRING_NAME", value_name = "NAME", hide_short_help = true)]
    pub jwt_query_string_name: Option<String>,

    /// Cookie that a token is read from [default: access_token_cookie]
    #[arg(long, env = "JWT_ACCESS_COOKIE_NAME", value_name = "NAME", hide_short_help = true)]
    pub jwt_access_cookie_name: Option<String>,

    /// Header that repeats the csrf claim of a token in a cookie, in requests that change something [default:
    /// X-CSRF-TOKEN]
    #[arg(
        long,
        env = "JWT_ACCESS_CSRF_HEADER_NAME",
        value_name = "NAME",
        hide_short_help = true
    )]
    pub jwt_access_csrf_header_name: Option<String>,

    /// Seconds by which the clocks of both servers may differ [default: 0; 10 with flask-jwt]
    #[arg(long, env = "JWT_DECODE_LEEWAY", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=3600), hide_short_help = true)]
    pub jwt_decode_leeway: Option<u32>,

    /// JWT_DECODE_LEEWAY, as Flask-JWT calls it
    #[arg(long, env = "JWT_LEEWAY", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(0..=3600), hide_short_help = true)]
    pub jwt_leeway: Option<u32>,

    /// Reject a sub claim that is not text, like PyJWT 2.10 and newer [default: true; false with pyjwt]
    #[arg(long, env = "JWT_VERIFY_SUB", value_name = "BOOLEAN", hide_short_help = true)]
    pub jwt_verify_sub: Option<bool>,

    /// Member that contains the text of a refusal [default: msg with flask-jwt-extended; else the profile's]
    #[arg(long, env = "JWT_ERROR_MESSAGE_KEY", value_name = "NAME", hide_short_help = true)]
    pub jwt_error_message_key: Option<String>,

    /// TOML file with texts to send in the place of this server's [default: none]
    #[arg(long, env = "TEXTS", value_name = "FILE", hide_short_help = true)]
    pub texts: Option<PathBuf>,

    /// Status of the answer to a token that cannot be used [default: 401; 422 with flask-jwt-extended]
    #[arg(long, env = "TOKEN_INVALID_STATUS", hide_short_help = true)]
    pub token_invalid_status: Option<InvalidStatus>,
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

    /// Whether tokens in this place are looked at.
    pub fn reads(&self, place: TokenPlace) -> bool {
        self.places.contains(&place)
    }

    fn refuse_contradictions(&self, sub: Option<TokenSub>) -> Result<()> {
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

/// The settings of JWT packages that are set and have no effect, for a note at the start.
pub fn unused_token_settings(tokens: Option<&TokenConfig>) -> Vec<String> {
    let command = TokenSettings::augment_args(clap::Command::new("settings"));
    let is_known = |name: &str| {
        let mut known = command.get_arguments().filter_map(clap::Arg::get_env);
        known.any(|known| known == name)
    };
    let mut names = environment::names();
    names.retain(|name| name.starts_with("JWT_") && (tokens.is_none() || !is_known(name)));
    names
}

/// Refuses what means nothing while tokens are our own. The packages' own names may stand in an environment that is shared
/// with the Flask app, and are only named at the start.
fn refuse_without_dialect(settings: &TokenSettings) -> Result<()> {
    let given = [
        ("TOKEN_KEY_SETTING", settings.token_key_setting.is_some()),
        ("TOKEN_IDENTITY", settings.token_identity.is_some()),
        ("TOKEN_INVALID_STATUS", settings.token_invalid_status.is_some()),
    ];
    match given.into_iter().find(|(_, is_given)| *is_given) {
        Some((name, _)) => Err(Error::Refused(format!(
            "{} has no effect without TOKEN_DIALECT: set TOKEN_DIALECT to the package of the Flask app",
            named(name)
        ))),
        None => Ok(()),
    }
}

/// Refuses settings of the packages that decide who is let in and that are not followed here.
fn refuse_unsupported() -> Result<()> {
    /// A name, and the values that change nothing.
    const UNSUPPORTED: [(&str, &[&str]); 12] = [
        ("JWT_ALGORITHM", &["HS256"]),
        ("JWT_DECODE_ALGORITHMS", &["HS256"]),
        ("JWT_PUBLIC_KEY", &[]),
        ("JWT_PRIVATE_KEY", &[]),
        ("JWT_DECODE_AUDIENCE", &[]),
        ("JWT_DECODE_ISSUER", &[]),
        ("JWT_ENCODE_AUDIENCE", &[]),
        ("JWT_ENCODE_ISSUER", &[]),
        ("JWT_BLACKLIST_ENABLED", &["False", "false", "0"]),
        ("JWT_COOKIE_CSRF_PROTECT", &["True", "true", "1"]),
        ("JWT_CSRF_METHODS", &[]),
        ("JWT_QUERY_STRING_VALUE_PREFIX", &[]),
    ];
    for (name, harmless) in UNSUPPORTED {
        let value = environment::text(name)?;
        if value.is_some_and(|value| !harmless.contains(&value.as_str())) {
            return Err(Error::Refused(format!(
                "{} is not supported: tokens are signed with HS256 and one key, have no audience and no issuer, are not \
                 revoked by a list, and in a cookie always need the csrf claim. Remove it if the Flask app does not need it",
                named(name)
            )));
        }
    }
    Ok(())
}

/// Refuses the name of something in a place that no token is read from.
fn refuse_unread(settings: &TokenSettings, places: &[TokenPlace]) -> Result<()> {
    let scheme = settings.jwt_header_type.is_some() || settings.jwt_auth_header_prefix.is_some();
    let given = [
        (
            "JWT_HEADER_NAME",
            settings.jwt_header_name.is_some(),
            TokenPlace::Header,
        ),
        ("JWT_HEADER_TYPE", scheme, TokenPlace::Header),
        (
            "JWT_QUERY_STRING_NAME",
            settings.jwt_query_string_name.is_some(),
            TokenPlace::Query,
        ),
        (
            "JWT_ACCESS_COOKIE_NAME",
            settings.jwt_access_cookie_name.is_some(),
            TokenPlace::Cookie,
        ),
        (
            "JWT_ACCESS_CSRF_HEADER_NAME",
            settings.jwt_access_csrf_header_name.is_some(),
            TokenPlace::Cookie,
        ),
    ];
    let unread = |(_, is_given, place): &(&str, bool, TokenPlace)| *is_given && !places.contains(place);
    match given.into_iter().find(unread) {
        Some((name, _, place)) => Err(Error::Refused(format!(
            "{} has no effect: tokens are not read from there. Add {} to JWT_TOKEN_LOCATION",
            named(name),
            place.name()
        ))),
        None => Ok(()),
    }
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
