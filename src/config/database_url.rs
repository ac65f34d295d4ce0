//! Reads database URLs, ours and SQLAlchemy's, as SQLAlchemy's drivers take them.

use std::{
    borrow::Cow,
    fmt,
    path::{Path, PathBuf},
};

use super::{
    database_server::DatabaseServer,
    environment::{named, program},
    host::with_port,
    parameters::{Fate, PythonDriver, check},
};
use crate::{
    error::{Error, Result},
    flask::sqlalchemy::{SqlAlchemyUrl, as_bool, make_url},
};

/// The forms that are supported, for messages.
const FORMS: &str = "sqlite:FILE, postgres://USER:PASSWORD@HOST/NAME and mysql://USER:PASSWORD@HOST/NAME";

/// Where the rows are.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The path of an SQLite file.
    Sqlite(PathBuf),
    /// A database of a PostgreSQL server.
    Postgres(DatabaseServer),
    /// A database of a MySQL or MariaDB server.
    MySql(DatabaseServer),
}

impl DatabaseUrl {
    /// Reads our own and SQLAlchemy's spellings.
    ///
    /// As in SQLAlchemy, `sqlite:///x.db` is relative and `sqlite:////x.db` absolute; `sqlite:PATH` takes
    /// the path as it stands.
    ///
    /// # Errors
    /// [`Error::Refused`] names what is wrong with it, and what is allowed; never a password.
    pub fn parse(url: &str) -> Result<Self> {
        Ok(Self::read("DATABASE_URL", url)?.0)
    }

    /// As [`DatabaseUrl::parse`], of the setting of that name; gives the parameters that have no effect too.
    pub fn read(setting: &str, url: &str) -> Result<(Self, Vec<String>)> {
        read(url).map_err(|reason| Error::Refused(format!("{}: {reason}", named(setting))))
    }

    /// The same database, with the path of its file relative to this folder.
    pub fn within(&self, folder: &Path) -> Self {
        match self {
            Self::Sqlite(path) => Self::Sqlite(folder.join(path)),
            url => url.clone(),
        }
    }
}

fn read(text: &str) -> Result<(DatabaseUrl, Vec<String>), String> {
    if let Some(rest) = text.strip_prefix("sqlite:").filter(|rest| !rest.starts_with("//")) {
        // Ours: what follows is the path, and not a URL's.
        let url = make_url(&format!("sqlite:///{rest}")).ok_or("it is not a valid URL")?;
        return sqlite(&url);
    }
    let url = make_url(text).ok_or_else(|| format!("this is not a database URL; expected {FORMS}"))?;
    let drivers = PythonDriver::of_dialect(url.dialect())
        .ok_or_else(|| format!("this database is not supported; supported are {FORMS}"))?;
    let driver = match url.driver() {
        None => drivers.first().map(|(_, driver)| *driver),
        Some(name) => drivers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, driver)| *driver),
    };
    let driver = driver.ok_or_else(|| {
        let known: Vec<&str> = drivers.iter().map(|(name, _)| *name).collect();
        format!("unknown driver; supported are {}", known.join(", "))
    })?;
    let server = |(server, ignored)| match url.dialect() {
        "mysql" | "mariadb" => (DatabaseUrl::MySql(server), ignored),
        _ => (DatabaseUrl::Postgres(server), ignored),
    };
    match driver {
        PythonDriver::Sqlite3 => sqlite(&url),
        driver => DatabaseServer::read(driver, &url).map(server),
    }
}

