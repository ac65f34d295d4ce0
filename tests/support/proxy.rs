//! A TCP proxy in front of a database, which can be away, come up, and fall silent without closing a connection.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// How often a thread looks at what is asked of it.
const TICK: Duration = Duration::from_millis(20);

/// The proxy of one server; its connections end when this is dropped.
pub struct Proxy {
    /// The port on which it listens from [`Proxy::open`] on.
    pub port: u16,
    is_over: Arc<AtomicBool>,
    is_silent: Arc<AtomicBool>,
}

impl Proxy {
    /// Chooses a port on which nobody listens yet.
    pub fn reserve() -> Self {
        Self {
            port: super::services::free_port(),
            is_over: Arc::default(),
            is_silent: Arc::default(),
        }
    }

    /// The URL with this proxy's port instead of the server's.
    pub fn in_front_of(&self, url: &str) -> String {
        let server = server_of(url);
        url.replace(server, &format!("127.0.0.1:{}", self.port))
    }

    /// Listens, and connects to the server of the URL.
    pub fn open(&self, url: &str) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).expect("the port is free");
        listener.set_nonblocking(true).unwrap();
        let server = server_of(url).to_owned();
        let (is_over, is_silent) = (self.is_over.clone(), self.is_silent.clone());
        thread::spawn(move || {
            while !is_over.load(Ordering::SeqCst) {
                let Ok((client, _)) = listener.accept() else {
                    thread::sleep(TICK);
                    continue;
                };
                client.set_nonblocking(false).unwrap();
                let server = TcpStream::connect(&server).expect("the server answers");
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let (is_over, is_silent) = (is_over.clone(), is_silent.clone());
                    thread::spawn(move || forward(from, to, &is_over, &is_silent));
                }
            }
        });
    }

    /// Passes nothing on any more, as a network that was cut; or again.
    pub fn set_silent(&self, is_silent: bool) {
        self.is_silent.store(is_silent, Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
    }
}

fn forward(mut from: TcpStream, mut to: TcpStream, is_over: &AtomicBool, is_silent: &AtomicBool) {
    from.set_read_timeout(Some(TICK)).unwrap();
    let mut bytes = [0; 65536];
    while !is_over.load(Ordering::SeqCst) {
        if is_silent.load(Ordering::SeqCst) {
            thread::sleep(TICK);
            continue;
        }
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                if to.write_all(&bytes[..count]).is_err() {
                    break;
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break,
        }
    }
    // They fail only if it is closed already.
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}

/// The host and port of a URL.
fn server_of(url: &str) -> &str {
    let (_, rest) = url.rsplit_once('@').expect("the URL has a user");
    rest.split('/').next().expect("the URL has a host")
}
