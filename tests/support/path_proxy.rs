//! A proxy that shows a server below `/app/`, as nginx does with `location /app/ { proxy_pass http://SERVER/; }`.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// The path below which the server is shown.
pub const PATH: &str = "/app";

/// The proxy; it lives until the test binary ends.
pub struct PathProxy {
    /// Its address with the path, without a slash at the end.
    pub base: String,
    listener: Option<TcpListener>,
    strays: Arc<Mutex<Vec<String>>>,
}

impl PathProxy {
    /// Takes a port, on which nobody is answered yet.
    pub fn bind() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port must be free");
        let address = listener.local_addr().expect("the listener has an address");
        Self {
            base: format!("http://{address}{PATH}"),
            listener: Some(listener),
            strays: Arc::default(),
        }
    }

    /// Passes requests on to `upstream` without the path, and with these header lines added.
    pub fn forward_to(&mut self, upstream: &str, lines: &'static str) {
        let listener = self.listener.take().expect("it forwards to one server");
        let upstream = upstream.trim_start_matches("http://").to_owned();
        let strays = self.strays.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (upstream, strays) = (upstream.clone(), strays.clone());
                thread::spawn(move || forward(&stream, &upstream, lines, &strays));
            }
        });
    }

    /// The requests so far that left the path.
    pub fn strays(&self) -> Vec<String> {
        self.strays.lock().unwrap().clone()
    }
}

/// One request and its answer.
fn forward(client: &TcpStream, upstream: &str, lines: &str, strays: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client);
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(());
    }
    let (method, target) = line.split_once(' ').unwrap_or_default();
    let Some(target) = target.strip_prefix(PATH).filter(|rest| rest.starts_with('/')) else {
        strays.lock().unwrap().push(line);
        return (&mut &*client).write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let mut head = format!("{method} {target}{lines}Connection: close\r\n");
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let name = line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        if name == "content-length" {
            length = line[name.len() + 1..].trim().parse().unwrap_or(0);
        }
        if name != "connection" {
            head.push_str(&line);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut server = TcpStream::connect(upstream)?;
    server.write_all(head.as_bytes())?;
    io::copy(&mut reader.take(length), &mut server)?;
    io::copy(&mut server, &mut &*client).map(drop)
}
