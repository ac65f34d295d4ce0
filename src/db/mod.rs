//! The pool, and the three engines' differences in statements, arguments and columns.
//!
//! Statements are fixed texts with `?` for each argument. Nothing here knows a table of the application.

mod column;
mod connection;
mod decimal;
pub mod migrations;

pub use column::{Column, FromRow, Row};
pub use decimal::Decimal;

use connection::{Connection, Pooled};

use std::time::{Duration, Instant};

use chrono::{NaiveDate, NaiveDateTime};
use sqlx::{
    ConnectOptions, Connection as _, MySql, MySqlPool, PgPool, Postgres, Sqlite, SqlitePool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

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

/// The database engines that are supported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// An SQLite file.
    Sqlite,
    /// PostgreSQL, or an engine that speaks its protocol.
    Postgres,
    /// MySQL or MariaDB.
    MySql,
}

impl Engine {
    /// The engine's name, which is also that of its migrations folder.
    pub fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
            Engine::MySql => "mysql",
        }
    }
}

/// An argument of a statement; `None` is a NULL of that type.
#[derive(Clone, Debug)]
pub enum Arg {
    /// A number without fraction.
    Integer(Option<i64>),
    /// A truth value.
    Boolean(Option<bool>),
    /// A text.
    Text(Option<String>),
    /// A date and time without zone.
    DateTime(Option<NaiveDateTime>),
    /// A date.
    Date(Option<NaiveDate>),
    /// A decimal number in plain digits.
    Decimal(Option<String>),
    /// A number with fraction.
    Float(Option<f64>),
    /// A JSON value.
    Json(Option<serde_json::Value>),
    /// A UUID.
    Uuid(Option<uuid::Uuid>),
}

macro_rules! arg_from {
    ($($rust:ty => $variant:ident),*) => {$(
        impl From<$rust> for Arg {
            fn from(value: $rust) -> Self {
                Arg::$variant(Some(value.into()))
            }
        }
        impl From<Option<$rust>> for Arg {
            fn from(value: Option<$rust>) -> Self {
                Arg::$variant(value.map(Into::into))
            }
        }
    )*};
}
arg_from!(
    i32 => Integer, i64 => Integer, bool => Boolean, &str => Text, String => Text, NaiveDateTime => DateTime,
    NaiveDate => Date, f64 => Float, serde_json::Value => Json, uuid::Uuid => Uuid
);

impl From<Decimal> for Arg {
    fn from(value: Decimal) -> Self {
        Arg::Decimal(Some(value.0))
    }
}

impl From<Option<Decimal>> for Arg {
    fn from(value: Option<Decimal>) -> Self {
        Arg::Decimal(value.map(|value| value.0))
    }
}

/// The arguments of a statement, in the order of its `?`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Arg::from($value)),*] };
}

/// The open database.
#[derive(Clone, Debug)]
pub struct Db {
    pools: Pools,
}

