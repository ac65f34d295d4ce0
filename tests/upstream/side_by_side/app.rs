//! Starts the Flask app (`side_by_side.py`), and moves the clock of all who look at it.

use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use super::{super::peer, Kind};
use crate::support::{listening::wait_until_listening, services::left_out};

/// A running app; it ends when this is dropped.
pub struct App {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    child: Child,
}

impl App {
    /// Starts the app on its database.
    pub fn start(python: &Path, kind: &Kind, url: &str, clock: &Clock) -> Self {
        let port = peer::own_port();
        let child = command(python, kind, url)
            .args(["serve", &port.to_string()])
            .envs(clock.env())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(fs::File::create(clock.folder.join("flask.log")).unwrap())
            .spawn()
            .unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let mut app = Self { base, child };
        wait_until_listening(&mut app.child, port);
        app
    }
}

impl Drop for App {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Has the app make its tables and rows.
pub fn create(python: &Path, kind: &Kind, url: &str) {
    let made = command(python, kind, url).arg("create").output().unwrap();
    assert!(
        made.status.success(),
        "{url}: {}",
        String::from_utf8_lossy(&made.stderr)
    );
}

fn command(python: &Path, kind: &Kind, url: &str) -> Command {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upstream/side_by_side.py");
    let mut command = Command::new(python);
    command
        .args(["-B", script])
        .env("SECRET_KEY", peer::SECRET_KEY)
        .env("DATABASE_URL", url);
    if kind.is_strict {
        command.env("STRICT", "1");
    }
    command
}

/// A clock that the programs started with [`Clock::env`] look at (`clock.c`).
pub struct Clock {
    folder: PathBuf,
}

impl Clock {
    /// A clock that shows the real time, kept in this folder; `None` where there is no C compiler.
    pub fn new(folder: &Path) -> Option<Self> {
        let clock = Self {
            folder: folder.to_owned(),
        };
        fs::write(clock.file(), 0_i64.to_ne_bytes()).unwrap();
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upstream/side_by_side/clock.c");
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-Wall", "-Werror", source, "-ldl", "-o"]);
        match compiler.arg(clock.library()).status() {
            Ok(status) => {
                assert!(status.success(), "{source} does not compile");
                Some(clock)
            }
            Err(_) => left_out("another time", "a C compiler, cc,"),
        }
    }

    /// Shows so much more than the real time. The file is written in place, because it is mapped into the programs.
    pub fn set(&self, ahead: Duration) {
        let seconds = i64::try_from(ahead.as_secs()).unwrap();
        let file = fs::OpenOptions::new().write(true).open(self.file()).unwrap();
        file.write_all_at(&seconds.to_ne_bytes(), 0).unwrap();
    }

    /// What a program looks at this clock with.
    pub fn env(&self) -> [(&'static str, String); 2] {
        [
            ("LD_PRELOAD", self.library().display().to_string()),
            ("CLOCK", self.file().display().to_string()),
        ]
    }

    /// Where the database and the clock are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn file(&self) -> PathBuf {
        self.folder.join("clock")
    }

    fn library(&self) -> PathBuf {
        self.folder.join("clock.so")
    }
}
