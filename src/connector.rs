//! Connections to the address of a server: of an old app, or of one that is compared.

use std::{
    io::{Error as IoError, ErrorKind, IoSlice, Result as IoResult},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::future::BoxFuture;
use hyper::{
    Uri,
    rt::{Read, ReadBufCursor, Write},
};
use hyper_util::{
    client::legacy::connect::{Connected, Connection},
    rt::TokioIo,
};
use tokio::{
    net::{TcpStream, UnixStream},
    time::timeout,
};
use tokio_util::either::Either;
use tower_service::Service;

use crate::config::UpstreamUrl;

/// How long connecting may take, with the look-up of the name: an app that is down is known to be within three seconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// Connects to the one place, whichever address a request names.
#[derive(Clone)]
pub struct Connector(pub Arc<UpstreamUrl>);

/// A connection to the old app.
pub struct UpstreamStream(TokioIo<Either<TcpStream, UnixStream>>);

impl Connector {
    async fn connect(self) -> IoResult<UpstreamStream> {
        let stream = match &*self.0 {
            UpstreamUrl::Tcp(host, port) => {
                let stream = TcpStream::connect((host.as_str(), *port)).await?;
                stream.set_nodelay(true)?;
                Either::Left(stream)
            }
            UpstreamUrl::Unix(path) => Either::Right(UnixStream::connect(path).await?),
        };
        Ok(UpstreamStream(TokioIo::new(stream)))
    }
}

impl Service<Uri> for Connector {
    type Response = UpstreamStream;
    type Error = IoError;
    type Future = BoxFuture<'static, IoResult<UpstreamStream>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<IoResult<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connecting = timeout(CONNECT_TIMEOUT, self.clone().connect());
        Box::pin(async {
            connecting.await.unwrap_or_else(|_| {
                let message = format!("no connection within {} s", CONNECT_TIMEOUT.as_secs());
                Err(IoError::new(ErrorKind::TimedOut, message))
            })
        })
    }
}

impl Connection for UpstreamStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for UpstreamStream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: ReadBufCursor<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl Write for UpstreamStream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<IoResult<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<IoResult<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<IoResult<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
