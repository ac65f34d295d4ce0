//! Watches the body of a request while it arrives: its time, and the memory that all bodies use.

use std::{
    io::{Error as IoError, Result as IoResult},
    pin::Pin,
    sync::Arc,
    time::Duration,
};

use futures_util::{Stream, StreamExt, stream::try_unfold};
use hyper::body::Bytes;
use poem::Body;
use tokio::time::{Instant, timeout_at};

use super::clients::{BodyBytes, Client};
use crate::error::Error;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the client may be silent in between.
const BODY_SILENCE: Duration = Duration::from_secs(10);

struct Upload {
    parts: Pin<Box<dyn Stream<Item = IoResult<Bytes>> + Send>>,
    deadline: Instant,
    bytes: BodyBytes,
    client: Arc<Client>,
}

/// A body that fails with one of our errors if it does not arrive in time, or if there is no room for it.
pub(super) fn watched(body: Body, bytes: BodyBytes, client: Arc<Client>) -> Body {
    if body.is_empty() {
        return body;
    }
    let upload = Upload {
        parts: Box::pin(body.into_bytes_stream()),
        deadline: Instant::now() + BODY_TIMEOUT,
        bytes,
        client,
    };
    Body::from_bytes_stream(try_unfold(upload, Upload::next))
}

impl Upload {
    async fn next(mut self) -> IoResult<Option<(Bytes, Self)>> {
        self.client.set_busy(false);
        let deadline = self.deadline.min(Instant::now() + BODY_SILENCE);
        let part = timeout_at(deadline, self.parts.next()).await;
        self.client.set_busy(true);
        match part {
            Err(_) => Err(IoError::other(Error::RequestTimeout)),
            Ok(None) => Ok(None),
            Ok(Some(Ok(part))) if self.bytes.add(part.len()) => Ok(Some((part, self))),
            Ok(Some(Ok(_))) => Err(IoError::other(Error::Busy)),
            Ok(Some(Err(error))) => Err(error),
        }
    }
}
