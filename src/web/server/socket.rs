//! The stream of a connection: drops a client that does not read, and holds back hyper's own answers.

use std::{
    io::{Error as IoError, ErrorKind, IoSlice, Result as IoResult},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep_until},
};

use super::{clients::Client, listener::Stream};

/// How long a client may read nothing while bytes wait for it.
const PATIENCE: Duration = Duration::from_secs(15);
/// Bytes a second that a client must read to keep its connection.
const MIN_RATE: u64 = 4096;
/// hyper's own refusals are shorter.
const MAX_REFUSAL_BYTES: usize = 256;

/// A stream whose client must keep reading.
///
/// Time is counted only while bytes wait that the system does not accept: making an answer may take long, and its
/// reader is not slow. Each byte that was read earns some time back, so a byte now and then is not enough.
pub(super) struct Socket {
    stream: Stream,
    client: Arc<Client>,
    patience: Duration,
    blocked_since: Option<Instant>,
    alarm: Option<Pin<Box<Sleep>>>,
}

impl Socket {
    pub(super) fn new(stream: Stream, client: Arc<Client>) -> Self {
        Self {
            stream,
            client,
            patience: PATIENCE,
            blocked_since: None,
            alarm: None,
        }
    }

    /// The stream itself, once hyper is done with it.
    pub(super) fn into_inner(self) -> Stream {
        self.stream
    }

    /// Passes on how much was written; fails if the client has read nothing for too long.
    fn watch(&mut self, cx: &mut Context<'_>, written: Poll<IoResult<usize>>) -> Poll<IoResult<usize>> {
        let now = Instant::now();
        match written {
            Poll::Ready(Ok(bytes)) => {
                let waited = self.blocked_since.take().map_or(Duration::ZERO, |since| now - since);
                let earned = Duration::from_micros(bytes as u64 * 1_000_000 / MIN_RATE);
                self.patience = (self.patience.saturating_sub(waited) + earned).min(PATIENCE);
                self.client.progressed();
            }
            Poll::Ready(Err(_)) => {}
            // Its connection is closed only where another needs it.
            Poll::Pending if self.client.is_patient() => {}
            Poll::Pending => {
                let until = self.patience;
                let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(now + until)));
                if self.blocked_since.is_none() {
                    self.blocked_since = Some(now);
                    alarm.as_mut().reset(now + until);
                }
                ready!(alarm.as_mut().poll(cx));
                return Poll::Ready(Err(IoError::new(ErrorKind::TimedOut, "the client does not read")));
            }
        }
        written
    }
}

/// Whether these bytes are an answer of hyper's own to a head it cannot read: those have no body.
///
/// Every answer of ours has one of the headers that are looked for, and those of the old app say that they came through here.
fn is_refusal(bytes: &[u8]) -> bool {
    let has = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    bytes.len() < MAX_REFUSAL_BYTES
        && bytes.starts_with(b"HTTP/1.")
        && bytes.get(8..10) == Some(b" 4")
        && bytes.ends_with(b"\r\n\r\n")
        && has(b"content-length: 0\r\n")
        && !has(b"x-content-type-options")
        && !has(b"via: ")
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<IoResult<()>> {
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if read.is_ready() {
            self.client.progressed();
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<IoResult<usize>> {
        if is_refusal(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watch(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<IoResult<usize>> {
        if let [only] = slices
            && is_refusal(only)
        {
            return Poll::Ready(Ok(only.len()));
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.watch(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Left to [`super::connection`], which may have something to say before.
    fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<IoResult<()>> {
        Poll::Ready(Ok(()))
    }
}
