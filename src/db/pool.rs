//! The pools of the three engines: what they have in common, and how a connection is had from them.

use std::{sync::Arc, time::Duration};

use sqlx::{Database, MySqlPool, PgPool, SqlitePool, mysql::MySqlDatabaseError, pool::PoolOptions};

use super::{connection::Pooled, mysql, place::Place, postgres, postgres::Pooling, sqlite, sqlite::SqliteFile};
use crate::{
    config::{DatabaseServer, DatabaseUrl},
    error::{Error, Result},
};

/// How long a request waits for a connection before it is answered with 503.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a statement of a request waits for a lock: with [`ACQUIRE_TIMEOUT`] about three seconds.
///
/// MySQL counts whole seconds.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a statement of a request may run there. Lists are read in pages, so the longest is a page.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long its answer is waited for: beyond that the network is cut, which closes no connection.
pub(super) const ANSWER_TIMEOUT: Duration = STATEMENT_TIMEOUT.saturating_add(Duration::from_secs(2));
/// Connections of one process to a database server, and readers of one SQLite file.
const MAX_CONNECTIONS: u32 = 16;
/// Statements on one table at a time, and transactions: with the pages of its list fewer than there are connections, so
/// that a table that somebody has locked leaves some to the others.
pub(super) const MAX_STATEMENTS: usize = 5;

/// What connections are opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To answer requests: a lock or a statement that takes long is given up.
    Requests,
    /// To change tables, however long that takes.
    Migrations,
}

impl Purpose {
    /// The options of a pool.
    pub(super) fn pool_options<DB: Database>(self) -> PoolOptions<DB> {
        let options = PoolOptions::new()
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // An overload is logged where it is answered, once for many requests.
            .acquire_slow_threshold(CONNECT_TIMEOUT);
        match self {
            Self::Requests => options.max_connections(MAX_CONNECTIONS),
            // One that works, and one that says that it is still alive.
            Self::Migrations => options.max_connections(2).acquire_timeout(CONNECT_TIMEOUT),
        }
    }
}

/// The open pools of a database.
#[derive(Clone, Debug)]
pub(super) enum Pools {
    /// SQLite has one writer at a time: a queue in front of it is fairer than its busy handler.
    Sqlite {
        readers: SqlitePool,
        writer: SqlitePool,
        file: Arc<SqliteFile>,
    },
    Postgres {
        pool: PgPool,
        pooling: Pooling,
        place: Place,
    },
    MySql {
        pool: MySqlPool,
        place: Place,
    },
}

/// Whether a statement may change rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

impl Pools {
    /// Opens a database that can be reached.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if it cannot; [`Error::Refused`] for a URL that the driver cannot read and for a pooler
    /// that mixes up statements; [`Error::Io`] if the database refuses the connection.
    pub(super) async fn connect(url: &DatabaseUrl, purpose: Purpose) -> Result<Self> {
        match url {
            DatabaseUrl::Sqlite(path) => sqlite::open(path, purpose).await.map_err(|error| match error {
                Error::Database(cause) => Error::NotOpened(url.to_string(), cause),
                error => error,
            }),
            DatabaseUrl::Postgres(server) => postgres::open(server, purpose).await,
            DatabaseUrl::MySql(server) => mysql::open(server, purpose).await,
        }
    }

    /// A connection for one statement or more; it goes back when dropped.
    pub(super) async fn acquire(&self, access: Access) -> Result<Pooled> {
        Ok(match self {
            Self::Sqlite { readers, writer, file } => {
                file.check()?;
                let pool = if access == Access::Read { readers } else { writer };
                Pooled::Sqlite(pool.acquire().await?)
            }
            Self::Postgres { pool, place, .. } => Pooled::Postgres(place.acquire(pool).await?),
            Self::MySql { pool, place } => Pooled::MySql(place.acquire(pool).await?),
        })
    }

    /// Why none of the pool's connections could be opened in time.
    pub(super) async fn look(&self) -> sqlx::Error {
        match self {
            Self::Sqlite { .. } => sqlx::Error::PoolTimedOut,
            Self::Postgres { pool, place, .. } => place.look(pool).await,
            Self::MySql { pool, place } => place.look(pool).await,
        }
    }

    /// Whether what was just written is where the next start will look for it.
    pub(super) fn check_written(&self) -> Result<()> {
        match self {
            Self::Sqlite { file, .. } => Ok(file.check()?),
            Self::Postgres { .. } | Self::MySql { .. } => Ok(()),
        }
    }

    /// What begins a transaction, if it is not the engine's usual statement.
    pub(super) fn begin_statement(&self) -> Option<&'static str> {
        match self {
            // A deferred transaction that reads first and writes later fails at once where another process writes.
            Self::Sqlite { .. } => Some("begin immediate"),
            Self::Postgres {
                pooling: Pooling::Transaction,
                ..
            } => Some(postgres::BEGIN_WITH_DEADLINES),
            Self::Postgres { .. } | Self::MySql { .. } => None,
        }
    }

    /// Whether each transaction may have another session, so that settings of a session get lost, or hit somebody else.
    pub(super) fn is_transaction_pooled(&self) -> bool {
        matches!(
            self,
            Self::Postgres {
                pooling: Pooling::Transaction,
                ..
            }
        )
    }

    /// Waits for open statements and closes all connections.
    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { readers, writer, .. } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres { pool, .. } => pool.close().await,
            Self::MySql { pool, .. } => pool.close().await,
        }
    }
}

/// The outcome of a first attempt, which must not take for ever.
pub(super) async fn first<T>(
    server: &DatabaseServer,
    attempt: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let limit = server.connect_timeout.unwrap_or(CONNECT_TIMEOUT);
    match tokio::time::timeout(limit, attempt).await {
        Ok(outcome) => outcome,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}

/// Whether the error is over once the database runs again.
pub(super) fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        // A certificate that is refused today is refused tomorrow.
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
        sqlx::Error::PoolTimedOut => true,
        sqlx::Error::Database(error) => {
            match error.try_downcast_ref::<MySqlDatabaseError>() {
                // Too many connections, a stop, a Galera node without its peers.
                Some(error) => matches!(error.number(), 1040 | 1047 | 1053 | 1203),
                None => match error.code().unwrap_or_default().as_ref() {
                    // It starts, stops or recovers, or has too many connections.
                    "57P01" | "57P02" | "57P03" | "53300" => true,
                    // PgBouncer has one code for all, and words of its own where no server is behind it.
                    "08P01" => is_pooler_without_server(error.message()),
                    _ => false,
                },
            }
        }
        _ => false,
    }
}

fn is_pooler_without_server(message: &str) -> bool {
    ["server", "query_wait_timeout", "no more connections", "shutting down"]
        .iter()
        .any(|word| message.contains(word))
}
