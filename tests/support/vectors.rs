//! The committed vectors, and the real Python packages that they were made with (`tests/vectors/README.md`).

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde_json::Value;

use super::services::left_out;

/// The folder of vectors and scripts.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

/// The rows of a file of vectors.
pub fn rows(file: &str) -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(folder().join(file)).unwrap()).unwrap()
}

/// The Python of an environment for each package, `name==release`; `None` where there is no Python, pip or index.
pub fn pythons(packages: &[String]) -> Option<Vec<PathBuf>> {
    let environments = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
    let mut make = Command::new("sh");
    let made = make
        .arg(folder().join("make_venvs.sh"))
        .arg(&environments)
        .args(packages);
    let made = made.output().unwrap();
    if !made.status.success() {
        let reason = String::from_utf8_lossy(&made.stderr);
        return left_out(
            &packages.join(", "),
            &format!("Python with pip and its index ({reason})"),
        );
    }
    let python = |package: &String| environments.join(package.replace("==", "-")).join("bin/python");
    Some(packages.iter().map(python).collect())
}

/// As [`pythons`], for one package.
pub fn python(package: &str) -> Option<PathBuf> {
    pythons(&[package.to_owned()])?.pop()
}

/// What one of the scripts prints that reads `input`.
pub fn run_script(python: &Path, script: &str, arguments: &[&str], input: &str) -> String {
    let mut child = Command::new(python)
        .arg("-B")
        .arg(folder().join(script))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // It may end before it has read all; what it says then tells why.
    let writer = thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(
        output.status.success(),
        "{} {script}: {}",
        python.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The rows that a script prints, one in a line.
pub fn rows_of_script(python: &Path, script: &str, arguments: &[&str], input: &str) -> Vec<Value> {
    let printed = run_script(python, script, arguments, input);
    printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
