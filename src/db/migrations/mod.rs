//! Creates and upgrades our tables, and never changes those that existed before.
//!
//! The SQL is in `migrations/<engine>/` (every profile) and `migrations/<engine>/<profile>/`, embedded in
//! the binary. Which steps were taken is kept in `poem_scaffold_migrations`. A step whose tables exist
//! already, because a Flask app made them, is recorded as adopted: it is never run and never reverted.
//!
//! What is to be done is decided by a [`Survey`], before anything is written and again under the lock.

mod expected;
mod fit;
mod status;
mod steps;
mod survey;

pub use expected::{ExpectedColumn, RenamedColumn};
pub use fit::{Fit, Misfit};
pub use status::{MigrationState, Status};
pub use survey::Survey;

use std::sync::Arc;

use sqlx::migrate::MigrateError;

use super::{
    catalogue::Catalogue,
    database::Db,
    engine::Engine,
    lock::{self, Locked, Session},
};
use crate::{
    config::{DatabaseUrl, program},
    error::{self, Error, Result},
};
use status::TABLE;
use steps::Step;

/// Takes all pending steps and returns them; they go to the database behind `direct`, which is `db` on another way.
///
/// `survey` is the database's before that, and what it is after that in the end; `before` hears of each step before it is
/// taken.
///
/// # Errors
/// [`Error::Refused`] if the tables were made by a newer version, an earlier upgrade was interrupted, only some of a
/// step's tables exist, or tables do not [fit](Survey::fit), if the right to create something is missing, and if
/// `direct` leads through a pooler or to another database; [`Error::Migration`] if the database refuses a step.
pub async fn upgrade(
    db: &Db,
    direct: &DatabaseUrl,
    survey: &mut Survey,
    before: &dyn Fn(&Status),
) -> Result<Vec<Status>> {
    // Before anything is written.
    let plan = survey.plan()?;
    // Whoever holds the lock knows whether a step was interrupted.
    if plan.is_empty() && survey.interrupted.is_none() {
        return Ok(Vec::new());
    }
    let outcome = upgrade_locked(direct, survey, before).await;
    let taken = outcome.map_err(|error| denied(error, direct, db.engine(), &plan))?;
    *survey = survey.again(db).await?;
    if !survey.plan()?.is_empty() {
        return Err(Error::Refused(format!(
            "the migrations were applied to {direct}, but DATABASE_URL leads to another database, or to an account \
             that may not see the new tables; check DATABASE_DIRECT_URL"
        )));
    }
    Ok(taken)
}

