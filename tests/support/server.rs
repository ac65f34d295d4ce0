//! Runs the built `poem-scaffold` as a user would: a process of its own, in a folder of its own.

use std::{
    ffi::OsStr,
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
#[derive(Clone, Default)]
pub struct ServerConfig {
    env: Vec<(String, String)>,
    folder: Option<PathBuf>,
    binary: Option<PathBuf>,
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

    /// Runs another build than the one under test.
    pub fn binary(mut self, binary: &Path) -> Self {
        self.binary = Some(binary.to_owned());
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

    /// Runs another subcommand of the same build to its end.
    pub fn command(&self, dir: &Path, args: &[&str]) -> Output {
        let mut program = program(self.binary.as_deref(), dir, &self.env);
        let run = program.args(args).stdin(Stdio::null()).output();
        run.expect("poem-scaffold must run")
    }

    /// The environment, to give the same to [`command`].
    pub fn environment(&self) -> &[(String, String)] {
        &self.env
    }
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
        let mut program = program(config.binary.as_deref(), &dir, &config.env);
        if let Some(limit) = config.open_files {
            program = limited(&program, limit);
        }
        program.args(["serve", "--port", "0"]).stdin(Stdio::null());
        if config.log == LogReader::Full {
            program.stderr(File::options().write(true).open("/dev/full").unwrap());
        }
        let mut child = program.spawn().expect("poem-scaffold must start");
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
                "poem-scaffold does not listen ({reason}); it printed:\n{}",
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

/// Runs another subcommand to its end, with `stdin` (or nothing) to read.
pub fn command(
    dir: &Path,
    env: &[(impl AsRef<OsStr>, impl AsRef<OsStr>)],
    args: &[&str],
    stdin: Option<&str>,
) -> Output {
    let mut child = program(None, dir, env)
        .args(args)
        .stdin(Stdio::piped())
        .spawn()
        .expect("poem-scaffold must start");
    let mut pipe = child.stdin.take().expect("stdin is piped");
    // A command that reads no input may end first.
    let _ = pipe.write_all(stdin.unwrap_or_default().as_bytes());
    drop(pipe);
    child.wait_with_output().expect("poem-scaffold must be waited for")
}

/// Starts another subcommand, with nothing to read.
pub fn spawn(dir: &Path, env: &[(impl AsRef<OsStr>, impl AsRef<OsStr>)], args: &[&str]) -> Child {
    let mut program = program(None, dir, env);
    program.args(args).stdin(Stdio::null());
    program.spawn().expect("poem-scaffold must start")
}

/// As [`command`], with another standard output and nothing to read.
pub fn command_printing_to(
    stdout: impl Into<Stdio>,
    dir: &Path,
    env: &[(impl AsRef<OsStr>, impl AsRef<OsStr>)],
    args: &[&str],
) -> Child {
    let mut program = program(None, dir, env);
    program.args(args).stdin(Stdio::null()).stdout(stdout);
    program.spawn().expect("poem-scaffold must start")
}

/// The program with an environment of ours only: a developer's settings must not reach a test.
fn program(binary: Option<&Path>, dir: &Path, env: &[(impl AsRef<OsStr>, impl AsRef<OsStr>)]) -> Command {
    let mut program = Command::new(binary.unwrap_or(Path::new(env!("CARGO_BIN_EXE_poem-scaffold"))));
    program.env_clear();
    // The last three are for rustfmt, where rustup keeps it elsewhere than at home.
    for name in ["PATH", "HOME", "RUSTUP_HOME", "CARGO_HOME", "RUSTUP_TOOLCHAIN"] {
        if let Some(value) = std::env::var_os(name) {
            program.env(name, value);
        }
    }
    program
        .envs(env.iter().map(|(name, value)| (name, value)))
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    program
}

/// The same program where it may have only so many files open.
fn limited(program: &Command, limit: u32) -> Command {
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("ulimit -n {limit}; exec \"$0\" \"$@\""))
        .arg(program.get_program())
        .env_clear()
        .envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .current_dir(program.get_current_dir().expect("the folder is set"))
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

#[test]
fn a_server_has_a_folder_of_its_own_and_leaves_nothing_behind() {
    let server = Server::start(&ServerConfig::default());
    let (base, dir) = (server.base.clone(), server.dir().to_owned());
    assert!(dir.is_dir());
    assert!(server.output().contains(&base));
    drop(server);
    assert!(!dir.exists(), "{} is still there", dir.display());
    let address = base.trim_start_matches("http://");
    assert!(std::net::TcpStream::connect(address).is_err());
}