/// The path of an SQLite file, and the parameters that have no effect.
fn sqlite(url: &SqlAlchemyUrl) -> Result<(DatabaseUrl, Vec<String>), String> {
    if url.username.is_some() || url.password.is_some() || url.port.is_some() {
        return Err("SQLite has no user, password or port; write sqlite:FILE or sqlite:////ABSOLUTE/FILE".to_owned());
    }
    let mut ignored = Vec::new();
    let (mut is_uri, mut has_mode) = (false, false);
    for (name, value) in &url.query {
        match check(PythonDriver::Sqlite3, name, value)? {
            Fate::Honoured => is_uri = as_bool(value).ok_or_else(|| format!("`{name}` must be true or false"))?,
            Fate::Ignored => ignored.push(name.clone()),
            _ => has_mode = true,
        }
    }
    // Not SQLAlchemy's, which has no host here, but other libraries': two slashes before the path.
    let path = match (&url.host, &url.database) {
        (Some(host), Some(path)) => format!("{host}/{path}"),
        (Some(path), None) | (None, Some(path)) => path.clone(),
        (None, None) => String::new(),
    };
    let path = match (path.strip_prefix("file:"), is_uri) {
        (Some(uri), true) => path_of_uri(uri)?,
        (Some(_), false) => return Err("a file:PATH needs the parameter uri=true".to_owned()),
        (None, true) => return Err("uri=true needs a file:PATH, e.g. sqlite:///file:app.db?uri=true".to_owned()),
        (None, false) if has_mode => return Err("the parameter mode needs a file:PATH and uri=true".to_owned()),
        (None, false) => path,
    };
    if path.is_empty() || path.starts_with(":memory:") {
        return Err(format!(
            "the SQLite file is missing; write sqlite:FILE, e.g. sqlite:{}.db",
            program()
        ));
    }
    Ok((DatabaseUrl::Sqlite(PathBuf::from(path)), ignored))
}

/// The path of SQLite's own URIs, after `file:`.
fn path_of_uri(uri: &str) -> Result<String, String> {
    let uri = uri.split('#').next().unwrap_or_default();
    let path = match uri.strip_prefix("//") {
        None => uri,
        Some(rest) => match rest.split_once('/') {
            Some(("" | "localhost", _)) => rest.trim_start_matches("localhost"),
            _ => return Err("a file: URI has no host; write file:PATH or file:///PATH".to_owned()),
        },
    };
    Ok(percent_encoding::percent_decode_str(path)
        .decode_utf8_lossy()
        .into_owned())
}

/// The absolute path, for messages.
pub fn absolute(path: &Path) -> Cow<'_, Path> {
    std::path::absolute(path).map_or(path.into(), Cow::from)
}

