//! Keeps processes from changing tables at the same time.
//!
//! On servers the lock is a row with its owner and the time of the owner's last sign of life, by the database's clock.
//! Locks of sessions and transactions reach neither the other nodes of a Galera cluster nor through a pooler. On
//! SQLite it is the lock of the file, held by one transaction around all steps.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{SqlSafeStr, Sqlite, migrate::Migrate};
use tokio::task::JoinHandle;

use super::{
    column::{FromRow, Row},
    connection::{Connection, Pooled},
    database::Db,
    engine::Engine,
    pool::AccessMode,
};
use crate::{
    args,
    config::random_hex,
    error::{Error, Result},
};

const TABLE: &str = "poem_scaffold_lock";

/// How long to wait for another process.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause between two attempts to take the lock.
const PAUSE: Duration = Duration::from_millis(200);
/// How often an owner renews the lock.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// An owner that has not renewed the lock for this many seconds counts as dead.
const STALE_SECONDS: i64 = 30;
/// How long a dead owner is watched before another takes over: one long statement can delay a renewal on a cluster.
const WATCH: Duration = Duration::from_secs(6);
/// Failures in a row before the error is returned: two processes may conflict a few times.
const MAX_FAILURES: u32 = 5;

/// What statements of migrations run on.
pub(super) enum Session {
    /// A connection, of which each statement is a transaction.
    Plain(Pooled),
    /// The transaction around all steps of an SQLite file.
    Sqlite(sqlx::Transaction<'static, Sqlite>),
}

impl Session {
    pub(super) fn connection(&mut self) -> Connection<'_> {
        match self {
            Self::Plain(pooled) => pooled.connection(),
            Self::Sqlite(transaction) => Connection::Sqlite(transaction),
        }
    }

    /// The driver's own ways of applying and reverting migrations.
    pub(super) fn migrate(&mut self) -> &mut (dyn Migrate + Send) {
        match self {
            Self::Plain(pooled) => pooled.migrate(),
            Self::Sqlite(transaction) => &mut **transaction,
        }
    }
}

/// The lock, and a session to change tables in.
pub(super) struct Locked {
    pub(super) session: Session,
    row: Option<LockRow>,
}

impl Locked {
    /// Waits for other processes, up to a minute.
    ///
    /// # Errors
    /// [`Error::Refused`] if another process still changes tables by then.
    pub(super) async fn take(db: &Db) -> Result<Self> {
        let row = match db.engine() {
            Engine::Sqlite => None,
            engine => Some(LockRow::take(db, Statements::of(engine)).await?),
        };
        let session = match db.acquire(AccessMode::Write).await? {
            Pooled::Sqlite(connection) => {
                let statement = Some("begin immediate".into_sql_str());
                Session::Sqlite(sqlx::Transaction::begin(connection, statement).await?)
            }
            pooled => Session::Plain(pooled),
        };
        Ok(Self { session, row })
    }

    /// Makes sure that the lock was not lost, as happens to a process that was suspended for long.
    ///
    /// # Errors
    /// [`Error::Refused`] if it was.
    pub(super) async fn confirm(&self) -> Result<()> {
        match &self.row {
            None => Ok(()),
            Some(row) if row.renew().await? => Ok(()),
            Some(_) => Err(Error::Refused(
                "this process did not run for too long and another one took over the migrations; try again".to_owned(),
            )),
        }
    }

    /// Releases the lock and passes the outcome on, which a failure here must not hide.
    pub(super) async fn end<T>(self, outcome: Result<T>) -> Result<T> {
        match self.session {
            Session::Sqlite(transaction) if outcome.is_ok() => transaction.commit().await?,
            // Dropping it undoes its steps.
            Session::Sqlite(_) | Session::Plain(_) => {}
        }
        if let Some(row) = self.row
            && let Err(error) = row.release().await
        {
            tracing::warn!(error = %error.with_causes(), "the lock of migrations could not be released");
        }
        outcome
    }
}

/// The process that is changing tables right now, if it has renewed the lock recently.
pub(super) async fn living_owner(db: &Db) -> Result<Option<String>> {
    if db.engine() == Engine::Sqlite || db.columns_of(TABLE).await?.is_empty() {
        return Ok(None);
    }
    let current = lock_holder(db, Statements::of(db.engine())).await?;
    Ok(current
        .filter(|current| current.age < STALE_SECONDS)
        .map(|current| current.owner))
}

/// The row while this process owns it.
struct LockRow {
    db: Db,
    statements: &'static Statements,
    owner: Arc<str>,
    heartbeat: JoinHandle<()>,
}

impl LockRow {
    async fn take(db: &Db, statements: &'static Statements) -> Result<Self> {
        let owner: Arc<str> = name_of_process()?.into();
        let (started, mut failures, mut seen) = (Instant::now(), 0, None);
        loop {
            match attempt(db, statements, &owner, &mut seen).await {
                Ok(None) => break,
                Ok(Some(holder)) if started.elapsed() > PATIENCE => {
                    return Err(Error::Refused(format!(
                        "another process ({holder}) has been changing tables for a minute; try again when it is done"
                    )));
                }
                Ok(Some(_)) => failures = 0,
                Err(error @ Error::Denied(_)) => return Err(error),
                // Two processes that create or write the row at once conflict.
                Err(_) if failures < MAX_FAILURES => failures += 1,
                Err(error) => return Err(error),
            }
            tokio::time::sleep(PAUSE).await;
        }
        let heartbeat = tokio::spawn(keep_alive(db.clone(), statements, owner.clone()));
        Ok(Self {
            db: db.clone(),
            statements,
            owner,
            heartbeat,
        })
    }

