//! Opens the pools of the three engines and hands out their connections.

use std::time::{Duration, Instant};

use sqlx::{
    ConnectOptions, Connection as _, MySqlPool, PgPool, SqlitePool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::connection::Pooled;
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
};

/// How long a request waits for a connection before it is answered with 503.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long a statement waits for another process that writes to the same SQLite file.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections of one process to a database server, and readers of one SQLite file.
const MAX_CONNECTIONS: u32 = 10;

/// The open pools of a database.
#[derive(Clone, Debug)]
pub(super) enum Pools {
    /// SQLite has one writer at a time: a queue in front of it is fairer than its busy handler.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
    },
    Postgres(PgPool),
    MySql(MySqlPool),
}

/// Whether a statement may change rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Pools {
    /// As [`super::Db::connect`].
    pub(super) async fn connect(url: &DatabaseUrl) -> Result<Self> {
        Ok(match url {
            DatabaseUrl::Sqlite(path) => {
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .foreign_keys(true)
                    .busy_timeout(SQLITE_BUSY_TIMEOUT)
                    // With NORMAL an answered write could be lost on power failure.
                    .synchronous(SqliteSynchronous::Full);
                // The journal mode is kept in the file, and a file that is here already may be another app's.
                if !path.exists() {
                    create_sqlite_file(options.clone().journal_mode(SqliteJournalMode::Wal)).await?;
                }
                let writer = SqlitePoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    // An overload is logged where it is answered, once for many requests.
                    .acquire_slow_threshold(ACQUIRE_TIMEOUT)
                    .connect_with(options.clone())
                    .await?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .acquire_slow_threshold(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                Self::Sqlite { readers, writer }
            }
            DatabaseUrl::Postgres(text) => {
                let options: PgConnectOptions = text.parse().map_err(|error| unreadable(url, error))?;
                let pool = PgPoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .acquire_slow_threshold(ACQUIRE_TIMEOUT)
                    .connect_with(options.application_name("poem-scaffold"))
                    .await?;
                Self::Postgres(pool)
            }
            DatabaseUrl::MySql(text) => {
                let options: MySqlConnectOptions = text.parse().map_err(|error| unreadable(url, error))?;
                let pool = MySqlPoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .acquire_slow_threshold(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                Self::MySql(pool)
            }
        })
    }

    /// A connection for one statement or more; it goes back when dropped.
    pub(super) async fn acquire(&self, access: Access) -> Result<Pooled> {
        Ok(match self {
            Self::Sqlite { readers, .. } if access == Access::Read => Pooled::Sqlite(readers.acquire().await?),
            Self::Sqlite { writer, .. } => Pooled::Sqlite(writer.acquire().await?),
            Self::Postgres(pool) => Pooled::Postgres(pool.acquire().await?),
            Self::MySql(pool) => Pooled::MySql(pool.acquire().await?),
        })
    }

    /// Waits for open statements and closes all connections.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
            Self::MySql(pool) => pool.close().await,
        }
    }
}

/// Opens the file once so that it is there with its journal mode.
///
/// SQLite changes the mode only while nobody else has the file open, and says so without waiting: processes
/// that start together must try again until one has made the change.
async fn create_sqlite_file(options: SqliteConnectOptions) -> Result<()> {
    let started = Instant::now();
    loop {
        match options.connect().await {
            Ok(connection) => return Ok(connection.close().await?),
            Err(error) if is_sqlite_busy(&error) && started.elapsed() < SQLITE_BUSY_TIMEOUT => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// Result codes whose low byte is 5 (`SQLITE_BUSY`) or 6 (`SQLITE_LOCKED`).
fn is_sqlite_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

fn unreadable(url: &DatabaseUrl, error: sqlx::Error) -> Error {
    Error::Refused(format!("DATABASE_URL ({url}) cannot be read: {error}"))
}
