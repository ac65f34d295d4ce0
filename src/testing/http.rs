//! A raw HTTP/1.1 client that sends exactly the bytes it is given, wrong ones included.

use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpStream},
    thread,
    time::Duration,
};

use crate::parity::answer::joined;

const TIMEOUT: Duration = Duration::from_secs(60);

/// One answer; `status` 0 means that the connection dropped, and `reason` tells how.
#[derive(Clone, Debug)]
pub struct Response {
    /// Its status code.
    pub status: u16,
    /// What stands after the status code.
    pub reason: String,
    /// Its headers, as they came.
    pub headers: Vec<(String, String)>,
    /// Its body, without chunks.
    pub body: Vec<u8>,
}

impl Response {
    /// All values of a header, joined as RFC 9110 allows.
    pub fn header(&self, name: &str) -> Option<String> {
        joined(&self.headers, name)
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON, if the Content-Type says that it is some.
    pub fn json(&self) -> Option<serde_json::Value> {
        self.header("Content-Type")
            .filter(|value| value.starts_with("application/json"))
            .and_then(|_| serde_json::from_slice(&self.body).ok())
    }

    fn dropped(error: &io::Error) -> Self {
        Self {
            status: 0,
            reason: format!("no response: {error}"),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }
}

/// Sends one request on a connection of its own to `base` (`http://127.0.0.1:PORT`).
///
/// Adds `Host: oracle.test` and `Connection: close`, and a Content-Length if there is a body and
/// the headers name none.
pub fn send(
    base: &str,
    method: &str,
    path: &str,
    headers: &[(impl AsRef<str>, impl AsRef<[u8]>)],
    body: Option<&[u8]>,
) -> Response {
    let request = request(method, path, headers, body);
    exchange(base, method, &request).unwrap_or_else(|error| Response::dropped(&error))
}

/// A GET of a path without headers of its own, as [`send`] does it.
pub fn get(base: &str, path: &str) -> Response {
    let no_headers: [(&str, &str); 0] = [];
    send(base, "GET", path, &no_headers, None)
}

/// As [`send`], from this address of the machine: all of 127.0.0.0/8 is here.
pub fn send_from(
    source: Ipv4Addr,
    base: &str,
    method: &str,
    path: &str,
    headers: &[(impl AsRef<str>, impl AsRef<[u8]>)],
    body: Option<&[u8]>,
) -> Response {
    let request = request(method, path, headers, body);
    let outcome = connect_from(source, base).and_then(|stream| exchange_on(&stream, method, &request));
    outcome.unwrap_or_else(|error| Response::dropped(&error))
}

fn connect_from(source: Ipv4Addr, base: &str) -> io::Result<TcpStream> {
    let address = base.strip_prefix("http://").unwrap_or(base).parse();
    let address = address.map_err(|_| malformed("address", base))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind((source, 0).into())?;
        socket.connect(address).await?.into_std()
    })?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

fn request(method: &str, path: &str, headers: &[(impl AsRef<str>, impl AsRef<[u8]>)], body: Option<&[u8]>) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nHost: oracle.test\r\nConnection: close\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_ref().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_ref());
        bytes.extend_from_slice(b"\r\n");
    }
    let has_length = headers
        .iter()
        .any(|(name, _)| name.as_ref().eq_ignore_ascii_case("content-length"));
    if let (Some(body), false) = (body, has_length) {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body.unwrap_or_default());
    bytes
}

fn exchange(base: &str, method: &str, request: &[u8]) -> io::Result<Response> {
    exchange_on(
        &TcpStream::connect(base.strip_prefix("http://").unwrap_or(base))?,
        method,
        request,
    )
}

fn exchange_on(stream: &TcpStream, method: &str, request: &[u8]) -> io::Result<Response> {
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    thread::scope(|scope| {
        // A server may answer and close before it has read the whole body, so the answer is read
        // while the request is still being written, and a failed write is no failure of its own.
        scope.spawn(|| (&mut &*stream).write_all(request));
        let response = read_response(&mut BufReader::new(stream), method);
        // Frees the writer if the server stopped reading.
        let _ = stream.shutdown(Shutdown::Both);
        response
    })
}

fn read_response(reader: &mut impl BufRead, method: &str) -> io::Result<Response> {
    loop {
        let (status, reason) = parse_status_line(&read_line(reader)?)?;
        let mut response = Response {
            status,
            reason,
            headers: read_headers(reader)?,
            body: Vec::new(),
        };
        if !(100..200).contains(&status) {
            response.body = read_body(reader, method, &response)?;
            return Ok(response);
        }
    }
}

fn parse_status_line(line: &str) -> io::Result<(u16, String)> {
    let mut words = line.splitn(3, ' ');
    let version = words.next().unwrap_or_default();
    let status = words.next().and_then(|word| word.parse().ok());
    match status {
        Some(status) if version.starts_with("HTTP/1.") => Ok((status, words.next().unwrap_or_default().to_owned())),
        _ => Err(malformed("status line", line)),
    }
}

fn read_headers(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let line = read_line(reader)?;
        if line.is_empty() {
            return Ok(headers);
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("header", &line))?;
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
}

fn read_body(reader: &mut impl BufRead, method: &str, head: &Response) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if method == "HEAD" || matches!(head.status, 204 | 304) {
        return Ok(body);
    }
    if head
        .header("Transfer-Encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        return read_chunks(reader);
    }
    match head.header("Content-Length") {
        Some(length) => {
            let length = length.parse().map_err(|_| malformed("Content-Length", &length))?;
            body.resize(length, 0);
            reader.read_exact(&mut body)?;
        }
        None => {
            reader.read_to_end(&mut body)?;
        }
    }
    Ok(body)
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = read_line(reader)?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(digits, 16).map_err(|_| malformed("chunk size", &line))?;
        if size == 0 {
            read_headers(reader)?;
            return Ok(body);
        }
        if reader.by_ref().take(size).read_to_end(&mut body)? as u64 != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        read_line(reader)?;
    }
}

/// Reads one line without its end, byte by byte as Latin-1, which is what headers are.
fn read_line(reader: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line)?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line.into_iter().map(char::from).collect())
}

fn malformed(what: &str, line: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("malformed {what} {line:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_answer_is_put_together_and_an_interim_one_is_skipped() {
        let mut wire: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\
            Transfer-Encoding: chunked\r\nAllow: GET\r\nallow: HEAD\r\n\r\n\
            4\r\nWiki\r\n5;x=y\r\npedia\r\n0\r\n\r\n";
        let response = read_response(&mut wire, "GET").unwrap();
        assert_eq!(response.status, 200);
        assert_eq!(response.text(), "Wikipedia");
        assert_eq!(response.header("allow").as_deref(), Some("GET, HEAD"));
    }

    #[test]
    fn an_answer_cut_short_is_an_error() {
        let mut wire: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort";
        assert!(read_response(&mut wire, "GET").is_err());
    }

    #[test]
    fn an_answer_that_comes_before_the_whole_body_was_read_is_kept() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.read_exact(&mut [0; 10]).unwrap();
            stream
                .write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
                .unwrap();
        });
        let no_headers: [(&str, &str); 0] = [];
        let response = send(&base, "POST", "/", &no_headers, Some(&[b'a'; 20_000_000]));
        assert_eq!((response.status, response.text().as_str()), (413, "no"), "{response:?}");
        server.join().unwrap();
    }
}
