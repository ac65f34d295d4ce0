//! What of the headers of a request and of an answer concerns the next hop only, and what the old app learns of the client.

use poem::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{config::random_hex, error::Error, web::server::Hop};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const FORWARDED_PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");
const KEEP_ALIVE: HeaderName = HeaderName::from_static("keep-alive");
const PROXY_CONNECTION: HeaderName = HeaderName::from_static("proxy-connection");

/// What a proxy says of those before it; from anybody else it may be forged.
const OF_PROXIES: [HeaderName; 7] = [
    header::FORWARDED,
    FORWARDED_FOR,
    FORWARDED_HOST,
    FORWARDED_PROTO,
    FORWARDED_PREFIX,
    FORWARDED_PORT,
    REAL_IP,
];

/// Headers of one connection, which a proxy must not pass on (RFC 9110 section 7.6.1), besides those that `Connection` names.
const OF_CONNECTION: [HeaderName; 9] = [
    header::CONNECTION,
    KEEP_ALIVE,
    PROXY_CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// The name of this server among those that an answer came through (RFC 9110 section 7.6.3).
///
/// `web/server/socket.rs` knows the old app's answers by it.
const VIA: HeaderValue = HeaderValue::from_static("1.1 poem-scaffold");

/// What requests say instead: the name of this process, which no other has, because one may stand behind another.
///
/// # Errors
/// [`Error::Internal`] where the system has no random bytes.
pub(super) fn via_of_process() -> Result<HeaderValue, Error> {
    // Not in a comment: proxies may remove those.
    let via = format!("1.1 poem-scaffold-{}", random_hex(8)?);
    HeaderValue::try_from(via).map_err(|error| Error::Internal(error.to_string()))
}

/// Whether a request has been here before: one of the servers it came through is called `via`.
pub(super) fn came_through(headers: &HeaderMap, via: &HeaderValue) -> bool {
    let mut lines = headers.get_all(header::VIA).iter().map(HeaderValue::as_bytes);
    lines.any(|line| line.windows(via.len()).any(|part| part == via.as_bytes()))
}

/// The protocol that both sides of a connection want to change to.
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    let is_asked = named_in_connection(headers).any(|name| name == header::UPGRADE);
    headers.get(header::UPGRADE).filter(|_| is_asked).cloned()
}

/// Makes the headers of a request those of the next hop, where this server is called `via`.
pub(super) fn prepare_request(headers: &mut HeaderMap, hop: &Hop, via: &HeaderValue) {
    let upgrade = upgrade(headers);
    remove_those_of_connection(headers);
    // Our server has answered it, or will when the body is read.
    headers.remove(header::EXPECT);
    if !hop.is_trusted {
        OF_PROXIES.iter().for_each(|name| drop(headers.remove(name)));
    }
    if let Some(clients) = forwarded_for(headers, hop) {
        headers.insert(FORWARDED_FOR, clients);
    }
    if let Some(host) = headers.get(header::HOST).cloned() {
        headers.entry(FORWARDED_HOST).or_insert(host);
    }
    headers
        .entry(FORWARDED_PROTO)
        .or_insert(HeaderValue::from_static("http"));
    headers.append(header::VIA, via.clone());
    set_upgrade(headers, upgrade);
}

/// Those that the request came from, in one line: not every WSGI server joins several.
fn forwarded_for(headers: &HeaderMap, hop: &Hop) -> Option<HeaderValue> {
    let peer = hop.peer.map(|peer| peer.to_string());
    let known = headers.get_all(FORWARDED_FOR).iter().map(HeaderValue::as_bytes);
    let all: Vec<&[u8]> = known.chain(peer.as_ref().map(String::as_bytes)).collect();
    HeaderValue::from_bytes(&all.join(&b", "[..]))
        .ok()
        .filter(|_| !all.is_empty())
}

/// Makes the headers of an answer those of this hop; `upgrade` is the protocol that both sides have changed to.
pub(super) fn prepare_answer(headers: &mut HeaderMap, upgrade: Option<HeaderValue>) {
    remove_those_of_connection(headers);
    headers.append(header::VIA, VIA);
    set_upgrade(headers, upgrade);
}

fn set_upgrade(headers: &mut HeaderMap, upgrade: Option<HeaderValue>) {
    if let Some(upgrade) = upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, upgrade);
    }
}

fn remove_those_of_connection(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = named_in_connection(headers).collect();
    // What everybody needs is not of one connection, however a client calls it.
    let needed = [
        header::HOST,
        header::CONTENT_LENGTH,
        header::AUTHORIZATION,
        header::COOKIE,
    ];
    let named = named.iter().filter(|name| !needed.contains(name));
    OF_CONNECTION
        .iter()
        .chain(named)
        .for_each(|name| drop(headers.remove(name)));
}