#[derive(Clone, Debug)]
enum Pools {
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
enum Access {
    Read,
    Write,
}

impl Db {
    /// Opens the database; an SQLite file that does not exist is created.
    ///
    /// # Errors
    /// [`Error::Refused`] for a URL the driver cannot read, [`Error::Database`] if there is no connection.
    pub async fn connect(url: &DatabaseUrl) -> Result<Self> {
        let pools = match url {
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
                    .connect_with(options.clone())
                    .await?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                Pools::Sqlite { readers, writer }
            }
            DatabaseUrl::Postgres(text) => {
                let options: PgConnectOptions = text.parse().map_err(|error| unreadable(url, error))?;
                let pool = PgPoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options.application_name("poem-scaffold"))
                    .await?;
                Pools::Postgres(pool)
            }
            DatabaseUrl::MySql(text) => {
                let options: MySqlConnectOptions = text.parse().map_err(|error| unreadable(url, error))?;
                let pool = MySqlPoolOptions::new()
                    .max_connections(MAX_CONNECTIONS)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    .connect_with(options)
                    .await?;
                Pools::MySql(pool)
            }
        };
        Ok(Self { pools })
    }

    /// The engine behind the URL.
    pub fn engine(&self) -> Engine {
        match self.pools {
            Pools::Sqlite { .. } => Engine::Sqlite,
            Pools::Postgres(_) => Engine::Postgres,
            Pools::MySql(_) => Engine::MySql,
        }
    }

    /// All rows of a query.
    ///
    /// # Errors
    /// [`Error::Database`], as for every statement.
    pub async fn fetch_all<T: FromRow>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        self.acquire(Access::Read)
            .await?
            .connection()
            .fetch_all(sql, args)
            .await
    }

    /// The first row of a query, if there is one.
    pub async fn fetch_optional<T: FromRow>(&self, sql: &'static str, args: Vec<Arg>) -> Result<Option<T>> {
        Ok(self.fetch_all(sql, args).await?.into_iter().next())
    }

    /// Runs a statement and counts the rows it changed.
    pub async fn execute(&self, sql: &'static str, args: Vec<Arg>) -> Result<u64> {
        self.acquire(Access::Write).await?.connection().execute(sql, args).await
    }

    /// Runs an `insert` into a table whose key is `id`, and gives the new row's id.
    pub async fn insert(&self, sql: &'static str, args: Vec<Arg>) -> Result<i64> {
        self.acquire(Access::Write).await?.connection().insert(sql, args).await
    }

    /// Starts a transaction.
    ///
    /// The caller must not be dropped half-way (sqlx 0.9.0 would leave a PostgreSQL connection inside the
    /// transaction): requests run detached from their connection, see [`crate::web::gateway`].
    pub async fn begin(&self) -> Result<Transaction> {
        Ok(match &self.pools {
            // A deferred transaction that reads first and writes later fails at once where another process writes.
            Pools::Sqlite { writer, .. } => Transaction::Sqlite(writer.begin_with("begin immediate").await?),
            Pools::Postgres(pool) => Transaction::Postgres(pool.begin().await?),
            Pools::MySql(pool) => Transaction::MySql(pool.begin().await?),
        })
    }

    /// The names of a table's columns; empty where there is no such table.
    pub async fn columns_of(&self, table: &str) -> Result<Vec<String>> {
        self.fetch_all(columns_query(self.engine()), crate::args![table]).await
    }

    /// Waits for open statements and closes all connections.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
            Pools::MySql(pool) => pool.close().await,
        }
    }

    async fn acquire(&self, access: Access) -> Result<Pooled> {
        Ok(match &self.pools {
            Pools::Sqlite { readers, .. } if access == Access::Read => Pooled::Sqlite(readers.acquire().await?),
            Pools::Sqlite { writer, .. } => Pooled::Sqlite(writer.acquire().await?),
            Pools::Postgres(pool) => Pooled::Postgres(pool.acquire().await?),
            Pools::MySql(pool) => Pooled::MySql(pool.acquire().await?),
        })
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

/// The query whose rows name the columns of the table given as its argument.
fn columns_query(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "select name as column_name from pragma_table_info(?)",
        Engine::Postgres => {
            "select column_name::text as column_name from information_schema.columns
             where table_schema = current_schema() and table_name = ?"
        }
        Engine::MySql => {
            "select column_name as column_name from information_schema.columns
             where table_schema = database() and table_name = ?"
        }
    }
}

fn unreadable(url: &DatabaseUrl, error: sqlx::Error) -> Error {
    Error::Refused(format!("DATABASE_URL ({url}) cannot be read: {error}"))
}

/// A transaction; dropping it without [`Transaction::commit`] rolls it back.
pub enum Transaction {
    /// On an SQLite file.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    /// On PostgreSQL.
    Postgres(sqlx::Transaction<'static, Postgres>),
    /// On MySQL or MariaDB.
    MySql(sqlx::Transaction<'static, MySql>),
}

impl Transaction {
    /// As [`Db::fetch_all`].
    pub async fn fetch_all<T: FromRow>(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<T>> {
        self.connection().fetch_all(sql, args).await
    }

    /// As [`Db::execute`].
    pub async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64> {
        self.connection().execute(sql, args).await
    }

    /// As [`Db::insert`].
    pub async fn insert(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<i64> {
        self.connection().insert(sql, args).await
    }

    /// Makes the changes last.
    pub async fn commit(self) -> Result<()> {
        match self {
            Transaction::Sqlite(transaction) => transaction.commit().await?,
            Transaction::Postgres(transaction) => transaction.commit().await?,
            Transaction::MySql(transaction) => transaction.commit().await?,
        }
        Ok(())
    }

    fn connection(&mut self) -> Connection<'_> {
        match self {
            Transaction::Sqlite(transaction) => Connection::Sqlite(transaction),
            Transaction::Postgres(transaction) => Connection::Postgres(transaction),
            Transaction::MySql(transaction) => Connection::MySql(transaction),
        }
    }
}
