//! Starts the old app (`peer.py`).

use std::{
    net::TcpListener,
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

use crate::support::{listening::wait_until_listening, vectors::pythons};

/// Flask as the originals pin it, on its own server, and a current one under gunicorn.
pub const FLASKS: [&str; 2] = ["flask==0.10.1", "flask==3.1.2"];

pub const SECRET_KEY: &str = "nCq8vZ3yJt5LwE1xR7uKd9oPmB2gHs6F";

/// A running app; it ends when this is dropped.
pub struct Peer {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    python: PathBuf,
    port: u16,
    child: Child,
}

/// Runs a test with each of the apps, if they can be installed.
pub fn with_each_peer(test: impl Fn(&mut Peer)) {
    let Some(pythons) = pythons(&FLASKS.map(str::to_owned)) else {
        return;
    };
    for python in pythons {
        test(&mut Peer::start(python));
    }
}

/// Runs a test with the current one.
pub fn with_peer(test: impl Fn(&mut Peer)) {
    let Some(mut pythons) = pythons(&[FLASKS[1].to_owned()]) else {
        return;
    };
    test(&mut Peer::start(pythons.remove(0)));
}

impl Peer {
    fn start(python: PathBuf) -> Self {
        let port = own_port();
        let mut peer = Self {
            base: format!("http://127.0.0.1:{port}"),
            child: spawn(&python, port),
            python,
            port,
        };
        wait_until_listening(&mut peer.child, port);
        peer
    }

    /// Whether it is Flask as the originals pin it.
    pub fn is_old(&self) -> bool {
        self.python.ends_with("flask-0.10.1/bin/python")
    }

    /// Ends the app at once, with all of its processes.
    pub fn kill(&mut self) {
        let group = format!("-{}", self.child.id());
        Command::new("kill").args(["-9", "--", &group]).status().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it anew, where it was.
    pub fn restart(&mut self) {
        self.child = spawn(&self.python, self.port);
        wait_until_listening(&mut self.child, self.port);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.kill();
        }
    }
}

/// A port that no connection of this machine is given by itself while the app is down.
pub fn own_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u32 = 20_000;
    const PORTS: u32 = 10_000;
    loop {
        let step = u32::from(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + (process::id().wrapping_mul(101) + step) % PORTS;
        let port = u16::try_from(port).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn spawn(python: &PathBuf, port: u16) -> Child {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upstream/peer.py");
    Command::new(python)
        .args(["-B", script, &port.to_string()])
        .env("SECRET_KEY", SECRET_KEY)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap()
}
