//! Every setting in one place: flags, then the environment, then `.env`.
//!
//! Nobody else reads the environment. Names are the originals' where they had one
//! (`config.py` of the tutorial app and of Flask-Scaffold 1.0 and 2.0).

use std::{
    fmt, fs,
    io::Write,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};

use crate::error::{Error, Result};

/// Bytes below which a SECRET_KEY can be guessed from one token (RFC 7518 section 3.2).
pub const SECRET_KEY_BYTES: usize = 32;

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
    #[arg(long, env = "LOG", default_value = "info", global = true, help_heading = "Server")]
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

/// A signing key; never shown by `Debug`.
#[derive(Clone)]
pub struct SecretKey(String);

impl SecretKey {
    /// The key's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether the key is so short that one token lets it be guessed.
    ///
    /// The keys of the three originals' `config.py` are public, and all shorter than this.
    pub fn is_short(&self) -> bool {
        self.0.len() < SECRET_KEY_BYTES
    }
}

impl From<&str> for SecretKey {
    fn from(key: &str) -> Self {
        Self(key.to_owned())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
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
        let secret_key = settings.secret_key.filter(|key| !key.is_empty()).map(SecretKey);
        if let Some(key) = &secret_key {
            check_secret_key(key, settings.short_secret_key.unwrap_or(usual))?;
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

fn check_secret_key(key: &SecretKey, short: Permission) -> Result<()> {
    if !key.is_short() {
        return Ok(());
    }
    if short == Permission::Deny {
        return Err(Error::Refused(format!(
            "SECRET_KEY has {} bytes and can be guessed from a single token; use {SECRET_KEY_BYTES} or more \
             (openssl rand -hex 32), or set SHORT_SECRET_KEY=allow to keep an old key for a while",
            key.0.len()
        )));
    }
    eprintln!(
        "warning: SECRET_KEY has {} bytes and can be guessed from a single token; plan a change to {SECRET_KEY_BYTES} or more",
        key.0.len()
    );
    Ok(())
}

/// Where the rows are, in the form the driver understands.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of an SQLite file.
    Sqlite(PathBuf),
    /// A `postgres://` URL.
    Postgres(String),
    /// A `mysql://` URL.
    MySql(String),
}

impl DatabaseUrl {
    /// Reads our own and SQLAlchemy's spellings.
    ///
    /// As in SQLAlchemy, `sqlite:///x.db` is relative and `sqlite:////x.db` absolute; `sqlite:PATH` takes
    /// the path as it stands. A driver name after `+` is dropped.
    ///
    /// # Errors
    /// [`Error::Refused`] names the three forms that are understood.
    pub fn parse(url: &str) -> Result<Self> {
        let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
        let dialect = scheme.split('+').next().unwrap_or_default();
        match dialect {
            "sqlite" => {
                let path = rest
                    .strip_prefix("///")
                    .or_else(|| rest.strip_prefix("//"))
                    .unwrap_or(rest);
                if path.is_empty() || path == ":memory:" {
                    return Err(Error::Refused(
                        "DATABASE_URL names no SQLite file; write sqlite:FILE, e.g. sqlite:poem-scaffold.db".to_owned(),
                    ));
                }
                Ok(Self::Sqlite(PathBuf::from(path)))
            }
            "postgres" | "postgresql" => Ok(Self::Postgres(format!("postgres:{rest}"))),
            "mysql" | "mariadb" => Ok(Self::MySql(format!("mysql:{rest}"))),
            // The URL may hold a password, so only its scheme is repeated.
            _ => Err(Error::Refused(format!(
                "DATABASE_URL starts with `{scheme}`; supported are sqlite:FILE, \
                 postgres://USER:PASSWORD@HOST/NAME and mysql://USER:PASSWORD@HOST/NAME"
            ))),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    /// The URL without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) | Self::MySql(url) => match url::Url::parse(url) {
                Ok(url) => write!(
                    f,
                    "{}://{}{}",
                    url.scheme(),
                    url.host_str().unwrap_or("localhost"),
                    url.path()
                ),
                Err(_) => f.write_str(url.split(':').next().unwrap_or_default()),
            },
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
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

/// Makes a random SECRET_KEY and keeps it in `.env` in `dir`, readable by its owner only.
///
/// # Errors
/// [`Error::Io`] if the file cannot be written.
pub fn create_secret_key(dir: &Path) -> Result<SecretKey> {
    let path = dir.join(".env");
    let attempt = |error| Error::Io(format!("cannot keep SECRET_KEY in {}", path.display()), error);
    let key = random_hex(SECRET_KEY_BYTES)?;
    let mut options = fs::OpenOptions::new();
    options.create(true).append(true).read(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).map_err(attempt)?;
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .map_err(attempt)?;
    let before = fs::read_to_string(&path).map_err(attempt)?;
    let separator = if before.is_empty() || before.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    writeln!(file, "{separator}SECRET_KEY={key}").map_err(attempt)?;
    file.sync_all().map_err(attempt)?;
    Ok(SecretKey(key))
}

/// `bytes` random bytes of the operating system, as lower-case hexadecimal digits.
///
/// # Errors
/// [`Error::Internal`] if the operating system has none to give.
pub fn random_hex(bytes: usize) -> Result<String> {
    let mut random = vec![0; bytes];
    getrandom::fill(&mut random).map_err(|error| Error::Internal(format!("no random bytes: {error}")))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlalchemy_spellings_of_database_urls_are_understood() {
        for (given, path) in [
            ("sqlite:x.db", "x.db"),
            ("sqlite://x.db", "x.db"),
            ("sqlite:///x.db", "x.db"),
            ("sqlite:////srv/x.db", "/srv/x.db"),
            ("sqlite:/srv/x.db", "/srv/x.db"),
            ("sqlite+pysqlite:///x.db", "x.db"),
        ] {
            assert_eq!(
                DatabaseUrl::parse(given).unwrap(),
                DatabaseUrl::Sqlite(path.into()),
                "{given}"
            );
        }
        assert_eq!(
            DatabaseUrl::parse("postgresql+psycopg2://u:p@h/d").unwrap(),
            DatabaseUrl::Postgres("postgres://u:p@h/d".to_owned())
        );
        assert_eq!(
            DatabaseUrl::parse("mysql+pymysql://u:p@h/d").unwrap(),
            DatabaseUrl::MySql("mysql://u:p@h/d".to_owned())
        );
    }

    #[test]
    fn a_refused_database_url_does_not_repeat_its_password() {
        let text = DatabaseUrl::parse("oracle://scott:tiger@h/d").unwrap_err().to_string();
        assert!(text.contains("oracle") && !text.contains("tiger"), "{text}");
    }

    #[test]
    fn a_shown_database_url_has_no_password() {
        let url = DatabaseUrl::parse("mysql://scott:tiger@h/d").unwrap();
        assert_eq!(url.to_string(), "mysql://h/d");
    }
}
