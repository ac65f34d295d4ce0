//! SQL on any of the three engines through one connection per call, and their tables as text.
//!
//! Nothing here goes through the code under test, and no client program is needed.

use std::{fmt::Write, future::Future, str::FromStr, sync::mpsc, thread};

use regex::Regex;
use sqlx::{
    AssertSqlSafe, ColumnIndex, Connection, Database, Decode, Executor, MySqlConnection, PgConnection, Row,
    SqliteConnection, raw_sql, sqlite::SqliteConnectOptions,
};

/// The databases the server runs on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Engine {
    /// SQLite, in a file.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL or MariaDB.
    MySql,
}

impl Engine {
    /// The engine that a database URL names.
    pub fn of(url: &str) -> Self {
        match url.split(':').next() {
            Some("sqlite") => Self::Sqlite,
            Some("postgres") => Self::Postgres,
            Some("mysql") => Self::MySql,
            _ => panic!("no engine for {url}"),
        }
    }
}

/// Runs a script of any number of statements; a SQLite file is made if it is missing.
///
/// # Panics
/// With the engine's message if a statement fails; those after it are not run.
pub fn run_sql(url: &str, script: &str) {
    fetch(url, script).unwrap_or_else(|error| panic!("{url}: {error}\n{script}"));
}

/// The rows of a query as text: one line each, columns parted by `|`, NULL as `NULL`.
pub fn query(url: &str, sql: &str) -> String {
    match fetch(url, sql) {
        Ok(lines) => lines.join("\n"),
        Err(error) => panic!("{url}: {error}\n{sql}"),
    }
}

/// Whether the database takes connections.
pub fn can_connect(url: &str) -> Result<(), sqlx::Error> {
    fetch(url, "select 1").map(drop)
}

