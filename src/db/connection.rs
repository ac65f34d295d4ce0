//! One connection of any engine: binds arguments and runs statements.

use std::{borrow::Cow, ops::ControlFlow};

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor, MySql, MySqlConnection, PgConnection, Postgres, Row as _, SqlSafeStr,
    SqlStr, Sqlite, SqliteConnection, migrate::Migrate, mysql::MySqlQueryResult, pool::PoolConnection,
    sqlite::SqliteQueryResult,
};

use super::{
    aggregate,
    arg::Arg,
    column::{FromRow, Row},
    insertion, postgres,
    sqlite::quoted,
    violation::{self, Statement},
};
use crate::error::{self, Error, Result};

/// A connection that goes back to its pool when dropped.
pub(super) enum Pooled {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
    MySql(PoolConnection<MySql>),
}

impl Pooled {
    pub(super) fn connection(&mut self) -> Connection<'_> {
        match self {
            Pooled::Sqlite(connection) => Connection::Sqlite(connection),
            Pooled::Postgres(connection) => Connection::Postgres(connection),
            Pooled::MySql(connection) => Connection::MySql(connection),
        }
    }

    /// The driver's own ways of applying and reverting migrations.
    pub(super) fn migrate(&mut self) -> &mut (dyn Migrate + Send) {
        match self {
            Pooled::Sqlite(connection) => &mut **connection,
            Pooled::Postgres(connection) => &mut **connection,
            Pooled::MySql(connection) => &mut **connection,
        }
    }
}

/// A borrowed connection, of a pool or of a transaction.
pub(super) enum Connection<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
    MySql(&'c mut MySqlConnection),
}

macro_rules! bind {
    ($query:expr, $args:expr) => {
        bind!($query, $args, std::convert::identity, json_of)
    };
    ($query:expr, $args:expr, $untyped:path, $texts:path) => {
        $args.into_iter().fold($query, |query, arg| match arg {
            Arg::Integer(value) => query.bind(value),
            Arg::Boolean(value) => query.bind(value),
            Arg::Text(value) => query.bind($untyped(value)),
            Arg::DateTime(value) => query.bind(value),
            Arg::Date(value) => query.bind(value),
            Arg::Time(value) => query.bind(value),
            Arg::Decimal(value) => query.bind(value),
            Arg::Float(value) => query.bind(value),
            Arg::Json(value) => query.bind($untyped(value)),
            Arg::Uuid(value) => query.bind(value),
            Arg::Texts(value) => query.bind($texts(value)),
        })
    };
}

