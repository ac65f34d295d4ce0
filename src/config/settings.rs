//! The settings as given, before fidelity fills in what was left out.
//!
//! Each is a flag, and a variable of the environment or of `.env`; every command takes all of them (`cli/arguments.rs`).

use std::{ffi::OsString, path::PathBuf};

use clap::Args;

use super::{
    choices::{ForgotUnknown, Permission, ResetToken, SignupPolicy, Switch, TokenSub, UserWrites},
    mail::MailSettings,
    pages::PagesSettings,
    token_settings::TokenSettings,
};
use crate::flask::profile::{Fidelity, Profile};

/// The settings as given.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where the server listens, what signs its tokens, what it logs
    #[command(flatten)]
    pub server: ServerSettings,
    /// Where the database is
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Which original app to be compatible with, and how closely
    #[command(flatten)]
    pub compatibility: CompatibilitySettings,
    /// The tokens of a Flask app
    #[command(flatten)]
    pub tokens: TokenSettings,
    /// The look of the pages
    #[command(flatten)]
    pub pages: PagesSettings,
    /// Outgoing mail
    #[command(flatten)]
    pub mail: MailSettings,
    /// How passwords are hashed
    #[command(flatten)]
    pub passwords: PasswordSettings,
}

/// Where the server listens, what signs its tokens, what it logs.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Server")]
pub struct ServerSettings {
    /// Address or name to listen on, or unix:/PATH for a Unix socket
    #[arg(long, env = "HOST", default_value = "127.0.0.1")]
    pub host: String,

    /// Port to listen on; 0 selects a free port
    #[arg(long, env = "PORT", default_value_t = 5000)]
    pub port: u16,

    /// Proxies whose X-Forwarded-For, -Proto and -Prefix headers are trusted: addresses and networks separated by
    /// commas, and unix for a Unix socket [default: none]
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<String>>,

    /// Key that signs the tokens, 32 bytes or more [default: a random key, which is saved in .env]
    #[arg(long, env = "SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,

    /// Log levels, separated by commas, e.g. info, debug, poem_scaffold=debug
    #[arg(long, env = "LOG", default_value = "info,sqlx=warn")]
    pub log: String,

    /// Folder of a front end to serve at /, with its index.html, like the original app [default: the built-in pages]
    #[arg(long, env = "STATIC_DIR", value_name = "DIR")]
    pub static_dir: Option<OsString>,

    /// Old app to hand all other routes to, as http://HOST:PORT or unix:/PATH
    #[arg(long, env = "UPSTREAM", value_name = "URL")]
    pub upstream: Option<String>,

    /// File that gives routes of this server to the old app, or compares both
    #[arg(
        long,
        env = "ROUTES_FILE",
        value_name = "FILE",
        default_value = "routes.toml",
        hide_short_help = true
    )]
    pub routes_file: PathBuf,

    /// File to record the old app's answers in, without secrets, for `parity`
    #[arg(long, env = "RECORDING", value_name = "FILE", hide_short_help = true)]
    pub recording: Option<PathBuf>,
}

/// Where the database is.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseSettings {
    /// sqlite:FILE, postgres://USER:PASSWORD@HOST/NAME or mysql://USER:PASSWORD@HOST/NAME; SQLAlchemy's URLs and the
    /// name SQLALCHEMY_DATABASE_URI work too [default: sqlite:poem-scaffold.db]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// URL of the same database without a connection pooler, which migrations cannot use [default: DATABASE_URL]
    #[arg(long, env = "DATABASE_DIRECT_URL", hide_env_values = true, hide_short_help = true)]
    pub database_direct_url: Option<String>,

    /// Create the tables at the start if the database has no users table; `db upgrade` always creates them [default:
    /// on, with flask: off]
    #[arg(long, env = "CREATE_TABLES", hide_short_help = true)]
    pub create_tables: Option<Switch>,
}

/// Which original app to be compatible with, and how closely.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Compatibility")]
pub struct CompatibilitySettings {
    /// Original app to be compatible with
    #[arg(long, env = "FLASK_PROFILE", default_value = "scaffold-1.0")]
    pub profile: Profile,

