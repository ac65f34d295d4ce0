//! Reads the command line, and the settings that it leaves out.

use std::{ffi::OsString, path::PathBuf};

use clap::{
    ArgMatches, CommandFactory, FromArgMatches,
    builder::{Resettable, StyledStr},
    error::{ContextKind, ContextValue, ErrorKind},
    parser::ValueSource,
};

use super::{
    command::{Cli, Command},
    scaffold,
};
use crate::{
    config::{complete, load_dotenv, setting_error, without_empty},
    error::{Error, Result},
    project::App,
};

/// Reads flags, then the environment, then `.env`; a wrong command line and help end the process.
///
/// # Errors
/// [`Error::Refused`] for a setting whose value cannot be used.
pub(super) fn parse(app: &App) -> Result<Cli> {
    let documented = command(app);
    let arguments = without_empty(std::env::args_os(), &documented);
    let given = or_end(taken(app, &arguments, &documented)?, app, &arguments)?;
    // Such a command must not fail because of a server's settings.
    match Cli::from_arg_matches(&given) {
        Ok(cli) if matches!(&cli.command, Some(command) if command.needs_no_settings()) => return Ok(cli),
        _ => {}
    }
    load_dotenv(&folder_of_settings(&given)?)?;
    let is_given = |id: &str| given.value_source(id) == Some(ValueSource::CommandLine);
    let completed = complete(&arguments, &documented, is_given);
    let found = or_end(taken(app, &completed, &documented)?, app, &arguments)?;
    let parsed = Cli::from_arg_matches(&found).map_err(|error| error.format(&mut command(app)));
    or_end(parsed, app, &arguments)
}

/// The command line of a project's program, which goes by the project's name.
fn of(app: &App) -> clap::Command {
    // Each command takes all settings.
    let command = Cli::command().mut_args(|arg| arg.global(true));
    let command = command.name(app.name).version(app.version);
    let by_its_name = |text: Option<&StyledStr>| text.map(|text| text.to_string().replace("poem-scaffold", app.name));
    let command = command
        .mut_arg("database_url", |arg| {
            let help = by_its_name(arg.get_help());
            arg.help(Resettable::from(help.map(StyledStr::from)))
        })
        .mut_subcommands(|subcommand| {
            let examples = by_its_name(subcommand.get_after_help());
            subcommand.after_help(Resettable::from(examples.map(StyledStr::from)))
        });
    match app.about {
        Some(about) => command.about(about),
        None => command,
    }
}

/// The command line as its help shows it.
pub(super) fn command(app: &App) -> clap::Command {
    let mut command = of(app);
    command.build();
    // Settings of a server would bury the help of these.
    for (name, settings) in [
        ("scaffold", &[][..]),
        ("destroy", &[]),
        ("upgrade", &[]),
        ("eject", &[]),
        ("completions", &[]),
        ("explain", &[]),
        ("man", &[]),
        ("new", &["profile", "database_url"]),
    ] {
        command = command.mut_subcommand(name, |subcommand| with_settings(subcommand, settings));
    }
    // `rehearse` starts a server.
    for name in ["record", "replay", "compare"] {
        command = command.mut_subcommand("parity", |parity| {
            parity.mut_subcommand(name, |subcommand| with_settings(subcommand, &["profile", "fidelity"]))
        });
    }
    command
}

/// The command with no settings but these in its help.
fn with_settings(command: clap::Command, settings: &[&str]) -> clap::Command {
    let is_hidden = |arg: &clap::Arg| arg.is_global_set() && !settings.contains(&arg.get_id().as_str());
    command.mut_args(|arg| if is_hidden(&arg) { arg.hide(true) } else { arg })
}

/// As [`matches`], but for a setting whose value cannot be used: clap's own message would show it.
fn taken(app: &App, arguments: &[OsString], documented: &clap::Command) -> Result<clap::error::Result<ArgMatches>> {
    let found = matches(app, arguments);
    let refused = found.as_ref().err().and_then(|error| setting_error(error, documented));
    refused.map_or(Ok(found), Err)
}

/// What the arguments alone say: the environment is not read here.
fn matches(app: &App, arguments: &[OsString]) -> clap::error::Result<ArgMatches> {
    let without_environment = of(app).mut_args(|arg| arg.env(Resettable::Reset));
    without_environment.try_get_matches_from(arguments)
}

/// The folder whose `.env` is meant: this one, or the project's where something is taken out of one.
fn folder_of_settings(given: &ArgMatches) -> Result<PathBuf> {
    match Cli::from_arg_matches(given).map(|cli| cli.command) {
        Ok(Some(Command::Destroy(args))) => scaffold::folder(&args),
        _ => Ok(PathBuf::from(".")),
    }
}

/// What was read; an error of usage, and help, are shown, and end the process.
fn or_end<T>(outcome: clap::error::Result<T>, app: &App, arguments: &[OsString]) -> Result<T> {
    let mut error = match outcome {
        Ok(read) => return Ok(read),
        Err(error) => error,
    };
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    ) && let Err(documented) = command(app).try_get_matches_from(arguments)
    {
        error = documented;
    }
    hide_values(&mut error, app, arguments);
    match error.print() {
        Err(cause) if !error.use_stderr() => Err(Error::Output(cause)),
        _ => std::process::exit(error.exit_code()),
    }
}

/// Leaves out the argument that is wrong where it may be a part of a setting's value, as of one with a space and no quotes.
fn hide_values(error: &mut clap::Error, app: &App, arguments: &[OsString]) {
    if !matches!(error.kind(), ErrorKind::UnknownArgument | ErrorKind::InvalidSubcommand) {
        return;
    }
    let has_setting = command(app).get_arguments().any(|arg| {
        let flag = format!("--{}", arg.get_long().unwrap_or_default());
        arg.get_env().is_some() && arguments.iter().any(|given| given.to_string_lossy().starts_with(&flag))
    });
    for kind in [
        ContextKind::InvalidArg,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidValue,
    ] {
        let is_flag = matches!(error.get(kind), Some(ContextValue::String(text)) if text.starts_with("--"));
        if has_setting && !is_flag {
            error.remove(kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_is_that_of_the_projects_program() {
        let mut command = command(&App::new("blog", "1.2.3"));
        assert_eq!(command.render_version(), "blog 1.2.3\n");
        let help = command.render_long_help().to_string();
        assert!(
            help.contains("sqlite:blog.db") && !help.contains("poem-scaffold"),
            "{help}"
        );
        let scaffold = command.find_subcommand_mut("scaffold").unwrap();
        let help = scaffold.render_long_help().to_string();
        assert!(
            help.contains("blog scaffold post") && !help.contains("poem-scaffold"),
            "{help}"
        );
    }
}
