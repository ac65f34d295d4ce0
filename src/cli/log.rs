//! The log on standard error, as far as that takes it: no reader, or one that is stuck, must not stop a request.

use std::{
    io::{self, IsTerminal, Write},
    panic,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use tracing_subscriber::{EnvFilter, field::MakeExt, fmt::format::debug_fn};

use super::progress;
use crate::{
    config::named,
    error::{Error, Result},
    text::visible,
};

/// Lines that may wait for a slow reader; more are lost.
const MAX_WAITING: usize = 4096;
/// How long the end of the process waits for them.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(1);

/// The running log.
pub(super) struct Log(Writer);

/// Hands lines to the thread that writes them.
#[derive(Clone)]
struct Writer(SyncSender<Message>);

enum Message {
    Line(Vec<u8>),
    Flush(SyncSender<()>),
}

impl Log {
    /// Starts logging what `directives` ask for, panics included.
    ///
    /// # Errors
    /// [`Error::Refused`] for directives that cannot be read.
    pub(super) fn start(directives: &str) -> Result<Self> {
        let filter = EnvFilter::builder().parse(directives).map_err(|_| {
            Error::Refused(format!(
                "{}: expected levels such as info or poem_scaffold=debug, separated by commas",
                named("LOG")
            ))
        })?;
        let (sender, messages) = sync_channel(MAX_WAITING);
        thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || write_all(&messages))
            .map_err(|error| Error::Io("cannot start threads".to_owned(), error))?;
        let writer = Writer(sender);
        let lines = writer.clone();
        // A request chooses its path, and a database the text of its error.
        let fields = debug_fn(|writer, field, value| match field.name() {
            "message" => write!(writer, "{}", visible(format_args!("{value:?}"))),
            name => write!(writer, "{name}={}", visible(format_args!("{value:?}"))),
        });
        tracing_subscriber::fmt()
            .fmt_fields(fields.delimited(" "))
            .with_env_filter(filter)
            .with_writer(move || lines.clone())
            .with_ansi(io::stderr().is_terminal())
            // It would tell them on standard error, and panic where that cannot be written.
            .log_internal_errors(false)
            .init();
        panic::set_hook(Box::new(|panic| {
            let place = panic.location().map(ToString::to_string).unwrap_or_default();
            tracing::error!(place, "panic: {}", panic.payload_as_str().unwrap_or("(no text)"));
        }));
        Ok(Self(writer))
    }

    /// Waits until the lines so far are written, or somebody is found not to read them.
    pub(super) fn flush(&self) {
        let (done, written) = sync_channel(1);
        if self.0.0.try_send(Message::Flush(done)).is_ok() {
            // Nobody reads them, so there is nobody to tell.
            let _ = written.recv_timeout(FLUSH_TIMEOUT);
        }
    }
}

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A line that finds no room is lost, which is better than to wait for its reader.
        let _ = self.0.try_send(Message::Line(line.to_owned()));
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn write_all(messages: &Receiver<Message>) {
    for message in messages {
        match message {
            // There may be a reader again later.
            Message::Line(line) => drop(progress::suspended(|| io::stderr().write_all(&line))),
            Message::Flush(done) => drop(done.try_send(())),
        }
    }
}