    /// How closely to follow the original app where it is insecure
    #[arg(long, env = "FLASK_FIDELITY", default_value = "safe")]
    pub fidelity: Fidelity,

    /// Let disabled users log in and use their tokens [default: deny, with flask: allow]
    #[arg(long, env = "DISABLED_USERS", hide_short_help = true)]
    pub disabled_users: Option<Permission>,

    /// Accept tokens of deleted users or from before a password change [default: deny, with flask: allow]
    #[arg(long, env = "STALE_TOKENS", hide_short_help = true)]
    pub stale_tokens: Option<Permission>,

    /// Accept tokens that never expire [default: deny, with flask: allow]
    #[arg(long, env = "TOKENS_WITHOUT_EXP", hide_short_help = true)]
    pub tokens_without_exp: Option<Permission>,

    /// Type of the user's id in new tokens; both are accepted. PyJWT 2.10 and newer accepts only text [default: integer;
    /// text with the tokens of pyjwt and flask-jwt-extended-4]
    #[arg(long, env = "TOKEN_SUB", hide_short_help = true)]
    pub token_sub: Option<TokenSub>,

    /// Accept a SECRET_KEY that is shorter than 32 bytes, repeats itself or was published [default: deny, with
    /// flask: allow, with a warning]
    #[arg(long, env = "SHORT_SECRET_KEY", hide_short_help = true)]
    pub short_secret_key: Option<Permission>,

    /// Who may change users and roles [default: owner, with flask: any]
    #[arg(long, env = "USER_WRITES", hide_short_help = true)]
    pub user_writes: Option<UserWrites>,

    /// Token that resets a password [default: single-use, with flask: login]
    #[arg(long, env = "RESET_TOKEN", hide_short_help = true)]
    pub reset_token: Option<ResetToken>,

    /// Answer to a reset request for an unknown address [default: hide, with flask: 404]
    #[arg(long, env = "FORGOT_UNKNOWN", hide_short_help = true)]
    pub forgot_unknown: Option<ForgotUnknown>,

    /// Limit failed logins, sign-ups and requests for reset mails [default: on, with flask: off]
    #[arg(long, env = "LOGIN_THROTTLE", hide_short_help = true)]
    pub login_throttle: Option<Switch>,

    /// Who gets an account by signing up [default: open; scaffold-1.0 with flask stores active 0, like the original]
    #[arg(long, env = "SIGNUP", hide_short_help = true)]
    pub signup: Option<SignupPolicy>,

    /// Deprecated: on means SIGNUP=approval, off means SIGNUP=open
    #[arg(long, env = "SIGNUP_APPROVAL", hide_short_help = true)]
    pub signup_approval: Option<Switch>,

    /// Minimum length of new passwords; existing passwords stay valid [default: 8, with flask: 1]
    #[arg(long, env = "MIN_PASSWORD", value_parser = clap::value_parser!(u8).range(1..=64), hide_short_help = true)]
    pub min_password: Option<u8>,

    /// Web sites whose pages may call the API: *, none, or origins separated by commas [default: none, with
    /// scaffold-2.0: *]
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',', hide_short_help = true)]
    pub cors_origins: Option<Vec<String>>,
}

/// How passwords are hashed.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Passwords")]
pub struct PasswordSettings {
    /// Cost of new bcrypt hashes (safe), 4 to 15
    #[arg(long, env = "BCRYPT_COST", default_value_t = 12, value_parser = clap::value_parser!(u32).range(4..=15), hide_short_help = true)]
    pub bcrypt_cost: u32,

    /// Iterations of new pbkdf2 hashes (flask); Flask computes them at each login too
    #[arg(long, env = "PASSWORD_ITERATIONS", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=2_000_000), hide_short_help = true)]
    pub password_iterations: u32,

    /// Replace a hash of an older kind or lower cost when its user logs in [default: on, off with a Flask app's tables]
    #[arg(long, env = "PASSWORD_REHASH", hide_short_help = true)]
    pub password_rehash: Option<Switch>,
}
