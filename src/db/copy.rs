//! Makes a copy of a database beside it, and drops it; nothing is written into the original.
//!
//! Servers are copied by their own programs, which know all that a database can have.

use std::{
    io::{ErrorKind, Read as _, Seek as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use sqlx::{ConnectOptions as _, Connection as _, sqlite::SqliteConnectOptions};

use crate::{
    config::{DatabaseServer, DatabaseUrl, TlsMode, absolute, random_hex},
    error::{Error, Result},
};

/// A copy of a database; it stays until it is dropped by [`DatabaseCopy::remove`].
pub struct DatabaseCopy {
    /// Its URL, as SQLAlchemy and this program read it.
    pub url: String,
    place: Place,
}

enum Place {
    File(PathBuf),
    Postgres(DatabaseServer, String),
    MySql(DatabaseServer, String),
}

impl DatabaseCopy {
    /// Copies the database of a URL, which was given as `text`; a file goes into `folder`.
    ///
    /// # Errors
    /// [`Error::Refused`] names a program that is missing, or says what it has said.
    pub async fn of(url: &DatabaseUrl, text: &str, folder: &Path, label: &str) -> Result<Self> {
        let name = format!("rehearsal_{}_{label}", random_hex(6)?);
        let copy = match url {
            DatabaseUrl::Sqlite(path) => {
                let file = folder.join(format!("{name}.db"));
                copy_file(path, &file).await?;
                return Ok(Self {
                    // Four slashes, after which both read an absolute path.
                    url: format!("sqlite:///{}", file.display()),
                    place: Place::File(file),
                });
            }
            DatabaseUrl::Postgres(server) => Self {
                url: renamed(url, text, &name)?,
                place: Place::Postgres(server.clone(), name),
            },
            DatabaseUrl::MySql(server) => Self {
                url: renamed(url, text, &name)?,
                place: Place::MySql(server.clone(), name),
            },
        };
        match copy.fill() {
            Ok(()) => Ok(copy),
            Err(error) => {
                // It may not be there; the first error says more.
                let _ = copy.remove();
                Err(error)
            }
        }
    }

    /// The URL of a database that is not there, beside the one of this URL.
    ///
    /// # Errors
    /// As [`DatabaseCopy::of`].
    pub fn url_of_none(url: &DatabaseUrl, text: &str, folder: &Path) -> Result<String> {
        let name = format!("rehearsal_{}_none", random_hex(6)?);
        match url {
            DatabaseUrl::Sqlite(_) => Ok(format!("sqlite:///{}/{name}/none.db", folder.display())),
            url => renamed(url, text, &name),
        }
    }

    /// What people call it.
    pub fn name(&self) -> String {
        match &self.place {
            Place::File(path) => path.display().to_string(),
            Place::Postgres(_, name) | Place::MySql(_, name) => format!("the database {name}"),
        }
    }

    fn fill(&self) -> Result<()> {
        match &self.place {
            Place::File(_) => Ok(()),
            Place::Postgres(server, name) => {
                let create = format!("create database \"{name}\" template template0");
                run(&mut psql(server, &server.database, &create))?;
                let mut dump = postgres("pg_dump", server, &server.database);
                dump.args(["--no-owner", "--no-privileges"]);
                let mut load = postgres("psql", server, name);
                load.args(["-X", "-q", "-v", "ON_ERROR_STOP=1"]);
                pipe(&mut dump, &mut load)
            }
            Place::MySql(server, name) => {
                let (client, dump) = mysql_programs();
                let original = server.database.replace('`', "``");
                let mut show = mysql(client, server);
                show.args(["-N", "-B", "-r", "-e", &format!("show create database `{original}`")]);
                let said = run(&mut show)?;
                let statement = said.trim().split_once('\t').map_or("", |(_, statement)| statement);
                let create = statement.replacen(&format!("`{original}`"), &format!("`{name}`"), 1);
                run(mysql(client, server).args(["-e", &create]))?;
                let mut dump = mysql(dump, server);
                dump.args([
                    "--single-transaction",
                    "--routines",
                    "--triggers",
                    "--",
                    &server.database,
                ]);
                pipe(&mut dump, mysql(client, server).args(["--", name]))
            }
        }
    }

    /// Drops the copy.
    ///
    /// # Errors
    /// [`Error::Refused`] says why it is still there.
    pub fn remove(&self) -> Result<()> {
        match &self.place {
            Place::File(path) => {
                for ending in ["", "-wal", "-shm", "-journal"] {
                    let mut file = path.clone().into_os_string();
                    file.push(ending);
                    match std::fs::remove_file(&file) {
                        Err(error) if error.kind() != ErrorKind::NotFound => {
                            return Err(Error::Io(format!("cannot remove {}", path.display()), error));
                        }
                        _ => {}
                    }
                }
                Ok(())
            }
            Place::Postgres(server, name) => {
                let drop_it = format!("drop database if exists \"{name}\" with (force)");
                run(&mut psql(server, &server.database, &drop_it)).map(drop)
            }
            Place::MySql(server, name) => {
                let drop_it = format!("drop database if exists `{name}`");
                run(mysql(mysql_programs().0, server).args(["-e", &drop_it])).map(drop)
            }
        }
    }
}

/// What SQLite copies is whole, whoever writes meanwhile.
async fn copy_file(from: &Path, to: &Path) -> Result<()> {
    let failed = |error| Error::NotOpened(absolute(from).display().to_string(), error);
    let options = SqliteConnectOptions::new().filename(from).read_only(true);
    let mut connection = options.connect().await.map_err(failed)?;
    let to = to.to_string_lossy().into_owned();
    let copied = sqlx::query("vacuum into ?").bind(to).execute(&mut connection).await;
    copied.map_err(failed)?;
    connection.close().await.map_err(failed)
}

/// The URL with another name of the database, which stands after the last slash.
fn renamed(url: &DatabaseUrl, text: &str, name: &str) -> Result<String> {
    let (start, query) = match text.split_once('?') {
        Some((start, query)) => (start, format!("?{query}")),
        None => (text, String::new()),
    };
    let changed = start
        .rsplit_once('/')
        .map(|(start, _)| format!("{start}/{name}{query}"));
    let expected = match url.clone() {
        DatabaseUrl::Sqlite(path) => DatabaseUrl::Sqlite(path),
        DatabaseUrl::Postgres(server) => DatabaseUrl::Postgres(with_database(server, name)),
        DatabaseUrl::MySql(server) => DatabaseUrl::MySql(with_database(server, name)),
    };
    let is_right = |text: &String| DatabaseUrl::parse(text).is_ok_and(|url| url == expected);
    changed.filter(is_right).ok_or_else(|| {
        Error::Refused(
            "DATABASE_URL: the name of the database must stand after the last slash, and a ? in the password as %3F, to be \
             rehearsed with"
                .to_owned(),
        )
    })
}

fn with_database(server: DatabaseServer, name: &str) -> DatabaseServer {
    DatabaseServer {
        database: name.to_owned(),
        ..server
    }
}

/// A program of PostgreSQL, which connects as this one does.
fn postgres(program: &str, server: &DatabaseServer, database: &str) -> Command {
    let mut command = Command::new(program);
    let host = server.socket.as_ref().map(|socket| socket.display().to_string());
    let mode = match server.tls.mode {
        TlsMode::Disable => "disable",
        TlsMode::Prefer => "prefer",
        TlsMode::Require => "require",
        TlsMode::VerifyCa => "verify-ca",
        TlsMode::VerifyFull => "verify-full",
    };
    let path = |path: &PathBuf| path.display().to_string();
    let certificate = server.tls.certificate.as_ref();
    for (name, value) in [
        ("PGHOST", host.or_else(|| server.host.clone())),
        ("PGPORT", Some(server.port.to_string())),
        ("PGUSER", server.user.clone()),
        ("PGPASSWORD", server.password.clone()),
        ("PGDATABASE", Some(database.to_owned())),
        ("PGSSLMODE", Some(mode.to_owned())),
        ("PGSSLROOTCERT", server.tls.root.as_ref().map(path)),
        ("PGSSLCERT", certificate.map(|(certificate, _)| path(certificate))),
        ("PGSSLKEY", certificate.map(|(_, key)| path(key))),
    ] {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    command.env_remove("PGSERVICE").env_remove("PGHOSTADDR");
    command
}

fn psql(server: &DatabaseServer, database: &str, statement: &str) -> Command {
    let mut command = postgres("psql", server, database);
    command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", statement]);
    command
}

/// The client and the dump program, by the names that this machine has.
fn mysql_programs() -> (&'static str, &'static str) {
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    match has("mariadb") || !has("mysql") {
        true => ("mariadb", "mariadb-dump"),
        false => ("mysql", "mysqldump"),
    }
}

/// A program of MySQL or MariaDB, which connects as this one does.
fn mysql(program: &str, server: &DatabaseServer) -> Command {
    let mut command = Command::new(program);
    let mut add = |name: &str, value: &str| {
        command.arg(format!("--{name}={value}"));
    };
    match (&server.socket, &server.host) {
        (Some(socket), _) => add("socket", &socket.display().to_string()),
        (None, host) => {
            // `localhost` would mean a socket to it.
            add("protocol", "tcp");
            add("host", host.as_deref().unwrap_or("localhost"));
            add("port", &server.port.to_string());
        }
    }
    if let Some(user) = &server.user {
        add("user", user);
    }
    if let Some(root) = &server.tls.root {
        add("ssl-ca", &root.display().to_string());
    }
    if let Some((certificate, key)) = &server.tls.certificate {
        add("ssl-cert", &certificate.display().to_string());
        add("ssl-key", &key.display().to_string());
    }
    match (server.tls.mode, program.starts_with("mariadb")) {
        (TlsMode::Prefer, _) => {}
        (TlsMode::Disable, _) => drop(command.arg("--skip-ssl")),
        (TlsMode::Require | TlsMode::VerifyCa, true) => drop(command.args(["--ssl", "--skip-ssl-verify-server-cert"])),
        (TlsMode::VerifyFull, true) => drop(command.args(["--ssl", "--ssl-verify-server-cert"])),
        (TlsMode::Require, false) => drop(command.arg("--ssl-mode=REQUIRED")),
        (TlsMode::VerifyCa, false) => drop(command.arg("--ssl-mode=VERIFY_CA")),
        (TlsMode::VerifyFull, false) => drop(command.arg("--ssl-mode=VERIFY_IDENTITY")),
    }
    // Not an argument, which others could read.
    command.env("MYSQL_PWD", server.password.as_deref().unwrap_or_default());
    command
}

/// Runs a program to its end, and gives what it has printed.
fn run(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| not_started(command, error))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(failed(command, &String::from_utf8_lossy(&output.stderr))),
    }
}

/// Runs a program whose output another one reads.
fn pipe(dump: &mut Command, load: &mut Command) -> Result<()> {
    let file = || tempfile::tempfile().map_err(|error| Error::Io("cannot make a temporary file".to_owned(), error));
    let duplicate = |file: &std::fs::File| {
        file.try_clone()
            .map_err(|error| Error::Io("cannot copy a file".to_owned(), error))
    };
    let (mut dump_said, mut load_said) = (file()?, file()?);
    dump.stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(duplicate(&dump_said)?);
    let mut dumping = dump.spawn().map_err(|error| not_started(dump, error))?;
    if let Some(stdout) = dumping.stdout.take() {
        load.stdin(stdout);
    }
    load.stdout(Stdio::null()).stderr(duplicate(&load_said)?);
    let loaded = load.status().map_err(|error| not_started(load, error));
    // The pipe has to close for the dump to end.
    load.stdin(Stdio::null());
    let dumped = dumping.wait().map_err(|error| not_started(dump, error));
    for (outcome, command, said) in [(dumped, dump, &mut dump_said), (loaded, load, &mut load_said)] {
        let mut text = String::new();
        // What cannot be read is not told.
        let _ = said.rewind().and_then(|()| said.read_to_string(&mut text));
        if !outcome?.success() {
            return Err(failed(command, &text));
        }
    }
    Ok(())
}

fn not_started(command: &Command, error: std::io::Error) -> Error {
    let program = command.get_program().to_string_lossy().into_owned();
    match error.kind() {
        ErrorKind::NotFound => Error::Refused(format!(
            "{program} was not found: install the client programs of the database, or add their folder to PATH"
        )),
        _ => Error::Io(format!("cannot run {program}"), error),
    }
}

fn failed(command: &Command, said: &str) -> Error {
    let program = command.get_program().to_string_lossy();
    let last = said
        .lines()
        .rev()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("no reason given");
    Error::Refused(format!("the database could not be copied: {program}: {}", last.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_the_copy_takes_the_place_of_the_originals() {
        for (text, expected) in [
            (
                "postgresql+psycopg2://ann:a%2Fb@db:5433/blog?sslmode=require",
                "postgresql+psycopg2://ann:a%2Fb@db:5433/copy?sslmode=require",
            ),
            (
                "mysql+pymysql://ann:x@db/blog?charset=utf8",
                "mysql+pymysql://ann:x@db/copy?charset=utf8",
            ),
            (
                "mysql://ann:x@/blog?unix_socket=/run/s",
                "mysql://ann:x@/copy?unix_socket=/run/s",
            ),
        ] {
            let url = DatabaseUrl::parse(text).unwrap();
            assert_eq!(renamed(&url, text, "copy").unwrap(), expected);
        }
        let text = "postgresql://ann@db/?dbname=blog";
        let url = DatabaseUrl::parse(text).unwrap();
        assert!(renamed(&url, text, "copy").is_err());
    }

    #[tokio::test]
    async fn a_file_is_copied_and_removed_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        let mut connection = options.connect().await.unwrap();
        sqlx::query("create table t (x)")
            .execute(&mut connection)
            .await
            .unwrap();
        connection.close().await.unwrap();
        let before = std::fs::read(&path).unwrap();
        let url = DatabaseUrl::Sqlite(path.clone());
        let copy = DatabaseCopy::of(&url, "sqlite:a.db", folder.path(), "old")
            .await
            .unwrap();
        let DatabaseUrl::Sqlite(file) = DatabaseUrl::parse(&copy.url).unwrap() else {
            panic!("{}", copy.url);
        };
        assert!(file.is_file() && file != path);
        copy.remove().unwrap();
        assert!(!file.exists());
        assert_eq!(std::fs::read(&path).unwrap(), before);
        let missing = DatabaseUrl::Sqlite(folder.path().join("missing.db"));
        assert!(
            DatabaseCopy::of(&missing, "sqlite:missing.db", folder.path(), "old")
                .await
                .is_err()
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-dump")).unwrap_err().to_string();
        assert!(error.starts_with("no-such-dump was not found"), "{error}");
        let error = run(Command::new("sh").args(["-c", "echo why >&2; exit 3"]))
            .unwrap_err()
            .to_string();
        assert_eq!(error, "the database could not be copied: sh: why");
    }
}
