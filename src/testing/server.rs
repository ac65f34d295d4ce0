//! Runs a built program as a user would: a process of its own, in a folder of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        mpsc::{self, Sender},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The sentence by which `serve` tells where it listens.
const LISTENING: &str = "listening on ";

/// What a server is started with.
#[derive(Clone)]
pub struct ServerConfig {
    program: PathBuf,
    env: Vec<(String, String)>,
    folder: Option<PathBuf>,
    log: LogReader,
    open_files: Option<u32>,
}

/// What becomes of standard error.
#[derive(Clone, Copy, Default, PartialEq)]
pub enum LogReader {
    /// It is read.
    #[default]
    Reads,
    /// Its reader has gone.
    Gone,
    /// Its reader is there, and does not read.
    Stuck,
    /// The device is full.
    Full,
}

impl ServerConfig {
    /// This program, with no settings.
    pub fn of(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            env: Vec::new(),
            folder: None,
            log: LogReader::default(),
            open_files: None,
        }
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Adds one environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Runs the server in this folder instead of a fresh one.
    pub fn folder(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Runs another build.
    pub fn binary(mut self, binary: &Path) -> Self {
        self.program = binary.to_owned();
        self
    }

    /// Does otherwise with standard error.
    pub fn log(mut self, log: LogReader) -> Self {
        self.log = log;
        self
    }

    /// Lets the server have only so many files open.
    pub fn open_files(mut self, limit: u32) -> Self {
        self.open_files = Some(limit);
        self
    }

    /// Runs a subcommand to its end, with nothing to read.
    pub fn command(&self, dir: &Path, args: &[&str]) -> Output {
        self.command_reading(dir, args, "")
    }

    /// Runs a subcommand to its end, with `stdin` to read.
    pub fn command_reading(&self, dir: &Path, args: &[&str], stdin: &str) -> Output {
        let mut command = self.prepared(dir);
        let mut child = start(command.args(args).stdin(Stdio::piped()));
        let mut pipe = child.stdin.take().expect("stdin is piped");
        // A command that reads no input may end first.
        let _ = pipe.write_all(stdin.as_bytes());
        drop(pipe);
        child.wait_with_output().expect("the program must be waited for")
    }

    /// Starts a subcommand, with nothing to read.
    pub fn spawn(&self, dir: &Path, args: &[&str]) -> Child {
        self.spawn_printing_to(Stdio::piped(), dir, args)
    }

    /// As [`ServerConfig::spawn`], with another standard output.
    pub fn spawn_printing_to(&self, stdout: impl Into<Stdio>, dir: &Path, args: &[&str]) -> Child {
        let mut command = self.prepared(dir);
        start(command.args(args).stdin(Stdio::null()).stdout(stdout))
    }

    /// The program with an environment of ours only: a developer's settings must not reach a test.
    fn prepared(&self, dir: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.env_clear();
        // The last three are for rustfmt, where rustup keeps it elsewhere than at home.
        for name in ["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(dir)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

fn start(command: &mut Command) -> Child {
    let program = command.get_program().to_owned();
    let started = command.spawn();
    started.unwrap_or_else(|error| panic!("{} must start: {error}", program.display()))
}

/// A running server; it ends when this is dropped.
pub struct Server {
    /// `http://127.0.0.1:PORT`, without a slash at the end, or `unix:PATH`.
    pub base: String,
    child: Child,
    output: Arc<Mutex<String>>,
    dir: PathBuf,
    // Kept only to be removed after the server is gone.
    _fresh: Option<TempDir>,
}

impl Server {
    /// Starts `serve` on a free port and waits until it listens.
    ///
    /// # Panics
    /// With all that the server has printed, if it exits or does not listen within 30 seconds.
    pub fn start(config: &ServerConfig) -> Self {
        let (dir, fresh) = working_folder(config.folder.as_deref());
        let mut command = config.prepared(&dir);
        if let Some(limit) = config.open_files {
            command = limited(&command, limit);
        }
        command.args(["serve", "--port", "0"]).stdin(Stdio::null());
        if config.log == LogReader::Full {
            command.stderr(File::options().write(true).open("/dev/full").unwrap());
        }
        let mut child = start(&mut command);
        let output = Arc::default();
        let (address, announced) = mpsc::channel();
        collect(child.stdout.take(), &output, Some(address));
        match config.log {
            LogReader::Reads => collect(child.stderr.take(), &output, None),
            LogReader::Gone => drop(child.stderr.take()),
            LogReader::Stuck | LogReader::Full => {}
        }
        let mut server = Self {
            base: String::new(),
            child,
            output,
            dir,
            _fresh: fresh,
        };
        match announced.recv_timeout(START_TIMEOUT) {
            Ok(base) => server.base = base,
            Err(reason) => panic!(
                "the server does not listen ({reason}); it printed:\n{}",
                server.output_at_end()
            ),
        }
        server
    }

    /// What the server has printed so far, standard output and standard error together.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// The folder the server works in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The process's id, to send it a signal.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the process ends by itself and gives its exit code.
    pub fn wait(mut self) -> Option<i32> {
        self.child.wait().expect("the server must be waited for").code()
    }

    /// Waits until the process ends by itself and gives all that it has printed.
    pub fn rest_of_output(mut self) -> String {
        self.child.wait().expect("the server must be waited for");
        // The collecting threads may still hold the last lines.
        thread::sleep(Duration::from_millis(200));
        self.output()
    }

    fn output_at_end(&mut self) -> String {
        self.stop();
        // The collecting threads may still hold the last lines.
        thread::sleep(Duration::from_millis(200));
        self.output()
    }

    fn stop(&mut self) {
        // Both fail only if the server is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The same program where it may have only so many files open.
fn limited(command: &Command, limit: u32) -> Command {
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("ulimit -n {limit}; exec \"$0\" \"$@\""))
        .arg(command.get_program())
        .env_clear()
        .envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(command.get_current_dir().expect("the folder is set"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    shell
}

fn working_folder(given: Option<&Path>) -> (PathBuf, Option<TempDir>) {
    match given {
        Some(folder) => (folder.to_owned(), None),
        None => {
            let fresh = tempfile::tempdir().expect("a temporary folder must be made");
            (fresh.path().to_owned(), Some(fresh))
        }
    }
}

/// Reads a pipe to its end in a thread, so that the server never blocks on a full one.
fn collect(pipe: Option<impl Read + Send + 'static>, output: &Arc<Mutex<String>>, address: Option<Sender<String>>) {
    let mut lines = BufReader::new(pipe.expect("the pipe is ours"));
    let output = Arc::clone(output);
    thread::spawn(move || {
        let mut address = address;
        let mut line = Vec::new();
        while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
            let text = String::from_utf8_lossy(&line);
            output.lock().unwrap().push_str(&text);
            if let Some(base) = announced_address(&text) {
                // The start may have been given up; then nobody listens here any more.
                address.take().map(|sender| sender.send(base.to_owned()));
            }
            line.clear();
        }
    });
}

fn announced_address(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once(LISTENING)?;
    // A log line may end in a colour code.
    let base = rest.split(|c: char| c.is_whitespace() || c.is_control()).next()?;
    ["http://", "unix:"]
        .iter()
        .any(|start| base.starts_with(start))
        .then(|| base.trim_end_matches('/'))
}
