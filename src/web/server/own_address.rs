//! Whether the address of the old app is that on which this server itself listens.

use std::{
    io::Result as IoResult,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
    time::Duration,
};

use tokio::{net::lookup_host, time::timeout};

use super::listener::Listener;
use crate::{
    config::{UpstreamUrl, named},
    error::{Error, Result},
};

/// How long the look-up of a name may take: one that is not known yet must not keep the server from starting.
const LOOKUP_TIMEOUT: Duration = Duration::from_secs(2);

/// Refuses the address of the listening socket.
pub(super) async fn check_upstream(listener: &Listener, url: &UpstreamUrl) -> Result<()> {
    let is_own = match (listener, url) {
        (Listener::Tcp(listener), UpstreamUrl::Tcp(host, port)) => match listener.local_addr() {
            Ok(own) if own.port() == *port => {
                let found = timeout(LOOKUP_TIMEOUT, lookup_host((host.as_str(), *port))).await;
                let mut found = found.into_iter().flatten().flatten();
                found.any(|address| reaches(address.ip(), own.ip()))
            }
            _ => false,
        },
        (Listener::Unix(_, file), UpstreamUrl::Unix(path)) => file.is_at(path),
        _ => false,
    };
    if !is_own {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{}: {url} is this server's own address, it listens on {}; expected the address of the old app; to listen elsewhere, \
         use --host or --port",
        named("UPSTREAM"),
        listener.name()
    )))
}

/// Whether a connection to `address` reaches a socket that is bound to `own`, on the same port.
fn reaches(address: IpAddr, own: IpAddr) -> bool {
    let (address, own) = (address.to_canonical(), own.to_canonical());
    // Systems connect to the address of all interfaces by the loopback.
    let address = match address {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        address => address,
    };
    match own {
        // Bound to all interfaces; with IPv6, to those of IPv4 too.
        IpAddr::V4(ip) if ip.is_unspecified() => address.is_ipv4() && is_of_this_machine(address),
        IpAddr::V6(ip) if ip.is_unspecified() => is_of_this_machine(address),
        own => address == own,
    }
}

/// Whether the system would use the address itself to send something there; nothing is sent.
///
/// Binding a socket to the address shows less: a setting of Linux allows it for all addresses.
fn is_of_this_machine(address: IpAddr) -> bool {
    let source = || -> IoResult<IpAddr> {
        let any: IpAddr = match address {
            IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect((address, 9))?;
        Ok(socket.local_addr()?.ip())
    };
    address.is_loopback() || source().is_ok_and(|source| source == address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_in_each_spelling() {
        for (address, own, expected) in [
            ("127.0.0.1", "127.0.0.1", true),
            ("::ffff:127.0.0.1", "127.0.0.1", true),
            ("0.0.0.0", "127.0.0.1", true),
            ("127.0.0.2", "127.0.0.1", false),
            ("::1", "127.0.0.1", false),
            ("0.0.0.0", "192.0.2.1", false),
            ("127.0.0.1", "0.0.0.0", true),
            ("127.8.8.8", "0.0.0.0", true),
            ("0.0.0.0", "0.0.0.0", true),
            ("::1", "0.0.0.0", false),
            ("192.0.2.1", "0.0.0.0", false),
            ("127.0.0.1", "::", true),
            ("::1", "::", true),
            ("::", "::", true),
            ("2001:db8::1", "::", false),
            ("::", "::1", true),
        ] {
            let [of_upstream, of_server] = [address, own].map(|text| text.parse().unwrap());
            assert_eq!(reaches(of_upstream, of_server), expected, "{address} {own}");
        }
    }

    #[test]
    fn an_address_of_an_interface_is_of_this_machine() {
        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        // Without a route there is no interface to ask for.
        if socket.connect("192.0.2.1:9").is_ok() {
            assert!(is_of_this_machine(socket.local_addr().unwrap().ip()));
        }
    }
}
