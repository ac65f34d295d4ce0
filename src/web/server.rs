//! Binds the address and serves until a signal asks to stop.
//!
//! The accept loop is ours, on hyper: poem's own gives hyper no timer, so that a client that sends its request
//! slowly or not at all holds its connection for ever, and spins where the process is out of file descriptors.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use poem::{
    Addr, Endpoint, Request, Response,
    http::uri::Scheme,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

use crate::error::{Error, Result};

/// How long the head of a request may take to arrive, and a connection may be silent between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// How long running requests may take once the server was asked to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(25);
/// Bytes that the head of a request may have; hyper lets a longer one pass if it arrives in time, see `gateway`.
pub(super) const MAX_HEAD_BYTES: usize = 32 * 1024;
/// Connections at a time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 8192;
/// How long to wait where the operating system has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// A bound address.
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

impl Bound {
    /// Binds `host:port`; port 0 takes a free one.
    ///
    /// # Errors
    /// [`Error::Io`] that names `--port` where the port is taken.
    pub async fn new(host: &str, port: u16) -> Result<Self> {
        let attempt = |error: std::io::Error| {
            let hint = match error.kind() {
                std::io::ErrorKind::AddrInUse => "another program has the port, choose another with --port",
                std::io::ErrorKind::PermissionDenied => "ports below 1024 need privileges, choose another with --port",
                _ => "check --host and --port",
            };
            Error::Io(format!("cannot listen on {host}:{port} ({hint})"), error)
        };
        let listener = TcpListener::bind((host, port)).await.map_err(attempt)?;
        let address = listener.local_addr().map_err(attempt)?;
        Ok(Self { listener, address })
    }

    /// The address, with the port that was taken.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until SIGTERM or Ctrl-C, then lets running requests finish; a second signal ends the process at once.
    pub async fn serve(self, app: impl Endpoint<Output = Response> + 'static) {
        let app = Arc::new(app);
        let graceful = GracefulShutdown::new();
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut stop = std::pin::pin!(signal());
        loop {
            // The semaphore is never closed, so there is always a place at some time.
            let place = places.clone().acquire_owned().await.ok();
            tokio::select! {
                () = &mut stop => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, remote)) => {
                        let connection = graceful.watch(connection(stream, self.address, remote, app.clone()));
                        tokio::spawn(async move {
                            if let Err(error) = connection.await {
                                tracing::debug!(%error, "a connection ended early");
                            }
                            drop(place);
                        });
                    }
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
            }
        }
        drop(self.listener);
        tracing::info!("stopping: running requests may finish, a second signal ends them");
        tokio::select! {
            () = graceful.shutdown() => {}
            () = tokio::time::sleep(STOP_TIMEOUT) => tracing::warn!("some requests did not finish in time"),
            () = signal() => tracing::warn!("stopped before all requests had finished"),
        }
    }
}

fn connection(
    stream: TcpStream,
    local: SocketAddr,
    remote: SocketAddr,
    app: Arc<impl Endpoint<Output = Response> + 'static>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let (local, remote) = (LocalAddr(Addr::SocketAddr(local)), RemoteAddr(Addr::SocketAddr(remote)));
        let request = Request::from((request, local, remote, Scheme::HTTP));
        let app = app.clone();
        async move { Ok::<_, Infallible>(hyper::Response::from(app.get_response(request).await)) }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
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
