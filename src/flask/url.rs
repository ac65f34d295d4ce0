//! What marshmallow 2 took for a URL, which was less than an RFC allows.

/// The schemes of its `URL` validator.
const SCHEMES: [&str; 4] = ["http", "https", "ftp", "ftps"];

/// Whether the text is a URL of a scheme that marshmallow knew, with a host as it imagined them.
///
/// Source: marshmallow 2, `marshmallow/validate.py`; its pattern let a line break follow.
pub fn is_url(text: &str) -> bool {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let is_known = SCHEMES.iter().any(|known| known.eq_ignore_ascii_case(scheme));
    is_known && (has_host(rest) || without_login(rest).is_some_and(has_host))
}

/// What follows `user:password@`.
fn without_login(rest: &str) -> Option<&str> {
    let (login, rest) = rest.split_once('@')?;
    let (user, password) = login.split_once(':')?;
    (!user.is_empty() && !password.contains(':')).then_some(rest)
}

/// A host, perhaps a port, perhaps a path or a query.
fn has_host(rest: &str) -> bool {
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let tail_is_good = match tail {
        "" | "/" => true,
        "?" => false,
        tail => !tail.contains(char::is_whitespace),
    };
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && is_digits(port) => host,
        _ => authority,
    };
    // Without brackets, the end of an IPv6 address looks like a port.
    tail_is_good && (is_host(host) || is_ipv6(authority))
}

fn is_host(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || is_domain(host) || is_ipv4(host) || is_ipv6(host)
}

fn is_domain(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let Some((labels, top)) = host.rsplit_once('.') else {
        return false;
    };
    let of_labels = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    top.len() >= 2
        && top.bytes().all(of_labels)
        && labels.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label.bytes().all(of_labels)
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

fn is_ipv4(host: &str) -> bool {
    let parts: Vec<&str> = host.split('.').collect();
    parts.len() == 4
        && parts
            .iter()
            .all(|part| (1..=3).contains(&part.len()) && is_digits(part))
}

fn is_ipv6(host: &str) -> bool {
    let host = host.strip_prefix('[').unwrap_or(host);
    let host = host.strip_suffix(']').unwrap_or(host);
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
    host.split_once(':')
        .is_some_and(|(first, rest)| is_hex(first) && !rest.is_empty() && is_hex(rest))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::is_url;

    #[test]
    fn urls_are_taken_as_marshmallow_took_them() {
        for url in [
            "http://localhost",
            "http://localhost:8000/x",
            "https://x.org/p?q=1#f",
            "ftp://x.org",
            "ftps://x.org",
            "HTTP://X.ORG",
            "http://1.2.3.4:80/",
            "http://[::1]/",
            "http://[::1]:80/x",
            "http://x.org/päth",
            "http://user:pw@x.org/",
            "http://user:@x.org",
            "http://x.org/a@b",
            "http://x.org.",
            "http://x.org:99999/",
            "http://x.org\n",
            "http://x.org?q",
        ] {
            assert!(is_url(url), "{url}");
        }
        for url in [
            "",
            "bad",
            "http://",
            "http://x",
            "mailto:a@b.co",
            "//x.org",
            "/path",
            "x.org",
            "http://exämple.com",
            "http://x_y.org",
            "http://-x.org",
            "http://x-.org",
            "http://.org",
            "http://x.o",
            "http://x..org",
            "http://x.org:",
            "http://x.org?",
            "http://user@x.org",
            "javascript:alert(1)",
            " http://x.org",
            "http://x.org ",
            "http://x.org/a b",
            "http://x.org\n\n",
            "gopher://x.org",
        ] {
            assert!(!is_url(url), "{url}");
        }
    }
}
