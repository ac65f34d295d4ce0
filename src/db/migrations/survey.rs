//! The tables and applied steps of a database, and what is to be done. Read once, in four queries at most.

use std::sync::Arc;

use sqlx::migrate::{AppliedMigration, MigrateError};
use tokio::time::timeout;

use super::{
    expected::{ExpectedColumn, RenamedColumn},
    fit::{self, Fit},
    status::{MigrationState, TABLE},
    steps::{Step, StepColumn, steps},
};
use crate::{
    config::Profile,
    db::{
        catalogue::Catalogue,
        column::{FromRow, Row},
        database::{Db, silent},
        engine::Engine,
        lock::Session,
        pool::AccessMode,
        purpose::ANSWER_TIMEOUT,
    },
    embedded::Layers,
    error::{self, Error, Result},
};

/// The tables and the applied steps of a database.
pub struct Survey {
    engine: Engine,
    /// The steps that create the profile's tables.
    pub(super) steps: Arc<[Step]>,
    /// Its tables.
    pub catalogue: Catalogue,
    /// The steps that were applied, and on MySQL one that is in progress.
    applied: Vec<AppliedMigration>,
    adopted: Vec<i64>,
    /// A step that is in progress, or was when its process died; only MySQL records such a step.
    pub(super) interrupted: Option<i64>,
    /// What a project needs of tables beyond what steps make.
    expected: Arc<[StepColumn]>,
    renamed: Option<RenamedColumn>,
}

/// The column `number` of a query.
struct Number(i64);

impl FromRow for Number {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self(row.get("number")?))
    }
}

impl Survey {
    /// Looks at the database; changes nothing and locks nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] if the account may not read our tables; [`Error::Internal`] for a migration whose file has no
    /// name of its kind; as for every query.
    pub(crate) async fn of(db: &Db, files: &Layers, profile: Profile) -> Result<Self> {
        Self::with_steps(db, steps(files, db.engine(), profile)?.into()).await
    }

    /// The survey that also looks for these columns, where a step does not make them.
    pub(crate) fn expecting(self, columns: &[ExpectedColumn]) -> Self {
        let is_made = |column: &&StepColumn| {
            let made = |other: &StepColumn| (&other.table, &other.name) == (&column.table, &column.name);
            self.steps.iter().any(|step| step.columns.iter().any(made))
        };
        let expected: Vec<StepColumn> = columns.iter().map(|column| column.for_engine(self.engine)).collect();
        Self {
            expected: expected.iter().filter(|column| !is_made(column)).cloned().collect(),
            ..self
        }
    }

    /// The survey in which a column has another name.
    pub(crate) fn reading(self, renamed: RenamedColumn) -> Self {
        Self {
            renamed: Some(renamed),
            ..self
        }
    }

    /// Reads the database again.
    pub(super) async fn again(&self, db: &Db) -> Result<Self> {
        Ok(Self::with_steps(db, self.steps.clone()).await?.comparing_as(self))
    }

    /// The survey that looks for what another one looks for.
    pub(super) fn comparing_as(self, other: &Self) -> Self {
        Self {
            expected: other.expected.clone(),
            renamed: other.renamed,
            ..self
        }
    }

    async fn with_steps(db: &Db, steps: Arc<[Step]>) -> Result<Self> {
        let mut session = Session::Plain(db.acquire(AccessMode::Read).await?);
        let read = Self::read(&mut session, db.engine(), steps);
        let outcome = timeout(ANSWER_TIMEOUT, read).await.map_err(|_| silent())?;
        outcome.map_err(|error| match error {
            Error::Denied(cause) | Error::Migration(MigrateError::Execute(cause)) if error::is_denied(&cause) => {
                Error::Refused(format!(
                    "this account of the database may not read poem-scaffold's tables ({cause}); grant it select, insert, \
                     update and delete on all tables, and on PostgreSQL usage on all sequences"
                ))
            }
            error => error,
        })
    }

