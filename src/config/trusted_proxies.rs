//! `TRUSTED_PROXIES`: whose headers about a client's address, scheme and path prefix are trusted.

use std::net::IpAddr;

use ipnet::IpNet;

use super::environment::{entries, entry, named};
use crate::error::{Error, Result};

/// The name of every client that connects through a Unix socket.
const UNIX: &str = "unix";

/// The proxies whose `X-Forwarded-*` headers are trusted; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
}

impl TrustedProxies {
    /// Reads networks and addresses, and the word `unix`.
    ///
    /// # Errors
    /// [`Error::Refused`] says which entry is neither.
    pub fn parse(given: &[String]) -> Result<Self> {
        let mut proxies = Self::default();
        for (index, text) in entries(given) {
            if text.eq_ignore_ascii_case(UNIX) {
                proxies.unix = true;
                continue;
            }
            let network = text
                .parse()
                .or_else(|_| text.parse().map(|address: IpAddr| address.into()));
            proxies.networks.push(network.map_err(|_| {
                Error::Refused(format!(
                    "{}: {} is not a network: expected addresses or networks such as 10.0.0.0/8, separated by commas, and \
                     `unix` for a Unix socket",
                    named("TRUSTED_PROXIES"),
                    entry(index)
                ))
            })?);
        }
        Ok(proxies)
    }

    /// Whether a proxy at this address is trusted.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Whether a proxy that connects through a Unix socket is trusted.
    pub fn contains_unix(&self) -> bool {
        self.unix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(text: &str) -> Result<TrustedProxies> {
        TrustedProxies::parse(&text.split(',').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn networks_and_single_addresses_of_both_families_are_read() {
        let proxies = proxies(" 10.0.0.0/8, 192.0.2.1 ,2001:db8::/32,::1").unwrap();
        for address in ["10.9.8.7", "192.0.2.1", "2001:db8::9", "::1"] {
            assert!(proxies.contains(address.parse().unwrap()), "{address}");
        }
        for address in ["11.0.0.1", "192.0.2.2", "2001:db9::", "127.0.0.1"] {
            assert!(!proxies.contains(address.parse().unwrap()), "{address}");
        }
        assert!(!proxies.contains_unix());
    }

    #[test]
    fn nobody_is_trusted_by_default_and_what_is_not_a_network_is_refused() {
        assert!(!proxies("").unwrap().contains("127.0.0.1".parse().unwrap()));
        assert!(proxies("unix").unwrap().contains_unix());
        for text in ["10.0.0.0/33", "proxy.example", "*", "10.0.0"] {
            let error = proxies(&format!("10.0.0.1,,{text}")).unwrap_err().to_string();
            assert!(error.contains("the third entry is not a network"), "{text}: {error}");
        }
    }
}
