//! What a server answers.

use hyper::{HeaderMap, StatusCode, header::LOCATION};
use serde_json::Value;

/// An answer without what concerns its connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    /// Its headers, as they came.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer without its body; a redirect to the server's own origin has the path only, because each server names itself.
    pub fn head(status: StatusCode, headers: &HeaderMap, origin: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes());
            let path = value.strip_prefix(origin).filter(|path| path.starts_with('/'));
            let value = path.filter(|_| name == LOCATION).unwrap_or(&value);
            (name.to_string(), value.to_owned())
        });
        Self {
            status: status.as_u16(),
            headers: headers.collect(),
            body: Vec::new(),
        }
    }

    /// All values of a header, joined as RFC 9110 allows.
    pub fn header(&self, name: &str) -> Option<String> {
        joined(&self.headers, name)
    }

    /// The media type, without its parameters.
    pub fn media_type(&self) -> String {
        let value = self.header("Content-Type").unwrap_or_default();
        let media_type = value.split(';').next().unwrap_or_default();
        media_type.trim().to_ascii_lowercase()
    }

    /// The body as JSON, if the media type says that it is some.
    pub fn json(&self) -> Option<Value> {
        let media_type = self.media_type();
        let is_json = media_type == "application/json" || media_type.ends_with("+json");
        serde_json::from_slice(&self.body).ok().filter(|_| is_json)
    }

    /// The body as text; bytes that are not UTF-8 become U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// All values of a header, joined as RFC 9110 allows.
pub fn joined(headers: &[(String, String)], name: &str) -> Option<String> {
    let of_name = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
    let values: Vec<&str> = of_name.map(|(_, value)| value.as_str()).collect();
    (!values.is_empty()).then(|| values.join(", "))
}