    /// The tables come before the steps: of a step that another process takes meanwhile, the record may be seen
    /// without the tables, which means that nothing is left to do, and never the tables without the record.
    pub(super) async fn read(session: &mut Session, engine: Engine, steps: Arc<[Step]>) -> Result<Self> {
        let catalogue = Catalogue::read_on(session.connection(), engine).await?;
        let mut survey = Self {
            engine,
            steps,
            applied: Vec::new(),
            adopted: Vec::new(),
            interrupted: None,
            expected: Arc::default(),
            renamed: None,
            catalogue,
        };
        if !survey.catalogue.has_table(TABLE) {
            return Ok(survey);
        }
        survey.applied = session.migrate().list_applied_migrations(TABLE).await?;
        survey.interrupted = session.migrate().dirty_version(TABLE).await?;
        // The table of marks comes with the first step.
        if !survey.applied.is_empty() && survey.interrupted.is_none() {
            let sql = "select version as number from poem_scaffold_adopted";
            let versions: Vec<Number> = session.connection().fetch_all(sql, &[]).await?;
            survey.adopted = versions.into_iter().map(|version| version.0).collect();
        }
        Ok(survey)
    }

    /// Whether the step of this name is recorded as adopted.
    pub fn has_adopted(&self, name: &str) -> bool {
        let mut named = self.steps.iter().filter(|step| step.up.description == name);
        named.any(|step| self.state_of(step) == MigrationState::Adopted)
    }

    /// The versions that were taken, or begun, the ones of another program among them.
    pub fn taken(&self) -> Vec<i64> {
        let taken = self.applied.iter().map(|taken| taken.version);
        taken.chain(self.interrupted).collect()
    }

    pub(super) fn state_of(&self, step: &Step) -> MigrationState {
        let version = step.up.version;
        match self.applied.iter().any(|taken| taken.version == version) {
            true if self.adopted.contains(&version) => MigrationState::Adopted,
            true => MigrationState::Applied,
            false => MigrationState::Pending,
        }
    }

    /// # Errors
    /// [`Error::Refused`] if the tables were made by a newer version or under another profile.
    pub(super) fn require_known(&self) -> Result<()> {
        self.applied
            .iter()
            .try_for_each(|taken| check_known(taken, &self.steps))
    }

    /// # Errors
    /// [`Error::Refused`] if a step was interrupted, which only whoever holds the lock can tell from one in progress.
    pub(super) fn refuse_interrupted(&self) -> Result<()> {
        let Some(version) = self.interrupted else { return Ok(()) };
        Err(Error::Refused(format!(
            "migration {version} was interrupted and this database engine cannot roll it back by itself: compare the \
             tables with migrations/{}/, then delete its row from {TABLE}",
            self.engine.name()
        )))
    }

    /// The steps to apply or to adopt.
    ///
    /// # Errors
    /// [`Error::Refused`] if the tables were made by a newer version or under another profile, only some of a step's
    /// tables exist, or a column is to be added to an adopted table.
    pub(super) fn plan(&self) -> Result<Vec<(&Step, MigrationState)>> {
        self.require_known()?;
        let mut plan: Vec<(&Step, MigrationState)> = Vec::new();
        for step in self
            .steps
            .iter()
            .filter(|step| self.state_of(step) == MigrationState::Pending)
        {
            let existing: Vec<&String> = step
                .tables
                .iter()
                .filter(|table| self.catalogue.has_table(table))
                .collect();
            let is_adopted = |table: &String| {
                let is_planned = plan
                    .iter()
                    .any(|(made, state)| *state == MigrationState::Adopted && made.tables.contains(table));
                is_planned || self.is_adopted(table)
            };
            let state = match existing.len() {
                0 if step.added().any(|column| is_adopted(&column.table)) => {
                    self.require_added(step)?;
                    MigrationState::Adopted
                }
                0 => MigrationState::Applied,
                count if count == step.tables.len() => MigrationState::Adopted,
                _ => return Err(partly_existing(step, &existing)),
            };
            plan.push((step, state));
        }
        Ok(plan)
    }

    fn is_adopted(&self, table: &String) -> bool {
        self.maker_of(table)
            .is_some_and(|maker| self.state_of(maker) == MigrationState::Adopted)
    }

    /// The step that creates a table.
    fn maker_of(&self, table: &String) -> Option<&Step> {
        self.steps.iter().find(|step| step.tables.contains(table))
    }

