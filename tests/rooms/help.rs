//! The help of every command, as a terminal of 80 columns shows it.

use std::process::Command;

use crate::support::program;

/// The columns of the terminal.
pub const COLUMNS: usize = 80;

/// The help of the program and of its commands, by the words that name them: `db upgrade`.
pub fn helps() -> Vec<(String, String)> {
    let mut found = Vec::new();
    add(&[], &mut found);
    found
}

/// Adds the help of a command and of its subcommands.
fn add(words: &[String], found: &mut Vec<(String, String)>) {
    let output = Command::new(program())
        .args(words)
        .arg("--help")
        .env("COLUMNS", COLUMNS.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}");
    let help = String::from_utf8(output.stdout).unwrap();
    let commands = help
        .split("\nCommands:\n")
        .nth(1)
        .map_or("", |rest| rest.split("\n\n").next().unwrap());
    let name = |line: &str| {
        line.strip_prefix("  ")?
            .split(' ')
            .next()
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
    };
    for name in commands.lines().filter_map(name).filter(|name| name != "help") {
        add(&[words, &[name]].concat(), found);
    }
    found.push((words.join(" "), help));
}
