//! Creates and upgrades the tables, and leaves alone those that were there before us.
//!
//! The SQL stands in `migrations/<engine>/` (every profile) and `migrations/<engine>/<profile>/`, embedded in
//! the binary. Which steps were taken is kept in `poem_scaffold_migrations`. A step whose tables exist
//! already, because a Flask app made them, is recorded as adopted: it is never run and never reverted.

use std::{borrow::Cow, collections::BTreeMap};

use rust_embed::RustEmbed;
use sqlx::{
    AssertSqlSafe, SqlSafeStr,
    migrate::{Migration, MigrationType},
};

use super::{
    Access, Db, Engine, FromRow, Row,
    lock::{self, Locked, Session},
};
use crate::{
    args,
    config::{DatabaseUrl, Profile},
    error::{Error, Result},
};

const TABLE: &str = "poem_scaffold_migrations";

#[derive(RustEmbed)]
#[folder = "migrations/"]
struct Files;

/// One step of the schema.
struct Step {
    up: Migration,
    down: Migration,
    /// The tables that `up` creates.
    tables: Vec<String>,
    /// The columns that `up` adds to tables, each with its table.
    columns: Vec<(String, String)>,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not yet taken.
    Pending,
    /// Taken by us.
    Applied,
    /// Its tables were there before us.
    Adopted,
}

/// A step as `db status` shows it.
#[derive(Clone, Debug)]
pub struct Status {
    /// The number its files begin with; steps are taken in its order.
    pub version: i64,
    /// What its files are called after the number.
    pub name: String,
    /// What became of it.
    pub state: State,
}

/// Takes all pending steps and returns them; they go to the database behind `direct`, which is `db` on another way.
///
/// # Errors
/// [`Error::Refused`] if the tables were made by a newer version, an earlier upgrade was interrupted, or only
/// some of a step's tables exist, and if `direct` leads through a pooler or to another database;
/// [`Error::Migration`] if the database refuses a step.
pub async fn upgrade(db: &Db, direct: &DatabaseUrl, profile: Profile) -> Result<Vec<Status>> {
    if !is_pending(db, profile).await? {
        return Ok(Vec::new());
    }
    let apart = connect(direct).await?;
    let mut locked = Locked::take(&apart).await?;
    let outcome = take_steps(&mut locked, apart.engine(), profile).await;
    let taken = locked.end(outcome).await?;
    apart.close().await;
    if is_pending(db, profile).await? {
        return Err(Error::Refused(format!(
            "the migrations were taken in {direct}, but DATABASE_URL leads to another database; check \
             DATABASE_DIRECT_URL"
        )));
    }
    Ok(taken)
}

/// A connection that may take its time, and that stays with one session.
async fn connect(url: &DatabaseUrl) -> Result<Db> {
    let db = Db::connect_for_migrations(url).await?;
    if db.pools.is_transaction_pooled() {
        return Err(Error::Refused(format!(
            "{url} leads through a connection pooler, which migrations cannot use; set DATABASE_DIRECT_URL to the \
             address of the database itself"
        )));
    }
    Ok(db)
}

async fn is_pending(db: &Db, profile: Profile) -> Result<bool> {
    if db.columns_of(TABLE).await?.is_empty() {
        return Ok(true);
    }
    let mut connection = Session::Plain(db.acquire(Access::Read).await?);
    let applied = listed_versions(&mut connection, db.engine(), profile).await?;
    let steps = steps(db.engine(), profile)?;
    let is_missing = steps.iter().any(|step| !applied.contains(&step.up.version));
    // On MySQL a step is listed from its beginning on, so this look comes second. Whoever holds the lock knows whether
    // it was interrupted.
    Ok(is_missing || connection.migrate().dirty_version(TABLE).await?.is_some())
}

