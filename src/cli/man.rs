//! `man`: manual pages of the program and of its commands.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap_mangen::Man;

use super::output::say;
use crate::error::{Error, Result};

#[derive(clap::Args)]
#[command(after_help = "Example:\n  poem-scaffold man ~/.local/share/man/man1")]
pub struct Args {
    /// The folder to write the pages to
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Writes a page for the program `name`, whose command line this is, and for each of its commands.
///
/// # Errors
/// [`Error::Io`] where the folder or a page cannot be written.
pub fn run(command: clap::Command, name: &str, args: &Args) -> Result<()> {
    let folder = &args.folder;
    fs::create_dir_all(folder)
        .and_then(|()| write(command, folder))
        .map_err(|error| Error::Io(format!("cannot write manual pages to {}", folder.display()), error))?;
    say(format!("wrote {}", folder.join(format!("{name}.1")).display()))
}

/// Writes the page of a command, and those of its own commands.
fn write(command: clap::Command, folder: &Path) -> io::Result<()> {
    let is_documented = |command: &&clap::Command| command.get_name() != "help";
    for subcommand in command.get_subcommands().filter(is_documented) {
        write(subcommand.clone(), folder)?;
    }
    Man::new(command).generate_to(folder).map(drop)
}
