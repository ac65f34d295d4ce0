//! A real Flask app (`peer/app.py`) as the old one, beside a server of ours on the same rows.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
};

use super::{load_legacy_tables, recording::Recording};
use crate::support::{
    listening::wait_until_listening,
    program,
    server::{Server, ServerConfig},
    services::free_port,
    vectors::python,
};

/// Flask as the tutorial pins it, with the Werkzeug and the PyJWT of that time.
pub const OLD: &str = "flask-restful==0.3.4";
/// A current one.
pub const CURRENT: &str = "flask==3.1.2";

/// The path of the app.
pub const APP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/peer/app.py");

/// A running app; it ends when this is dropped.
pub struct Peer {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    child: Child,
}

impl Peer {
    /// Starts the app on the tutorial's rows, which are put into this folder.
    pub fn start(python: &Path, folder: &Path) -> Self {
        let url = database_url(folder);
        if !folder.join("old.db").exists() {
            load_legacy_tables(&url);
        }
        let port = free_port();
        let child = Command::new(python)
            .args(["-B", APP, &port.to_string()])
            .env("SECRET_KEY", secret_key())
            .env("DATABASE_URL", url)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let base = format!("http://127.0.0.1:{port}");
        let mut peer = Self { base, child };
        wait_until_listening(&mut peer.child, port);
        peer
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The key of the recording.
pub fn secret_key() -> String {
    Recording::load("T").unwrap().secret_key
}

/// The database in a folder, as Flask's apps name it.
pub fn database_url(folder: &Path) -> String {
    format!(
        "sqlite:////{}/old.db",
        folder.display().to_string().trim_start_matches('/')
    )
}

/// How the program is run in a folder with the database of the app.
pub fn config(folder: &Path) -> ServerConfig {
    ServerConfig::of(program())
        .folder(folder)
        .env("DATABASE_URL", &database_url(folder))
        .env("FLASK_PROFILE", "tutorial")
        .env("FLASK_FIDELITY", "flask")
        .env("SECRET_KEY", &secret_key())
        .env("PASSWORD_ITERATIONS", "1000")
}

/// The app, a server of ours on the same rows, and their folder.
pub struct Both {
    pub old: Peer,
    pub new: Server,
    pub folder: tempfile::TempDir,
    pub python: PathBuf,
}

impl Both {
    /// Starts both; `None` where this Flask cannot be installed.
    pub fn start(flask: &str) -> Option<Self> {
        let python = python(flask)?;
        let folder = tempfile::tempdir().unwrap();
        let old = Peer::start(&python, folder.path());
        let new = Server::start(&config(folder.path()));
        Some(Self {
            old,
            new,
            folder,
            python,
        })
    }

    /// Runs `parity` with these arguments in the folder.
    pub fn parity(&self, arguments: &[&str], stdin: &str) -> Run {
        let words: Vec<&str> = ["parity"].iter().chain(arguments).copied().collect();
        Run::of(config(self.folder.path()).command_reading(self.folder.path(), &words, stdin))
    }

    /// Writes a file into the folder, and gives its path.
    pub fn file(&self, name: &str, text: &[u8]) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// What came of a command.
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks the exit code.
    #[track_caller]
    pub fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}