fn named_in_connection(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let lines = headers.get_all(header::CONNECTION).iter();
    let names = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    names.filter_map(|name| name.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESS: HeaderValue = HeaderValue::from_static("1.1 poem-scaffold-7f");

    fn map(headers: &[(&str, &str)]) -> HeaderMap {
        let headers = headers.iter();
        headers
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn written(headers: &HeaderMap) -> Vec<String> {
        let mut lines: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        lines
    }

    fn hop(peer: Option<&str>, is_trusted: bool) -> Hop {
        Hop {
            peer: peer.map(|peer| peer.parse().unwrap()),
            is_trusted,
        }
    }

    #[test]
    fn headers_of_the_connection_are_left_out_and_others_are_kept() {
        let mut headers = map(&[
            ("host", "blog.example"),
            ("connection", "keep-alive, X-Hop, authorization"),
            ("keep-alive", "timeout=5"),
            ("x-hop", "1"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("expect", "100-continue"),
            ("upgrade", "h2c"),
            ("authorization", "Bearer x"),
            ("cookie", "a=1"),
            ("cookie", "b=2"),
        ]);
        prepare_request(&mut headers, &hop(Some("198.51.100.7"), false), &PROCESS);
        assert_eq!(
            written(&headers),
            [
                "authorization: Bearer x",
                "cookie: a=1",
                "cookie: b=2",
                "host: blog.example",
                "via: 1.1 poem-scaffold-7f",
                "x-forwarded-for: 198.51.100.7",
                "x-forwarded-host: blog.example",
                "x-forwarded-proto: http",
            ]
        );
    }

    #[test]
    fn only_a_trusted_proxy_says_who_the_client_is() {
        let forwarded = [
            ("host", "blog.example"),
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "www.example"),
            ("x-forwarded-prefix", "/blog"),
            ("x-real-ip", "203.0.113.9"),
            ("forwarded", "for=203.0.113.9"),
        ];
        let mut headers = map(&forwarded);
        prepare_request(&mut headers, &hop(Some("10.0.0.1"), true), &PROCESS);
        assert_eq!(
            written(&headers),
            [
                "forwarded: for=203.0.113.9",
                "host: blog.example",
                "via: 1.1 poem-scaffold-7f",
                "x-forwarded-for: 203.0.113.9, 10.0.0.1",
                "x-forwarded-host: www.example",
                "x-forwarded-prefix: /blog",
                "x-forwarded-proto: https",
                "x-real-ip: 203.0.113.9",
            ]
        );
        let mut headers = map(&forwarded);
        prepare_request(&mut headers, &hop(None, false), &PROCESS);
        assert_eq!(
            written(&headers),
            [
                "host: blog.example",
                "via: 1.1 poem-scaffold-7f",
                "x-forwarded-host: blog.example",
                "x-forwarded-proto: http",
            ]
        );
    }

    #[test]
    fn an_upgrade_is_passed_on_where_the_connection_asks_for_it() {
        let mut headers = map(&[("connection", "Keep-Alive, Upgrade"), ("upgrade", "websocket")]);
        prepare_request(&mut headers, &hop(None, false), &PROCESS);
        assert_eq!(headers["connection"], "upgrade");
        assert_eq!(headers["upgrade"], "websocket");
        let mut headers = map(&[("upgrade", "websocket")]);
        prepare_request(&mut headers, &hop(None, false), &PROCESS);
        assert!(!headers.contains_key("upgrade"));
    }

    #[test]
    fn an_answer_keeps_its_cookies_its_redirect_and_its_own_date() {
        let mut headers = map(&[
            ("connection", "close"),
            ("transfer-encoding", "chunked"),
            ("location", "http://blog.example/x"),
            ("set-cookie", "a=1"),
            ("set-cookie", "b=2"),
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("server", "gunicorn"),
        ]);
        prepare_answer(&mut headers, None);
        assert_eq!(
            written(&headers),
            [
                "date: Sun, 06 Nov 1994 08:49:37 GMT",
                "location: http://blog.example/x",
                "server: gunicorn",
                "set-cookie: a=1",
                "set-cookie: b=2",
                "via: 1.1 poem-scaffold",
            ]
        );
    }
    #[test]
    fn a_request_that_has_been_here_is_known_by_the_name_of_this_process_only() {
        for (lines, was_here) in [
            (&[][..], false),
            (&["1.1 poem-scaffold"], false),
            (&["1.1 poem-scaffold-80", "1.1 nginx"], false),
            (&["1.1 poem-scaffold-7f"], true),
            (&["1.0 squid (x), 1.1 poem-scaffold-7f, 1.1 nginx"], true),
            (&["1.1 nginx", "1.1 poem-scaffold-7f:80 (a comment)"], true),
        ] {
            let lines: Vec<(&str, &str)> = lines.iter().map(|line| ("via", *line)).collect();
            assert_eq!(came_through(&map(&lines), &PROCESS), was_here, "{lines:?}");
        }
        let mut headers = map(&[("connection", "via"), ("via", "1.1 nginx")]);
        prepare_request(&mut headers, &hop(None, false), &PROCESS);
        assert!(came_through(&headers, &PROCESS));
        let [one, other] = [(); 2].map(|()| via_of_process().unwrap());
        assert_ne!(one, other);
    }
}
