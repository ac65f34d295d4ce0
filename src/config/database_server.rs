//! A database of a server, and how to connect to it, out of a URL, its parameters and libpq's variables.

use std::{path::PathBuf, time::Duration};

use super::{
    database_tls::{Tls, TlsMode, mysql_tls, postgres_tls},
    environment,
    parameters::{Fate, LIBPQ_VARIABLES, PythonDriver, Values, check, rule_of},
};
use crate::flask::sqlalchemy::SqlAlchemyUrl;

/// A database of a PostgreSQL, MySQL or MariaDB server.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseServer {
    /// Its host; `None` for the engine's own default.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// The Unix socket that takes the place of host and port: for PostgreSQL the folder, for MySQL the file.
    pub socket: Option<PathBuf>,
    /// Who connects; `None` for the user of this process (PostgreSQL only).
    pub user: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The name of the database.
    pub database: String,
    /// How the connection is protected.
    pub tls: Tls,
    /// What the server calls this program (PostgreSQL only).
    pub application_name: Option<String>,
    /// The server's settings for each connection, as `-c name=value` (PostgreSQL only).
    pub options: Option<String>,
    /// How long the first connection may take.
    pub connect_timeout: Option<Duration>,
}

const CANONICAL: &[(&str, &str)] = &[
    ("dbname", "database"),
    ("db", "database"),
    ("passwd", "password"),
    ("username", "user"),
    ("timeout", "connect_timeout"),
    ("connection_timeout", "connect_timeout"),
    ("ssl", "sslmode"),
];

impl DatabaseServer {
    /// Reads the parts of a URL; gives the parameters that have no effect too.
    ///
    /// # Errors
    /// The reason why it cannot be used.
    pub(super) fn read(driver: PythonDriver, url: &SqlAlchemyUrl) -> Result<(Self, Vec<String>), String> {
        let is_postgres = matches!(
            driver,
            PythonDriver::Psycopg | PythonDriver::Pg8000 | PythonDriver::Asyncpg
        );
        let (mut values, mut ignored) = parameters(driver, url)?;
        if is_postgres {
            ignored.extend(libpq_variables(&mut values)?);
        }
        let (mut host, socket, port) = address(driver, &mut values)?;
        let tls = match driver {
            _ if is_postgres => postgres_tls(&values, socket.is_some())?,
            _ => mysql_tls(driver, &values)?,
        };
        if let Some(address) = values.remove("hostaddr") {
            if host.is_some() && tls.mode == TlsMode::VerifyFull {
                return Err("hostaddr and host cannot be combined with sslmode=verify-full: remove one".to_owned());
            }
            host = Some(address);
        }
        let connect_timeout = match values.get("connect_timeout") {
            None => None,
            Some(text) => match text.parse::<f64>().ok().map(Duration::try_from_secs_f64) {
                // To libpq, 0 means no limit.
                Some(Ok(Duration::ZERO)) => None,
                Some(Ok(timeout)) => Some(timeout),
                _ => return Err("connect_timeout is not a number of seconds".to_owned()),
            },
        };
        let user = values.remove("user");
        if user.is_none() && !is_postgres {
            return Err("the user name is missing; write mysql://USER:PASSWORD@HOST/NAME".to_owned());
        }
        let database = values.remove("database").ok_or_else(|| {
            let dialect = if is_postgres { "postgresql" } else { "mysql" };
            format!("the database name is missing; write {dialect}://USER:PASSWORD@HOST/NAME")
        })?;
        let server = Self {
            host,
            port,
            socket,
            user,
            password: values.remove("password"),
            database,
            tls,
            application_name: values.remove("application_name"),
            options: values.remove("options"),
            connect_timeout,
        };
        Ok((server, ignored))
    }
}

/// The URL's parts, each replaced by the parameter of its name, and the parameters that have no effect.
fn parameters(driver: PythonDriver, url: &SqlAlchemyUrl) -> Result<(Values, Vec<String>), String> {
    let mut given = Values::new();
    let mut ignored = Vec::new();
    for (name, value) in &url.query {
        match check(driver, name, value)? {
            Fate::Honoured => {
                let (alias, name) = (name, canonical(driver, name));
                // mysqlclient's names, which the other drivers accept for compatibility and use last.
                let is_last = matches!(alias.as_str(), "passwd" | "db") && driver != PythonDriver::MySqlClient;
                let has_own = match name {
                    "password" => url.password.is_some(),
                    _ => url.database.is_some(),
                };
                if is_last && has_own {
                    continue;
                }
                if given.insert(name, value.clone()).is_some() {
                    return Err(match name {
                        "host" | "port" => several_hosts(),
                        _ => format!("the parameter `{name}` is given twice"),
                    });
                }
            }
            Fate::Ignored => ignored.push(name.clone()),
            Fate::OnlyAs(_) | Fate::Refused => {}
        }
    }
    // Only the form HOST:PORT of the parameter has a port of its own.
    if let Some((host, port)) = given.get("host").and_then(|host| host.split_once(':'))
        && host.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
        && !given.contains_key("port")
    {
        let (host, port) = (host.to_owned(), port.to_owned());
        given.insert("host", host);
        given.insert("port", port);
    }
    let parts = [
        ("host", &url.host),
        ("port", &url.port),
        ("user", &url.username),
        ("password", &url.password),
        ("database", &url.database),
    ];
    let mut values: Values = parts
        .into_iter()
        .filter_map(|(name, part)| Some((name, part.clone()?)))
        .collect();
    values.extend(given);
    Ok((values, ignored))
}