    /// Whether the team has added the columns of a step to an adopted table, which is never altered here.
    fn require_added(&self, step: &Step) -> Result<()> {
        let is_missing = |column: &&StepColumn| !self.has(column);
        match step.added().find(is_missing) {
            None => Ok(()),
            Some(StepColumn { table, name, .. }) => Err(Error::Refused(format!(
                "the table {table} belongs to a Flask app and is never altered automatically, but migration {} adds \
                 {name} to it. Run this yourself when the Flask app is ready for it, then try again:\n\n{}",
                step.up.version,
                step.up.sql.as_str()
            ))),
        }
    }

    /// How well the adopted tables, and those that would be adopted, suit our statements.
    ///
    /// The users table is always compared, because it shows which profile the database is for.
    pub fn fit(&self) -> Fit {
        let is_compared = |table: &String| {
            let maker = self.maker_of(table);
            let is_theirs = maker.is_some_and(|maker| self.state_of(maker) != MigrationState::Applied);
            table == "users" || is_theirs && !table.starts_with("poem_scaffold_")
        };
        let is_dropped = |column: &StepColumn| {
            let same = |(table, name): &(String, String)| (table, name) == (&column.table, &column.name);
            self.steps.iter().any(|step| step.dropped.iter().any(same))
        };
        let mut needed: Vec<&StepColumn> = Vec::new();
        for step in self.steps.iter() {
            // A column that is yet to be added is asked for by the plan.
            let is_due = |column: &StepColumn| !column.is_added || self.state_of(step) != MigrationState::Pending;
            let columns = step.columns.iter().filter(|column| is_compared(&column.table));
            needed.extend(columns.filter(|column| !is_dropped(column) && (is_due(column) || self.has(column))));
        }
        needed.extend(self.expected.iter());
        let renamed = self.renamed.and_then(|renamed| {
            let place = needed.iter().position(|column| renamed.is_of(column))?;
            Some((place, renamed.of(needed[place], &self.catalogue)))
        });
        if let Some((place, column)) = &renamed {
            needed[*place] = column;
        }
        let mut fit = fit::compare(self.engine, &needed, &self.catalogue);
        // A table that is yet to be made will not have them either.
        let unmade = self
            .expected
            .iter()
            .filter(|column| !self.catalogue.has_table(&column.table));
        fit.misfits
            .extend(unmade.map(|column| fit::missing(self.engine, column)));
        fit
    }

    fn has(&self, column: &StepColumn) -> bool {
        self.catalogue.column(&column.table, &column.name).is_some()
    }

    /// # Errors
    /// [`Error::Refused`] with what does not [fit](Survey::fit).
    pub(super) fn require_fit(&self) -> Result<()> {
        let misfits: Vec<String> = self.fit().misfits.iter().map(ToString::to_string).collect();
        if misfits.is_empty() {
            return Ok(());
        }
        Err(Error::Refused(format!(
            "some tables cannot be served as they are:\n  {}",
            misfits.join("\n  ")
        )))
    }
}

fn check_known(taken: &AppliedMigration, known: &[Step]) -> Result<()> {
    match known.iter().find(|step| step.up.version == taken.version) {
        None => Err(Error::Refused(format!(
            "the database has migration {}, which this program does not know: it was made by a newer version or under \
             another FLASK_PROFILE",
            taken.version
        ))),
        Some(step) if step.up.checksum != taken.checksum => Err(Error::Refused(format!(
            "migration {} was changed after it was applied; add a new migration instead",
            taken.version
        ))),
        Some(_) => Ok(()),
    }
}

fn partly_existing(step: &Step, existing: &[&String]) -> Error {
    let missing: Vec<&str> = step
        .tables
        .iter()
        .filter(|table| !existing.contains(table))
        .map(String::as_str)
        .collect();
    let existing: Vec<&str> = existing.iter().map(|table| table.as_str()).collect();
    Error::Refused(format!(
        "the database has the table {} but not {}: these tables can neither be adopted nor created; \
         check DATABASE_URL and FLASK_PROFILE",
        existing.join(", "),
        missing.join(", ")
    ))
}