impl fmt::Display for DatabaseUrl {
    /// The URL without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, server, socket_parameter) = match self {
            Self::Sqlite(path) => return write!(f, "sqlite:{}", absolute(path).display()),
            Self::Postgres(server) => ("postgres", server, "host"),
            Self::MySql(server) => ("mysql", server, "unix_socket"),
        };
        let (host, port, database) = (server.host.as_deref(), server.port, &server.database);
        match (&server.socket, host.unwrap_or("localhost")) {
            (Some(socket), _) => write!(f, "{scheme}:///{database}?{socket_parameter}={}", socket.display()),
            (None, host) => write!(f, "{scheme}://{}/{database}", with_port(host, port)),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> String {
        DatabaseUrl::parse(url).expect_err(url).to_string()
    }

    #[test]
    fn spellings_of_sqlite_files_are_understood() {
        for (given, path) in [
            ("sqlite:x.db", "x.db"),
            ("sqlite://x.db", "x.db"),
            ("sqlite://folder/x.db", "folder/x.db"),
            ("sqlite:///x.db", "x.db"),
            ("sqlite:////srv/x.db", "/srv/x.db"),
            ("sqlite:/srv/x.db", "/srv/x.db"),
            ("sqlite+pysqlite:///x.db", "x.db"),
            ("sqlite:///x.db?check_same_thread=False&timeout=20", "x.db"),
            ("sqlite:x.db?check_same_thread=False", "x.db"),
            ("sqlite:///x%20y#z.db", "x%20y#z.db"),
            ("sqlite:///file:x%20y.db?uri=true&mode=rwc", "x y.db"),
            ("sqlite:///file:///srv/x.db?mode=rw&uri=1&cache=shared", "/srv/x.db"),
            ("sqlite:///file://localhost/srv/x.db?uri=true", "/srv/x.db"),
        ] {
            let (url, _) = DatabaseUrl::read("DATABASE_URL", given).expect(given);
            assert_eq!(url, DatabaseUrl::Sqlite(path.into()), "{given}");
        }
        let (_, ignored) = DatabaseUrl::read("X", "sqlite:///x.db?check_same_thread=False&timeout=20").unwrap();
        assert_eq!(ignored, ["check_same_thread", "timeout"]);
    }

    #[test]
    fn what_is_no_sqlite_file_is_refused_by_name() {
        for (given, expected) in [
            ("sqlite://", "sqlite:FILE"),
            ("sqlite:", "sqlite:FILE"),
            ("sqlite:///:memory:", "sqlite:FILE"),
            ("sqlite:///file::memory:?uri=true&cache=shared", "sqlite:FILE"),
            ("sqlite:///file:x.db?uri=true&mode=memory", "`mode`"),
            ("sqlite:///file:x.db?uri=true&mode=ro", "read only"),
            ("sqlite:///file:x.db", "uri=true"),
            ("sqlite:///x.db?uri=true", "file:PATH"),
            ("sqlite:///x.db?mode=rw", "uri=true"),
            ("sqlite:///x.db?chek_same_thread=0", "`chek_same_thread`"),
            ("sqlite:///file:x.db?uri=true&immutable=1", "`immutable`"),
            ("sqlite+pysqlcipher://:tiger@/x.db", "unknown driver"),
            ("sqlite://u:tiger@h/x.db", "no user"),
        ] {
            let text = refused(given);
            assert!(text.contains(expected) && !text.contains("tiger"), "{given}: {text}");
        }
    }

    #[test]
    fn a_refused_database_url_does_not_repeat_its_password() {
        for (given, expected) in [
            ("oracle://scott:tiger@h/d", "this database is not supported"),
            ("mssql+pyodbc://scott:tiger@h/d", "this database is not supported"),
            ("mysql+foo://scott:tiger@h/d", "pymysql"),
            ("postgresql+foo://scott:tiger@h/d", "psycopg2"),
            ("tiger", "postgres://"),
            ("scott:tiger@h/d", "postgres://"),
            ("postgresql://scott:tiger@h", "database"),
            ("postgresql://scott:tiger@h/", "database"),
            ("mysql://scott:tiger@h/", "database"),
            ("mysql://:tiger@h/d", "user"),
            ("mysql://scott:tiger@h:x/d", "port"),
            ("mysql://scott:tiger@h:70000/d", "port"),
            ("postgresql://scott:tiger@[::1]x/d", "not a database URL"),
            ("postgresql://scott:tiger@/d?host=a:1&host=b:2", "several hosts"),
            ("postgresql://scott:tiger@a,b/d", "several hosts"),
            ("postgresql://scott:tiger@h/d?password=tiger&password=tiger", "twice"),
            ("postgresql://scott:tiger@h/d?sslmod=require", "`sslmod`"),
            ("postgresql://scott:tiger@h/d?sslmode=maybe", "verify-full"),
            ("postgresql://scott:tiger@h/d?sslpassword=tiger", "`sslpassword`"),
            ("postgresql://scott:tiger@h/d?sslrootcert=/ca.pem", "sslmode"),
            (
                "postgresql://scott:tiger@h/d?channel_binding=require",
                "`channel_binding`",
            ),
            ("postgresql+pg8000://scott:tiger@h/d?sslmode=require", "`sslmode`"),
            ("mysql+pymysql://scott:tiger@h/d?ssl_capath=/etc", "`ssl_capath`"),
            ("mysql+pymysql://scott:tiger@h/d?ssl-mode=REQUIRED", "`ssl-mode`"),
            ("mysql+pymysql://scott:tiger@h/d?ssl_cert=/c.pem", "belong together"),
            ("mysql://scott:tiger@h/d?ssl_mode=on", "VERIFY_IDENTITY"),
        ] {
            let text = refused(given);
            assert!(text.contains(expected) && !text.contains("tiger"), "{given}: {text}");
        }
    }

    #[test]
    fn a_shown_database_url_has_no_password() {
        for (given, shown) in [
            ("mysql://scott:tiger@h/d", "mysql://h:3306/d"),
            ("postgresql+psycopg2://scott:tiger@[::1]:1/d", "postgres://[::1]:1/d"),
            ("postgresql://scott:tiger@/d?host=/run", "postgres:///d?host=/run"),
            (
                "mysql+pymysql://scott:tiger@/d?unix_socket=/s",
                "mysql:///d?unix_socket=/s",
            ),
        ] {
            let url = DatabaseUrl::parse(given).expect(given);
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("tiger"));
        }
    }
}
