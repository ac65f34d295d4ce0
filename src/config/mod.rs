//! Every setting in one place: flags, then the environment, then `.env`.
//!
//! A message about a wrong value names the setting, where it comes from, what is wrong and what is allowed, and never the
//! value.
//!
//! No other module reads the environment. Names are the originals' where they had one
//! (`config.py` of the tutorial app and of Flask-Scaffold 1.0 and 2.0).

mod choices;
mod database_server;
mod database_tls;
mod database_url;
mod environment;
mod host;
mod mail;
mod pages;
pub mod parameters;
mod secret_key;
mod settings;
mod strength;
mod texts;
mod token_settings;
mod tokens;
mod trusted_proxies;
mod upstream;

pub use choices::{
    ForgotUnknown, InvalidStatus, Permission, ResetToken, SignupPolicy, Switch, TokenDialect, TokenIdentity,
    TokenPlace, TokenSub, UserWrites,
};
pub use database_server::DatabaseServer;
pub use database_tls::{Tls, TlsMode};
pub use database_url::{DatabaseUrl, absolute};
pub use environment::{
    complete, dotenv_value, is_run_by_cargo, load_dotenv, named, program, set_program_name, setting_error,
    without_empty,
};
pub use host::{link_to, with_port};
#[cfg(test)]
pub use mail::MailSettings;
pub use mail::{MailConfig, MailSecurity, MailServer, unused_mail_settings};
pub use pages::{Color, PagesConfig};
pub use secret_key::{SecretKey, create_secret_key, random_hex};
pub use settings::Settings;
pub use texts::Texts;
#[cfg(feature = "testing")]
pub use texts::replaceable_texts;
pub use token_settings::unused_token_settings;
pub use tokens::{SchemeWord, TokenCarrier, TokenConfig, token_carrier};
pub use trusted_proxies::TrustedProxies;
pub use upstream::UpstreamUrl;

pub use crate::flask::profile::{Fidelity, Profile};

use std::{path::PathBuf, sync::Arc};

use chrono::{DateTime, Utc};

use crate::error::{Error, Result};

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on, or `unix:/path`.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Proxies whose `X-Forwarded-*` headers are trusted.
    pub trusted_proxies: TrustedProxies,
    /// Key that signs the tokens; commands that touch no token do without.
    pub secret_key: Option<SecretKey>,
    /// Directives for the log filter.
    pub log: String,
    /// Folder of a front end that takes the place of the built-in pages.
    pub static_dir: Option<PathBuf>,
    /// Where the old app listens that has the other routes.
    pub upstream: Option<UpstreamUrl>,
    /// The file that says who answers which route.
    pub routes_file: PathBuf,
    /// The file that the old app's answers are recorded in.
    pub recording: Option<PathBuf>,
    /// Where the rows are.
    pub database_url: DatabaseUrl,
    /// Parameters of its URL that Python's driver took and that have no effect here.
    pub ignored_parameters: Vec<String>,
    /// The same database without the pooler that `database_url` leads through.
    pub database_direct_url: Option<DatabaseUrl>,
    /// Whether opening a database without a users table creates the tables.
    pub create_tables: bool,
    /// Which original app to be compatible with.
    pub profile: Profile,
    /// How closely the originals are followed.
    pub fidelity: Fidelity,
    /// Whether disabled users may log in and use tokens.
    pub disabled_users: Permission,
    /// Whether tokens of deleted users, or from before a password change, are accepted.
    pub stale_tokens: Permission,
    /// Whether a token without `exp` is accepted.
    pub tokens_without_exp: Permission,
    /// How the subject of a new token is written.
    pub token_sub: TokenSub,
    /// The tokens of a Flask app, where they take the place of our own.
    pub tokens: Option<TokenConfig>,
    /// Texts of refusals that take the place of ours.
    pub texts: Arc<Texts>,
    /// Who may change users and roles.
    pub user_writes: UserWrites,
    /// What resets a password.
    pub reset_token: ResetToken,
    /// The answer to a reset request for an unknown address.
    pub forgot_unknown: ForgotUnknown,
    /// Who gets an account by signing up.
    pub signup: SignupPolicy,
    /// Whether failed logins, sign-ups and requests for reset mails are limited.
    pub login_throttle: bool,
    /// Characters that a new password must have; 1 leaves it to the originals' own rules.
    pub min_password: usize,
    /// The origins that may call the API from a browser; `*` is all.
    pub cors_origins: Vec<String>,
    /// The look of the pages.
    pub pages: PagesConfig,
    /// Outgoing mail.
    pub mail: MailConfig,
    /// Cost of new bcrypt hashes.
    pub bcrypt_cost: u32,
    /// Iterations of new pbkdf2 hashes.
    pub password_iterations: u32,
    /// Whether a login replaces an old hash; `None` where the tables decide.
    pub password_rehash: Option<bool>,
}

