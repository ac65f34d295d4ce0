//! Every setting in one place: flags, then the environment, then `.env`.
//!
//! A message about a wrong value names the setting, where it comes from, what is wrong and what is allowed, and never the
//! value.
//!
//! Nobody else reads the environment. Names are the originals' where they had one
//! (`config.py` of the tutorial app and of Flask-Scaffold 1.0 and 2.0).

mod database_server;
mod database_tls;
mod database_url;
mod environment;
mod host;
mod mail;
mod pages;
pub mod parameters;
mod secret_key;
mod strength;
mod trusted_proxies;

pub use database_server::DatabaseServer;
pub use database_tls::{Tls, TlsMode};
pub use database_url::{DatabaseUrl, whole};
pub use environment::{
    complete, dotenv_value, go_by, is_run_by_cargo, load_dotenv, named, program, refusal, without_empty,
};
pub use host::{link_to, with_port};
pub use mail::{MailConfig, MailSecurity, MailServer, MailSettings, unused_mail_settings};
pub use pages::{Color, PagesConfig, PagesSettings};
pub use secret_key::{SecretKey, create_secret_key, random_hex};
pub use trusted_proxies::TrustedProxies;

use std::{ffi::OsString, path::PathBuf};

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};

use crate::error::{Error, Result};

/// The settings as given, before fidelity fills in what was left out.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address or name to listen on, or unix:/PATH for a Unix socket
    #[arg(
        long,
        env = "HOST",
        default_value = "127.0.0.1",
        global = true,
        help_heading = "Server"
    )]
    pub host: String,

    /// Port to listen on; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 5000, global = true, help_heading = "Server")]
    pub port: u16,

    /// Proxies whose X-Forwarded-For, -Proto and -Prefix headers are believed: addresses and networks separated by
    /// commas, and unix for a Unix socket [default: none]
    #[arg(
        long,
        env = "TRUSTED_PROXIES",
        value_name = "NETWORKS",
        value_delimiter = ',',
        global = true,
        help_heading = "Server"
    )]
    pub trusted_proxies: Option<Vec<String>>,

    /// Key that signs the tokens, 32 bytes or more; a random one is kept in .env when there is none
    #[arg(
        long,
        env = "SECRET_KEY",
        hide_env_values = true,
        global = true,
        help_heading = "Server"
    )]
    pub secret_key: Option<String>,

    /// What to log, e.g. info, debug, poem_scaffold=debug
    #[arg(
        long,
        env = "LOG",
        default_value = "info,sqlx=warn",
        global = true,
        help_heading = "Server"
    )]
    pub log: String,

    /// Folder of a front end to serve at / as the profile's original did, with its index.html [default: pages of
    /// our own]
    #[arg(long, env = "STATIC_DIR", value_name = "DIR", global = true, help_heading = "Server")]
    pub static_dir: Option<OsString>,

    /// sqlite:FILE, postgres://USER:PASSWORD@HOST/NAME or mysql://USER:PASSWORD@HOST/NAME; SQLAlchemy's
    /// spellings and the name SQLALCHEMY_DATABASE_URI work too [default: sqlite:poem-scaffold.db]
    #[arg(
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        global = true,
        help_heading = "Database"
    )]
    pub database_url: Option<String>,

    /// The same database without the connection pooler that DATABASE_URL leads through; migrations need it [default:
    /// DATABASE_URL]
    #[arg(
        long,
        env = "DATABASE_DIRECT_URL",
        hide_env_values = true,
        global = true,
        help_heading = "Database",
        hide_short_help = true
    )]
    pub database_direct_url: Option<String>,

    /// Fill a database that has no users table when the server starts; `db upgrade` always does [default: on, with
    /// flask: off]
    #[arg(
        long,
        env = "CREATE_TABLES",
        global = true,
        help_heading = "Database",
        hide_short_help = true
    )]
    pub create_tables: Option<Switch>,

    /// Which original's tables, routes and wire format
    #[arg(
        long,
        env = "FLASK_PROFILE",
        default_value = "scaffold-1.0",
        global = true,
        help_heading = "Compatibility"
    )]
    pub profile: Profile,

    /// safe closes the originals' holes, flask keeps every answer that a client could depend on
    #[arg(
        long,
        env = "FLASK_FIDELITY",
        default_value = "safe",
        global = true,
        help_heading = "Compatibility"
    )]
    pub fidelity: Fidelity,

    /// May a disabled user log in and use tokens? [default: deny, with flask: allow]
    #[arg(
        long,
        env = "DISABLED_USERS",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub disabled_users: Option<Permission>,

    /// Is a token good whose user is gone or changed the password since? [default: deny, with flask: allow]
    #[arg(
        long,
        env = "STALE_TOKENS",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub stale_tokens: Option<Permission>,

    /// Is a token good that never expires? [default: deny, with flask: allow]
    #[arg(
        long,
        env = "TOKENS_WITHOUT_EXP",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub tokens_without_exp: Option<Permission>,

    /// How the user's id stands in new tokens; both forms are read. PyJWT 2.10 and newer verifies text only
    #[arg(
        long,
        env = "TOKEN_SUB",
        default_value = "integer",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub token_sub: TokenSub,

    /// Accept a SECRET_KEY that is shorter than 32 bytes, repeats itself or was published [default: deny, with
    /// flask: allow, with a warning]
    #[arg(
        long,
        env = "SHORT_SECRET_KEY",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub short_secret_key: Option<Permission>,

    /// Who may change users and roles? [default: owner, with flask: any]
    #[arg(
        long,
        env = "USER_WRITES",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub user_writes: Option<UserWrites>,

    /// What resets a password? [default: single-use, with flask: login]
    #[arg(
        long,
        env = "RESET_TOKEN",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub reset_token: Option<ResetToken>,

    /// What is answered to a forgotten password of nobody? [default: hide, with flask: 404]
    #[arg(
        long,
        env = "FORGOT_UNKNOWN",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub forgot_unknown: Option<ForgotUnknown>,

    /// Are failed logins, sign-ups and requests for reset mails limited? [default: on, with flask: off]
    #[arg(
        long,
        env = "LOGIN_THROTTLE",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub login_throttle: Option<Switch>,

    /// Who gets an account by signing up [default: open; with flask, scaffold-1.0 stores active 0 as it did]
    #[arg(
        long,
        env = "SIGNUP",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub signup: Option<Signup>,

    /// The older name: on is SIGNUP=approval, off is SIGNUP=open
    #[arg(
        long,
        env = "SIGNUP_APPROVAL",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub signup_approval: Option<Switch>,

    /// Characters that a new password must have; existing passwords stay valid [default: 8, with flask: 1]
    #[arg(long, env = "MIN_PASSWORD", value_parser = clap::value_parser!(u8).range(1..=64),
          global = true, help_heading = "Compatibility", hide_short_help = true)]
    pub min_password: Option<u8>,

    /// Web sites whose pages may call the API: *, none, or origins separated by commas [default: none, with
    /// scaffold-2.0: *]
    #[arg(
        long,
        env = "CORS_ORIGINS",
        value_delimiter = ',',
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub cors_origins: Option<Vec<String>>,

    /// The look of the pages
    #[command(flatten)]
    pub pages: PagesSettings,

    /// Outgoing mail
    #[command(flatten)]
    pub mail: MailSettings,

    /// Cost of new bcrypt hashes (safe), 4 to 15
    #[arg(long, env = "BCRYPT_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=15),
          global = true, help_heading = "Passwords", hide_short_help = true)]
    pub bcrypt_cost: u32,

    /// Iterations of new pbkdf2 hashes (flask), which Flask must check too
    #[arg(long, env = "PASSWORD_ITERATIONS", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=2_000_000),
          global = true, help_heading = "Passwords", hide_short_help = true)]
    pub password_iterations: u32,

    /// Replace a hash of another kind than new ones, or of a lower cost, when its user logs in [default: on, off
    /// where a Flask app's tables are used]
    #[arg(
        long,
        env = "PASSWORD_REHASH",
        global = true,
        help_heading = "Passwords",
        hide_short_help = true
    )]
    pub password_rehash: Option<Switch>,
}

