//! A spinner on standard error while a command keeps people waiting; all other output ends it.

use std::{
    fmt::Display,
    io::IsTerminal,
    sync::{
        Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::text::visible;

/// How long a command may take before the spinner appears.
const DELAY: Duration = Duration::from_secs(1);
/// The pause between two frames.
const FRAME: Duration = Duration::from_millis(100);

/// The spinner of this process. The terminal is one for all, so whatever else prints must find it.
static SPINNER: Mutex<Option<Spinner>> = Mutex::new(None);

struct Spinner {
    bar: ProgressBar,
    /// Dropped to stop the thread.
    stop: Sender<()>,
    thread: JoinHandle<()>,
}

/// Starts a spinner that names what is waited for; without a terminal there is none.
///
/// The cursor is never hidden, so Ctrl-C leaves it as it was.
pub(super) fn start(message: impl Display) {
    clear();
    if !std::io::stderr().is_terminal() {
        return;
    }
    let bar = ProgressBar::hidden()
        .with_style(ProgressStyle::default_spinner())
        .with_message(visible(message));
    let (stop, stopped) = channel();
    let spinning = bar.clone();
    let thread = thread::Builder::new()
        .name("spinner".to_owned())
        .spawn(move || spin(&spinning, &stopped));
    // Without a thread the command runs all the same.
    *spinner() = thread.ok().map(|thread| Spinner { bar, stop, thread });
}

/// Names what is waited for now, if there is a spinner.
pub(super) fn update(message: impl Display) {
    if let Some(spinner) = &*spinner() {
        spinner.bar.set_message(visible(message));
    }
}

/// Ends the spinner, if there is one, and clears its line.
pub(super) fn clear() {
    let Some(Spinner { stop, thread, .. }) = spinner().take() else {
        return;
    };
    drop(stop);
    // A thread that panicked draws nothing either.
    let _ = thread.join();
}

/// Writes something to the terminal while the spinner is not drawn.
pub(super) fn suspended<T>(write: impl FnOnce() -> T) -> T {
    // The lock is not held meanwhile: a terminal that is stuck must not stop those who print elsewhere.
    let bar = spinner().as_ref().map(|spinner| spinner.bar.clone());
    match bar {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

fn spinner() -> MutexGuard<'static, Option<Spinner>> {
    SPINNER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn spin(bar: &ProgressBar, stopped: &Receiver<()>) {
    if stopped.recv_timeout(DELAY) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    bar.set_draw_target(ProgressDrawTarget::stderr());
    loop {
        bar.tick();
        if stopped.recv_timeout(FRAME) != Err(RecvTimeoutError::Timeout) {
            return bar.finish_and_clear();
        }
    }
}