async fn take_steps(locked: &mut Locked, engine: Engine, profile: Profile) -> Result<Vec<Status>> {
    locked.session.migrate().ensure_migrations_table(TABLE).await?;
    let mut taken = Vec::new();
    for step in steps(engine, profile)? {
        locked.confirm().await?;
        let connection = &mut locked.session;
        let applied = applied_versions(connection, engine, profile).await?;
        if applied.contains(&step.up.version) {
            continue;
        }
        let existing = existing_tables(connection, engine, &step).await?;
        let state = match existing.len() {
            0 if was_altered(connection, engine, profile, &step).await? => State::Adopted,
            0 => State::Applied,
            count if count == step.tables.len() => State::Adopted,
            _ => return Err(half_there(&step, &existing)),
        };
        match state {
            State::Adopted => adopt(connection, &step).await?,
            _ => apply(connection, &step).await?,
        }
        taken.push(step.status(state));
    }
    Ok(taken)
}

/// All steps and what became of them; changes nothing.
///
/// # Errors
/// As [`upgrade`].
pub async fn status(db: &Db, profile: Profile) -> Result<Vec<Status>> {
    let steps = steps(db.engine(), profile)?;
    if db.columns_of(TABLE).await?.is_empty() {
        return Ok(steps.iter().map(|step| step.status(State::Pending)).collect());
    }
    let mut connection = Session::Plain(db.acquire(Access::Read).await?);
    let applied = listed_versions(&mut connection, db.engine(), profile).await?;
    if connection.migrate().dirty_version(TABLE).await?.is_some()
        && let Some(owner) = lock::living_owner(db).await?
    {
        return Err(Error::Refused(format!(
            "another process ({owner}) is changing tables right now; try again when it is done"
        )));
    }
    refuse_interrupted(&mut connection, db.engine()).await?;
    let adopted = adopted_versions(&mut connection, &applied).await?;
    Ok(steps
        .iter()
        .map(|step| {
            step.status(match step.up.version {
                version if adopted.contains(&version) => State::Adopted,
                version if applied.contains(&version) => State::Applied,
                _ => State::Pending,
            })
        })
        .collect())
}

/// Reverts the newest step and returns it; `None` if none was taken.
///
/// Of an adopted step only the record goes, its tables stay as they are.
///
/// # Errors
/// As [`upgrade`].
pub async fn downgrade(db: &Db, direct: &DatabaseUrl, profile: Profile) -> Result<Option<Status>> {
    if db.columns_of(TABLE).await?.is_empty() {
        return Ok(None);
    }
    let apart = connect(direct).await?;
    let mut locked = Locked::take(&apart).await?;
    let outcome = revert_newest(&mut locked.session, apart.engine(), profile).await;
    let reverted = locked.end(outcome).await?;
    apart.close().await;
    Ok(reverted)
}

async fn revert_newest(connection: &mut Session, engine: Engine, profile: Profile) -> Result<Option<Status>> {
    let applied = applied_versions(connection, engine, profile).await?;
    let adopted = adopted_versions(connection, &applied).await?;
    let newest = steps(engine, profile)?
        .into_iter()
        .rfind(|step| applied.contains(&step.up.version));
    let Some(step) = newest else { return Ok(None) };
    let version = step.up.version;
    if adopted.contains(&version) {
        for forget in [
            "delete from poem_scaffold_migrations where version = ?",
            "delete from poem_scaffold_adopted where version = ?",
        ] {
            connection.connection().execute(forget, args![version]).await?;
        }
        return Ok(Some(step.status(State::Adopted)));
    }
    connection.migrate().revert(TABLE, &step.down).await?;
    Ok(Some(step.status(State::Pending)))
}

/// Whether somebody else has added the columns of a step to an adopted table, which is never altered here.
///
/// # Errors
/// [`Error::Refused`] with the statements to run, if the columns are not there.
async fn was_altered(connection: &mut Session, engine: Engine, profile: Profile, step: &Step) -> Result<bool> {
    if step.columns.is_empty() {
        return Ok(false);
    }
    let applied = applied_versions(connection, engine, profile).await?;
    let adopted = adopted_versions(connection, &applied).await?;
    let makers = steps(engine, profile)?;
    let is_adopted = |table: &String| {
        let maker = makers.iter().find(|maker| maker.tables.contains(table));
        maker.is_some_and(|maker| adopted.contains(&maker.up.version))
    };
    if !step.columns.iter().any(|(table, _)| is_adopted(table)) {
        return Ok(false);
    }
    for (table, column) in &step.columns {
        let query = super::columns_query(engine);
        let found: Vec<String> = connection.connection().fetch_all(query, args![table.as_str()]).await?;
        if !found.contains(column) {
            return Err(Error::Refused(format!(
                "the table {table} was made by a Flask app and is never altered here, but migration {} adds {column} to it. \
                 Run this yourself when the Flask app is ready for it, then try again:\n\n{}",
                step.up.version,
                step.up.sql.as_str()
            )));
        }
    }
    Ok(true)
}

