//! The subcommands and their arguments.

use clap::{Parser, Subcommand};

use super::{completions, db, eject, explain, man, new, openapi, parity, routes, scaffold, user};
use crate::config::Settings;

/// JSON:API server with users, logins, admin pages and API docs, compatible with Flask-Scaffold
#[derive(Parser)]
#[command(
    after_help = "Settings are read from flags, then from the environment, then from .env in this folder.\n\
                  Exit codes: 0 success, 1 failure, 2 wrong usage or refused input."
)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) settings: Settings,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Start the server (the default command)
    Serve,
    /// Apply, list and revert migrations
    #[command(subcommand)]
    Db(db::Command),
    /// Create, list and change users
    #[command(subcommand)]
    User(user::Command),
    /// List who answers each route while an old app is behind the server, or set it
    Routes(routes::Args),
    /// Write the OpenAPI document of the profile to openapi/<profile>.json
    Openapi(openapi::Args),
    /// Prove that this server answers as the old app does
    #[command(subcommand)]
    Parity(parity::Command),
    /// Create a project in a new folder
    New(new::Args),
    /// Add resources to a project: code, migrations, tests, pages, API docs
    Scaffold(Box<scaffold::ScaffoldArgs>),
    /// Remove a scaffolded resource
    Destroy(scaffold::DestroyArgs),
    /// Update a project's generated code to this version, keeping your edits
    Upgrade(scaffold::UpgradeArgs),
    /// Copy files of the library into the project to customize them
    #[command(subcommand)]
    Eject(eject::Command),
    /// Explain the code of an error in a definition, such as E11
    Explain(explain::Args),
    /// Print a completion script for a shell
    Completions(completions::Args),
    /// Write manual pages of the program and its commands
    Man(man::Args),
}

impl Command {
    /// Whether it never reads a server's settings: it changes the sources of a project, or describes the command line.
    pub(super) fn needs_no_settings(&self) -> bool {
        matches!(
            self,
            Self::New(_)
                | Self::Scaffold(_)
                | Self::Upgrade(_)
                | Self::Eject(_)
                | Self::Completions(_)
                | Self::Explain(_)
                | Self::Man(_)
        )
    }

    /// Whether programs read what it prints, errors among it.
    pub(super) fn is_json(&self) -> bool {
        match self {
            Self::Scaffold(args) => args.is_json(),
            Self::Upgrade(args) => args.is_json(),
            Self::Destroy(args) => args.is_json(),
            Self::Routes(args) => args.is_json(),
            _ => false,
        }
    }
}
