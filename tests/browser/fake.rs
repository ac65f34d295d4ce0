//! A server in front of the real one that answers some requests itself, for what the real one never says.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    thread,
};

use serde_json::Value;

use crate::support::http;

/// What the browser asks for.
pub struct Asked {
    pub method: String,
    pub path: String,
    pub content_type: String,
    pub authorization: String,
    pub body: Vec<u8>,
}

/// Starts it in front of `upstream` and gives its own address.
///
/// A request for which `answer` gives a status and JSON is answered so; all others go to `upstream`.
/// It lives until the test binary ends.
pub fn start(upstream: &str, answer: impl Fn(&Asked) -> Option<(u16, Value)> + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port must be free");
    let address = listener.local_addr().expect("the listener has an address");
    let (upstream, answer) = (upstream.to_owned(), Arc::new(answer));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let (upstream, answer) = (upstream.clone(), answer.clone());
            // A browser also opens connections that it never uses: each gets a thread.
            thread::spawn(move || serve(stream, &upstream, &*answer));
        }
    });
    format!("http://{address}")
}

fn serve(stream: TcpStream, upstream: &str, answer: &dyn Fn(&Asked) -> Option<(u16, Value)>) -> io::Result<()> {
    let asked = read(&stream)?;
    let (status, headers, body) = match answer(&asked) {
        Some((status, json)) => {
            let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
            (status, headers, json.to_string().into_bytes())
        }
        None => forward(&asked, upstream),
    };
    let mut head = format!(
        "HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = stream;
    stream.write_all(head.as_bytes())?;
    stream.write_all(b"\r\n")?;
    stream.write_all(&body)
}

fn read(stream: &TcpStream) -> io::Result<Asked> {
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    let mut words = line.split(' ');
    let mut word = || words.next().unwrap_or_default().to_owned();
    let mut asked = Asked {
        method: word(),
        path: word(),
        content_type: String::new(),
        authorization: String::new(),
        body: Vec::new(),
    };
    loop {
        let mut line = String::new();
        lines.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-type" => asked.content_type = value.to_owned(),
            "authorization" => asked.authorization = value.to_owned(),
            "content-length" => asked.body = vec![0; value.parse().unwrap_or_default()],
            _ => {}
        }
    }
    lines.read_exact(&mut asked.body)?;
    Ok(asked)
}

fn forward(asked: &Asked, upstream: &str) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let headers = [
        ("Content-Type", &asked.content_type),
        ("Authorization", &asked.authorization),
    ];
    let body = (!asked.body.is_empty()).then_some(&asked.body[..]);
    let response = http::send(upstream, &asked.method, &asked.path, &headers, body);
    // These two are about the other connection.
    let own = ["content-length", "connection", "transfer-encoding"];
    let headers = response
        .headers
        .into_iter()
        .filter(|(name, _)| !own.contains(&name.to_ascii_lowercase().as_str()))
        .collect();
    (response.status, headers, response.body)
}
