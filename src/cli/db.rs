//! `db upgrade`, `db status`, `db downgrade`.

use clap::Subcommand;

use super::{
    database::{misfits, open_database, open_upgraded, require_existing},
    output::say,
    progress,
};
use crate::{
    config::Config,
    db::migrations::{self, MigrationState, Status},
    error::Result,
    project::App,
};

#[derive(Subcommand)]
pub enum Command {
    /// Apply all pending migrations; tables of a Flask app are adopted unchanged
    Upgrade,
    /// List all migrations and whether they are applied
    Status,
    /// Revert the newest migration; adopted tables are left unchanged
    Downgrade,
}

pub async fn run(app: &App, config: &Config, command: Command) -> Result<()> {
    progress::start(format!("Waiting for {}", config.database_url));
    match command {
        Command::Upgrade => {
            let opened = open_upgraded(app, config, true).await?;
            if opened.taken.is_empty() {
                say("nothing to do, all migrations are applied")?;
            }
            list(&opened.taken)?;
            opened.notes.iter().try_for_each(|note| say(format!("note: {note}")))?;
        }
        Command::Status => {
            require_existing(&config.database_url)?;
            let (db, survey) = open_database(app, config).await?;
            list(&migrations::status(&db, &survey).await?)?;
            let fit = survey.fit();
            let misfits = misfits(config, &survey, &fit);
            let mut notes = misfits.iter().chain(&fit.notes);
            notes.try_for_each(|note| say(format!("note: {note}")))?;
        }
        Command::Downgrade => {
            require_existing(&config.database_url)?;
            let (_, survey) = open_database(app, config).await?;
            let name = |step: &Status| progress::update(format!("Reverting migration {} {}", step.version, step.name));
            match migrations::downgrade(config.direct_url(), &survey, &name).await? {
                None => say("nothing to do, no migration is applied")?,
                Some(Status {
                    version,
                    name,
                    state: MigrationState::Adopted,
                }) => say(format!(
                    "{version} {name}: reverted, its adopted tables are left unchanged"
                ))?,
                Some(Status { version, name, .. }) => say(format!("{version} {name}: reverted"))?,
            }
        }
    }
    Ok(())
}

/// Prints a line for each migration.
fn list(all: &[Status]) -> Result<()> {
    let width = all.iter().map(|status| status.name.len()).max().unwrap_or_default();
    all.iter().try_for_each(|status| {
        let state = match status.state {
            MigrationState::Pending => "pending",
            MigrationState::Applied => "applied",
            MigrationState::Adopted => "adopted",
        };
        say(format!("{} {:<width$} {state}", status.version, status.name))
    })
}
