//! rustfmt, which the code of resources is formatted with.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
    process::{Command, Stdio},
};

use crate::error::{Error, Result};

/// Whether it is installed; rustup has a program of that name even where the component is missing.
///
/// # Errors
/// [`Error::Io`] where the program is there and cannot be run.
pub fn is_installed() -> Result<bool> {
    match Command::new("rustfmt").arg("--version").output() {
        Ok(output) => Ok(output.status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(not_run(error)),
    }
}

/// The settings by which it formats what is in a folder.
pub fn settings(folder: &Path) -> String {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let files = folder
        .ancestors()
        .flat_map(|folder| ["rustfmt.toml", ".rustfmt.toml"].map(|name| folder.join(name)));
    let mut settings = files.filter_map(|file| fs::read_to_string(file).ok());
    settings.next().unwrap_or_default()
}

fn not_run(error: std::io::Error) -> Error {
    Error::Io("cannot run rustfmt".to_owned(), error)
}

/// What it makes of a text with the settings of a folder, or the first line of why it refuses.
///
/// # Errors
/// As [`is_installed`].
pub fn format(text: &str, root: &Path) -> Result<std::result::Result<String, String>> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        // It looks for its settings from there.
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_run)?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(text.as_bytes()) {
            // One that refuses its settings ends before it has read the text.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(not_run(error)),
            _ => {}
        }
    }
    let output = child.wait_with_output().map_err(not_run)?;
    if output.status.success() {
        return Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()));
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Ok(Err(message.lines().next().unwrap_or("rustfmt rejected it").to_owned()))
}
