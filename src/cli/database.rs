//! Opens the database for a command, once it is clear whose tables are in it and that they can be served.

use super::progress;
use crate::{
    accounts::users::further::columns,
    auth::active_column::{self, ACTIVE},
    config::{Config, DatabaseUrl, Profile, absolute, program},
    db::{
        Db,
        catalogue::Class,
        migrations::{self, Fit, Misfit, RenamedColumn, Status, Survey},
    },
    error::{Error, Result},
    flask::tables::{ModificationTime, OriginalApp, UsersTable, recognise_users},
    project::App,
};

/// The characters of a hash: bcrypt's, and those of `pbkdf2:sha256:ITERATIONS$salt$digest` but the iterations' digits.
const BCRYPT_CHARS: usize = 60;
const PBKDF2_CHARS: usize = 96;

/// A database whose tables are as they have to be.
pub struct OpenDatabase {
    /// The database.
    pub db: Db,
    /// The migrations that were just applied.
    pub taken: Vec<Status>,
    /// What is served, with requests that will always be refused, a line each.
    pub notes: Vec<String>,
    /// Whether the users table is a Flask app's own.
    pub has_adopted_users: bool,
    /// What the users table is like, where releases of the original differ in it.
    pub users_table: UsersTable,
}

/// Opens the database and makes sure that its users table, if there is one, is not another profile's.
pub async fn open_database(app: &App, config: &Config) -> Result<(Db, Survey)> {
    let db = Db::connect(&config.database_url).await?;
    let survey = Survey::of(&db, &app.all_migrations(), config.profile).await?;
    let survey = survey.expecting(&columns::expected()).reading(active_in(app));
    if let Some(original) = original_of(&survey)
        && let Some(profile) = original.profile.filter(|profile| *profile != config.profile)
        && survey.fit().misfits.iter().any(is_about_users)
    {
        return Err(Error::Refused(format!(
            "the users table of {} looks like that of {}, whose profile is {2}: set FLASK_PROFILE={2}",
            config.database_url,
            original.name,
            profile.name()
        )));
    }
    Ok((db, survey))
}

/// What of the tables that steps make has another name in the project's database.
fn active_in(app: &App) -> RenamedColumn {
    RenamedColumn {
        table: "users",
        from: ACTIVE,
        to: app.active_column,
    }
}

/// As [`open_database`], with pending migrations applied and all tables compared; refused before anything is written.
///
/// With CREATE_TABLES=off an empty database is filled only on the explicit command, `db upgrade`.
pub async fn open_upgraded(app: &App, config: &Config, is_explicit: bool) -> Result<OpenDatabase> {
    let may_fill = is_explicit || config.create_tables;
    if !may_fill {
        require_existing(&config.database_url)?;
    }
    let (db, mut survey) = open_database(app, config).await?;
    if let Some(misfits) = misfits(config, &survey, &survey.fit()) {
        return Err(Error::Refused(misfits));
    }
    if !may_fill && !survey.catalogue.has_table("users") {
        return Err(Error::Refused(format!(
            "{} has no users table, and CREATE_TABLES is off (the default under FLASK_FIDELITY=flask): check DATABASE_URL, \
             or run `{} db upgrade` to create the tables",
            config.database_url,
            program()
        )));
    }
    let name = |step: &Status| progress::update(format!("Applying migration {} {}", step.version, step.name));
    let taken = migrations::upgrade(&db, config.direct_url(), &mut survey, &name).await?;
    let fit = survey.fit();
    if !fit.misfits.is_empty() {
        let lines: Vec<String> = fit.misfits.iter().map(ToString::to_string).collect();
        return Err(Error::Refused(format!(
            "the migrations were applied to {}, and do not make what the project's list of user attributes needs:\n  {}",
            config.database_url,
            lines.join("\n  ")
        )));
    }
    let mut notes = fit.notes;
    notes.extend(short_password_column(config, &survey));
    Ok(OpenDatabase {
        has_adopted_users: survey.has_adopted("users"),
        users_table: users_table(&survey, config.profile),
        db,
        taken,
        notes,
    })
}

/// What of the tables cannot be served, with whose they may be.
pub fn misfits(config: &Config, survey: &Survey, fit: &Fit) -> Option<String> {
    let misfits = &fit.misfits;
    if misfits.is_empty() {
        return None;
    }
    let lines: Vec<String> = misfits.iter().map(ToString::to_string).collect();
    let whose = match original_of(survey) {
        _ if !misfits.iter().any(is_about_users) || !survey.catalogue.has_table("users") => String::new(),
        Some(OriginalApp { name, profile: None }) => {
            format!("\nThe users table looks like that of {name}, which had no logins.")
        }
        Some(OriginalApp { name, .. }) => format!("\nThe users table looks like that of {name}."),
        None => "\nThe users table does not match any supported Flask app; check DATABASE_URL.".to_owned(),
    };
    Some(format!(
        "the tables of {} cannot be served as they are under FLASK_PROFILE={}; nothing was changed:\n  {}{whose}",
        config.database_url,
        config.profile.name(),
        lines.join("\n  ")
    ))
}

/// One that was made just now is 1.0's.
fn users_table(survey: &Survey, profile: Profile) -> UsersTable {
    if profile != Profile::Scaffold10 {
        return UsersTable::default();
    }
    let column = |name| survey.catalogue.column("users", name);
    UsersTable {
        active_is_boolean: column(active_column::name()).is_some_and(|column| column.class == Class::Boolean),
        modification_time: column("modification_time").map(|column| match column.is_nullable {
            true => ModificationTime::Nullable,
            false => ModificationTime::Required,
        }),
    }
}

fn is_about_users(misfit: &Misfit) -> bool {
    misfit.table == "users"
}

fn original_of(survey: &Survey) -> Option<OriginalApp> {
    // An app that has `active` under another name is told by all other columns.
    let column = |name: &str| match name {
        ACTIVE => survey.catalogue.column("users", active_column::name()),
        name if name == active_column::name() => None,
        name => survey.catalogue.column("users", name),
    };
    let active = column(ACTIVE).map(|column| column.class);
    recognise_users(|name| column(name).is_some(), active == Some(Class::Boolean))
}

/// Says that new passwords will be refused, where the column is too short for a hash.
fn short_password_column(config: &Config, survey: &Survey) -> Option<String> {
    let needed = match config.hashes_for_flask(survey.has_adopted("users")) {
        true => PBKDF2_CHARS + config.password_iterations.to_string().len(),
        false => BCRYPT_CHARS,
    };
    let chars = survey.catalogue.column("users", "password")?.max_chars?;
    let is_short = usize::try_from(chars).is_ok_and(|chars| chars < needed);
    is_short.then(|| {
        format!("users.password holds {chars} characters and a hash has {needed}: new passwords will be refused")
    })
}

/// Refuses to create an SQLite file as the side effect of a look.
pub fn require_existing(url: &DatabaseUrl) -> Result<()> {
    match url {
        DatabaseUrl::Sqlite(path) if !path.exists() => Err(Error::Refused(format!(
            "the file {} does not exist; `{} db upgrade` creates it, --database-url selects another",
            absolute(path).display(),
            program()
        ))),
        _ => Ok(()),
    }
}