/// A connection that stays as a script has left it, with its locks, until this is dropped.
pub struct HeldConnection {
    // Nothing is sent: that it closes is the message.
    open: Option<mpsc::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Drop for HeldConnection {
    fn drop(&mut self) {
        drop(self.open.take());
        // The locks are gone when it has ended.
        let _ = self.thread.take().map(thread::JoinHandle::join);
    }
}

/// Runs a script and keeps its connection.
pub fn hold(url: &str, script: &str) -> HeldConnection {
    let (open, until_closed) = mpsc::channel();
    let (done, is_done) = mpsc::channel();
    let (url, script) = (url.to_owned(), script.to_owned());
    let thread = thread::spawn(move || {
        block_on(async {
            macro_rules! hold {
                ($connection:expr) => {{
                    let mut connection = $connection.unwrap();
                    connection.execute(AssertSqlSafe(script)).await.unwrap();
                    done.send(()).unwrap();
                    let _ = until_closed.recv();
                    connection.close().await.unwrap();
                }};
            }
            match Engine::of(&url) {
                Engine::Sqlite => hold!(SqliteConnection::connect(&url).await),
                Engine::Postgres => hold!(PgConnection::connect(&url).await),
                Engine::MySql => hold!(MySqlConnection::connect(&url).await),
            }
        });
    });
    is_done.recv().expect("the script must run");
    HeldConnection {
        open: Some(open),
        thread: Some(thread),
    }
}

/// All tables that are not ours (`poem_scaffold_*`) with columns, constraints, indexes, triggers.
///
/// Two dumps are equal if and only if nothing was altered; rows and counters do not show.
pub fn schema_of(url: &str) -> String {
    match Engine::of(url) {
        Engine::Sqlite => query(url, SQLITE_SCHEMA),
        Engine::Postgres => query(url, POSTGRES_SCHEMA),
        Engine::MySql => mysql_schema(url),
    }
}

/// Checks that the tables are as they were; others may have come.
pub fn assert_kept(url: &str, before: &str) {
    let after = schema_of(url);
    let is_kept = |line: &&str| after.lines().any(|other| other == *line);
    let gone: Vec<&str> = before.lines().filter(|line| !is_kept(line)).collect();
    assert!(gone.is_empty(), "{url}: altered were {gone:#?}");
}

const SQLITE_SCHEMA: &str = r"
    select type, name, tbl_name, sql
    from sqlite_master
    where tbl_name not like 'poem\_scaffold\_%' escape '\'
      and name not in ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4')
    order by type, name";

const POSTGRES_SCHEMA: &str = r"
    with foreign_tables as (
        select oid, relname::text
        from pg_class
        where relnamespace = 'public'::regnamespace
          and relkind in ('r', 'p', 'v', 'm', 'S')
          and relname not like 'poem\_scaffold\_%'
    )
    select relname, 'a relation', '', '' from foreign_tables
    union all
    select t.relname, 'column ' || to_char(a.attnum, 'FM000'),
           a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
               || case when a.attnotnull then ' not null' else '' end || ' ' || a.attidentity::text,
           coalesce(pg_get_expr(d.adbin, d.adrelid), 'no default')
    from foreign_tables t
    join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    union all
    select t.relname, 'constraint', c.conname::text, pg_get_constraintdef(c.oid)
    from foreign_tables t
    join pg_constraint c on c.conrelid = t.oid
    union all
    select t.relname, 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
    from foreign_tables t
    join pg_index i on i.indrelid = t.oid
    union all
    select t.relname, 'trigger', g.tgname::text, pg_get_triggerdef(g.oid)
    from foreign_tables t
    join pg_trigger g on g.tgrelid = t.oid and not g.tgisinternal
    order by 1, 2, 3, 4";

const MYSQL_TABLES: &str = r"
    select table_name
    from information_schema.tables
    where table_schema = database()
      and table_name not like 'poem\\_scaffold\\_%'
    order by 1";

const MYSQL_TRIGGERS: &str = r"
    select event_object_table, trigger_name, action_timing, event_manipulation, action_statement
    from information_schema.triggers
    where trigger_schema = database()
      and event_object_table not like 'poem\\_scaffold\\_%'
    order by 1, 2";

fn mysql_schema(url: &str) -> String {
    let counter = Regex::new(r" AUTO_INCREMENT=\d+").unwrap();
    let mut dump = String::new();
    for table in query(url, MYSQL_TABLES).lines() {
        let table = query(url, &format!("show create table `{table}`"));
        writeln!(dump, "{}", counter.replace(&table, "")).unwrap();
    }
    dump + &query(url, MYSQL_TRIGGERS)
}

fn fetch(url: &str, sql: &str) -> Result<Vec<String>, sqlx::Error> {
    block_on(async {
        match Engine::of(url) {
            Engine::Sqlite => {
                let options = SqliteConnectOptions::from_str(url)?.create_if_missing(true);
                fetch_on(SqliteConnection::connect_with(&options).await?, sql).await
            }
            Engine::Postgres => fetch_on(PgConnection::connect(url).await?, sql).await,
            Engine::MySql => fetch_on(MySqlConnection::connect(url).await?, sql).await,
        }
    })
}

async fn fetch_on<C>(mut connection: C, sql: &str) -> Result<Vec<String>, sqlx::Error>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    for<'r> String: Decode<'r, C::Database>,
    usize: ColumnIndex<<C::Database as Database>::Row>,
{
    // Unprepared statements come back in the engine's own text form, which is what makes one
    // decoder enough for every column type.
    let rows = raw_sql(AssertSqlSafe(sql)).fetch_all(&mut connection).await?;
    connection.close().await?;
    rows.iter().map(line::<C::Database>).collect()
}

fn line<DB: Database>(row: &DB::Row) -> Result<String, sqlx::Error>
where
    for<'r> String: Decode<'r, DB>,
    usize: ColumnIndex<DB::Row>,
{
    let mut columns = Vec::with_capacity(row.len());
    for index in 0..row.len() {
        let text = row.try_get_unchecked::<Option<String>, _>(index)?;
        columns.push(text.unwrap_or_else(|| "NULL".to_owned()));
    }
    Ok(columns.join("|"))
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime must start")
        .block_on(future)
}
