//! The open database: runs statements and transactions on connections of its pool.

use std::{
    future::Future,
    ops::ControlFlow,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use futures_util::future::BoxFuture;
use tokio::{
    sync::{Mutex, OwnedMutexGuard},
    time::timeout,
};

use super::{
    arg::Arg,
    column::{FromRow, Row},
    connection::{Connection, Pooled},
    engine::Engine,
    pool::{AccessMode, Pools},
    purpose::{ACQUIRE_TIMEOUT, ANSWER_TIMEOUT, MAX_PAGES_AT_A_TIME, MAX_STATEMENTS, Purpose},
    table_queues::TableQueues,
    transaction::{Transaction, retried},
};
use crate::{
    config::DatabaseUrl,
    error::{Error, Result},
};

/// The open database, or a transaction on it: see [`Db::transaction`].
#[derive(Clone)]
pub struct Db {
    pub(super) pools: Pools,
    statement_queues: Arc<TableQueues>,
    in_use: Arc<AtomicU32>,
    /// The queues of those who read a page of a list.
    pub(super) list_queues: Arc<TableQueues>,
    /// `None` inside once the transaction has ended.
    transaction: Option<Arc<Mutex<Option<Transaction>>>>,
}

impl std::fmt::Debug for Db {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("Db").field(&self.engine()).finish()
    }
}

impl Db {
    /// Opens the database; an SQLite file that does not exist is created.
    ///
    /// # Errors
    /// [`Error::Unreachable`] if nobody answers, or the server cannot serve yet; [`Error::Refused`] for a URL the driver
    /// cannot read and for a pooler that mixes up its clients' statements; [`Error::Io`] if the database refuses the
    /// connection.
    pub async fn connect(url: &DatabaseUrl) -> Result<Self> {
        Self::connect_for(Purpose::Requests, url).await
    }

    /// As [`Db::connect`], for statements that may take long and wait for locks.
    pub(super) async fn connect_for_migrations(url: &DatabaseUrl) -> Result<Self> {
        Self::connect_for(Purpose::Migrations, url).await
    }

    async fn connect_for(purpose: Purpose, url: &DatabaseUrl) -> Result<Self> {
        Ok(Self {
            pools: Pools::connect(url, purpose).await?,
            statement_queues: TableQueues::new(MAX_STATEMENTS),
            in_use: Arc::default(),
            list_queues: TableQueues::new(MAX_PAGES_AT_A_TIME),
            transaction: None,
        })
    }