impl Config {
    /// Completes `settings`: fidelity sets what was left out, and the app has its `name` and the `title` it is shown by.
    ///
    /// # Errors
    /// [`Error::Refused`] for a database URL that is not understood, a SECRET_KEY that can be guessed, or settings
    /// that contradict each other.
    pub fn new(settings: Settings, name: &str, title: &str) -> Result<Self> {
        let as_flask = settings.compatibility.fidelity == Fidelity::Flask;
        let usual = if as_flask { Permission::Allow } else { Permission::Deny };
        let weak_keys = settings.compatibility.short_secret_key.unwrap_or(usual);
        let secret_key = settings.server.secret_key.map(|key| SecretKey::from(key.as_str()));
        if let Some(key) = &secret_key {
            key.check_strength("SECRET_KEY", weak_keys)?;
        }
        let upstream = settings.server.upstream.as_deref();
        let upstream = upstream.map(UpstreamUrl::read).transpose()?;
        let has_other_pages = upstream.is_some();
        let (database_url, mut ignored_parameters) = database_url(settings.database.database_url, name)?;
        let direct = settings.database.database_direct_url;
        let direct = direct
            .map(|url| DatabaseUrl::read("DATABASE_DIRECT_URL", &url))
            .transpose()?;
        let (database_direct_url, ignored) = direct.unzip();
        ignored_parameters.extend(ignored.unwrap_or_default());
        Ok(Self {
            host: host::read(&settings.server.host)?,
            port: settings.server.port,
            trusted_proxies: TrustedProxies::parse(&settings.server.trusted_proxies.unwrap_or_default())?,
            secret_key,
            log: settings.server.log,
            static_dir: settings.server.static_dir.map(PathBuf::from),
            upstream,
            routes_file: settings.server.routes_file,
            recording: upstream::recording(settings.server.recording, has_other_pages)?,
            database_url,
            ignored_parameters,
            database_direct_url,
            create_tables: settings
                .database
                .create_tables
                .map_or(!as_flask, |switch| switch == Switch::On),
            profile: settings.compatibility.profile,
            fidelity: settings.compatibility.fidelity,
            disabled_users: settings.compatibility.disabled_users.unwrap_or(usual),
            stale_tokens: settings.compatibility.stale_tokens.unwrap_or(usual),
            tokens_without_exp: settings.compatibility.tokens_without_exp.unwrap_or(usual),
            token_sub: settings.compatibility.token_sub.unwrap_or(TokenSub::Integer),
            texts: Arc::new(match &settings.tokens.texts {
                Some(file) => Texts::read(file)?,
                None => Texts::default(),
            }),
            tokens: TokenConfig::new(settings.tokens, settings.compatibility.token_sub, weak_keys)?,
            user_writes: settings.compatibility.user_writes.unwrap_or(if as_flask {
                UserWrites::Any
            } else {
                UserWrites::Owner
            }),
            reset_token: settings.compatibility.reset_token.unwrap_or(if as_flask {
                ResetToken::Login
            } else {
                ResetToken::SingleUse
            }),
            forgot_unknown: settings.compatibility.forgot_unknown.unwrap_or(if as_flask {
                ForgotUnknown::NotFound
            } else {
                ForgotUnknown::Hide
            }),
            signup: signup(settings.compatibility.signup, settings.compatibility.signup_approval)?.unwrap_or(
                signup_of_original(settings.compatibility.profile, settings.compatibility.fidelity),
            ),
            login_throttle: settings
                .compatibility
                .login_throttle
                .map_or(!as_flask, |switch| switch == Switch::On),
            min_password: settings
                .compatibility
                .min_password
                .map_or(if as_flask { 1 } else { 8 }, usize::from),
            cors_origins: cors_origins(settings.compatibility.cors_origins, settings.compatibility.profile)?,
            pages: PagesConfig::new(settings.pages, title, !has_other_pages)?,
            mail: MailConfig::new(settings.mail)?,
            bcrypt_cost: settings.passwords.bcrypt_cost,
            password_iterations: settings.passwords.password_iterations,
            password_rehash: settings.passwords.password_rehash.map(|switch| switch == Switch::On),
        })
    }

    /// The database without a pooler in between, for migrations.
    pub fn direct_url(&self) -> &DatabaseUrl {
        self.database_direct_url.as_ref().unwrap_or(&self.database_url)
    }

    /// The file beside the one of the routes that has what was counted of them.
    pub fn counts_file(&self) -> PathBuf {
        self.routes_file.with_extension("counts.json")
    }

