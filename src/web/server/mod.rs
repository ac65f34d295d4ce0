//! Binds the address and serves until a signal asks to stop.
//!
//! The accept loop is ours, on hyper: poem's own gives hyper no timer, so that a client that sends its request
//! slowly or not at all holds its connection for ever, and spins where the process is out of file descriptors.

mod clients;
mod connection;
mod listener;
mod own_address;
mod proxies;
mod signals;
mod socket;
mod upload;

pub use proxies::{Hop, Prefix};
pub use signals::stop_signal;

use std::{io::ErrorKind, sync::Arc, time::Duration};

use poem::Endpoint;
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::{clients::Clients, connection::Shared, listener::Listener};
use super::gateway::Gateway;
use crate::{
    config::{TrustedProxies, UpstreamUrl},
    error::Result,
};

/// How long stopping the server may take in all.
const STOP_TIMEOUT: Duration = Duration::from_secs(25);
/// How long to wait when the process has no file descriptor left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The least time between two warnings of it.
const ACCEPT_WARNINGS: Duration = Duration::from_secs(1);

/// A bound address.
pub struct Bound {
    listener: Listener,
}

impl Bound {
    /// Binds `host:port`, where port 0 takes a free one, or the Unix socket of a host `unix:/path`.
    ///
    /// # Errors
    /// [`crate::error::Error::Io`] that names `--port` where the port is taken.
    pub async fn new(host: &str, port: u16) -> Result<Self> {
        let listener = Listener::bind(host, port).await?;
        Ok(Self { listener })
    }

    /// The address as a URL with the port in use, or `unix:` and a path.
    pub fn name(&self) -> String {
        self.listener.name()
    }

    /// What links to this server begin with, unless a setting says otherwise.
    pub fn link(&self) -> String {
        self.listener.link()
    }

    /// Refuses an old app at an address that is this server's own.
    ///
    /// # Errors
    /// [`crate::error::Error::Refused`] with both addresses, and what to do.
    pub async fn check_upstream(&self, url: &UpstreamUrl) -> Result<()> {
        own_address::check_upstream(&self.listener, url).await
    }

    /// Serves until a signal asks to stop, then lets running requests finish; a second signal ends that too.
    ///
    /// Gives the time by which the process should have ended.
    pub async fn serve(self, gateway: Gateway<impl Endpoint + 'static>, proxies: TrustedProxies) -> Instant {
        let requests = gateway.requests();
        let connections = TaskTracker::new();
        let shared = Arc::new(Shared {
            gateway,
            clients: Clients::new(),
            proxies,
            stop: CancellationToken::new(),
        });
        tokio::select! {
            () = stop_signal() => {}
            () = accept_all(&self.listener, &shared, &connections) => {}
        }
        let deadline = Instant::now() + STOP_TIMEOUT;
        drop(self.listener);
        tracing::info!("stopping: waiting for running requests; a second signal ends them");
        shared.stop.cancel();
        let finish = async {
            connections.close();
            connections.wait().await;
            // Requests go on when their client has left.
            requests.close();
            requests.wait().await;
        };
        tokio::select! {
            () = finish => deadline,
            () = tokio::time::sleep_until(deadline) => {
                tracing::warn!("some requests did not finish in time");
                deadline
            }
            () = stop_signal() => {
                tracing::warn!("stopped before all requests had finished");
                Instant::now()
            }
        }
    }
}

/// Accepts connections for ever.
async fn accept_all<E: Endpoint + 'static>(listener: &Listener, shared: &Arc<Shared<E>>, connections: &TaskTracker) {
    let mut warned: Option<Instant> = None;
    while let Some(permit) = shared.clients.permit().await {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let address = peer.ip().filter(|_| !proxies::is_proxy(peer, &shared.proxies));
                match shared.clients.admit(permit, address) {
                    Some(slot) => drop(connections.spawn(shared.clone().serve(stream, peer, slot))),
                    None => tracing::debug!(?peer, "refused: too many connections from this address"),
                }
            }
            // The client has already left.
            Err(error) if is_clients(error.kind()) => {}
            Err(error) => {
                if warned.is_none_or(|at| at.elapsed() > ACCEPT_WARNINGS) {
                    tracing::warn!(%error, "cannot accept a connection");
                    warned = Some(Instant::now());
                }
                shared.clients.give_up();
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

fn is_clients(error: ErrorKind) -> bool {
    [
        ErrorKind::ConnectionAborted,
        ErrorKind::ConnectionReset,
        ErrorKind::NotConnected,
        ErrorKind::InvalidInput,
    ]
    .contains(&error)
}