impl Connection<'_> {
    pub(super) async fn fetch_all<T: FromRow>(self, sql: &'static str, args: &[Arg]) -> Result<Vec<T>> {
        self.rows(sql, args).await?.iter().map(T::from_row).collect()
    }

    pub(super) async fn rows(self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>> {
        self.fetch(sql.into_sql_str(), args).await
    }

    /// As [`Connection::rows`], with the rows locked until the transaction ends.
    pub(super) async fn locked_rows(self, sql: &'static str, args: &[Arg]) -> Result<Vec<Row>> {
        match self {
            // SQLite has one writer at a time, and no such clause.
            Connection::Sqlite(_) => self.rows(sql, args).await,
            _ => {
                self.fetch(AssertSqlSafe(format!("{sql} for update")).into_sql_str(), args)
                    .await
            }
        }
    }

    async fn fetch(self, sql: SqlStr, args: &[Arg]) -> Result<Vec<Row>> {
        Ok(match self {
            Connection::Sqlite(connection) => {
                let sql = aggregate::translated(sql, aggregate::SQLITE);
                let rows = connection.fetch_all(bind!(sqlx::query(sql), for_sqlite(args))).await?;
                rows.into_iter().map(Row::from).collect()
            }
            Connection::Postgres(connection) => {
                let rows = connection.fetch_all(for_postgres(sql.as_str(), args)).await;
                let rows = checked(connection, Statement::of(&sql, args), rows).await?;
                rows.into_iter().map(Row::from).collect()
            }
            Connection::MySql(connection) => {
                let sql = aggregate::translated(sql, aggregate::MYSQL);
                let rows = connection.fetch_all(bind!(sqlx::query(sql), for_mysql(args))).await?;
                rows.into_iter().map(Row::from).collect()
            }
        })
    }

    pub(super) async fn each(
        self,
        sql: &'static str,
        args: &[Arg],
        mut take: impl FnMut(&Row) -> Result<ControlFlow<()>> + Send,
    ) -> Result<()> {
        macro_rules! each {
            ($rows:expr) => {{
                let mut rows = $rows;
                loop {
                    match rows.try_next().await {
                        Ok(Some(row)) => {
                            if take(&Row::from(row))?.is_break() {
                                break Ok(());
                            }
                        }
                        Ok(None) => break Ok(()),
                        Err(error) => break Err(error),
                    }
                }
            }};
        }
        match self {
            Connection::Sqlite(connection) => {
                let sql = aggregate::translated(sql.into_sql_str(), aggregate::SQLITE);
                each!(connection.fetch(bind!(sqlx::query(sql), for_sqlite(args))))?;
            }
            Connection::Postgres(connection) => {
                let read = each!(connection.fetch(for_postgres(sql, args)));
                checked(connection, Statement::of(sql, args), read).await?;
            }
            Connection::MySql(connection) => {
                let sql = aggregate::translated(sql.into_sql_str(), aggregate::MYSQL);
                each!(connection.fetch(bind!(sqlx::query(sql), for_mysql(args))))?;
            }
        }
        Ok(())
    }

    pub(super) async fn execute(self, sql: &'static str, args: &[Arg]) -> Result<u64> {
        let sql = sql.into_sql_str();
        Ok(match self {
            Connection::Sqlite(connection) => execute_sqlite(connection, sql, args).await?.rows_affected(),
            Connection::Postgres(connection) => {
                let done = connection.execute(for_postgres(sql.as_str(), args)).await;
                checked(connection, Statement::of(&sql, args), done)
                    .await?
                    .rows_affected()
            }
            Connection::MySql(connection) => execute_mysql(connection, sql, args).await?.rows_affected(),
        })
    }

    /// Runs an `insert into t (...) values (...) returning ...` and gives the row, which it reads back by its key where
    /// the engine has no such clause (MySQL) or returns values before they get their column's type (SQLite).
    ///
    /// The key is the one that the statement has, or else the number that the database counted.
    pub(super) async fn insert_returning(mut self, sql: &'static str, args: &[Arg]) -> Result<Row> {
        let rows = if let Connection::Postgres(_) = self {
            let (sql, args) = self.without_nulls(sql, args);
            self.fetch(sql, &args).await?
        } else {
            let parts = ParsedInsert::of(sql);
            let parts =
                parts.ok_or_else(|| Error::Internal(format!("not an insertion that returns its row: {sql}")))?;
            let counted = self.reborrow().insert(parts.insert, args).await?;
            let given = insertion::value_of(parts.insert, args, parts.key());
            let key = given.cloned().unwrap_or_else(|| counted.into());
            self.fetch(AssertSqlSafe(parts.query()).into_sql_str(), &[key]).await?
        };
        rows.into_iter().next().ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// The insertion without the columns that would be NULL.
    fn without_nulls<'a>(&self, sql: &'static str, args: &'a [Arg]) -> (SqlStr, Cow<'a, [Arg]>) {
        let nothing = match self {
            Connection::MySql(_) => " () values ()",
            Connection::Sqlite(_) | Connection::Postgres(_) => " default values",
        };
        match insertion::without_nulls(sql, args, nothing) {
            Some((sql, args)) => (AssertSqlSafe(sql).into_sql_str(), args.into()),
            None => (sql.into_sql_str(), args.into()),
        }
    }

    fn reborrow(&mut self) -> Connection<'_> {
        match self {
            Connection::Sqlite(connection) => Connection::Sqlite(connection),
            Connection::Postgres(connection) => Connection::Postgres(connection),
            Connection::MySql(connection) => Connection::MySql(connection),
        }
    }

    /// Sets a column of SQLite's to null where it refers to the row `id`.
    pub(super) async fn set_null(self, table: &str, column: &str, id: i64) -> Result<()> {
        if let Connection::Sqlite(connection) = self {
            let (table, column) = (quoted(table), quoted(column));
            let sql = AssertSqlSafe(format!("update {table} set {column} = null where {column} = ?"));
            connection.execute(sqlx::query(sql).bind(id)).await?;
        }
        Ok(())
    }

    pub(super) async fn insert(self, sql: &'static str, args: &[Arg]) -> Result<i64> {
        let (sql, args) = self.without_nulls(sql, args);
        Ok(match self {
            Connection::Sqlite(connection) => execute_sqlite(connection, sql, &args).await?.last_insert_rowid(),
            Connection::Postgres(connection) => {
                let returning = format!("{} returning id::bigint", sql.as_str());
                let row = connection.fetch_one(for_postgres(&returning, &args)).await;
                checked(connection, Statement::of(&sql, &args), row).await?.try_get(0)?
            }
            Connection::MySql(connection) => {
                let id = execute_mysql(connection, sql, &args).await?.last_insert_id();
                i64::try_from(id).map_err(|error| sqlx::Error::Decode(Box::new(error)))?
            }
        })
    }
}

/// An outcome of PostgreSQL. If a prepared statement is outdated, the connection forgets it, because it would be refused
/// each time.
async fn checked<T>(connection: &mut PgConnection, statement: Statement<'_>, outcome: sqlx::Result<T>) -> Result<T> {
    if outcome.as_ref().is_err_and(error::is_outdated) {
        connection.clear_cached_statements().await?;
    }
    outcome.map_err(|error| violation::of_postgres(statement, error))
}

