//! Listens on a TCP port or a Unix socket.

use std::{
    io::{Error as IoError, ErrorKind, Result as IoResult},
    net::{IpAddr, SocketAddr},
    os::unix::{
        fs::{FileTypeExt, MetadataExt},
        net::UnixStream as BlockingUnixStream,
    },
    path::{Path, PathBuf},
};

use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_util::either::Either;

use crate::{
    config::{link_to, named},
    error::{Error, Result},
};

/// Bytes of a connection that may wait unsent in the system.
///
/// Without a bound the system buffers some MB at once and accepts more only after a third of them was sent, so a slow
/// client would look like one that reads nothing.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_BYTES: u32 = 64 * 1024;

/// An accepted connection.
pub(super) type Stream = Either<TcpStream, UnixStream>;

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Peer {
    /// An address; an IPv4-mapped IPv6 address becomes IPv4.
    Address(SocketAddr),
    /// A process of this machine.
    Unix,
}

/// A listening socket.
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener, SocketFile),
}

impl Listener {
    /// Binds `host:port`, or the Unix socket of a host `unix:/path`.
    pub(super) async fn bind(host: &str, port: u16) -> Result<Self> {
        if let Some(path) = host.strip_prefix("unix:") {
            return bind_unix(Path::new(path))
                .await
                .map_err(|error| Error::Io(format!("{}: cannot listen there", named("HOST")), error));
        }
        TcpListener::bind((host, port)).await.map(Self::Tcp).map_err(|error| {
            let hint = match error.kind() {
                ErrorKind::AddrInUse => "another program uses the port; choose another with --port",
                ErrorKind::PermissionDenied => "ports below 1024 require privileges; choose another with --port",
                // The address is wrong, or the name cannot be resolved.
                _ => return Error::Io(format!("{}: cannot listen there", named("HOST")), error),
            };
            Error::Io(format!("cannot listen on {host}:{port} ({hint})"), error)
        })
    }

    /// The address with the port in use, or the path.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Tcp(listener) => match listener.local_addr() {
                Ok(address) => format!("http://{address}"),
                Err(error) => format!("an unknown address ({error})"),
            },
            Self::Unix(_, file) => format!("unix:{}", file.path.display()),
        }
    }

    /// What a browser on this machine opens.
    pub(super) fn link(&self) -> String {
        match self {
            Self::Tcp(listener) => listener.local_addr().map_or_else(|_| self.name(), link_to),
            Self::Unix(..) => "http://localhost".to_owned(),
        }
    }

    /// The next connection.
    pub(super) async fn accept(&self) -> IoResult<(Stream, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, address) = listener.accept().await?;
                // A small answer must not wait until the client has acknowledged the one before.
                stream.set_nodelay(true)?;
                #[cfg(any(target_os = "linux", target_os = "android"))]
                socket2::SockRef::from(&stream).set_tcp_notsent_lowat(UNSENT_BYTES)?;
                let address = SocketAddr::new(address.ip().to_canonical(), address.port());
                Ok((Stream::Left(stream), Peer::Address(address)))
            }
            Self::Unix(listener, _) => Ok((Stream::Right(listener.accept().await?.0), Peer::Unix)),
        }
    }
}

impl Peer {
    /// The address, if there is one.
    pub(super) fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Address(address) => Some(address.ip()),
            Self::Unix => None,
        }
    }
}

async fn bind_unix(path: &Path) -> IoResult<Listener> {
    remove_stale(path)?;
    let listener = UnixListener::bind(path)?;
    let metadata = path.metadata()?;
    let file = SocketFile {
        path: path.to_owned(),
        identity: (metadata.dev(), metadata.ino()),
    };
    Ok(Listener::Unix(listener, file))
}

/// Removes the socket that a killed process left; one that a process listens on, and any other file, stays.
fn remove_stale(path: &Path) -> IoResult<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
        Ok(metadata) if !metadata.file_type().is_socket() => {
            return Err(IoError::new(
                ErrorKind::AlreadyExists,
                "the file exists and is not a socket",
            ));
        }
        Ok(_) => {}
    }
    match BlockingUnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => std::fs::remove_file(path),
        Ok(_) => Err(IoError::new(ErrorKind::AddrInUse, "another program listens on it")),
        Err(error) => Err(error),
    }
}

/// The file of a Unix socket, removed in the end unless another process has replaced it.
pub(super) struct SocketFile {
    path: PathBuf,
    identity: (u64, u64),
}

impl SocketFile {
    /// Whether this path leads to it.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        let found = path.metadata();
        found.is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == self.identity)
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        let found = self.path.symlink_metadata();
        if found.is_ok_and(|metadata| (metadata.dev(), metadata.ino()) == self.identity) {
            // Nothing is lost if it stays: the next start replaces it.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}
