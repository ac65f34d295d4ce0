//! Commands in a terminal.

use std::{path::Path, process::Command};

use serde_json::json;

use super::{program, server::ServerConfig, services::left_out};

/// What a terminal is sent by a command, and the exit code; `answers` are texts to wait for, with what is typed then.
pub fn in_terminal(
    config: &ServerConfig,
    dir: &Path,
    answers: &[(&str, &str)],
    args: &[&str],
) -> Option<(String, Option<i32>)> {
    if Command::new("python3").arg("--version").output().is_err() {
        return left_out("a terminal", "Python");
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/terminal.py");
    let program = program();
    let answers = json!(answers).to_string();
    let start = [script, &answers, program.to_str().unwrap()];
    let python = config.clone().binary(Path::new("python3")).env("TERM", "xterm");
    let output = python.command(dir, &[&start[..], args].concat());
    Some((
        String::from_utf8_lossy(&output.stdout).into_owned(),
        output.status.code(),
    ))
}
