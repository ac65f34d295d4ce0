//! Servers that run for a rehearsal, and end with it however it ends.

use std::{
    fs,
    io::Write as _,
    os::unix::process::CommandExt as _,
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;

use crate::{
    error::{Error, Result},
    parity::{client::Peer, request::Request},
};

/// How long a server may take to answer.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a server without a database may take to answer.
const SOON: Duration = Duration::from_secs(20);
/// The pause between two looks.
const PAUSE: Duration = Duration::from_millis(100);
/// Lines of a server's output that are shown.
const LINES: usize = 10;

/// Runs a command until it ends, or until the other end of standard input closes: then its whole group is ended, at first
/// with TERM, and after five seconds with KILL.
const LIFELINE: &str = r#"
exec 3<&0
trap : TERM
eval "$PARITY_COMMAND" </dev/null 3<&- &
service=$!
{
    trap '' TERM
    read -r _ <&3
    kill -s TERM 0
    count=0
    while kill -0 "$service" 2>/dev/null && [ "$count" -lt 50 ]; do
        sleep 0.1
        count=$((count + 1))
    done
    kill -s KILL 0
} >/dev/null 2>&1 &
exec 3<&-
wait "$service"
code=$?
# A signal ends the first wait.
wait "$service" 2>/dev/null
exit "$code"
"#;

/// A server that was started here.
pub struct Running {
    name: String,
    shell: Child,
    /// Closed to end it.
    lifeline: Option<ChildStdin>,
    output: NamedTempFile,
}

impl Running {
    /// Starts a shell command with these variables beside those of this process.
    ///
    /// # Errors
    /// [`Error::Io`] where there is no shell.
    pub fn start(name: &str, command: &str, variables: &[(&str, String)]) -> Result<Self> {
        let failed = |error| Error::Io(format!("cannot start {name}"), error);
        let output = NamedTempFile::new().map_err(failed)?;
        let duplicate = || output.as_file().try_clone().map_err(failed);
        let mut shell = Command::new("sh")
            .args(["-c", LIFELINE])
            .env("PARITY_COMMAND", command)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            // Ctrl-C is this process's, which then ends it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(duplicate()?)
            .stderr(duplicate()?)
            .spawn()
            .map_err(failed)?;
        Ok(Self {
            name: name.to_owned(),
            lifeline: shell.stdin.take(),
            shell,
            output,
        })
    }

    /// Waits until it answers a request for this path, and not that it is not ready.
    ///
    /// # Errors
    /// [`Error::Internal`] with the end of what it has printed, if it ends or takes too long.
    pub async fn wait_for(&mut self, peer: &Peer, path: &str) -> Result<()> {
        let deadline = Instant::now() + START_TIMEOUT;
        while !is_ready(peer, path).await {
            if let Some(reason) = self.end() {
                return Err(Error::Internal(format!("NO GO: {reason}")));
            }
            if Instant::now() > deadline {
                let seconds = START_TIMEOUT.as_secs();
                let output = self.last_lines();
                return Err(Error::Internal(format!(
                    "NO GO: {} does not answer at {} after {seconds} s; it has printed:\n{output}",
                    self.name, peer.name
                )));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// As [`Running::wait_for`], but for twenty seconds only; tells whether it does.
    pub async fn is_soon_ready(&mut self, peer: &Peer, path: &str) -> bool {
        let deadline = Instant::now() + SOON;
        while Instant::now() < deadline && self.end().is_none() {
            if is_ready(peer, path).await {
                return true;
            }
            tokio::time::sleep(PAUSE).await;
        }
        false
    }

    /// Why it does not run any more, if it does not.
    pub fn end(&mut self) -> Option<String> {
        let status = self.shell.try_wait().ok()??;
        let output = self.last_lines();
        Some(format!("{} has ended ({status}); it has printed:\n{output}", self.name))
    }

    fn last_lines(&self) -> String {
        let text = fs::read(self.output.path()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}

/// Whether a server answers, and not that it is still starting.
async fn is_ready(peer: &Peer, path: &str) -> bool {
    const NOT_READY: [u16; 2] = [0, 503];
    let asked = peer.ask(&Request::get(path)).await;
    asked.is_ok_and(|timed| !NOT_READY.contains(&timed.answer.status))
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut lifeline) = self.lifeline.take() {
            let _ = lifeline.flush();
        }
        // The shell ends with its service, of which nothing is left to tell.
        let _ = self.shell.wait();
    }
}