impl Step {
    fn status(&self, state: State) -> Status {
        Status {
            version: self.up.version,
            name: self.up.description.to_string(),
            state,
        }
    }
}

/// The steps of an engine and a profile, oldest first.
fn steps(engine: Engine, profile: Profile) -> Result<Vec<Step>> {
    let mut halves: BTreeMap<(i64, String), (Option<String>, Option<String>)> = BTreeMap::new();
    for path in Files::iter() {
        let Some((folder, file)) = path.rsplit_once('/') else {
            continue;
        };
        if folder != engine.name() && folder != format!("{}/{}", engine.name(), profile.name()) {
            continue;
        }
        let sql = Files::get(&path).map(|file| String::from_utf8_lossy(&file.data).into_owned());
        let (name, is_up) = match (file.strip_suffix(".up.sql"), file.strip_suffix(".down.sql")) {
            (Some(name), _) => (name, true),
            (_, Some(name)) => (name, false),
            _ => return Err(misnamed(&path)),
        };
        let (version, name) = name.split_once('_').ok_or_else(|| misnamed(&path))?;
        let version = version.parse().map_err(|_| misnamed(&path))?;
        let half = halves.entry((version, name.to_owned())).or_default();
        *if is_up { &mut half.0 } else { &mut half.1 } = sql;
    }
    halves
        .into_iter()
        // A step whose upper half is missing is just being added or taken out by a run of `scaffold`, or was by one
        // that was killed.
        .filter(|(_, (up, _))| up.is_some())
        .map(|((version, name), half)| match half {
            (Some(up), Some(down)) => Ok(Step {
                tables: tables_created_by(&up),
                columns: columns_added_by(&up),
                up: migration(version, &name, MigrationType::ReversibleUp, up),
                down: migration(version, &name, MigrationType::ReversibleDown, down),
            }),
            _ => Err(misnamed(&format!("{}/{version}_{name}", engine.name()))),
        })
        .collect()
}

fn misnamed(path: &str) -> Error {
    Error::Internal(format!(
        "migrations/{path}: expected VERSION_NAME.up.sql and VERSION_NAME.down.sql"
    ))
}

fn migration(version: i64, name: &str, kind: MigrationType, sql: String) -> Migration {
    let sql = AssertSqlSafe(sql).into_sql_str();
    Migration::new(version, Cow::Owned(name.to_owned()), kind, sql, false)
}

fn tables_created_by(sql: &str) -> Vec<String> {
    sql.lines()
        .filter_map(|line| line.strip_prefix("create table ")?.split([' ', '(']).next())
        .map(str::to_owned)
        .collect()
}

fn columns_added_by(sql: &str) -> Vec<(String, String)> {
    sql.lines()
        .filter_map(|line| {
            let (table, column) = line.strip_prefix("alter table ")?.split_once(" add column ")?;
            Some((table.to_owned(), column.split(' ').next()?.to_owned()))
        })
        .collect()
}

async fn existing_tables(connection: &mut Session, engine: Engine, step: &Step) -> Result<Vec<String>> {
    let mut existing = Vec::new();
    for table in &step.tables {
        let found: Vec<String> = connection
            .connection()
            .fetch_all(super::columns_query(engine), args![table.as_str()])
            .await?;
        if !found.is_empty() {
            existing.push(table.clone());
        }
    }
    Ok(existing)
}

async fn apply(connection: &mut Session, step: &Step) -> Result<()> {
    connection.migrate().apply(TABLE, &step.up).await?;
    Ok(())
}

