//! Finds the client of a request that came through trusted proxies.

use std::net::{IpAddr, SocketAddr};

use poem::{
    Addr,
    http::{HeaderMap, HeaderName, uri::Scheme},
};

use super::listener::Peer;
use crate::config::TrustedProxies;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The path below which a trusted proxy shows this server, without a slash at its end; in a request's data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prefix(pub String);

/// The other end of the connection that a request came by; in a request's data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hop {
    /// Its address; none for a process of this machine that came through a Unix socket.
    pub peer: Option<IpAddr>,
    /// Whether it is a proxy whose `X-Forwarded-*` headers are trusted.
    pub is_trusted: bool,
}

/// The client of a request and how it reached us: from the connection, or from the headers of a trusted proxy.
#[derive(Debug, PartialEq)]
pub(super) struct Forwarded {
    pub(super) address: Addr,
    pub(super) scheme: Scheme,
    pub(super) prefix: Prefix,
    pub(super) hop: Hop,
}

/// Whether the peer is a proxy, whose connections belong to many clients.
pub(super) fn is_proxy(peer: Peer, trusted: &TrustedProxies) -> bool {
    match peer {
        Peer::Unix => true,
        Peer::Address(address) => trusted.contains(address.ip()),
    }
}

/// Reads what a trusted proxy forwards; without one, the client is the connection's other end.
pub(super) fn forwarded(peer: Peer, headers: &HeaderMap, trusted: &TrustedProxies) -> Forwarded {
    let is_trusted = match peer {
        Peer::Unix => trusted.contains_unix(),
        Peer::Address(address) => trusted.contains(address.ip()),
    };
    let own = match peer {
        Peer::Unix => Addr::custom("unix", "unix"),
        Peer::Address(address) => Addr::SocketAddr(address),
    };
    let hop = Hop {
        peer: peer.ip(),
        is_trusted,
    };
    if !is_trusted {
        return Forwarded {
            address: own,
            scheme: Scheme::HTTP,
            prefix: Prefix::default(),
            hop,
        };
    }
    let client = client(headers, trusted).map(|address| Addr::SocketAddr(SocketAddr::new(address, 0)));
    let is_https = last(headers, &FORWARDED_PROTO).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    Forwarded {
        address: client.unwrap_or(own),
        scheme: if is_https { Scheme::HTTPS } else { Scheme::HTTP },
        prefix: last(headers, &FORWARDED_PREFIX).and_then(prefix).unwrap_or_default(),
        hop,
    }
}

/// The rightmost address that is not a trusted proxy's: everything left of it may be forged.
fn client(headers: &HeaderMap, trusted: &TrustedProxies) -> Option<IpAddr> {
    let mut client = None;
    for line in headers.get_all(&FORWARDED_FOR).iter().rev() {
        for text in line.to_str().ok()?.rsplit(',') {
            let Some(address) = address(text) else {
                return client;
            };
            client = Some(address);
            if !trusted.contains(address) {
                return client;
            }
        }
    }
    client
}

/// An address, which some proxies write with its port, and IPv6 in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let address = text.parse().ok().or_else(with_port).or_else(bracketed);
    address.map(|address| address.to_canonical())
}

/// The value that the proxy next to us has added.
fn last<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(str::trim)
}

/// A path prefix for our links; nothing that leads to another server.
fn prefix(text: &str) -> Option<Prefix> {
    let path = text.trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let is_path = path.starts_with('/') && !path.starts_with("//") && path.bytes().all(is_plain);
    is_path.then(|| Prefix(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn trusted(text: &str) -> TrustedProxies {
        TrustedProxies::parse(&text.split(',').map(str::to_owned).collect::<Vec<_>>()).unwrap()
    }

    fn peer(address: &str) -> Peer {
        Peer::Address(SocketAddr::new(address.parse().unwrap(), 4711))
    }

    fn of(peer: Peer, lines: &[&[u8]], proxies: &str) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_bytes(line).unwrap());
        }
        match forwarded(peer, &headers, &trusted(proxies)).address {
            Addr::SocketAddr(address) => address.ip().to_string(),
            other => other.to_string(),
        }
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(of(peer("192.0.2.1"), &[b"198.51.100.7"], ""), "192.0.2.1");
        assert_eq!(
            of(peer("192.0.2.1"), &[b"198.51.100.7"], "10.0.0.0/8,unix"),
            "192.0.2.1"
        );
        assert_eq!(of(Peer::Unix, &[b"198.51.100.7"], "127.0.0.1"), "unix://unix");
    }

    #[test]
    fn the_rightmost_address_that_is_not_a_proxys_is_the_clients() {
        for (lines, expected) in [
            (&[b"198.51.100.7".as_slice()][..], "198.51.100.7"),
            (&[b"203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            (&[b"203.0.113.9,198.51.100.7 , 10.0.0.2"], "198.51.100.7"),
            (&[b"203.0.113.9", b"198.51.100.7", b"10.0.0.2"], "198.51.100.7"),
            (&[b"10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            (&[b"198.51.100.7:4711"], "198.51.100.7"),
            (&[b"[2001:db8::1]:4711"], "2001:db8::1"),
            (&[b"[2001:db8::1]"], "2001:db8::1"),
            (&[b"::ffff:198.51.100.7"], "198.51.100.7"),
            (&[b"198.51.100.7, ::ffff:10.0.0.2"], "198.51.100.7"),
            // What cannot be read ends it at the last that was known.
            (&[b"198.51.100.7, unknown"], "10.0.0.1"),
            (&[b"198.51.100.7, unknown, 10.0.0.2"], "10.0.0.2"),
            (&[b"\xff\xfe"], "10.0.0.1"),
            (&[b""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(of(peer("10.0.0.1"), lines, "10.0.0.0/8"), expected, "{lines:?}");
        }
        assert_eq!(of(Peer::Unix, &[b"198.51.100.7"], "unix"), "198.51.100.7");
    }

    #[test]
    fn the_proxy_next_to_us_says_scheme_and_prefix() {
        let forwarded_by = |proto: &'static str, path: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED_PROTO, HeaderValue::from_static(proto));
            headers.insert(FORWARDED_PREFIX, HeaderValue::from_static(path));
            let forwarded = forwarded(peer("10.0.0.1"), &headers, &trusted("10.0.0.1"));
            (forwarded.scheme, forwarded.prefix.0)
        };
        assert_eq!(forwarded_by("http, HTTPS", "/app/"), (Scheme::HTTPS, "/app".to_owned()));
        for path in [
            "",
            "/",
            "//evil.example",
            "app",
            "/a\"b",
            "https://evil.example",
            "/a\\b",
        ] {
            assert_eq!(forwarded_by("ftp", path), (Scheme::HTTP, String::new()), "{path}");
        }
    }
}
