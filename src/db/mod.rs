//! The pool, and the three engines' differences in statements, arguments and columns.
//!
//! Statements are fixed texts with `?` for each argument. Nothing here knows a table of the application.

mod column;
mod connection;
mod decimal;
pub mod migrations;
mod pool;

pub use column::{Column, FromRow, Row};
pub use decimal::Decimal;

use chrono::{NaiveDate, NaiveDateTime};
use sqlx::{MySql, Postgres, Sqlite};

use crate::{config::DatabaseUrl, error::Result};
use connection::{Connection, Pooled};
use pool::{Access, Pools};

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

impl Db {
    /// Opens the database; an SQLite file that does not exist is created.
    ///
    /// # Errors
    /// [`Error::Refused`] for a URL the driver cannot read, [`Error::Database`] if there is no connection.
    pub async fn connect(url: &DatabaseUrl) -> Result<Self> {
        Ok(Self {
            pools: Pools::connect(url).await?,
        })
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
        self.pools.close().await;
    }

    async fn acquire(&self, access: Access) -> Result<Pooled> {
        self.pools.acquire(access).await
    }
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
