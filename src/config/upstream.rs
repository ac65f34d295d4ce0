//! `UPSTREAM`: where the old app listens that has the routes which this server does not have; `RECORDING` of its answers.

use std::{fmt, path::PathBuf};

use super::{environment::named, host::with_port};
use crate::error::{Error, Result};

/// The port of `http` where an address names none.
const HTTP_PORT: u16 = 80;

/// Where the old app listens.
#[derive(Clone, Debug, PartialEq)]
pub enum UpstreamUrl {
    /// A host, which is a name or an address without brackets, and its port.
    Tcp(String, u16),
    /// A Unix socket.
    Unix(PathBuf),
}

impl UpstreamUrl {
    /// Reads `http://HOST:PORT` or `unix:/PATH`.
    ///
    /// # Errors
    /// [`Error::Refused`] says what is expected.
    pub fn read(text: &str) -> Result<Self> {
        Self::read_as(&named("UPSTREAM"), text)
    }

    /// As [`UpstreamUrl::read`], of an argument that messages call so.
    ///
    /// # Errors
    /// As [`UpstreamUrl::read`].
    pub fn read_as(name: &str, text: &str) -> Result<Self> {
        let refused = |hint: &str| Error::Refused(format!("{name}: expected http://HOST:PORT or unix:/PATH{hint}"));
        if let Some(path) = text.strip_prefix("unix:") {
            return match path.starts_with('/') {
                true => Ok(Self::Unix(path.into())),
                false => Err(refused("; the path must begin with a slash")),
            };
        }
        let url = url::Url::parse(text).map_err(|_| refused(""))?;
        if url.scheme() == "https" {
            return Err(refused(
                "; an app that is reached by https needs a proxy beside this server",
            ));
        }
        let host = url
            .host_str()
            .filter(|_| url.scheme() == "http")
            .ok_or_else(|| refused(""))?;
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(refused(
                "; requests keep their own paths, so nothing may follow the port",
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("; requests keep their own Authorization, so it has no user"));
        }
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self::Tcp(host, url.port().unwrap_or(HTTP_PORT)))
    }
}

/// The file that answers are recorded in, which needs an app that gives them.
///
/// # Errors
/// [`Error::Refused`] without one.
pub(super) fn recording(file: Option<PathBuf>, has_upstream: bool) -> Result<Option<PathBuf>> {
    match file {
        Some(_) if !has_upstream => Err(Error::Refused(format!(
            "{}: has no effect without UPSTREAM, whose answers are recorded",
            named("RECORDING")
        ))),
        file => Ok(file),
    }
}

impl fmt::Display for UpstreamUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host, port) => write!(formatter, "http://{}", with_port(host, *port)),
            Self::Unix(path) => write!(formatter, "unix:{}", path.display()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_its_port_and_a_socket_are_taken() {
        for (text, expected) in [
            ("http://127.0.0.1:5001", "http://127.0.0.1:5001"),
            ("http://flask:8000/", "http://flask:8000"),
            ("http://[::1]:5001", "http://[::1]:5001"),
            ("HTTP://flask", "http://flask:80"),
            ("unix:/run/gunicorn.sock", "unix:/run/gunicorn.sock"),
        ] {
            assert_eq!(UpstreamUrl::read(text).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn all_else_is_refused_with_what_is_expected() {
        for (text, hint) in [
            ("", "/PATH"),
            ("127.0.0.1:5001", "/PATH"),
            ("ftp://flask", "/PATH"),
            ("http://", "/PATH"),
            ("http://flask:99999", "/PATH"),
            ("https://flask", "needs a proxy beside this server"),
            ("http://flask/app", "nothing may follow the port"),
            ("http://flask?a=b", "nothing may follow the port"),
            ("http://ann:secret@flask", "it has no user"),
            ("unix:", "the path must begin with a slash"),
            ("unix:run/socket", "the path must begin with a slash"),
        ] {
            let error = UpstreamUrl::read(text).unwrap_err().to_string();
            assert!(
                error.starts_with("UPSTREAM: expected http://HOST:PORT or unix:/PATH"),
                "{error}"
            );
            assert!(error.ends_with(hint) && !error.contains("secret"), "{text}: {error}");
        }
    }
}
