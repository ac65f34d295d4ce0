//! What connections are opened for, and the timeouts that follow from it.

use std::time::Duration;

use sqlx::{Database, pool::PoolOptions};

use crate::config::DatabaseServer;

/// How long a request waits for a connection before it is answered with 503.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// How long the first connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a statement of a request waits for a lock: with [`ACQUIRE_TIMEOUT`] about three seconds.
///
/// MySQL counts whole seconds.
pub(super) const LOCK_TIMEOUT: Duration = Duration::from_secs(1);
/// How long a statement of a request may run. Lists are read in pages, so the longest statement reads a page.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long its answer is waited for: beyond that the network is cut, which closes no connection.
pub(super) const ANSWER_TIMEOUT: Duration = STATEMENT_TIMEOUT.saturating_add(Duration::from_secs(2));
/// Connections of one process to a database server, and readers of one SQLite file.
const MAX_CONNECTIONS: u32 = 16;
/// Statements on one table at a time, and transactions: with the pages of its list fewer than there are connections, so
/// that a table that another program has locked leaves some to the others.
pub(super) const MAX_STATEMENTS: usize = 5;
/// Pages of one table that are read at a time; more could use up the pool.
pub(super) const MAX_PAGES_AT_A_TIME: usize = 4;

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

/// The outcome of the first connection, or a timeout.
pub(super) async fn within_connect_timeout<T>(
    server: &DatabaseServer,
    attempt: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let limit = server.connect_timeout.unwrap_or(CONNECT_TIMEOUT);
    match tokio::time::timeout(limit, attempt).await {
        Ok(outcome) => outcome,
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}
