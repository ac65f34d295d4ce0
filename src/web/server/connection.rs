//! One connection, from its first byte to its last.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::{
    Addr, Endpoint, Request, Response,
    web::{LocalAddr, RemoteAddr},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use super::{
    clients::{BodyBytes, Client, Clients, Slot},
    listener::{Peer, Stream},
    proxies,
    socket::Socket,
    upload,
};
use crate::{
    config::TrustedProxies,
    error::Error,
    web::{
        gateway::{Gateway, MAX_HEAD_BYTES},
        upstream::{Answer, behind::Destination},
    },
};

/// How long the head of a request may take to arrive, and a connection may be silent between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// For how long, and how many bytes, to read on after the last answer.
const LINGER: Duration = Duration::from_secs(5);
const LINGER_BYTES: usize = 8 << 20;
/// How long the client may be silent meanwhile.
const LINGER_SILENCE: Duration = Duration::from_secs(2);
/// Bytes read at a time.
const LINGER_CHUNK: usize = 16 << 10;

/// What all connections share.
pub(super) struct Shared<E> {
    pub(super) gateway: Gateway<E>,
    pub(super) clients: Arc<Clients>,
    pub(super) proxies: TrustedProxies,
    /// Cancelled when no further request shall be read.
    pub(super) stop: CancellationToken,
}

impl<E: Endpoint + 'static> Shared<E> {
    /// Serves a connection until it ends, or its slot is needed for another.
    pub(super) async fn serve(self: Arc<Self>, stream: Stream, peer: Peer, slot: Slot) {
        let client = slot.client.clone();
        tokio::select! {
            () = self.converse(stream, peer, client.clone()) => {}
            () = client.given_up() => {}
        }
    }

    async fn converse(self: Arc<Self>, stream: Stream, peer: Peer, client: Arc<Client>) {
        let (shared, answering) = (self.clone(), client.clone());
        let tunnel = Arc::new(Mutex::new(None));
        let opened = tunnel.clone();
        let service = service_fn(move |request| {
            let (shared, client, opened) = (shared.clone(), answering.clone(), opened.clone());
            Box::pin(async move {
                let Answer { response, tunnel } = shared.answer(request, peer, client).await;
                *opened.lock().unwrap_or_else(PoisonError::into_inner) = tunnel;
                Ok::<_, Infallible>(hyper::Response::from(response))
            })
        });
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES)
            // A client that has closed its sending side still waits for the answer.
            .half_close(true)
            .serve_connection(TokioIo::new(Socket::new(stream, client)), service)
            .with_upgrades();
        let ended = tokio::select! {
            ended = &mut connection => Some(ended),
            () = self.stop.cancelled() => None,
        };
        let ended = match ended {
            Some(ended) => ended,
            None => {
                Pin::new(&mut connection).graceful_shutdown();
                (&mut connection).await
            }
        };
        let Some(parts) = connection.into_parts() else {
            let tunnel = tunnel.lock().unwrap_or_else(PoisonError::into_inner).take();
            return tokio::select! {
                () = tunnel.unwrap_or_else(|| Box::pin(async {})) => {}
                () = self.stop.cancelled() => {}
            };
        };
        let mut stream = parts.io.into_inner().into_inner();
        match ended {
            Ok(()) => {}
            Err(error) if error.is_parse() => {
                let refusal = self.refusal(&error, &parts.read_buf, peer).await;
                if !matches!(timeout(LINGER, stream.write_all(&refusal)).await, Ok(Ok(()))) {
                    return;
                }
            }
            Err(error) => return tracing::debug!(%error, "a connection ended early"),
        }
        linger(stream).await;
    }

    async fn answer(&self, request: hyper::Request<Incoming>, peer: Peer, client: Arc<Client>) -> Answer {
        client.set_busy(true);
        let forwarded = proxies::forwarded(peer, request.headers(), &self.proxies);
        let (local, remote) = (LocalAddr(Addr::default()), RemoteAddr(forwarded.address));
        let mut request = Request::from((request, local, remote, forwarded.scheme));
        request.set_data(forwarded.prefix);
        let destination = self.gateway.destination(&request).await;
        let handed = destination
            .as_ref()
            .filter(|(_, destination)| !matches!(destination, Destination::Here(_)));
        client.set_patient(handed.is_some());
        if let Some((behind, destination)) = handed {
            let body = request.take_body();
            // While it sends, it is the client that is waited for.
            client.set_busy(body.is_empty());
            request.set_body(body);
            let answer = self
                .gateway
                .hand_over(behind, destination, request, &forwarded.hop)
                .await;
            client.set_busy(false);
            return answer;
        }
        let bytes = BodyBytes::new(self.clients.clone(), client.clone());
        let body = upload::watched(request.take_body(), bytes, client.clone());
        request.set_body(body);
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let started = Instant::now();
        let response = self.gateway.get_response(request).await;
        if let Some((behind, destination)) = destination {
            behind.count(&destination, &method, &path, started.elapsed());
        }
        client.set_busy(false);
        Answer { response, tunnel: None }
    }

    /// The answer to a head that hyper cannot read.
    async fn refusal(&self, error: &hyper::Error, head: &[u8], peer: Peer) -> Vec<u8> {
        let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let address = line.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let refused = if !error.is_parse_too_large() {
            Error::unreadable()
        } else if address.len() > MAX_HEAD_BYTES / 2 {
            Error::UriTooLong(MAX_HEAD_BYTES)
        } else {
            Error::HeadTooLarge(MAX_HEAD_BYTES)
        };
        let response = self.gateway.refuse(refused);
        let client = peer
            .ip()
            .map_or_else(|| "unix".to_owned(), |address| address.to_string());
        tracing::info!(status = response.status().as_u16(), client, %error, "a request that cannot be read");
        written(response, !head.starts_with(b"HEAD ")).await
    }
}

/// An answer as it goes over the wire, the last of its connection.
async fn written(response: Response, has_body: bool) -> Vec<u8> {
    let (parts, body) = response.into_parts();
    let mut bytes = format!("HTTP/1.1 {}\r\nconnection: close\r\n", parts.status).into_bytes();
    for (name, value) in &parts.headers {
        bytes.extend_from_slice(&[name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let body = body.into_vec().await.unwrap_or_default();
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n", body.len()).as_bytes());
    if has_body {
        bytes.extend_from_slice(&body);
    }
    bytes
}

/// Closes a connection in a way that lets its client read the last answer.
///
/// Closing with unread bytes left resets the connection, which can overtake the answer: so what the client still
/// sends is read, within bounds.
async fn linger(mut stream: Stream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let drain = async {
        let mut left = LINGER_BYTES;
        let mut chunk = vec![0; LINGER_CHUNK];
        while let Ok(Ok(read @ 1..)) = timeout(LINGER_SILENCE, stream.read(&mut chunk)).await {
            left = left.saturating_sub(read);
            if left == 0 {
                break;
            }
        }
    };
    // The connection is closed in any case.
    let _ = timeout(LINGER, drain).await;
}