async fn execute_sqlite(connection: &mut SqliteConnection, sql: SqlStr, args: &[Arg]) -> Result<SqliteQueryResult> {
    let query = bind!(sqlx::query(sql.clone()), for_sqlite(args));
    match connection.execute(query).await {
        Ok(done) => Ok(done),
        Err(error) => Err(violation::of_sqlite(connection, Statement::of(&sql, args), error).await),
    }
}

async fn execute_mysql(connection: &mut MySqlConnection, sql: SqlStr, args: &[Arg]) -> Result<MySqlQueryResult> {
    let query = bind!(sqlx::query(sql.clone()), for_mysql(args));
    match connection.execute(query).await {
        Ok(done) => Ok(done),
        Err(error) => Err(violation::of_mysql(connection, Statement::of(&sql, args), error).await),
    }
}

/// An insertion that returns its row, in two parts.
struct ParsedInsert {
    insert: &'static str,
    table: &'static str,
    columns: &'static str,
}

impl ParsedInsert {
    fn of(sql: &'static str) -> Option<Self> {
        let (insert, columns) = sql.rsplit_once("returning ")?;
        let table = insert.strip_prefix("insert into ")?.split_whitespace().next()?;
        Some(Self { insert, table, columns })
    }

    /// The column that is returned as `id`.
    fn key(&self) -> &'static str {
        let mut columns = self.columns.split(',');
        let named = columns.find_map(|column| column.trim().strip_suffix(" as id"));
        named.map_or("id", str::trim_end)
    }

    /// The query that reads the row of a key.
    fn query(&self) -> String {
        format!("select {} from {} where {} = ?", self.columns, self.table, self.key())
    }
}

/// Writes times as SQLAlchemy does, always with six digits: it takes fewer digits for a number of microseconds.
fn for_sqlite(args: &[Arg]) -> impl Iterator<Item = Arg> {
    args.iter().cloned().map(|arg| match arg {
        Arg::DateTime(moment) => Arg::Text(moment.map(|moment| moment.format("%Y-%m-%d %H:%M:%S%.6f").to_string())),
        Arg::Time(time) => Arg::Text(time.map(|time| time.format("%H:%M:%S%.6f").to_string())),
        other => as_text(other),
    })
}

/// Several texts, where the engine has no type for them.
fn json_of(texts: Option<Vec<String>>) -> Option<String> {
    texts.map(|texts| serde_json::Value::from(texts).to_string())
}

fn for_mysql(args: &[Arg]) -> impl Iterator<Item = Arg> {
    args.iter().cloned().map(as_text)
}

/// SQLite and MySQL have no types of their own for these, or none that keeps what was stored.
fn as_text(arg: Arg) -> Arg {
    match arg {
        Arg::Decimal(number) => Arg::Text(number),
        Arg::Json(value) => Arg::Text(value.map(|value| value.to_string())),
        Arg::Uuid(uuid) => Arg::Text(uuid.map(|uuid| uuid.to_string())),
        other => other,
    }
}

/// The statement with PostgreSQL's `$1`, `$2` in place of `?`.
fn for_postgres(sql: &str, args: &[Arg]) -> sqlx::query::Query<'static, Postgres, sqlx::postgres::PgArguments> {
    bind!(
        sqlx::query(AssertSqlSafe(with_numbers(sql, args))),
        args.iter().cloned(),
        postgres::untyped,
        std::convert::identity
    )
}

fn with_numbers(sql: &str, args: &[Arg]) -> String {
    let mut text = String::with_capacity(sql.len() + 8);
    let mut count = 0;
    let mut quoted = false;
    for character in sql.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                text.push(character);
            }
            '?' if !quoted => {
                count += 1;
                text.push('$');
                text.push_str(&count.to_string());
                // Its digits are sent as text, because only a text keeps every scale.
                if matches!(args.get(count - 1), Some(Arg::Decimal(_))) {
                    text.push_str("::text::numeric");
                }
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{ParsedInsert, with_numbers};
    use crate::{args, db::Decimal};

    #[test]
    fn an_insertion_is_read_back_from_its_table() {
        let parts = ParsedInsert::of("insert into posts (title)\n values (?)\n returning id, title").unwrap();
        assert_eq!(parts.insert.trim_end(), "insert into posts (title)\n values (?)");
        assert_eq!(parts.query(), "select id, title from posts where id = ?");
        let parts = ParsedInsert::of("insert into tags (uid) values (?) returning name, \"uid\" as id").unwrap();
        assert_eq!(parts.query(), "select name, \"uid\" as id from tags where \"uid\" = ?");
        assert!(ParsedInsert::of("insert into posts (title) values (?)").is_none());
    }

    #[test]
    fn question_marks_are_numbered_but_not_inside_quotes() {
        let args = args![1_i64, Decimal("1.50".to_owned())];
        assert_eq!(
            with_numbers("select 'who?' where a = ? and b = ?", &args),
            "select 'who?' where a = $1 and b = $2::text::numeric"
        );
    }
}
