//! What the program tells shells and readers of its commands.

use std::{fs, process::Command};

use crate::support::program;

#[test]
fn a_shell_and_man_learn_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(program());
        let output = command.args(args).current_dir(folder.path()).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {errors}");
        String::from_utf8(output.stdout).unwrap()
    };
    // They do not read settings, so one that cannot be used is not in their way.
    fs::write(folder.path().join(".env"), "PORT=x\n").unwrap();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(run(&["completions", shell]).contains("scaffold"), "{shell}");
    }
    let help = run(&["completions", "--help"]);
    assert!(help.contains("bash") && !help.contains("--database-url"), "{help}");
    run(&["man", "man1"]);
    for page in ["poem-scaffold", "poem-scaffold-scaffold", "poem-scaffold-db-upgrade"] {
        let text = fs::read_to_string(folder.path().join(format!("man1/{page}.1"))).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    assert!(!folder.path().join("man1/poem-scaffold-help.1").exists());
}