    /// Whether new password hashes are those that Flask can check: always under `flask`, and in a Flask app's own users
    /// table, which Flask may go on with, until PASSWORD_REHASH says that it will not.
    pub fn hashes_for_flask(&self, has_adopted_users: bool) -> bool {
        self.fidelity == Fidelity::Flask || (has_adopted_users && self.password_rehash != Some(true))
    }

    /// The key that signs the tokens.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none.
    pub fn require_secret_key(&self) -> Result<&SecretKey> {
        self.secret_key.as_ref().ok_or_else(|| {
            Error::Refused("SECRET_KEY is not set: use the Flask app's own key, in the environment or .env".to_owned())
        })
    }
}

/// What DATABASE_URL says, or SQLALCHEMY_DATABASE_URI, and the parameters that have no effect; otherwise a file that is
/// called as the app is.
fn database_url(given: Option<String>, name: &str) -> Result<(DatabaseUrl, Vec<String>)> {
    if let Some(url) = given {
        return DatabaseUrl::read("DATABASE_URL", &url);
    }
    match environment::text("SQLALCHEMY_DATABASE_URI")? {
        Some(url) => DatabaseUrl::read("SQLALCHEMY_DATABASE_URI", &url),
        None => DatabaseUrl::read("DATABASE_URL", &format!("sqlite:{name}.db")),
    }
}

/// The text that names the database, as [`Config::new`] reads it; `name` is that of the app.
///
/// # Errors
/// [`Error::Refused`] if it is not UTF-8.
pub fn database_url_text(settings: &Settings, name: &str) -> Result<String> {
    let given = settings.database.database_url.clone();
    let given = given.map_or_else(|| environment::text("SQLALCHEMY_DATABASE_URI"), |url| Ok(Some(url)));
    Ok(given?.unwrap_or_else(|| format!("sqlite:{name}.db")))
}

/// What SIGNUP, or the older SIGNUP_APPROVAL, says.
fn signup(given: Option<SignupPolicy>, approval: Option<Switch>) -> Result<Option<SignupPolicy>> {
    match (given, approval) {
        (Some(SignupPolicy::Open | SignupPolicy::Off), Some(Switch::On))
        | (Some(SignupPolicy::Approval), Some(Switch::Off)) => Err(Error::Refused(
            "SIGNUP and SIGNUP_APPROVAL contradict each other: remove SIGNUP_APPROVAL".to_owned(),
        )),
        (None, Some(Switch::On)) => Ok(Some(SignupPolicy::Approval)),
        (None, Some(Switch::Off)) => Ok(Some(SignupPolicy::Open)),
        (given, _) => Ok(given),
    }
}

/// Flask-Scaffold 1.0 stored those who sign up as inactive, and let them in (`Signup.post`, `app/baseviews.py`).
fn signup_of_original(profile: Profile, fidelity: Fidelity) -> SignupPolicy {
    match (profile, fidelity) {
        (Profile::Scaffold10, Fidelity::Flask) => SignupPolicy::Approval,
        _ => SignupPolicy::Open,
    }
}

/// Flask-Scaffold 2.0 let every site call (`CORS(app)` in `app/__init__.py`), the others none.
fn cors_origins(given: Option<Vec<String>>, profile: Profile) -> Result<Vec<String>> {
    let Some(given) = given else {
        return Ok(if profile == Profile::Scaffold20 {
            vec!["*".to_owned()]
        } else {
            Vec::new()
        });
    };
    let origins = || environment::entries(&given);
    if origins().map(|(_, origin)| origin).eq(["none"]) {
        return Ok(Vec::new());
    }
    for (index, origin) in origins() {
        let canonical = url::Url::parse(origin)
            .ok()
            .map(|url| url.origin().ascii_serialization());
        // A browser would never send `https://*.example`, so such a pattern would allow nobody.
        if origin != "*" && (canonical.as_deref() != Some(origin) || origin.contains('*')) {
            return Err(Error::Refused(format!(
                "{}: {} is not an origin: expected *, none or, as browsers send it, scheme://host or scheme://host:port in \
                 lower case without a slash at the end",
                named("CORS_ORIGINS"),
                environment::entry(index)
            )));
        }
    }
    Ok(origins().map(|(_, origin)| origin.to_owned()).collect())
}

/// The time that generated files are named after: `SOURCE_DATE_EPOCH` in Unix seconds, or the present.
///
/// # Errors
/// [`Error::Refused`] if that variable is not a number of seconds.
pub fn now() -> Result<DateTime<Utc>> {
    let Some((text, _)) = environment::setting("SOURCE_DATE_EPOCH") else {
        return Ok(Utc::now());
    };
    let seconds = text.to_str().and_then(|text| text.parse().ok());
    let moment = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    moment.ok_or_else(|| Error::Refused("SOURCE_DATE_EPOCH is not a number of seconds since 1970".to_owned()))
}
