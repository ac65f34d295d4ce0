//! Binds the address and serves until a signal asks to stop.

use std::{net::SocketAddr, time::Duration};

use poem::{
    Endpoint, Server,
    listener::{Acceptor, Listener, TcpAcceptor, TcpListener},
};

use crate::error::{Error, Result};

/// How long running requests may take once the server was asked to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(25);
/// How long a connection may be silent.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
/// Requests that one HTTP/2 connection may have open.
const MAX_HTTP2_STREAMS: u32 = 100;

/// A bound address.
pub struct Bound {
    acceptor: TcpAcceptor,
    address: SocketAddr,
}

impl Bound {
    /// Binds `host:port`; port 0 takes a free one.
    ///
    /// # Errors
    /// [`Error::Io`] that names `--port` where the port is taken.
    pub async fn new(host: &str, port: u16) -> Result<Self> {
        let listener = TcpListener::bind((host.to_owned(), port));
        let acceptor = listener.into_acceptor().await.map_err(|error| {
            let hint = match error.kind() {
                std::io::ErrorKind::AddrInUse => "; another program has it, choose another with --port",
                std::io::ErrorKind::PermissionDenied => {
                    "; ports below 1024 need privileges, choose another with --port"
                }
                _ => "; check --host and --port",
            };
            Error::Io(format!("cannot listen on {host}:{port}{hint}"), error)
        })?;
        let address = acceptor
            .local_addr()
            .first()
            .and_then(|address| address.as_socket_addr().copied());
        let address = address.ok_or_else(|| Error::Internal("the socket has no address".to_owned()))?;
        Ok(Self { acceptor, address })
    }

    /// The address, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM or Ctrl-C; a second signal ends the process at once.
    ///
    /// # Errors
    /// [`Error::Io`] if the socket fails.
    pub async fn serve(self, app: impl Endpoint + 'static) -> Result<()> {
        Server::new_with_acceptor(self.acceptor)
            .idle_timeout(IDLE_TIMEOUT)
            .http2_max_concurrent_streams(MAX_HTTP2_STREAMS)
            .run_with_graceful_shutdown(app, stop_requested(), Some(STOP_TIMEOUT))
            .await
            .map_err(|error| Error::Io("the server failed".to_owned(), error))
    }
}

async fn stop_requested() {
    signal().await;
    tracing::info!("stopping: running requests may finish, a second signal ends them");
    tokio::spawn(async {
        signal().await;
        std::process::exit(1);
    });
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn signal() {
    drop(tokio::signal::ctrl_c().await);
}