async fn upgrade_locked(direct: &DatabaseUrl, known: &Survey, before: &dyn Fn(&Status)) -> Result<Vec<Status>> {
    let apart = connect(direct).await?;
    let mut locked = Locked::take(&apart).await?;
    let outcome = take_steps(&mut locked, apart.engine(), known, before).await;
    let taken = locked.end(outcome).await;
    apart.close().await;
    taken
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

/// Nobody else takes steps meanwhile, so one look at the database is enough for all of them.
async fn take_steps(
    locked: &mut Locked,
    engine: Engine,
    known: &Survey,
    before: &dyn Fn(&Status),
) -> Result<Vec<Status>> {
    let survey = Survey::read(&mut locked.session, engine, known.steps.clone())
        .await?
        .comparing_as(known);
    survey.refuse_interrupted()?;
    let plan = survey.plan()?;
    survey.require_fit()?;
    // Even where it exists, PostgreSQL would ask for the right to create it.
    if !survey.catalogue.has_table(TABLE) {
        locked.session.migrate().ensure_migrations_table(TABLE).await?;
    }
    let mut taken = Vec::new();
    for (step, state) in plan {
        locked.confirm().await?;
        let status = step.status(state);
        before(&status);
        let connection = &mut locked.session;
        match state {
            MigrationState::Adopted => adopt(connection, step).await?,
            _ => apply(connection, engine, step).await?,
        }
        taken.push(status);
    }
    Ok(taken)
}

/// Names the right that is missing, and who can do without it.
fn denied(error: Error, direct: &DatabaseUrl, engine: Engine, plan: &[(&Step, MigrationState)]) -> Error {
    let cause = match error {
        Error::Denied(cause) => cause,
        Error::Migration(MigrateError::Execute(cause)) if error::is_denied(&cause) => cause,
        error => return error,
    };
    let pending = plan
        .iter()
        .map(|(step, _)| format!("{} {}", step.up.version, step.up.description));
    let pending: Vec<String> = pending.collect();
    let right = match engine {
        Engine::Sqlite => "make the file and its folder writable for this user",
        Engine::Postgres => "`grant create on schema public to ...`",
        Engine::MySql => "`grant create, alter, drop, index, references on the_database.* to ...`",
    };
    Error::Refused(format!(
        "this account may not change the tables of {direct} ({cause}), and migrations are pending: {}. Run \
         `{} db upgrade` with a DATABASE_DIRECT_URL whose account may, or grant this one the right: {right}. To \
         serve, it needs select, insert, update and delete on the tables (and usage of their sequences)",
        pending.join(", "),
        program()
    ))
}

/// All steps and what became of them; changes nothing.
///
/// # Errors
/// [`Error::Refused`] as [`upgrade`].
pub async fn status(db: &Db, survey: &Survey) -> Result<Vec<Status>> {
    if survey.interrupted.is_some()
        && let Some(owner) = lock::living_owner(db).await?
    {
        return Err(Error::Refused(format!(
            "another process ({owner}) is changing tables right now; try again when it is done"
        )));
    }
    survey.refuse_interrupted()?;
    survey.require_known()?;
    let status = |step: &Step| step.status(survey.state_of(step));
    Ok(survey.steps.iter().map(status).collect())
}

/// Reverts the newest step and returns it; `None` if none was taken.
///
/// Of an adopted step only the record goes, its tables stay as they are. `before` hears of the step before it is
/// reverted.
///
/// # Errors
/// As [`upgrade`].
pub async fn downgrade(direct: &DatabaseUrl, survey: &Survey, before: &dyn Fn(&Status)) -> Result<Option<Status>> {
    if !survey.catalogue.has_table(TABLE) {
        return Ok(None);
    }
    let apart = connect(direct).await?;
    let mut locked = Locked::take(&apart).await?;
    let outcome = revert_newest(&mut locked.session, apart.engine(), &survey.steps, before).await;
    let reverted = locked.end(outcome).await?;
    apart.close().await;
    Ok(reverted)
}

async fn revert_newest(
    connection: &mut Session,
    engine: Engine,
    steps: &Arc<[Step]>,
    before: &dyn Fn(&Status),
) -> Result<Option<Status>> {
    let survey = Survey::read(connection, engine, steps.clone()).await?;
    survey.refuse_interrupted()?;
    survey.require_known()?;
    let newest = survey
        .steps
        .iter()
        .rfind(|step| survey.state_of(step) != MigrationState::Pending);
    let Some(step) = newest else { return Ok(None) };
    let version = step.up.version;
    let state = survey.state_of(step);
    before(&step.status(state));
    if state == MigrationState::Adopted {
        for forget in [
            "delete from poem_scaffold_migrations where version = ?",
            "delete from poem_scaffold_adopted where version = ?",
        ] {
            connection.connection().execute(forget, &[version.into()]).await?;
        }
        return Ok(Some(step.status(MigrationState::Adopted)));
    }
    connection.migrate().revert(TABLE, &step.down).await?;
    Ok(Some(step.status(MigrationState::Pending)))
}

async fn apply(connection: &mut Session, engine: Engine, step: &Step) -> Result<()> {
    match connection.migrate().apply(TABLE, &step.up).await {
        Ok(_) => Ok(()),
        Err(MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _))
            if error::is_denied(&cause) && forget_begun(connection, engine, step).await? =>
        {
            Err(Error::Denied(cause))
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes sure that nothing is left of a step whose statement was refused; `false` if something of it was done.
///
/// MySQL commits that a step was begun before it looks whether the account may take it.
async fn forget_begun(connection: &mut Session, engine: Engine, step: &Step) -> Result<bool> {
    if engine != Engine::MySql {
        return Ok(true);
    }
    let catalogue = Catalogue::read_on(connection.connection(), engine).await?;
    let makes_nothing = step.columns.is_empty();
    let mut made = step
        .columns
        .iter()
        .filter(|made| catalogue.column(&made.table, &made.name).is_some());
    if makes_nothing || made.next().is_some() {
        return Ok(false);
    }
    let forget = "delete from poem_scaffold_migrations where version = ? and not success";
    connection
        .connection()
        .execute(forget, &[step.up.version.into()])
        .await?;
    Ok(true)
}

/// Records the step as taken without running it.
///
/// The mark comes first: killed in between, the next upgrade finds the tables again and adopts them again.
async fn adopt(connection: &mut Session, step: &Step) -> Result<()> {
    let version = step.up.version;
    let mark = "insert into poem_scaffold_adopted (version) select ? from (select 1 as one) as once
                where not exists (select 1 from poem_scaffold_adopted where version = ?)";
    connection
        .connection()
        .execute(mark, &[version.into(), version.into()])
        .await?;
    connection.migrate().skip(TABLE, &step.up).await?;
    Ok(())
}
