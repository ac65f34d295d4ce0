//! `completions`: what a shell needs to complete the command line.

use clap_complete::{Shell, generate};

use super::output::say_exactly;
use crate::error::Result;

#[derive(clap::Args)]
#[command(
    after_help = "Examples:\n  poem-scaffold completions bash > ~/.local/share/bash-completion/completions/poem-scaffold\n  \
                  poem-scaffold completions fish > ~/.config/fish/completions/poem-scaffold.fish"
)]
pub struct Args {
    /// The shell
    shell: Shell,
}

/// Prints the script of a shell for the program `name`, whose command line this is.
///
/// # Errors
/// [`crate::error::Error::Output`].
pub fn run(mut command: clap::Command, name: &str, args: &Args) -> Result<()> {
    let mut script = Vec::new();
    generate(args.shell, &mut command, name, &mut script);
    say_exactly(String::from_utf8_lossy(&script).trim_end())
}
