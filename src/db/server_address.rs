//! The address of a database server, and errors that say why it cannot be reached and what to do.

use std::{
    fmt,
    io::{self, ErrorKind},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use sqlx::{ConnectOptions, Connection, Database, Pool, pool::PoolConnection};
use tokio::sync::Mutex;

use super::outage::is_outage_of_driver;
use crate::{
    config::{DatabaseServer, Tls, with_port},
    error::{Error, cause_of_database},
};

/// How long [`ServerAddress::diagnose`] waits for a server that gives no connection.
const DIAGNOSIS_TIMEOUT: Duration = Duration::from_millis(500);

/// Where a server listens, without user and password.
#[derive(Clone, Debug)]
pub(super) struct ServerAddress {
    address: String,
    database: String,
    diagnosing: Arc<Mutex<()>>,
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

impl ServerAddress {
    pub(super) fn new(server: &DatabaseServer, host: &str, port: u16, socket: Option<&PathBuf>) -> Self {
        let address = match socket {
            Some(socket) => socket.display().to_string(),
            None if host.starts_with('/') => host.to_owned(),
            None => with_port(host, port),
        };
        Self {
            address,
            database: server.database.clone(),
            diagnosing: Arc::default(),
        }
    }

    /// A connection of the pool, or an error that names the server.
    pub(super) async fn acquire<DB: Database>(&self, pool: &Pool<DB>) -> Result<PoolConnection<DB>, sqlx::Error> {
        pool.acquire().await.map_err(|error| match error {
            sqlx::Error::Io(error) => self.named(error),
            error => error,
        })
    }

    /// Why a pool without any connection has timed out: the pool tries again without saying why it failed.
    pub(super) async fn diagnose<DB: Database>(&self, pool: &Pool<DB>) -> sqlx::Error {
        // One attempt at a time is enough for the log.
        let Ok(_diagnosing) = self.diagnosing.try_lock() else {
            return sqlx::Error::PoolTimedOut;
        };
        let options = pool.connect_options();
        match tokio::time::timeout(DIAGNOSIS_TIMEOUT, options.connect()).await {
            Ok(Err(sqlx::Error::Io(error))) => self.named(error),
            Ok(Err(error)) => error,
            Ok(Ok(connection)) => {
                let _ = tokio::time::timeout(DIAGNOSIS_TIMEOUT, connection.close()).await;
                sqlx::Error::PoolTimedOut
            }
            Err(_) => self.named(ErrorKind::TimedOut.into()),
        }
    }

    fn named(&self, error: io::Error) -> sqlx::Error {
        let kind = error.kind();
        let text = format!("{self}: {}", cause_of_database(&sqlx::Error::Io(error)));
        sqlx::Error::Io(io::Error::new(kind, text))
    }

    /// The error of a first connection: one that may pass with time, or one that only another setting can mend.
    pub(super) fn connect_error(&self, error: sqlx::Error) -> Error {
        let (address, database) = (&self.address, &self.database);
        if is_outage_of_driver(&error) {
            return Error::Unreachable(format!("{address} (database {database})"), with_advice(error));
        }
        Error::NotOpened(format!("{database} at {address}"), about_certificate(error))
    }
}

/// What to check when the server does not answer.
fn with_advice(error: sqlx::Error) -> sqlx::Error {
    let sqlx::Error::Io(cause) = &error else {
        return error;
    };
    let kind = cause.kind();
    let advice = match kind {
        ErrorKind::ConnectionRefused => "check that the server is running and listens on this address",
        ErrorKind::NotFound => "check the path of the server's Unix socket",
        ErrorKind::PermissionDenied => "check the permissions of the server's Unix socket",
        ErrorKind::TimedOut => "check the host and its firewall",
        _ => return error,
    };
    let text = format!("{}; {advice}", cause_of_database(&error));
    sqlx::Error::Io(io::Error::new(kind, text))
}

/// What to do about a certificate that is not accepted; other errors stay as they are.
fn about_certificate(error: sqlx::Error) -> sqlx::Error {
    let text = match &error {
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => error.to_string(),
        _ => return error,
    };
    let advice = [
        (
            "UnknownIssuer",
            "it is not signed by an authority in sslrootcert or ssl_ca, or by one that the system trusts",
        ),
        (
            "CaUsedAsEndEntity",
            "it is the certificate of an authority (CA:TRUE), which a server must not use: create one with \
             `openssl req -x509 -addext basicConstraints=critical,CA:FALSE -addext subjectAltName=DNS:HOST ...` and name \
             it in sslrootcert or ssl_ca",
        ),
        (
            "UnsupportedCertVersion",
            "it is of version 1: sign it with an -extfile that has subjectAltName=DNS:HOST, which makes it version 3",
        ),
        (
            "not valid for name",
            "use a host in its subjectAltName, or verify only the authority (sslmode=verify-ca, \
             ssl_check_hostname=false)",
        ),
        (
            "does not support TLS",
            "enable TLS on the server, or disable it in the URL",
        ),
    ];
    let found = advice.iter().find(|(part, _)| text.contains(part));
    match found {
        Some((_, advice)) => sqlx::Error::Tls(format!("{text}; {advice}").into()),
        None => error,
    }
}

/// Refuses unreadable TLS files, because the driver would report an outage.
pub(super) fn check_files(tls: &Tls) -> Result<(), Error> {
    let own = tls.certificate.iter().flat_map(|(certificate, key)| [certificate, key]);
    for path in tls.root.iter().chain(own) {
        std::fs::read(path).map_err(|error| {
            Error::Refused(format!(
                "cannot read {}, which the database URL names: {error}",
                path.display()
            ))
        })?;
    }
    Ok(())
}
