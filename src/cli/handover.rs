//! `serve`, `db`, `user` and `openapi` in a project whose program is another than this: they are that program's.

use std::{io::IsTerminal, process::Command};

use super::output::say;
use crate::{
    config,
    error::{Error, Result},
    project::App,
    scaffold::project::{Project, here},
};

/// Cargo's own progress bar, which `--quiet` would hide: the first build takes minutes. With `always` a width is required.
const SHOW_BAR: [&str; 4] = [
    "--config",
    "term.progress.when='always'",
    "--config",
    "term.progress.width=60",
];

/// Has the program of the project around this folder do it, if that is another, and ends with its exit code.
///
/// # Errors
/// [`Error::Io`] if cargo does not run.
pub fn run(app: &App) -> Result<()> {
    // Then it is the project's own already, and there is nothing to look for.
    if config::is_run_by_cargo() {
        return Ok(());
    }
    let Some(project) = Project::around(&here()?) else {
        return Ok(());
    };
    let package = project.package()?;
    if package == app.name {
        return Ok(());
    }
    say(format!(
        "This is the project `{package}`: running its own program with `cargo run`"
    ))?;
    let mut cargo = Command::new("cargo");
    if std::io::stderr().is_terminal() {
        cargo.args(SHOW_BAR);
    }
    cargo
        .arg("run")
        .arg("--quiet")
        .arg("--")
        .args(std::env::args_os().skip(1))
        .current_dir(&project.root);
    Err(Error::Io("cannot run cargo".to_owned(), replace_by(cargo)))
}

/// Ends as the other program, which gets this one's signals too.
#[cfg(unix)]
fn replace_by(mut command: Command) -> std::io::Error {
    std::os::unix::process::CommandExt::exec(&mut command)
}

#[cfg(not(unix))]
fn replace_by(mut command: Command) -> std::io::Error {
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}
