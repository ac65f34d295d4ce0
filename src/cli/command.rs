//! The subcommands and what each of them takes.

use clap::{Parser, Subcommand};

use super::{completions, db, eject, man, new, openapi, scaffold, user};
use crate::config::Settings;

/// Serves an API with users and logins, admin pages and API docs, as the Flask JWT apps did
#[derive(Parser)]
#[command(
    after_help = "Settings are taken from flags, then from the environment, then from .env in this folder.\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage or refused input."
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) settings: Settings,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Start the server (what happens without a command)
    Serve,
    /// Create, inspect and take back tables
    #[command(subcommand)]
    Db(db::Command),
    /// Create and change users
    #[command(subcommand)]
    User(user::Command),
    /// Write the OpenAPI document of the profile to openapi/<profile>.json
    Openapi(openapi::Args),
    /// Make a project of your own in a new folder
    New(new::Args),
    /// Add resources to a project: code, migrations, tests, pages, API docs
    Scaffold(scaffold::ScaffoldArgs),
    /// Take a scaffolded resource out again
    Destroy(scaffold::DestroyArgs),
    /// Bring what was generated in a project to this version, with your edits kept
    Upgrade(scaffold::UpgradeArgs),
    /// Copy files of the library into the project, to be changed there
    #[command(subcommand)]
    Eject(eject::Command),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Write manual pages of the program and its commands
    Man(man::Args),
}

impl Command {
    /// Whether it never looks at a server's settings: it changes the sources of a project, or is about the command line.
    pub(super) fn needs_no_settings(&self) -> bool {
        matches!(
            self,
            Self::New(_) | Self::Scaffold(_) | Self::Upgrade(_) | Self::Eject(_) | Self::Completions(_) | Self::Man(_)
        )
    }
}
