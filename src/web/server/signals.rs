//! What each signal means. None ends the process between two statements.

use std::{future::pending, io::IsTerminal, sync::LazyLock};

use tokio::signal::unix::{SignalKind, signal};

/// Whether the server was started in a terminal.
static HAD_TERMINAL: LazyLock<bool> = LazyLock::new(has_terminal);

/// Ends with the next signal that asks to stop: SIGTERM, SIGINT, SIGQUIT, or a terminal that is closed.
///
/// Under gunicorn, SIGHUP reloaded the settings and SIGUSR1 and SIGUSR2 reopened logs and replaced the program. We do
/// none of it, and serve on; the log says so.
pub async fn stop_signal() {
    LazyLock::force(&HAD_TERMINAL);
    tokio::select! {
        () = next(SignalKind::terminate()) => {}
        () = next(SignalKind::interrupt()) => {}
        () = next(SignalKind::quit()) => {}
        () = terminal_closed() => {}
        () = ignore(SignalKind::user_defined1(), "SIGUSR1: the log goes to standard error, no file needs to be \
                                                  reopened") => {}
        () = ignore(SignalKind::user_defined2(), "SIGUSR2: start another process to replace this one") => {}
    }
}

async fn next(kind: SignalKind) {
    match signal(kind) {
        Ok(mut signals) => drop(signals.recv().await),
        // The signal cannot be caught: it keeps its default action.
        Err(_) => pending().await,
    }
}

/// A terminal that is closed sends SIGHUP to what runs in it; so does a habit from gunicorn.
async fn terminal_closed() {
    loop {
        next(SignalKind::hangup()).await;
        if *HAD_TERMINAL && !has_terminal() {
            return;
        }
        tracing::warn!("SIGHUP: settings are read at the start; restart to change them");
    }
}

async fn ignore(kind: SignalKind, text: &str) {
    loop {
        next(kind).await;
        tracing::warn!("{text}");
    }
}

/// A closed terminal does not count.
fn has_terminal() -> bool {
    std::io::stdin().is_terminal()
}
