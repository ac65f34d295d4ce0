//! Runs the command line, prints the error once and sets the exit code.
#![forbid(unsafe_code)]

use std::{io::Write, process::ExitCode};

use poem_scaffold::text::visible_lines;

fn main() -> ExitCode {
    match poem_scaffold::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The exit code tells it too, where nobody reads standard error.
            let _ = writeln!(std::io::stderr(), "error: {}", visible_lines(error.with_causes()));
            ExitCode::from(error.exit_code())
        }
    }
}
