//! A request that both servers are asked.

use std::collections::{HashMap, HashSet};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The characters that a request line must encode; those of an encoding stay.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Bytes of the longest address that is asked for.
const MAX_TARGET: usize = 8192;

/// A token that no server accepts, and so nobody's secret.
pub const WRONG_TOKEN: &str = "not.a.token";
/// The value of the header `Authorization` that stands for it, however servers want it to be carried.
pub const WRONG_AUTHORIZATION: &str = "Bearer not.a.token";

/// Headers that belong to a connection, to a browser's cache, to the client or to a proxy, and are not sent again.
///
/// `Accept-Encoding` is among them: bodies are compared as they are before compression.
const NOT_SENT: [&str; 21] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "range",
    "via",
    "x-real-ip",
];

/// How the names of others begin.
const NOT_SENT_EITHER: [&str; 3] = [":", "sec-", "x-forwarded-"];

/// A request, without what belongs to its connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// What it is called in reports and in a deviations file; see [`Names`].
    pub name: String,
    /// In capital letters.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// The headers that are sent, but for that of the token.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Whether it is sent with the token that the command line names.
    pub uses_token: bool,
    /// Whether a secret of it was left out when it was recorded.
    pub is_masked: bool,
}

impl Request {
    /// A GET of an address.
    pub fn get(target: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            target: target.to_owned(),
            ..Self::default()
        }
    }

    /// Whether it changes nothing (RFC 9110 section 9.2.1).
    pub fn is_safe(&self) -> bool {
        ["GET", "HEAD", "OPTIONS"].contains(&self.method.as_str())
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Takes the wrong token out, if the request has it.
    pub fn take_wrong_token(&mut self) -> bool {
        let before = self.headers.len();
        self.headers.retain(|(_, value)| value != WRONG_AUTHORIZATION);
        self.headers.len() < before
    }

    /// Adds a header that belongs to the request itself; `:path` of HTTP/2 and the like do not.
    pub fn add_header(&mut self, name: &str, value: &str) {
        let lower = name.to_ascii_lowercase();
        let is_left_out = |start: &&str| lower.starts_with(start);
        let is_sent = !NOT_SENT.contains(&lower.as_str()) && !NOT_SENT_EITHER.iter().any(is_left_out);
        if is_sent {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }

    /// How much of it there is to read.
    pub fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        self.target.len() + headers.sum::<usize>() + self.body.len()
    }
}

/// Path and query as they can stand in a request line; `None` for what is not an address of a server.
pub fn clean_target(text: &str) -> Option<String> {
    let text = text.split('#').next().unwrap_or_default();
    // A proxy's requests have the whole address.
    let path = match text.split_once("://") {
        Some((scheme, rest)) if scheme.starts_with("http") => &rest[rest.find('/')?..],
        _ => text,
    };
    let clean = utf8_percent_encode(path, ENCODED).to_string();
    (clean.starts_with('/') && clean.len() <= MAX_TARGET).then_some(clean)
}

/// Gives requests without a name one of their own: method and address, with a number from the second on.
#[derive(Default)]
pub struct Names(HashMap<String, usize>);

impl Names {
    /// Names one more request.
    pub fn name(&mut self, request: &mut Request, mask_target: fn(&str) -> String) {
        if request.name.is_empty() {
            request.name = format!("{} {}", request.method, mask_target(&request.target));
        }
        let count = self.0.entry(request.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            request.name = format!("{} ({count})", request.name);
        }
    }
}

/// Leaves out each safe request that has been there already.
pub fn without_repetitions(requests: Vec<Request>) -> Vec<Request> {
    let mut seen = HashSet::new();
    let mut is_new = |request: &Request| {
        let headers = format!("{:?} {:?}", request.headers, request.uses_token);
        !request.is_safe() || seen.insert((request.method.clone(), request.target.clone(), headers))
    };
    requests.into_iter().filter(|request| is_new(request)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_written_as_a_request_line_can_have_it() {
        for (text, expected) in [
            ("/a?b=c", Some("/a?b=c")),
            ("/a b\"c|d", Some("/a%20b%22c%7Cd")),
            ("/%7Ea/ä", Some("/%7Ea/%C3%A4")),
            ("/a#b", Some("/a")),
            ("http://blog.example/x?y", Some("/x?y")),
            ("http://blog.example", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(clean_target(text).as_deref(), expected, "{text}");
        }
        assert_eq!(clean_target(&format!("/{}", "a".repeat(9000))), None);
    }

    #[test]
    fn equal_names_get_numbers() {
        let mut names = Names::default();
        let named = ["/a", "/a", "/b"].map(|target| {
            let mut request = Request::get(target);
            names.name(&mut request, str::to_owned);
            request.name
        });
        assert_eq!(named, ["GET /a", "GET /a (2)", "GET /b"]);
    }

    #[test]
    fn what_belongs_to_a_connection_is_not_sent_again() {
        let mut request = Request::get("/");
        for name in [
            "Host",
            ":path",
            "If-None-Match",
            "sec-ch-ua",
            "X-Forwarded-For",
            "Accept",
            "X-Tenant",
        ] {
            request.add_header(name, "x");
        }
        let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["Accept", "X-Tenant"]);
    }
}
