//! The command line: one file per subcommand.

mod arguments;
mod command;
mod completions;
mod database;
mod db;
mod eject;
mod errors;
mod explain;
mod handover;
mod log;
mod man;
mod new;
mod openapi;
mod output;
mod parity;
mod password;
mod progress;
mod routes;
mod scaffold;
mod serve;
mod user;

use std::{
    io::ErrorKind,
    process::ExitCode,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use self::command::{Cli, Command};
use crate::{
    accounts::users::further,
    config::{Config, set_program_name},
    error::{Error, Result},
    project::App,
};

/// How long the end of the process waits for work on blocking threads.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(1);

/// Runs the command line of a project's program, prints the error once and gives the exit code.
pub fn run(app: App) -> ExitCode {
    set_program_name(app.name);
    let mut is_json = false;
    let outcome = arguments::parse(&app).and_then(|cli| {
        is_json = cli.command.as_ref().is_some_and(Command::is_json);
        run_command(&app, cli)
    });
    progress::clear();
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever closed the pipe has read enough, as `head` does.
        Err(Error::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            errors::print(&error, is_json);
            ExitCode::from(error.exit_code())
        }
    }
}

fn run_command(app: &App, cli: Cli) -> Result<()> {
    match &cli.command {
        Some(Command::New(args)) => return new::run(args, &cli.settings),
        Some(Command::Scaffold(args)) => return scaffold::scaffold(args),
        Some(Command::Upgrade(args)) => return scaffold::upgrade(args),
        Some(Command::Eject(command)) => return eject::run(app, command),
        Some(Command::Completions(args)) => return completions::run(arguments::command(app), app.name, args),
        Some(Command::Explain(args)) => return explain::run(args),
        Some(Command::Man(args)) => return man::run(arguments::command(app), app.name, args),
        Some(Command::Destroy(_)) => {}
        None
        | Some(
            Command::Serve
            | Command::Db(_)
            | Command::User(_)
            | Command::Routes(_)
            | Command::Openapi(_)
            | Command::Parity(_),
        ) => {
            handover::run(app)?;
        }
    }
    further::install(app.users, app.active_column)?;
    check_clock(SystemTime::now())?;
    let cli = match cli.command {
        Some(Command::Parity(command)) => return parity::run(app, &cli.settings, command),
        _ => cli,
    };
    // The database of something that is taken out is that of the project, whichever program does it.
    let owner = match &cli.command {
        Some(Command::Destroy(args)) => scaffold::package(args)?,
        _ => app.name.to_owned(),
    };
    let config = Config::new(cli.settings, &owner, app.shown_title())?;
    let log = log::Log::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Io("cannot start threads".to_owned(), error))?;
    let outcome = runtime.block_on(async {
        match cli.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(app, config).await,
            Command::Db(command) => db::run(app, &config, command).await,
            Command::User(command) => user::run(app, &config, command).await,
            Command::Openapi(args) => openapi::run(app, &config, &args),
            Command::Routes(args) => routes::run(app, &config, args),
            // Done above.
            Command::New(_)
            | Command::Scaffold(_)
            | Command::Upgrade(_)
            | Command::Eject(_)
            | Command::Completions(_)
            | Command::Explain(_)
            | Command::Man(_)
            | Command::Parity(_) => Ok(()),
            Command::Destroy(args) => scaffold::destroy(app, &config, &args).await,
        }
    });
    // Work on blocking threads cannot be cut off, only be left.
    runtime.shutdown_timeout(LEAVE_TIMEOUT);
    log.flush();
    outcome
}

/// Refuses a time at which the libraries of time and of HTTP panic.
fn check_clock(now: SystemTime) -> Result<()> {
    /// The first of January of the year 9999.
    const END: Duration = Duration::from_secs(253_370_764_800);
    match now.duration_since(UNIX_EPOCH) {
        Ok(since) if since < END => Ok(()),
        _ => Err(Error::Refused(
            "the system clock is set to a year before 1970 or after 9998: correct it".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_far_off_is_refused() {
        let year = Duration::from_secs(31_556_952);
        for now in [UNIX_EPOCH, UNIX_EPOCH + year * 130, SystemTime::now()] {
            assert!(check_clock(now).is_ok(), "{now:?}");
        }
        for now in [UNIX_EPOCH - year, UNIX_EPOCH + year * 8030, UNIX_EPOCH + year * 9000] {
            assert!(check_clock(now).is_err(), "{now:?}");
        }
    }
}
