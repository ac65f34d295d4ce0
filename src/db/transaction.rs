//! Transactions, and their retries after conflicts with other writers.

use std::{future::Future, time::Duration};

use sqlx::{MySql, Postgres, SqlSafeStr, Sqlite};
use tokio::time::{Instant, sleep};

use super::connection::{Connection, Pooled};
use crate::error::{Error, Result, is_outdated};

/// How often work is retried after a conflict with other writers.
const RETRIES: u32 = 5;
/// The first pause before a retry is shorter than this, the next shorter than twice as long, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(40);
/// Work that began longer ago than this is not retried, because its client is waiting.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// A transaction; dropping it rolls it back.
pub(super) struct Transaction {
    open: EngineTransaction,
    has_failed: bool,
}

enum EngineTransaction {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
    MySql(sqlx::Transaction<'static, MySql>),
}

impl Transaction {
    /// Begins a transaction on the connection, with a statement of its own where there is one.
    pub(super) async fn begin(connection: Pooled, statement: Option<&'static str>) -> Result<Self> {
        let statement = statement.map(SqlSafeStr::into_sql_str);
        let open = match connection {
            Pooled::Sqlite(connection) => {
                EngineTransaction::Sqlite(sqlx::Transaction::begin(connection, statement).await?)
            }
            Pooled::Postgres(connection) => {
                EngineTransaction::Postgres(sqlx::Transaction::begin(connection, statement).await?)
            }
            Pooled::MySql(connection) => {
                EngineTransaction::MySql(sqlx::Transaction::begin(connection, statement).await?)
            }
        };
        Ok(Self {
            open,
            has_failed: false,
        })
    }

    pub(super) fn connection(&mut self) -> Connection<'_> {
        match &mut self.open {
            EngineTransaction::Sqlite(open) => Connection::Sqlite(open),
            EngineTransaction::Postgres(open) => Connection::Postgres(open),
            EngineTransaction::MySql(open) => Connection::MySql(open),
        }
    }

    /// Notes that a statement failed, after which PostgreSQL commits nothing and the others would commit the rest.
    pub(super) fn fail(&mut self) {
        self.has_failed = true;
    }

    /// Makes the changes last.
    ///
    /// # Errors
    /// [`Error::Unconfirmed`] if the database's answer was lost: they may last or not.
    pub(super) async fn commit(self) -> Result<()> {
        if self.has_failed {
            self.roll_back().await;
            let text = "a transaction was to be committed although a part of it had failed";
            return Err(Error::Internal(text.to_owned()));
        }
        match self.open {
            EngineTransaction::Sqlite(open) => open.commit().await,
            EngineTransaction::Postgres(open) => open.commit().await,
            EngineTransaction::MySql(open) => open.commit().await,
        }
        .map_err(Error::of_write)
    }

    /// Rolls the changes back now: others need not wait until the connection is used again.
    pub(super) async fn roll_back(self) {
        let done = match self.open {
            EngineTransaction::Sqlite(open) => open.rollback().await,
            EngineTransaction::Postgres(open) => open.rollback().await,
            EngineTransaction::MySql(open) => open.rollback().await,
        };
        if let Err(error) = done {
            // The database rolls it back by itself where the connection is lost.
            tracing::debug!(%error, "a rollback was not confirmed");
        }
    }
}

/// Runs `work`, and retries it as long as it fails only by a conflict with other writers, or by a statement that was
/// prepared for other types.
///
/// Work is retried only if the database has rolled it back; never if it may have been committed.
pub(super) async fn retried<T, F: Future<Output = Result<T>>>(work: impl Fn() -> F) -> Result<T> {
    let started = Instant::now();
    let mut retry = 0;
    loop {
        match work().await {
            // Each connection has such a statement at most once.
            Err(Error::Conflict(error)) if is_outdated(&error) && started.elapsed() < PATIENCE => {}
            Err(Error::Conflict(error)) if retry < RETRIES && started.elapsed() < PATIENCE => {
                tracing::debug!(%error, retry, "other writers were in the way");
                sleep(pause(retry)).await;
                retry += 1;
            }
            outcome => return outcome,
        }
    }
}

/// A random time, because after equal pauses the same writers would conflict again.
fn pause(retry: u32) -> Duration {
    let longest = FIRST_PAUSE * 2_u32.pow(retry);
    // Without random numbers the longest is as good as any.
    let share = getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX));
    longest.mul_f64(share)
}