    /// The engine behind the URL.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres { .. } => Engine::Postgres,
            Pools::MySql { .. } => Engine::MySql,
        }
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Conflict`] or [`Error::Busy`], as for every statement.
    pub async fn fetch_all<T: FromRow>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        self.rows(sql, args).await?.iter().map(T::from_row).collect()
    }

    // What follows, as far as it is boxed, is compiled here once, and proven here to be `Send`. A generic function is
    // compiled in each crate that calls it, and an `async fn` is looked through there: with the drivers of all engines inside
    // of it, that was more than half of the time that a resource's crate took.

    fn rows(&self, sql: &'static str, args: Vec<Arg>) -> BoxFuture<'_, Result<Vec<Row>>> {
        Box::pin(async move {
            let fetch = async |mut lease: Lease| lease.connection()?.rows(sql, &args).await;
            self.statement(AccessMode::Read, sql, fetch).await
        })
    }

    fn locked_rows(&self, sql: &'static str, args: Vec<Arg>) -> BoxFuture<'_, Result<Vec<Row>>> {
        Box::pin(async move {
            let fetch = async |mut lease: Lease| lease.connection()?.locked_rows(sql, &args).await;
            self.statement(AccessMode::Write, sql, fetch).await
        })
    }

    fn inserted_row(&self, sql: &'static str, args: Vec<Arg>) -> BoxFuture<'_, Result<Row>> {
        Box::pin(async move {
            let insert = async |mut lease: Lease| lease.connection()?.insert_returning(sql, &args).await;
            if self.engine() == Engine::Postgres {
                return self.statement(AccessMode::Write, sql, insert).await;
            }
            // The others read the row back, in the same transaction as the insertion.
            self.transaction(async |db| db.statement(AccessMode::Write, sql, &insert).await)
                .await
        })
    }

    /// Passes the rows of a query to `take` as they arrive, until it breaks.
    pub(super) async fn each(
        &self,
        sql: &'static str,
        args: &[Arg],
        take: impl FnMut(&Row) -> Result<ControlFlow<()>> + Send,
    ) -> Result<()> {
        let (mut pooled, _in_use) = self.take(AccessMode::Read).await?;
        let read = pooled.connection().each(sql, args, take);
        timeout(ANSWER_TIMEOUT, read).await.map_err(|_| silent())?
    }

    /// The first row of a query, if there is one.
    pub async fn fetch_optional<T: FromRow>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        self.rows(sql, args).await?.first().map(T::from_row).transpose()
    }

    /// As [`Db::fetch_optional`], with the row locked until the transaction ends.
    pub async fn fetch_locked<T: FromRow>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        let rows = self.locked_rows(sql, args).await?;
        rows.first().map(T::from_row).transpose()
    }

    /// Runs a statement and counts the rows it changed.
    pub fn execute(&self, sql: &'static str, args: Vec<Arg>) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move {
            let execute = async |mut lease: Lease| lease.connection()?.execute(sql, &args).await;
            self.statement(AccessMode::Write, sql, execute).await
        })
    }

    /// Runs an `insert` into a table whose key is `id`, and gives the new row's id.
    ///
    /// Columns whose value is NULL are left out, as SQLAlchemy does, and get the table's default.
    pub fn insert(&self, sql: &'static str, args: Vec<Arg>) -> BoxFuture<'_, Result<i64>> {
        Box::pin(async move {
            let insert = async |mut lease: Lease| lease.connection()?.insert(sql, &args).await;
            self.statement(AccessMode::Write, sql, insert).await
        })
    }

    /// As [`Db::insert`], of an `insert into t (...) values (...) returning ...`, and gives the new row.
    pub async fn insert_returning<T: FromRow>(&self, sql: &'static str, args: Vec<Arg>) -> Result<T> {
        T::from_row(&self.inserted_row(sql, args).await?)
    }

    /// Runs `work` in a transaction, and all of it again if other writers were in the way: up to five times.
    ///
    /// `work` must run its statements on the database that it is given. Inside a transaction, it becomes a part of that.
    /// If it fails, or any of its statements, everything is rolled back.
    ///
    /// The caller must not be dropped half-way (sqlx 0.9.0 would leave a PostgreSQL connection inside the
    /// transaction): requests run detached from their connection, see `web/gateway.rs`.
    ///
    /// # Errors
    /// Those of `work`; [`Error::Conflict`] if others were in the way each time; [`Error::Unconfirmed`] if it is not
    /// known whether the changes last.
    pub fn transaction<'w, T, F>(&'w self, work: impl Fn(Db) -> F + Send + Sync + 'w) -> BoxFuture<'w, Result<T>>
    where
        T: Send + 'w,
        F: Future<Output = Result<T>> + Send + 'w,
    {
        Box::pin(async move {
            let done = std::sync::Mutex::new(None);
            let keeping = |db: Db| -> BoxFuture<'_, Result<()>> {
                let (work, done) = (work(db), &done);
                Box::pin(async move {
                    let value = work.await?;
                    *done.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
                    Ok(())
                })
            };
            self.transact(&keeping).await?;
            let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
            done.ok_or_else(over)
        })
    }

    fn transact<'w>(&'w self, work: &'w (dyn Fn(Db) -> BoxFuture<'w, Result<()>> + Sync)) -> BoxFuture<'w, Result<()>> {
        Box::pin(async move {
            if let Some(transaction) = &self.transaction {
                let outcome = work(self.clone()).await;
                return failing(transaction, outcome).await;
            }
            // Its tables are not known yet.
            let _turn = self.statement_queues.enter("", ACQUIRE_TIMEOUT).await?;
            retried(async || {
                let (pooled, _in_use) = self.take(AccessMode::Write).await?;
                let transaction = self.begin(pooled).await?;
                let outcome = work(Db {
                    transaction: Some(transaction.clone()),
                    ..self.clone()
                })
                .await;
                self.end(&transaction, outcome).await
            })
            .await
        })
    }

    async fn begin(&self, pooled: Pooled) -> Result<Arc<Mutex<Option<Transaction>>>> {
        let begun = Transaction::begin(pooled, self.pools.begin_statement());
        let transaction = timeout(ANSWER_TIMEOUT, begun).await.map_err(|_| silent())??;
        Ok(Arc::new(Mutex::new(Some(transaction))))
    }

    /// Commits the transaction, or rolls it back if the outcome is an error.
    async fn end<T>(&self, transaction: &Mutex<Option<Transaction>>, outcome: Result<T>) -> Result<T> {
        let transaction = transaction.lock().await.take().ok_or_else(over)?;
        match outcome {
            Ok(value) => {
                let committed = timeout(ANSWER_TIMEOUT, transaction.commit()).await;
                committed.map_err(|_| silent().after_write())??;
                self.pools.check_written()?;
                Ok(value)
            }
            Err(error) => {
                // A database that does not answer rolls it back by itself.
                let _ = timeout(ANSWER_TIMEOUT, transaction.roll_back()).await;
                Err(error)
            }
        }
    }

    /// The names of a table's columns; empty if the table does not exist.
    pub async fn columns_of(&self, table: &str) -> Result<Vec<String>> {
        self.fetch_all(columns_query(self.engine()), crate::args![table]).await
    }

    /// Waits for open statements and closes all connections.
    pub async fn close(&self) {
        self.pools.close().await;
    }

    /// Runs a statement in the transaction; without one, on a connection of its own and as [`retried`].
    pub(super) async fn statement<T, F>(
        &self,
        mode: AccessMode,
        sql: &'static str,
        run: impl Fn(Lease) -> F,
    ) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let run = async |lease| timeout(ANSWER_TIMEOUT, run(lease)).await.map_err(|_| silent())?;
        if let Some(transaction) = &self.transaction {
            let outcome = run(Lease::Shared(transaction.clone().lock_owned().await)).await;
            return failing(transaction, outcome).await;
        }
        let _turn = self.statement_queues.enter(sql, ACQUIRE_TIMEOUT).await?;
        retried(async || {
            let (pooled, _in_use) = self.take(mode).await?;
            // The deadlines come with the transaction.
            if self.pools.is_transaction_pooled() {
                let transaction = self.begin(pooled).await?;
                let outcome = run(Lease::Shared(transaction.clone().lock_owned().await)).await;
                return self.end(&transaction, outcome).await;
            }
            let outcome = run(Lease::Alone(pooled)).await;
            if mode == AccessMode::Read {
                return outcome;
            }
            let value = outcome.map_err(Error::after_write)?;
            self.pools.check_written()?;
            Ok(value)
        })
        .await
    }

    /// A connection of the pool, and the guard that counts it as in use.
    async fn take(&self, mode: AccessMode) -> Result<(Pooled, InUse)> {
        let pooled = match self.acquire(mode).await {
            // If some connections are in use, the pool is exhausted; otherwise none could be opened.
            Err(Error::Database(sqlx::Error::PoolTimedOut)) => {
                return Err(match self.has_connections() {
                    true => Error::Busy,
                    false => Error::Database(self.pools.diagnose().await),
                });
            }
            outcome => outcome?,
        };
        self.in_use.fetch_add(1, Ordering::Relaxed);
        Ok((pooled, InUse(self.in_use.clone())))
    }

    fn has_connections(&self) -> bool {
        self.engine() == Engine::Sqlite || self.in_use.load(Ordering::Relaxed) > 0
    }

    pub(super) async fn acquire(&self, mode: AccessMode) -> Result<Pooled> {
        self.pools.acquire(mode).await
    }
}

/// Counts a connection as in use until it is dropped.
struct InUse(Arc<AtomicU32>);

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The connection that a statement runs on.
pub(super) enum Lease {
    /// A connection of its own.
    Alone(Pooled),
    /// The transaction that it is a part of.
    Shared(OwnedMutexGuard<Option<Transaction>>),
}

impl Lease {
    pub(super) fn connection(&mut self) -> Result<Connection<'_>> {
        match self {
            Lease::Alone(pooled) => Ok(pooled.connection()),
            Lease::Shared(transaction) => Ok(transaction.as_mut().ok_or_else(over)?.connection()),
        }
    }
}

/// Marks the transaction as failed if a part of it failed.
async fn failing<T>(transaction: &Mutex<Option<Transaction>>, outcome: Result<T>) -> Result<T> {
    if outcome.is_err()
        && let Some(transaction) = transaction.lock().await.as_mut()
    {
        transaction.fail();
    }
    outcome
}

/// The error of a database that does not answer, and has not closed the connection.
pub(super) fn silent() -> Error {
    sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()).into()
}

fn over() -> Error {
    Error::Internal("a transaction was used after its end".to_owned())
}

/// The query whose rows name the columns of the table given as its argument.
fn columns_query(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "select name as column_name from pragma_table_info(?)",
        Engine::Postgres => {
            "select attname::text as column_name from pg_attribute
             where attrelid = to_regclass(?) and attnum > 0 and not attisdropped"
        }
        Engine::MySql => {
            "select column_name as column_name from information_schema.columns
             where table_schema = database() and table_name = ?"
        }
    }
}
