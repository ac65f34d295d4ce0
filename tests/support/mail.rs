//! A private mail server that keeps what it is handed in.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use serde::Deserialize;

use super::services::left_out;

/// How long a mail may take. Those that must not come are waited for much shorter.
const TIMEOUT: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_millis(1500);

/// A mail as the server got it, decoded.
#[derive(Debug, Deserialize)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    pub html: String,
    pub is_encrypted: bool,
}

/// The mail server; it ends when this is dropped.
pub struct MailSink {
    child: Child,
    pub port: u16,
    mails: Receiver<Mail>,
}

impl MailSink {
    /// Takes any mail from anybody; `None` if Python's aiosmtpd is not installed, which has been printed by then.
    pub fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// Demands STARTTLS and a login; the certificate for `localhost` is written to `folder`.
    pub fn start_guarded(folder: &Path, user: &str, password: &str) -> Option<(Self, PathBuf)> {
        let (certificate, key) = (folder.join("mail.crt"), folder.join("mail.key"));
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ])
            .args([
                "-addext",
                "subjectAltName=DNS:localhost",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
            ])
            .arg("-out")
            .arg(&certificate)
            .arg("-keyout")
            .arg(&key)
            .stderr(Stdio::null())
            .status();
        if !made.is_ok_and(|status| status.success()) {
            return left_out("mail over TLS", "openssl");
        }
        let sink = Self::with(&[certificate.to_str()?, key.to_str()?, user, password])?;
        Some((sink, certificate))
    }

    fn with(arguments: &[&str]) -> Option<Self> {
        let Some(python) = python() else {
            return left_out("mail", "Python with aiosmtpd");
        };
        let mut child = Command::new(python)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/smtp_sink.py"))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the mail server must start");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let mut port = String::new();
        lines.read_line(&mut port).expect("the mail server must tell its port");
        Some(Self {
            port: port.trim().parse().expect("the mail server must listen"),
            mails: collect(lines),
            child,
        })
    }

    /// The next mail, which must come.
    pub fn next(&self) -> Mail {
        self.mails.recv_timeout(TIMEOUT).expect("a mail must come")
    }

    /// Whether no mail comes.
    pub fn is_silent(&self) -> bool {
        self.mails.recv_timeout(SILENCE).is_err()
    }
}

impl Drop for MailSink {
    fn drop(&mut self) {
        // Both fail only if it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn collect(lines: BufReader<ChildStdout>) -> Receiver<Mail> {
    let (sender, mails) = mpsc::channel();
    thread::spawn(move || {
        for line in lines.lines().map_while(Result::ok) {
            let mail = serde_json::from_str(&line).expect("the mail server writes JSON");
            if sender.send(mail).is_err() {
                break;
            }
        }
    });
    mails
}

/// A Python that has aiosmtpd: the distribution's packages are not seen by other Pythons.
fn python() -> Option<&'static str> {
    ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let import = Command::new(python)
            .args(["-c", "import aiosmtpd.smtp"])
            .stderr(Stdio::null())
            .status();
        import.is_ok_and(|status| status.success())
    })
}