/// Which original is answered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Profile {
    /// Flask-Scaffold 1.0; also answers the tutorial's two routes.
    #[value(name = "scaffold-1.0")]
    Scaffold10,
    /// The tutorial app, "JSON web token authentication with Flask and AngularJS".
    #[value(name = "tutorial")]
    Tutorial,
    /// Flask-Scaffold 2.0.
    #[value(name = "scaffold-2.0")]
    Scaffold20,
}

impl Profile {
    /// The value of `FLASK_PROFILE`, which is also the name of the profile's migrations folder.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Scaffold10 => "scaffold-1.0",
            Profile::Tutorial => "tutorial",
            Profile::Scaffold20 => "scaffold-2.0",
        }
    }
}

/// How far the originals are followed where following is unwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fidelity {
    /// The originals' holes are closed.
    Safe,
    /// Every answer that a client could depend on is kept.
    Flask,
}

impl Fidelity {
    /// The value of `FLASK_FIDELITY`.
    pub fn name(self) -> &'static str {
        match self {
            Fidelity::Safe => "safe",
            Fidelity::Flask => "flask",
        }
    }
}

/// The value of a setting that opens or closes a hole of the originals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Permission {
    /// As the original did.
    Allow,
    /// Refused.
    Deny,
}

/// How the subject of a new token, a user's id, is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TokenSub {
    /// As a number, as the originals had it.
    Integer,
    /// As its decimal digits, as RFC 7519 has it.
    Text,
}

