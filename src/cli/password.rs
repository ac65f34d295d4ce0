//! Reads a password without showing it.

use std::io::{BufRead, IsTerminal};

use super::progress;
use crate::error::{Error, Result};

/// Asks twice without echo, or takes the first line of standard input when it is not a terminal.
///
/// # Errors
/// [`Error::Refused`] if there is none, or if the two differ.
pub(super) fn read_twice() -> Result<String> {
    let password = read_once()?;
    if std::io::stdin().is_terminal() && password != prompt("Repeat password: ")? {
        return Err(Error::Refused("the passwords do not match".to_owned()));
    }
    Ok(password)
}

/// As [`read_twice`], asking once.
///
/// # Errors
/// [`Error::Refused`] if there is none.
pub(super) fn read_once() -> Result<String> {
    progress::clear();
    if std::io::stdin().is_terminal() {
        return prompt("Password: ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
    let password = line.trim_end_matches(['\r', '\n']).to_owned();
    if password.is_empty() {
        return Err(Error::Refused(
            "the first line of standard input is empty; expected the password".to_owned(),
        ));
    }
    Ok(password)
}

fn prompt(text: &str) -> Result<String> {
    rpassword::prompt_password(text).map_err(failed)
}

fn failed(error: std::io::Error) -> Error {
    Error::Io("cannot read the password".to_owned(), error)
}