/// Records the step as taken without running it.
///
/// The mark comes first: killed in between, the next upgrade finds the tables again and adopts them again.
async fn adopt(connection: &mut Session, step: &Step) -> Result<()> {
    let version = step.up.version;
    let mark = "insert into poem_scaffold_adopted (version) select ? from (select 1 as one) as once
                where not exists (select 1 from poem_scaffold_adopted where version = ?)";
    connection.connection().execute(mark, args![version, version]).await?;
    connection.migrate().skip(TABLE, &step.up).await?;
    Ok(())
}

/// The steps that were taken.
///
/// # Errors
/// [`Error::Refused`] if one was interrupted, which only whoever holds the lock can tell from one in progress.
async fn applied_versions(connection: &mut Session, engine: Engine, profile: Profile) -> Result<Vec<i64>> {
    refuse_interrupted(connection, engine).await?;
    listed_versions(connection, engine, profile).await
}

async fn refuse_interrupted(connection: &mut Session, engine: Engine) -> Result<()> {
    if let Some(version) = connection.migrate().dirty_version(TABLE).await? {
        return Err(Error::Refused(format!(
            "migration {version} was interrupted and this database engine cannot take it back by itself: \
             compare the tables with migrations/{}/, then delete its row from {TABLE}",
            engine.name()
        )));
    }
    Ok(())
}

/// The steps that were taken, and on MySQL one that is in progress.
async fn listed_versions(connection: &mut Session, engine: Engine, profile: Profile) -> Result<Vec<i64>> {
    let known = steps(engine, profile)?;
    let applied = connection.migrate().list_applied_migrations(TABLE).await?;
    for taken in &applied {
        match known.iter().find(|step| step.up.version == taken.version) {
            None => {
                return Err(Error::Refused(format!(
                    "the database has migration {}, which this program does not know for the profile {}: \
                     it was made by a newer version or under another FLASK_PROFILE",
                    taken.version,
                    profile.name()
                )));
            }
            Some(step) if step.up.checksum != taken.checksum => {
                return Err(Error::Refused(format!(
                    "migration {} was changed after it was applied; add a new migration instead",
                    taken.version
                )));
            }
            Some(_) => {}
        }
    }
    Ok(applied.into_iter().map(|taken| taken.version).collect())
}

/// The column `number` of a query.
struct Number(i64);

impl FromRow for Number {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.get("number")?))
    }
}

async fn adopted_versions(connection: &mut Session, applied: &[i64]) -> Result<Vec<i64>> {
    // The table of marks comes with the first step.
    if applied.is_empty() {
        return Ok(Vec::new());
    }
    let connection = connection.connection();
    let versions: Vec<Number> = connection
        .fetch_all("select version as number from poem_scaffold_adopted", args![])
        .await?;
    Ok(versions.into_iter().map(|version| version.0).collect())
}

fn half_there(step: &Step, existing: &[String]) -> Error {
    let missing: Vec<&str> = step
        .tables
        .iter()
        .filter(|table| !existing.contains(table))
        .map(String::as_str)
        .collect();
    Error::Refused(format!(
        "the database has the table {} but not {}: these tables can neither be adopted nor created; \
         check DATABASE_URL and FLASK_PROFILE",
        existing.join(", "),
        missing.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_and_columns_of_a_step_are_read_off_its_statements() {
        let sql = "-- Adds.\nalter table posts add column slug text;\ncreate unique index x on posts (slug);\n\
                   alter table posts add column note text not null default ('alter table x');\n";
        let expected =
            [("posts", "slug"), ("posts", "note")].map(|(table, column)| (table.to_owned(), column.to_owned()));
        assert_eq!(columns_added_by(sql), expected);
        assert_eq!(
            tables_created_by("create table posts (\n    id integer\n);\n"),
            ["posts"]
        );
    }

    #[test]
    fn every_engine_and_profile_has_the_same_steps() {
        for profile in [Profile::Tutorial, Profile::Scaffold10, Profile::Scaffold20] {
            let names = |engine| -> Vec<_> {
                steps(engine, profile)
                    .unwrap()
                    .iter()
                    .map(|step| (step.up.version, step.up.description.to_string(), step.tables.clone()))
                    .collect()
            };
            assert!(names(Engine::Sqlite).len() >= 2);
            assert_eq!(names(Engine::Sqlite), names(Engine::Postgres));
            assert_eq!(names(Engine::Sqlite), names(Engine::MySql));
        }
    }
}
