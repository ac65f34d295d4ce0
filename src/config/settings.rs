//! The settings as given, before fidelity fills in what was left out.
//!
//! Each is a flag, and a variable of the environment or of `.env`; every command takes all of them (`cli/arguments.rs`).

use std::ffi::OsString;

use clap::Args;

use super::{
    choices::{ForgotUnknown, Permission, ResetToken, Signup, Switch, TokenSub, UserWrites},
    mail::MailSettings,
    pages::PagesSettings,
};
use crate::flask::profile::{Fidelity, Profile};

/// The settings as given.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Where the server listens, what signs its tokens, what it logs
    #[command(flatten)]
    pub server: ServerSettings,
    /// Where the rows are
    #[command(flatten)]
    pub database: DatabaseSettings,
    /// Which original is answered for, and how far
    #[command(flatten)]
    pub compatibility: CompatibilitySettings,
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

    /// Port to listen on; 0 takes a free one
    #[arg(long, env = "PORT", default_value_t = 5000)]
    pub port: u16,

    /// Proxies whose X-Forwarded-For, -Proto and -Prefix headers are believed: addresses and networks separated by
    /// commas, and unix for a Unix socket [default: none]
    #[arg(long, env = "TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',')]
    pub trusted_proxies: Option<Vec<String>>,

    /// Key that signs the tokens, 32 bytes or more; a random one is kept in .env when there is none
    #[arg(long, env = "SECRET_KEY", hide_env_values = true)]
    pub secret_key: Option<String>,

    /// What to log, e.g. info, debug, poem_scaffold=debug
    #[arg(long, env = "LOG", default_value = "info,sqlx=warn")]
    pub log: String,

    /// Folder of a front end to serve at / as the profile's original did, with its index.html [default: pages of
    /// our own]
    #[arg(long, env = "STATIC_DIR", value_name = "DIR")]
    pub static_dir: Option<OsString>,
}

/// Where the rows are.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Database")]
pub struct DatabaseSettings {
    /// sqlite:FILE, postgres://USER:PASSWORD@HOST/NAME or mysql://USER:PASSWORD@HOST/NAME; SQLAlchemy's
    /// spellings and the name SQLALCHEMY_DATABASE_URI work too [default: sqlite:poem-scaffold.db]
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub database_url: Option<String>,

    /// The same database without the connection pooler that DATABASE_URL leads through; migrations need it [default:
    /// DATABASE_URL]
    #[arg(long, env = "DATABASE_DIRECT_URL", hide_env_values = true, hide_short_help = true)]
    pub database_direct_url: Option<String>,

    /// Fill a database that has no users table when the server starts; `db upgrade` always does [default: on, with
    /// flask: off]
    #[arg(long, env = "CREATE_TABLES", hide_short_help = true)]
    pub create_tables: Option<Switch>,
}

/// Which original is answered for, and how far.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Compatibility")]
pub struct CompatibilitySettings {
    /// Which original's tables, routes and wire format
    #[arg(long, env = "FLASK_PROFILE", default_value = "scaffold-1.0")]
    pub profile: Profile,

    /// safe closes the originals' holes, flask keeps every answer that a client could depend on
    #[arg(long, env = "FLASK_FIDELITY", default_value = "safe")]
    pub fidelity: Fidelity,

    /// May a disabled user log in and use tokens? [default: deny, with flask: allow]
    #[arg(long, env = "DISABLED_USERS", hide_short_help = true)]
    pub disabled_users: Option<Permission>,

    /// Is a token good whose user is gone or changed the password since? [default: deny, with flask: allow]
    #[arg(long, env = "STALE_TOKENS", hide_short_help = true)]
    pub stale_tokens: Option<Permission>,

    /// Is a token good that never expires? [default: deny, with flask: allow]
    #[arg(long, env = "TOKENS_WITHOUT_EXP", hide_short_help = true)]
    pub tokens_without_exp: Option<Permission>,

    /// How the user's id stands in new tokens; both forms are read. PyJWT 2.10 and newer verifies text only
    #[arg(long, env = "TOKEN_SUB", default_value = "integer", hide_short_help = true)]
    pub token_sub: TokenSub,

    /// Accept a SECRET_KEY that is shorter than 32 bytes, repeats itself or was published [default: deny, with
    /// flask: allow, with a warning]
    #[arg(long, env = "SHORT_SECRET_KEY", hide_short_help = true)]
    pub short_secret_key: Option<Permission>,

    /// Who may change users and roles? [default: owner, with flask: any]
    #[arg(long, env = "USER_WRITES", hide_short_help = true)]
    pub user_writes: Option<UserWrites>,

    /// What resets a password? [default: single-use, with flask: login]
    #[arg(long, env = "RESET_TOKEN", hide_short_help = true)]
    pub reset_token: Option<ResetToken>,

    /// What is answered to a forgotten password of nobody? [default: hide, with flask: 404]
    #[arg(long, env = "FORGOT_UNKNOWN", hide_short_help = true)]
    pub forgot_unknown: Option<ForgotUnknown>,

    /// Are failed logins, sign-ups and requests for reset mails limited? [default: on, with flask: off]
    #[arg(long, env = "LOGIN_THROTTLE", hide_short_help = true)]
    pub login_throttle: Option<Switch>,

    /// Who gets an account by signing up [default: open; with flask, scaffold-1.0 stores active 0 as it did]
    #[arg(long, env = "SIGNUP", hide_short_help = true)]
    pub signup: Option<Signup>,

    /// The older name: on is SIGNUP=approval, off is SIGNUP=open
    #[arg(long, env = "SIGNUP_APPROVAL", hide_short_help = true)]
    pub signup_approval: Option<Switch>,

    /// Characters that a new password must have; existing passwords stay valid [default: 8, with flask: 1]
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

    /// Iterations of new pbkdf2 hashes (flask), which Flask must check too
    #[arg(long, env = "PASSWORD_ITERATIONS", default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1_000..=2_000_000), hide_short_help = true)]
    pub password_iterations: u32,

    /// Replace a hash of another kind than new ones, or of a lower cost, when its user logs in [default: on, off
    /// where a Flask app's tables are used]
    #[arg(long, env = "PASSWORD_REHASH", hide_short_help = true)]
    pub password_rehash: Option<Switch>,
}
