//! The program under test: that of the package in `project/`.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// The built program, which stands beside this test's own.
///
/// Where only this test was built, the program is stale or missing. Cargo looks again, with the same packages as in
/// `cargo test`, for then they have the same features, and nothing is built twice.
///
/// # Panics
/// With all that cargo has printed, if it fails.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built(&["test", "--no-run", "--test", "resources"]).join("poem-scaffold"))
}

/// The built app in `examples/keys/`, as [`program`].
pub fn keys_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built(&["build", "--example", "keys"]).join("examples/keys"))
}

/// The program of a project whose users have further attributes; see `users_app.rs`.
///
/// # Panics
/// As [`program`].
pub fn members() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| built(&["build", "--example", "members"]).join("examples/members"))
}

/// The folder of what cargo builds, after it was called with these arguments.
fn built(arguments: &[&str]) -> PathBuf {
    let test = env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    let release = folder.ends_with("release").then_some("--release");
    let output = cargo_command()
        .args(arguments)
        .args(["--offline", "--locked"])
        .args(release)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo must run");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the program cannot be built:\n{said}");
    folder.to_owned()
}

/// Cargo without what it has told this test about its package: ring's build looks at that, and would be done anew.
pub fn cargo_command() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text == "OUT_DIR" || text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_PKG_") {
            cargo.env_remove(name);
        }
    }
    cargo
}