    async fn renew(&self) -> Result<bool> {
        renew(&self.db, self.statements, &self.owner).await
    }

    async fn release(&self) -> Result<()> {
        self.heartbeat.abort();
        let owner = args![&*self.owner];
        self.db.execute(self.statements.release, owner).await.map(drop)
    }
}

impl Drop for LockRow {
    fn drop(&mut self) {
        self.heartbeat.abort();
    }
}

/// Takes the lock, or returns the name of its holder.
async fn attempt(
    db: &Db,
    statements: &Statements,
    owner: &str,
    seen: &mut Option<(LockHolder, Instant)>,
) -> Result<Option<String>> {
    // Even where it exists, creating it needs the right to.
    if db.columns_of(TABLE).await?.is_empty() {
        db.execute(statements.create, args![]).await?;
    }
    if db.execute(statements.insert, args![owner]).await? == 1 {
        return Ok(None);
    }
    let Some(current) = lock_holder(db, statements).await? else {
        // It was released just now.
        return Ok(Some("one that has just finished".to_owned()));
    };
    match seen {
        Some((before, since)) if before.owner == current.owner && before.beat_at == current.beat_at => {
            if current.age < STALE_SECONDS || since.elapsed() < WATCH {
                return Ok(Some(current.owner));
            }
            tracing::warn!("took over the migrations of {}, which is dead", current.owner);
            let take_over = args![owner, current.owner.as_str(), current.beat_at];
            let was_taken_over = db.execute(statements.take_over, take_over).await? == 1;
            Ok(if was_taken_over { None } else { Some(current.owner) })
        }
        _ => {
            if seen.is_none() {
                tracing::info!("waiting for another process that changes tables: {}", current.owner);
            }
            let holder = current.owner.clone();
            *seen = Some((current, Instant::now()));
            Ok(Some(holder))
        }
    }
}

async fn keep_alive(db: Db, statements: &'static Statements, owner: Arc<str>) {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        if let Err(error) = renew(&db, statements, &owner).await {
            tracing::warn!(error = %error.with_causes(), "the lock of migrations could not be renewed");
        }
    }
}

/// Renews the lock; `false` if another process holds it by now.
async fn renew(db: &Db, statements: &Statements, owner: &str) -> Result<bool> {
    Ok(db.execute(statements.renew, args![owner]).await? == 1)
}

async fn lock_holder(db: &Db, statements: &Statements) -> Result<Option<LockHolder>> {
    db.fetch_optional(statements.holder, args![]).await
}

/// Who holds the lock.
struct LockHolder {
    owner: String,
    /// The time of the last renewal, and how many seconds ago that was.
    beat_at: i64,
    age: i64,
}

impl FromRow for LockHolder {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            owner: row.get("owner")?,
            beat_at: row.get("beat_at")?,
            age: row.get("age")?,
        })
    }
}

/// The host and the number of this process, and random digits in case a later process has the same number.
fn name_of_process() -> Result<String> {
    let host = hostname::get().unwrap_or_default();
    let host: String = host.to_string_lossy().chars().take(100).collect();
    Ok(format!("{host}, process {}, {}", std::process::id(), random_hex(4)?))
}

struct Statements {
    create: &'static str,
    insert: &'static str,
    holder: &'static str,
    take_over: &'static str,
    renew: &'static str,
    release: &'static str,
}

impl Statements {
    fn of(engine: Engine) -> &'static Self {
        match engine {
            Engine::MySql => &MYSQL,
            Engine::Postgres | Engine::Sqlite => &POSTGRES,
        }
    }
}

const POSTGRES: Statements = Statements {
    create: "create table if not exists poem_scaffold_lock (
                 id bigint not null primary key,
                 owner varchar(200) not null,
                 beat_at bigint not null
             )",
    insert: "insert into poem_scaffold_lock (id, owner, beat_at)
             select 1, ?, extract(epoch from clock_timestamp())::bigint
             where not exists (select 1 from poem_scaffold_lock)",
    holder: "select owner, beat_at, extract(epoch from clock_timestamp())::bigint - beat_at as age
           from poem_scaffold_lock where id = 1",
    take_over: "update poem_scaffold_lock
              set owner = ?, beat_at = extract(epoch from clock_timestamp())::bigint
              where id = 1 and owner = ? and beat_at = ?",
    renew: "update poem_scaffold_lock
           set beat_at = extract(epoch from clock_timestamp())::bigint
           where id = 1 and owner = ?",
    release: "delete from poem_scaffold_lock where id = 1 and owner = ?",
};

const MYSQL: Statements = Statements {
    create: "create table if not exists poem_scaffold_lock (
                 id bigint not null primary key,
                 owner varchar(200) not null,
                 beat_at bigint not null
             ) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin",
    insert: "insert into poem_scaffold_lock (id, owner, beat_at)
             select 1, ?, unix_timestamp() from (select 1 as one) as once
             where not exists (select 1 from poem_scaffold_lock)",
    holder: "select owner, beat_at, cast(unix_timestamp() as signed) - beat_at as age
           from poem_scaffold_lock where id = 1",
    take_over: "update poem_scaffold_lock set owner = ?, beat_at = unix_timestamp()
              where id = 1 and owner = ? and beat_at = ?",
    renew: "update poem_scaffold_lock set beat_at = unix_timestamp() where id = 1 and owner = ?",
    release: "delete from poem_scaffold_lock where id = 1 and owner = ?",
};