/// Who may change users and roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UserWrites {
    /// Everybody their own account; administrators everything.
    Owner,
    /// Everybody who is logged in everything, as the originals had it.
    Any,
}

/// What lets a caller set a new password without the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ResetToken {
    /// A token of its own kind, from the mail, good once and for an hour.
    SingleUse,
    /// A login token, and so is the mail's, as the originals had it.
    Login,
}

/// What is answered where nobody has the address that asks for a reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ForgotUnknown {
    /// The same as to a known address.
    Hide,
    /// 404, as the originals had it.
    #[value(name = "404")]
    NotFound,
}

/// Who gets an account by signing up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Signup {
    /// Everybody, at once.
    Open,
    /// Everybody whom an administrator enables afterwards.
    Approval,
    /// Nobody: only administrators add users.
    Off,
}

impl Signup {
    /// The value of `SIGNUP`.
    pub fn name(self) -> &'static str {
        match self {
            Signup::Open => "open",
            Signup::Approval => "approval",
            Signup::Off => "off",
        }
    }
}

/// The value of a setting that is on or off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Done.
    On,
    /// Not done.
    Off,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on, or `unix:/path`.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Proxies whose word about their clients counts.
    pub trusted_proxies: TrustedProxies,
    /// Key that signs the tokens; commands that touch no token do without.
    pub secret_key: Option<SecretKey>,
    /// Directives for the log filter.
    pub log: String,
    /// Folder of a front end that takes the place of the built-in pages.
    pub static_dir: Option<PathBuf>,
    /// Where the rows are.
    pub database_url: DatabaseUrl,
    /// Parameters of its URL that Python's driver took and that have no effect here.
    pub ignored_parameters: Vec<String>,
    /// The same database without the pooler that `database_url` leads through.
    pub database_direct_url: Option<DatabaseUrl>,
    /// Whether a database without a users table is filled by whoever opens it.
    pub create_tables: bool,
    /// Which original is answered for.
    pub profile: Profile,
    /// How far the originals are followed.
    pub fidelity: Fidelity,
    /// Whether disabled users may log in and use tokens.
    pub disabled_users: Permission,
    /// Whether tokens of deleted users, or from before a password change, are good.
    pub stale_tokens: Permission,
    /// Whether a token without `exp` is good.
    pub tokens_without_exp: Permission,
    /// How the subject of a new token is written.
    pub token_sub: TokenSub,
    /// Who may change users and roles.
    pub user_writes: UserWrites,
    /// What resets a password.
    pub reset_token: ResetToken,
    /// What is answered to a forgotten password of nobody.
    pub forgot_unknown: ForgotUnknown,
    /// Who gets an account by signing up.
    pub signup: Signup,
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
        let as_flask = settings.fidelity == Fidelity::Flask;
        let usual = if as_flask { Permission::Allow } else { Permission::Deny };
        let secret_key = settings.secret_key.map(|key| SecretKey::from(key.as_str()));
        if let Some(key) = &secret_key {
            key.check_strength(settings.short_secret_key.unwrap_or(usual))?;
        }
        let (database_url, mut ignored_parameters) = database_url(settings.database_url, name)?;
        let direct = settings.database_direct_url;
        let direct = direct
            .map(|url| DatabaseUrl::read("DATABASE_DIRECT_URL", &url))
            .transpose()?;
        let (database_direct_url, ignored) = direct.unzip();
        ignored_parameters.extend(ignored.unwrap_or_default());
        Ok(Self {
            host: host::read(&settings.host)?,
            port: settings.port,
            trusted_proxies: TrustedProxies::parse(&settings.trusted_proxies.unwrap_or_default())?,
            secret_key,
            log: settings.log,
            static_dir: settings.static_dir.map(PathBuf::from),
            database_url,
            ignored_parameters,
            database_direct_url,
            create_tables: settings.create_tables.map_or(!as_flask, |switch| switch == Switch::On),
            profile: settings.profile,
            fidelity: settings.fidelity,
            disabled_users: settings.disabled_users.unwrap_or(usual),
            stale_tokens: settings.stale_tokens.unwrap_or(usual),
            tokens_without_exp: settings.tokens_without_exp.unwrap_or(usual),
            token_sub: settings.token_sub,
            user_writes: settings
                .user_writes
                .unwrap_or(if as_flask { UserWrites::Any } else { UserWrites::Owner }),
            reset_token: settings.reset_token.unwrap_or(if as_flask {
                ResetToken::Login
            } else {
                ResetToken::SingleUse
            }),
            forgot_unknown: settings.forgot_unknown.unwrap_or(if as_flask {
                ForgotUnknown::NotFound
            } else {
                ForgotUnknown::Hide
            }),
            signup: signup(settings.signup, settings.signup_approval)?
                .unwrap_or(signup_of_original(settings.profile, settings.fidelity)),
            login_throttle: settings.login_throttle.map_or(!as_flask, |switch| switch == Switch::On),
            min_password: settings.min_password.map_or(if as_flask { 1 } else { 8 }, usize::from),
            cors_origins: cors_origins(settings.cors_origins, settings.profile)?,
            pages: PagesConfig::new(settings.pages, title)?,
            mail: MailConfig::new(settings.mail)?,
            bcrypt_cost: settings.bcrypt_cost,
            password_iterations: settings.password_iterations,
            password_rehash: settings.password_rehash.map(|switch| switch == Switch::On),
        })
    }
}

