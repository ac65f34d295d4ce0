//! Where a request comes from, as far as attempts are counted by it.

use std::net::{IpAddr, Ipv6Addr};

use poem::{Addr, FromRequest, Request, RequestBody};

/// Characters of a name that is no IP address.
const MAX_CHARS: usize = 40;

/// The address of a client, and the network it belongs to.
///
/// Whoever has an IPv6 address has the 2^64 others of its network too, so there the network counts as one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    /// The IPv4 address, or the IPv6 network.
    pub address: String,
    /// The first 24 bits of an IPv4 address, the first 64 of an IPv6 address.
    pub network: String,
}

impl ClientAddress {
    /// The client of a connection; all clients of a Unix socket are one, unless a proxy names them.
    pub fn of(address: &Addr) -> Self {
        match address {
            Addr::SocketAddr(address) => Self::of_ip(address.ip()),
            Addr::Custom(_, name) => match name.parse() {
                Ok(ip) => Self::of_ip(ip),
                Err(_) => Self::named(name),
            },
            _ => Self::named("unix"),
        }
    }

    /// The client with an IP address; an IPv4 address that is written as an IPv6 address is the same one.
    pub fn of_ip(ip: IpAddr) -> Self {
        match ip.to_canonical() {
            IpAddr::V4(ip) => {
                let [a, b, c, _] = ip.octets();
                Self {
                    address: ip.to_string(),
                    network: format!("{a}.{b}.{c}.0/24"),
                }
            }
            IpAddr::V6(ip) => {
                let [a, b, c, d, ..] = ip.segments();
                Self::named(&format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0)))
            }
        }
    }

    fn named(name: &str) -> Self {
        let name: String = name.chars().take(MAX_CHARS).collect();
        Self {
            address: name.clone(),
            network: name,
        }
    }
}

impl<'a> FromRequest<'a> for ClientAddress {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        Ok(Self::of(request.remote_addr()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_network_share_it() {
        let client = |ip: &str| ClientAddress::of_ip(ip.parse().unwrap());
        assert_eq!(client("192.0.2.7").network, "192.0.2.0/24");
        assert_eq!(client("192.0.2.7").address, "192.0.2.7");
        assert_eq!(client("::ffff:192.0.2.7"), client("192.0.2.7"));
        assert_eq!(client("2001:db8:1:2:3:4:5:6"), client("2001:db8:1:2::1"));
        assert_ne!(client("2001:db8:1:2::1"), client("2001:db8:1:3::1"));
        assert_eq!(client("2001:db8:1:2::1").network, "2001:db8:1:2::/64");
    }

    #[test]
    fn clients_without_an_ip_address_are_one_network() {
        let custom = |name: &'static str| ClientAddress::of(&Addr::Custom("unix", name.into()));
        assert_eq!(custom("socket"), custom("socket"));
        assert_eq!(custom("192.0.2.7").network, "192.0.2.0/24");
    }
}