fn canonical(driver: PythonDriver, name: &str) -> &'static str {
    let rule = rule_of(driver, name);
    let known = rule.and_then(|rule| rule.names.iter().find(|known| **known == name));
    let other = CANONICAL.iter().find(|(theirs, _)| *theirs == name);
    match (other, known) {
        (Some((_, ours)), _) => ours,
        (None, known) => known.copied().unwrap_or_default(),
    }
}

/// Adds the values of libpq's variables; returns the variables that have no effect.
fn libpq_variables(values: &mut Values) -> Result<Vec<String>, String> {
    let mut ignored = Vec::new();
    for (variable, name) in LIBPQ_VARIABLES {
        let value = environment::text(variable).map_err(|error| error.to_string())?;
        let name = canonical(PythonDriver::Psycopg, name);
        let Some(value) = value.filter(|_| !values.contains_key(name)) else {
            continue;
        };
        match check(PythonDriver::Psycopg, name, &value).map_err(|reason| format!("{variable}: {reason}"))? {
            Fate::Honoured => _ = values.insert(name, value),
            Fate::Ignored => ignored.push((*variable).to_owned()),
            Fate::OnlyAs(_) | Fate::Refused => {}
        }
    }
    Ok(ignored)
}

fn several_hosts() -> String {
    "several hosts are not supported; write one".to_owned()
}

type HostSocketPort = (Option<String>, Option<PathBuf>, u16);

fn address(driver: PythonDriver, values: &mut Values) -> Result<HostSocketPort, String> {
    let is_mysql = matches!(
        driver,
        PythonDriver::PyMySql | PythonDriver::MySqlClient | PythonDriver::MySqlConnector
    );
    let mut port = values.remove("port");
    let host = values.remove("host");
    let mut socket = values.remove("unix_socket").map(PathBuf::from);
    if let Some(file) = values.remove("unix_sock") {
        let parts = file.rsplit_once("/.s.PGSQL.");
        let (folder, number) = parts.ok_or("unix_sock is not /FOLDER/.s.PGSQL.PORT")?;
        socket = Some(PathBuf::from(folder));
        port = Some(number.to_owned());
    }
    let is_list = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(','));
    if is_list(&host) || is_list(&port) {
        return Err(several_hosts());
    }
    let port = match port.as_deref() {
        None => {
            if is_mysql {
                3306
            } else {
                5432
            }
        }
        Some(text) => match text.trim().parse() {
            Ok(port @ 1..) => port,
            _ => return Err("the port is not a number from 1 to 65535".to_owned()),
        },
    };
    match host {
        Some(folder) if folder.starts_with('/') && !is_mysql => Ok((None, socket.or(Some(folder.into())), port)),
        Some(host) if host.starts_with(['/', '@']) => {
            Err("the host is a path; write ?unix_socket=/PATH, or with PostgreSQL ?host=/FOLDER".to_owned())
        }
        host => Ok((host, socket, port)),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use crate::config::DatabaseUrl;

    use super::*;

    pub fn server(url: &str) -> DatabaseServer {
        match DatabaseUrl::parse(url).expect(url) {
            DatabaseUrl::Postgres(server) | DatabaseUrl::MySql(server) => server,
            DatabaseUrl::Sqlite(_) => panic!("{url}"),
        }
    }

    #[test]
    fn sockets_are_read_in_every_form_of_each_driver() {
        for (url, socket, port) in [
            (
                "postgresql://u@/d?host=/var/run/postgresql",
                "/var/run/postgresql",
                5432,
            ),
            ("postgresql+psycopg2://u:p@/d?host=/run&port=5433", "/run", 5433),
            ("postgresql://u@h:5433/d?host=/run", "/run", 5433),
            ("postgresql+pg8000://u@/d?unix_sock=/run/.s.PGSQL.5433", "/run", 5433),
            ("postgresql+asyncpg://u@/d?host=/run", "/run", 5432),
            (
                "mysql+pymysql://u:p@localhost/d?unix_socket=/run/mysqld.sock",
                "/run/mysqld.sock",
                3306,
            ),
            ("mysql://u:p@/d?unix_socket=/run/mysqld.sock", "/run/mysqld.sock", 3306),
            ("mysql+mysqlconnector://u@h/d?unix_socket=/s", "/s", 3306),
        ] {
            let server = server(url);
            assert_eq!(server.socket, Some(socket.into()), "{url}");
            assert_eq!(server.port, port, "{url}");
        }
    }
}
