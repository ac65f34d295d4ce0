//! What the Python packages of the originals say now about the inputs of the committed vectors.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use poem_scaffold::flask::plural::plural;
use serde_json::Value;

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// A Python with this release of a package; `None` where there is none and no services are required.
fn python_with(package: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let mut make = Command::new("sh");
    let made = make.arg(vectors().join("make_venvs.sh")).arg(&folder).arg(package);
    let made = made.output().unwrap();
    if made.status.success() {
        return Some(folder.join(package.replace("==", "-")).join("bin/python"));
    }
    let reason = String::from_utf8_lossy(&made.stderr);
    assert_ne!(std::env::var("REQUIRE_SERVICES").as_deref(), Ok("1"), "{reason}");
    eprintln!("LEFT OUT: the check with {package} needs Python, pip and its registry: {reason}");
    None
}

/// Compares a file of vectors with what a script makes of it now.
fn is_said_by(package: &str, script: &str, file: &str) {
    let Some(python) = python_with(package) else { return };
    let file = vectors().join(file);
    let output = Command::new(python)
        .arg(vectors().join(script))
        .arg(&file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let now: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let committed: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(now.len(), committed.len());
    for (now, committed) in now.iter().zip(&committed) {
        assert_eq!(now, committed);
    }
}

#[test]
fn plurals_are_those_of_inflect() {
    is_said_by("inflect==0.2.5", "make_plurals.py", "plurals.json");
}

#[test]
fn truths_are_those_of_marshmallow() {
    is_said_by("marshmallow==2.3.0", "make_truths.py", "truths.json");
}

/// Looks at each line of a file of a name, a tab and its plural, where `PLURALS` names one.
#[test]
fn plurals_are_those_of_a_file() {
    let Ok(path) = std::env::var("PLURALS") else { return };
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<(&str, &str)> = text.lines().filter_map(|line| line.split_once('\t')).collect();
    let is_wrong = |(name, expected): &&(&str, &str)| plural(name) != *expected;
    let wrong: Vec<_> = rows.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:?}", wrong.len(), rows.len());
}
