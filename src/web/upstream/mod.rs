//! Hands requests to the old app behind this server, as they came, and its answers to the client, as they come.
//!
//! Bodies are streamed both ways: no limit of ours is on their size or time, and what the other side does not take yet is
//! not read yet. Nothing of a request is kept, so one that was sent in part is never sent again.

pub mod behind;
mod copies;
pub mod counts;
mod headers;
pub mod modes;
pub mod ours;
pub mod recorder;
pub mod report;
pub mod shadow;

use std::{io::Error as IoError, sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, pending};
use http_body_util::{BodyExt, Empty, combinators::BoxBody};
use hyper::{
    Version,
    body::{Body as _, Bytes},
    upgrade,
};
use hyper_util::{
    client::legacy::{Client, Error as ClientError},
    rt::{TokioExecutor, TokioIo, TokioTimer},
};
use poem::{
    OnUpgrade, Request, Response,
    http::{
        HeaderValue, Method, StatusCode, Uri,
        request::Parts,
        uri::{Authority, PathAndQuery, Scheme},
    },
};
use tokio::io::{AsyncWriteExt, copy, split};

use super::server::Hop;
use crate::{config::UpstreamUrl, connector::Connector, error::Error};

/// How long a connection is kept for the next request: shorter than the two seconds after which gunicorn closes it, because
/// a request that meets the end of its connection is lost.
const IDLE_TIMEOUT: Duration = Duration::from_secs(1);
/// Connections that are kept at a time.
const MAX_IDLE: usize = 64;

type Body = BoxBody<Bytes, IoError>;

/// The old app.
pub struct Upstream {
    client: Client<Connector, Body>,
    authority: Authority,
    via: HeaderValue,
}

/// What comes of a request.
pub struct Answer {
    /// The old app's answer.
    pub response: Response,
    /// Copies between the client and the old app once both have changed to another protocol.
    pub tunnel: Option<BoxFuture<'static, ()>>,
}

impl Upstream {
    /// The app at this address; nothing is connected before the first request.
    ///
    /// # Errors
    /// [`Error::Internal`] where the system has no random bytes.
    pub fn new(url: UpstreamUrl) -> Result<Self, Error> {
        let authority = match &url {
            UpstreamUrl::Tcp(..) => url.to_string().trim_start_matches("http://").parse().ok(),
            UpstreamUrl::Unix(_) => None,
        };
        let client = Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE)
            .build(Connector(Arc::new(url)));
        Ok(Self {
            client,
            // A request without Host, which only HTTP/1.0 may have, gets this one.
            authority: authority.unwrap_or_else(|| Authority::from_static("localhost")),
            via: headers::via_of_process()?,
        })
    }

    /// Sends a request and waits for the head of its answer, for as long as that takes.
    ///
    /// # Errors
    /// [`Error::Upstream`] where the old app cannot be reached, or ends the connection without an answer;
    /// [`Error::UpstreamLoop`] where the request has come back from there.
    pub async fn forward(&self, request: Request, hop: &Hop) -> Result<Answer, Error> {
        if headers::came_through(request.headers(), &self.via) {
            return Err(Error::UpstreamLoop);
        }
        let client_side = request.take_upgrade().ok();
        let mut sent = hyper::Request::<Body>::from(request);
        *sent.uri_mut() = self.absolute(sent.uri())?;
        *sent.version_mut() = Version::HTTP_11;
        headers::prepare_request(sent.headers_mut(), hop, &self.via);
        let wanted = headers::upgrade(sent.headers());
        let mut response = self.send(sent).await.map_err(failure)?;
        let changed = wanted.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS);
        let tunnel = match (client_side, &changed) {
            (Some(client_side), Some(_)) => Some(tunnel(client_side, upgrade::on(&mut response))),
            _ => None,
        };
        *response.version_mut() = Version::HTTP_11;
        headers::prepare_answer(response.headers_mut(), changed);
        Ok(Answer {
            response: Response::from(response.map(|body| body.map_err(IoError::other).boxed())),
            tunnel,
        })
    }

    /// Sends it again where the app has ended the connection before it answered a request that changes nothing: it ends idle
    /// ones at any time.
    async fn send(&self, request: hyper::Request<Body>) -> Result<hyper::Response<hyper::body::Incoming>, ClientError> {
        let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
        if !is_safe || !request.body().is_end_stream() {
            return self.client.request(request).await;
        }
        let (parts, _) = request.into_parts();
        match self.client.request(without_body(&parts)).await {
            Err(error) if !error.is_connect() => self.client.request(without_body(&parts)).await,
            outcome => outcome,
        }
    }

    fn absolute(&self, uri: &Uri) -> Result<Uri, Error> {
        let target = uri.path_and_query().cloned();
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.authority.clone())
            .path_and_query(target.unwrap_or_else(|| PathAndQuery::from_static("/")))
            .build()
            .map_err(|_| Error::unreadable())
    }
}

fn failure(error: ClientError) -> Error {
    Error::Upstream(Box::new(error))
}

fn without_body(parts: &Parts) -> hyper::Request<Body> {
    hyper::Request::from_parts(parts.clone(), Empty::new().map_err(|never| match never {}).boxed())
}

/// Copies until the old app ends the connection, which it does when the client has.
fn tunnel(client_side: OnUpgrade, app_side: upgrade::OnUpgrade) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let (Ok(client), Ok(app)) = (client_side.await, app_side.await) else {
            return;
        };
        let (mut from_client, mut to_client) = split(client);
        let (mut from_app, mut to_app) = split(TokioIo::new(app));
        let to_the_app = async {
            let sent = copy(&mut from_client, &mut to_app).await;
            tracing::debug!(?sent, "the client has ended a connection to the old app");
            // The app may have something to say yet.
            if to_app.shutdown().await.is_ok() {
                pending::<()>().await;
            }
        };
        tokio::select! {
            () = to_the_app => {}
            answered = copy(&mut from_app, &mut to_client) => {
                tracing::debug!(?answered, "the old app has ended a connection");
            }
        }
    })
}
