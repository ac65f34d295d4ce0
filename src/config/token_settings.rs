//! The settings of a Flask app's tokens as given, and which of them cannot be followed.
//!
//! Settings that a package has are called as the package calls them, so a team copies the lines of its `config.py`.

use std::path::PathBuf;

use clap::{Args, builder::BoolishValueParser};

use super::{
    choices::{InvalidStatus, TokenDialect, TokenIdentity, TokenPlace},
    environment::{self, named},
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

    /// Seconds that a new token is valid [default: 900 with flask-jwt-extended, 300 with flask-jwt; else the profile's]
    #[arg(long, env = "JWT_ACCESS_TOKEN_EXPIRES", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(60..=31_622_400), hide_short_help = true)]
    pub jwt_access_token_expires: Option<u32>,

    /// JWT_ACCESS_TOKEN_EXPIRES, as Flask-JWT calls it
    #[arg(long, env = "JWT_EXPIRATION_DELTA", value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(60..=31_622_400), hide_short_help = true)]
    pub jwt_expiration_delta: Option<u32>,

    /// Reject a sub claim that is not text, like PyJWT 2.10 and newer [default: true with flask-jwt-extended-4, else false]
    #[arg(long, env = "JWT_VERIFY_SUB", value_name = "BOOLEAN", value_parser = BoolishValueParser::new(), hide_short_help = true)]
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

/// The settings of JWT packages that are set and have no effect, whether or not their tokens `are_used`.
pub fn unused_token_settings(are_used: bool) -> Vec<String> {
    let command = TokenSettings::augment_args(clap::Command::new("settings"));
    let is_known = |name: &str| {
        let mut known = command.get_arguments().filter_map(clap::Arg::get_env);
        known.any(|known| known == name)
    };
    let mut names = environment::names();
    names.retain(|name| name.starts_with("JWT_") && (!are_used || !is_known(name)));
    names
}

/// Refuses what means nothing while tokens are our own. The packages' own names may stand in an environment that is shared
/// with the Flask app, and are only named at the start.
pub(super) fn refuse_without_dialect(settings: &TokenSettings) -> Result<()> {
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
pub(super) fn refuse_unsupported() -> Result<()> {
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
pub(super) fn refuse_unread(settings: &TokenSettings, places: &[TokenPlace]) -> Result<()> {
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
