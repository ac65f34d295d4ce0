//! Parses a database URL as SQLAlchemy does (`make_url` of 1.3, 1.4 and 2.0), without any driver's rules.

use percent_encoding::percent_decode_str;

/// The parts of a URL; an empty part is `None`, as for SQLAlchemy's drivers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqlAlchemyUrl {
    /// Dialect, and the driver after a `+`.
    pub drivername: String,
    /// With `%40` and the like decoded.
    pub username: Option<String>,
    /// As `username`.
    pub password: Option<String>,
    /// Not decoded; an IPv6 address without its brackets.
    pub host: Option<String>,
    /// The text after the `:`, not decoded; it may be empty.
    pub port: Option<String>,
    /// Not decoded, as in SQLAlchemy.
    pub database: Option<String>,
    /// The parameters with a value, decoded, in their order.
    pub query: Vec<(String, String)>,
}

impl SqlAlchemyUrl {
    /// The part before the `+`.
    pub fn dialect(&self) -> &str {
        self.drivername.split('+').next().unwrap_or_default()
    }

    /// The part after the `+`, if there is one.
    pub fn driver(&self) -> Option<&str> {
        self.drivername.split_once('+').map(|(_, driver)| driver)
    }
}

/// Parses a URL; `None` if it is not one, or if text follows its end.
///
/// An `@` in a password ends it for SQLAlchemy 1.4 and 2.0, which leaves a host or a port with an `@`. Such a password is
/// read as 1.3 did.
pub fn make_url(text: &str) -> Option<SqlAlchemyUrl> {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '+'))?;
    let (drivername, rest) = text.split_at(end);
    let rest = rest.strip_prefix("://").filter(|_| end > 0)?;
    let url = after_drivername(rest, str::find)?;
    let has_at = |part: &Option<String>| part.as_ref().is_some_and(|part| part.contains('@'));
    let url = match has_at(&url.host) || has_at(&url.port) {
        true => after_drivername(rest, str::rfind)?,
        false => url,
    };
    Some(SqlAlchemyUrl {
        drivername: drivername.to_owned(),
        ..url
    })
}

fn after_drivername(text: &str, find_end_of_password: impl Fn(&str, char) -> Option<usize>) -> Option<SqlAlchemyUrl> {
    let (user, rest) = split_user(text, find_end_of_password);
    let (username, password) = user.unwrap_or_default();
    let (host, rest) = split_host(rest);
    let (port, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (port, rest) = split_before(rest, ['/', '?']);
            (Some(port.to_owned()), rest)
        }
        None => (None, rest),
    };
    let (database, rest) = match rest.strip_prefix('/') {
        Some(rest) => split_before(rest, ['?', '?']),
        None => ("", rest),
    };
    let query = match rest.strip_prefix('?') {
        Some(query) if !query.contains('\n') => query,
        _ if rest.is_empty() => "",
        _ => return None,
    };
    let part = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    Some(SqlAlchemyUrl {
        drivername: String::new(),
        username: part(&unquote(username)),
        password: part(&unquote(password)),
        host: part(host),
        port,
        database: part(database),
        query: parameters(query),
    })
}

type UserInfo<'a> = (&'a str, &'a str);

/// User name and password, if there is an `@` after them.
///
/// The name has neither `:` nor `/`. Where a `:` follows, the password goes on to an `@`; without one, or without a
/// password, the name ends at its own last `@`.
fn split_user(text: &str, find_end: impl Fn(&str, char) -> Option<usize>) -> (Option<UserInfo<'_>>, &str) {
    let (name, after) = split_before(text, [':', '/']);
    if let Some(password) = after.strip_prefix(':')
        && let Some(end) = find_end(password, '@')
    {
        return (Some((name, &password[..end])), &password[end + 1..]);
    }
    match name.rfind('@') {
        Some(end) => (Some((&name[..end], "")), &text[end + 1..]),
        None => (None, text),
    }
}

fn split_host(text: &str) -> (&str, &str) {
    if let Some(inside) = text.strip_prefix('[') {
        let (range, _) = split_before(inside, ['/', '?']);
        if let Some(end) = range.rfind(']').filter(|end| *end > 0) {
            return (&inside[..end], &inside[end + 1..]);
        }
    }
    let end = text.find(['/', ':', '?']).unwrap_or(text.len());
    text.split_at(end)
}

fn split_before(text: &str, ends: [char; 2]) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// Python's `parse_qsl`: parameters without a value are left out.
fn parameters(query: &str) -> Vec<(String, String)> {
    let decoded = |text: &str| unquote(&text.replace('+', " "));
    query
        .split('&')
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn unquote(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// SQLAlchemy's `asbool`.
pub fn as_bool(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" | "t" | "1" => Some(true),
        "false" | "no" | "off" | "n" | "f" | "0" => Some(false),
        _ => None,
    }
}
