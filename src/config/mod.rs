//! Every setting in one place: flags, then the environment, then `.env`.
//!
//! Nobody else reads the environment. Names are the originals' where they had one
//! (`config.py` of the tutorial app and of Flask-Scaffold 1.0 and 2.0).

mod database_url;
mod secret_key;

pub use database_url::DatabaseUrl;
pub use secret_key::{SecretKey, create_secret_key, random_hex};

use std::path::Path;

use clap::{Args, ValueEnum};

use crate::error::{Error, Result};

/// The settings as given, before fidelity fills in what was left out.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address to listen on
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

    /// May SECRET_KEY be shorter than 32 bytes? [default: deny, with flask: allow, with a warning]
    #[arg(
        long,
        env = "SHORT_SECRET_KEY",
        global = true,
        help_heading = "Compatibility",
        hide_short_help = true
    )]
    pub short_secret_key: Option<Permission>,

    /// Cost of new bcrypt hashes (safe), 4 to 15
    #[arg(long, env = "BCRYPT_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=15),
          global = true, help_heading = "Passwords", hide_short_help = true)]
    pub bcrypt_cost: u32,

    /// Iterations of new pbkdf2 hashes (flask), which Flask must check too
    #[arg(long, env = "PASSWORD_ITERATIONS", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=2_000_000),
          global = true, help_heading = "Passwords", hide_short_help = true)]
    pub password_iterations: u32,

    /// Replace an old hash when its user logs in? [default: on, off where a Flask app's tables are used]
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
}

impl Profile {
    /// The value of `FLASK_PROFILE`, which is also the name of the profile's migrations folder.
    pub fn name(self) -> &'static str {
        match self {
            Profile::Scaffold10 => "scaffold-1.0",
            Profile::Tutorial => "tutorial",
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
    /// Address to listen on.
    pub host: String,
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Key that signs the tokens; commands that touch no token do without.
    pub secret_key: Option<SecretKey>,
    /// Directives for the log filter.
    pub log: String,
    /// Where the rows are.
    pub database_url: DatabaseUrl,
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
    /// Cost of new bcrypt hashes.
    pub bcrypt_cost: u32,
    /// Iterations of new pbkdf2 hashes.
    pub password_iterations: u32,
    /// Whether a login replaces an old hash; `None` where the tables decide.
    pub password_rehash: Option<bool>,
}

impl Config {
    /// Completes `settings`: fidelity sets what was left out.
    ///
    /// # Errors
    /// [`Error::Refused`] for a database URL that is not understood, or a SECRET_KEY that is too short.
    pub fn new(settings: Settings) -> Result<Self> {
        let usual = match settings.fidelity {
            Fidelity::Safe => Permission::Deny,
            Fidelity::Flask => Permission::Allow,
        };
        let secret_key = settings
            .secret_key
            .filter(|key| !key.is_empty())
            .map(|key| SecretKey::from(key.as_str()));
        if let Some(key) = &secret_key {
            key.check_length(settings.short_secret_key.unwrap_or(usual))?;
        }
        let url = settings
            .database_url
            .or_else(|| std::env::var("SQLALCHEMY_DATABASE_URI").ok())
            .unwrap_or_else(|| "sqlite:poem-scaffold.db".to_owned());
        Ok(Self {
            host: settings.host,
            port: settings.port,
            secret_key,
            log: settings.log,
            database_url: DatabaseUrl::parse(&url)?,
            profile: settings.profile,
            fidelity: settings.fidelity,
            disabled_users: settings.disabled_users.unwrap_or(usual),
            stale_tokens: settings.stale_tokens.unwrap_or(usual),
            tokens_without_exp: settings.tokens_without_exp.unwrap_or(usual),
            bcrypt_cost: settings.bcrypt_cost,
            password_iterations: settings.password_iterations,
            password_rehash: settings.password_rehash.map(|switch| switch == Switch::On),
        })
    }
}

/// Adds what `.env` in `dir` sets to the environment; what is set there already wins.
///
/// # Errors
/// [`Error::Refused`] names the file and what cannot be read in it.
pub fn load_dotenv(dir: &Path) -> Result<()> {
    let path = dir.join(".env");
    match dotenvy::from_path(&path) {
        Ok(()) => Ok(()),
        Err(dotenvy::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(dotenvy::Error::LineParse(line, _)) => Err(Error::Refused(format!(
            "{}: this line is not NAME=value: {}",
            path.display(),
            line.split('=').next().unwrap_or_default()
        ))),
        Err(error) => Err(Error::Refused(format!("{}: {error}", path.display()))),
    }
}
