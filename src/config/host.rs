//! `HOST`: the address to listen on, as an address, a name, or the path of a Unix socket.

use std::net::{IpAddr, SocketAddr};

use super::environment::named;
use crate::error::{Error, Result};

/// What a Unix socket's path comes after.
const UNIX: &str = "unix:";

/// The address as the system takes it: without the brackets that URLs put around IPv6.
///
/// # Errors
/// [`Error::Refused`] says what to write instead of a URL, or of an address with its port.
pub(super) fn read(text: &str) -> Result<String> {
    let refuse = |hint: &str| {
        Err(Error::Refused(format!(
            "{}: expected an address such as 127.0.0.1 or ::1, a name, or unix:/PATH{hint}",
            named("HOST")
        )))
    };
    if let Some(path) = text.strip_prefix(UNIX) {
        return if path.is_empty() {
            refuse("")
        } else {
            Ok(text.to_owned())
        };
    }
    if text.contains('/') {
        return refuse("; a URL is not an address");
    }
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        // URLs write the % before the name of an interface as %25.
        let address = inner.replacen("%25", "%", 1);
        return if is_ipv6(&address) { Ok(address) } else { refuse("") };
    }
    match text.rsplit_once(':') {
        Some((_, port)) if !is_ipv6(text) && port.bytes().all(|byte| byte.is_ascii_digit()) => {
            refuse("; set the port with PORT")
        }
        Some(_) if !is_ipv6(text) => refuse(""),
        _ if text.contains(char::is_whitespace) => refuse(""),
        _ => Ok(text.to_owned()),
    }
}

/// An address, perhaps with the interface that one of a single link needs: `fe80::1%eth0`.
fn is_ipv6(text: &str) -> bool {
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    matches!(address.parse(), Ok(IpAddr::V6(_)))
}

/// A host and its port as URLs have them, with brackets around an IPv6 address.
pub fn with_port(host: &str, port: u16) -> String {
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// The link by which a browser on this machine reaches an address that the server listens on.
pub fn link_to(address: SocketAddr) -> String {
    let port = address.port();
    match address.ip() {
        // 0.0.0.0 and :: mean every interface: they are not an address to open, and browsers begin to refuse them.
        IpAddr::V4(ip) if ip.is_unspecified() => format!("http://127.0.0.1:{port}"),
        IpAddr::V6(ip) if ip.is_unspecified() => format!("http://[::1]:{port}"),
        _ => format!("http://{address}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_names_and_sockets_are_taken_in_their_usual_spellings() {
        for (text, expected) in [
            ("127.0.0.1", "127.0.0.1"),
            ("0.0.0.0", "0.0.0.0"),
            ("::1", "::1"),
            ("[::1]", "::1"),
            ("[::]", "::"),
            ("[2001:DB8::1]", "2001:DB8::1"),
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("[fe80::1%25eth0]", "fe80::1%eth0"),
            ("[fe80::1%eth0]", "fe80::1%eth0"),
            ("localhost", "localhost"),
            ("app.example.com", "app.example.com"),
            ("unix:/run/app.sock", "unix:/run/app.sock"),
            ("unix:///run/app.sock", "unix:///run/app.sock"),
            ("unix:app:1.sock", "unix:app:1.sock"),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn an_address_with_its_port_and_a_url_are_refused_with_what_to_write() {
        for (text, hint) in [
            ("127.0.0.1:8000", "set the port with PORT"),
            ("localhost:8000", "set the port with PORT"),
            ("[::1]:8000", "set the port with PORT"),
            (":8000", "set the port with PORT"),
            ("http://127.0.0.1", "a URL is not an address"),
            ("http://127.0.0.1:5000/", "a URL is not an address"),
            ("/run/app.sock", "unix:/PATH"),
            ("unix:", "unix:/PATH"),
            ("[127.0.0.1]", "::1"),
            ("[::1", "::1"),
            ("a b", "a name"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.starts_with("HOST") && error.contains(hint), "{text}: {error}");
        }
    }

    #[test]
    fn links_lead_to_an_address_that_browsers_open() {
        for (address, link) in [
            ("127.0.0.1:5000", "http://127.0.0.1:5000"),
            ("0.0.0.0:5000", "http://127.0.0.1:5000"),
            ("[::]:5000", "http://[::1]:5000"),
            ("[::1]:80", "http://[::1]:80"),
            ("192.0.2.1:80", "http://192.0.2.1:80"),
        ] {
            assert_eq!(link_to(address.parse().unwrap()), link);
        }
    }
}