impl Config {
    /// The database without a pooler in between, for migrations.
    pub fn direct_url(&self) -> &DatabaseUrl {
        self.database_direct_url.as_ref().unwrap_or(&self.database_url)
    }

    /// The key that signs the tokens.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is none.
    pub fn require_secret_key(&self) -> Result<&SecretKey> {
        self.secret_key.as_ref().ok_or_else(|| {
            Error::Refused("SECRET_KEY is not set: put the Flask app's own key into the environment or .env".to_owned())
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

/// What SIGNUP, or the older SIGNUP_APPROVAL, says.
fn signup(given: Option<Signup>, approval: Option<Switch>) -> Result<Option<Signup>> {
    match (given, approval) {
        (Some(Signup::Open | Signup::Off), Some(Switch::On)) | (Some(Signup::Approval), Some(Switch::Off)) => Err(
            Error::Refused("SIGNUP and SIGNUP_APPROVAL contradict each other: remove SIGNUP_APPROVAL".to_owned()),
        ),
        (None, Some(Switch::On)) => Ok(Some(Signup::Approval)),
        (None, Some(Switch::Off)) => Ok(Some(Signup::Open)),
        (given, _) => Ok(given),
    }
}

/// Flask-Scaffold 1.0 stored those who sign up as inactive, and let them in (`Signup.post`, `app/baseviews.py`).
fn signup_of_original(profile: Profile, fidelity: Fidelity) -> Signup {
    match (profile, fidelity) {
        (Profile::Scaffold10, Fidelity::Flask) => Signup::Approval,
        _ => Signup::Open,
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
