//! The pools of the three engines, and how to get a connection from them.

use std::sync::Arc;

use sqlx::{MySqlPool, PgPool, SqlitePool};

use super::{
    connection::Pooled,
    mysql,
    postgres::{self, Pooling},
    purpose::Purpose,
    server_address::ServerAddress,
    sqlite::{self, SqliteFile},
};
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
};

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
        address: ServerAddress,
    },
    MySql {
        pool: MySqlPool,
        address: ServerAddress,
    },
}

/// Whether a statement may change rows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum AccessMode {
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
            DatabaseUrl::Sqlite(path) => {
                let opened = sqlite::open(path, purpose).await.map_err(|error| match error {
                    Error::Database(cause) => Error::NotOpened(url.to_string(), cause),
                    error => error,
                })?;
                let (readers, writer, file) = opened;
                Ok(Self::Sqlite { readers, writer, file })
            }
            DatabaseUrl::Postgres(server) => {
                let (pool, pooling, address) = postgres::open(server, purpose).await?;
                Ok(Self::Postgres { pool, pooling, address })
            }
            DatabaseUrl::MySql(server) => {
                let (pool, address) = mysql::open(server, purpose).await?;
                Ok(Self::MySql { pool, address })
            }
        }
    }

    /// A connection for one statement or more; it goes back when dropped.
    pub(super) async fn acquire(&self, mode: AccessMode) -> Result<Pooled> {
        Ok(match self {
            Self::Sqlite { readers, writer, file } => {
                file.check()?;
                let pool = if mode == AccessMode::Read { readers } else { writer };
                Pooled::Sqlite(pool.acquire().await?)
            }
            Self::Postgres { pool, address, .. } => Pooled::Postgres(address.acquire(pool).await?),
            Self::MySql { pool, address } => Pooled::MySql(address.acquire(pool).await?),
        })
    }

    /// Why none of the pool's connections could be opened in time.
    pub(super) async fn diagnose(&self) -> sqlx::Error {
        match self {
            Self::Sqlite { .. } => sqlx::Error::PoolTimedOut,
            Self::Postgres { pool, address, .. } => address.diagnose(pool).await,
            Self::MySql { pool, address } => address.diagnose(pool).await,
        }
    }

    /// Fails if the file that was just written to has been deleted or replaced.
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

    /// Whether each transaction may have another session, so settings of a session get lost, or reach other clients.
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
