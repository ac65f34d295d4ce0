//! Reads access logs in the common and the combined format, as nginx, Apache and gunicorn write them.

use std::io::{BufRead, Read as _, Result};

use percent_encoding::percent_encode_byte;

use super::{
    request::{Request, clean_target},
    secrets::mask_target,
};

/// Bytes of the longest line that is read; web servers cut addresses off at less.
const MAX_LINE: u64 = 64 * 1024;
/// Unreadable lines that are shown.
const SHOWN: usize = 3;
/// Characters of one of them that are shown.
const SHOWN_CHARACTERS: usize = 100;

/// What a log has.
#[derive(Debug, Default, PartialEq)]
pub struct AccessLog {
    /// The requests that change nothing, as often as they are in the log.
    pub requests: Vec<Request>,
    /// How many requests of other methods were left out.
    pub writes: usize,
    /// How many lines cannot be read.
    pub unreadable: usize,
    /// The first of them, with their numbers.
    pub examples: Vec<String>,
}

/// Reads a log to its end; a line that cannot be read is counted.
///
/// # Errors
/// Where the file itself cannot be read.
pub fn read(mut log: impl BufRead) -> Result<AccessLog> {
    let mut found = AccessLog::default();
    let mut line = Vec::new();
    let mut number = 0;
    loop {
        line.clear();
        if log.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(found);
        }
        number += 1;
        let is_whole = line.last() == Some(&b'\n') || (line.len() as u64) < MAX_LINE;
        if !is_whole {
            skip_line(&mut log)?;
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match parsed(text).filter(|_| is_whole) {
            Some((method, target)) if ["GET", "HEAD"].contains(&method) => found.requests.push(Request {
                method: method.to_owned(),
                target,
                ..Request::default()
            }),
            Some(_) => found.writes += 1,
            None => {
                found.unreadable += 1;
                if found.examples.len() < SHOWN {
                    let start: String = text.chars().take(SHOWN_CHARACTERS).collect();
                    found.examples.push(format!("line {number}: {}", mask_target(&start)));
                }
            }
        }
    }
}

/// Reads on to the end of the line.
fn skip_line(log: &mut impl BufRead) -> Result<()> {
    loop {
        let buffer = log.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(buffer.len(), |end| end + 1);
        let is_over = end.is_some() || buffer.is_empty();
        log.consume(length);
        if is_over {
            return Ok(());
        }
    }
}

/// The method and the address of a line: `HOST - - [TIME] "METHOD ADDRESS PROTOCOL" STATUS SIZE` and more.
fn parsed(line: &str) -> Option<(&str, String)> {
    let after_time = line.find("] \"").map(|at| at + 3);
    let start = after_time.or_else(|| line.find('"').map(|at| at + 1))?;
    let rest = &line[start..];
    let end = end_of_quoted(rest)?;
    let (quoted, after) = (&rest[..end], &rest[end + 1..]);
    let status = after.split_whitespace().next()?;
    let is_status = status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit());
    let (method, rest) = quoted.split_once(' ')?;
    let target = match rest.rsplit_once(' ') {
        Some((target, protocol)) if protocol.starts_with("HTTP/") => target,
        _ => rest,
    };
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let target = clean_target(&unescaped(target)?)?;
    (is_status && is_method).then_some((method, target))
}

/// Where the quotes close; those after a backslash do not.
fn end_of_quoted(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    })
}

/// The address without the escapes of a log: `\x22` of nginx, and a backslash before quotes and itself.
fn unescaped(text: &str) -> Option<String> {
    if text.contains(char::REPLACEMENT_CHARACTER) {
        return None;
    }
    let mut found = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\\' {
            found.push(c);
            continue;
        }
        match rest.next()? {
            'x' => {
                let digits: String = rest.by_ref().take(2).collect();
                let byte = u8::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 2)?;
                found.push_str(percent_encode_byte(byte));
            }
            c @ ('"' | '\\') => found.push(c),
            _ => return None,
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn targets(log: &[u8]) -> (Vec<String>, usize, usize) {
        let log = read(log).unwrap();
        let requests = log.requests.iter();
        let lines = requests.map(|request| format!("{} {}", request.method, request.target));
        (lines.collect(), log.writes, log.unreadable)
    }

    #[test]
    fn lines_of_nginx_apache_and_gunicorn_are_read() {
        let log = br#"203.0.113.9 - - [28/Nov/2026:10:00:00 +0000] "GET /api/v1/posts.json?page=2 HTTP/1.1" 200 512 "-" "curl/8"
203.0.113.9 - ann [28/Nov/2026:10:00:01 +0000] "HEAD /x HTTP/1.0" 404 -
127.0.0.1 - - [28/Nov/2026:10:00:02 +0000] "POST /api/login HTTP/1.1" 200 80 "-" "Mozilla/5.0 (\"x\")"
::1 - - [28/Nov/2026:10:00:03 +0000] "GET /a\x22b HTTP/1.1" 200 1 "-" "-"
::1 - - [28/Nov/2026:10:00:03 +0000] "GET /a\"b HTTP/1.1" 200 1
"GET /bare HTTP/1.1" 200 1
x - - [28/Nov/2026:10:00:03 +0000] "GET http://blog.example/proxied?a=b HTTP/1.1" 200 1
"#;
        let (targets, writes, unreadable) = targets(log);
        assert_eq!(
            targets,
            [
                "GET /api/v1/posts.json?page=2",
                "HEAD /x",
                "GET /a%22b",
                "GET /a%22b",
                "GET /bare",
                "GET /proxied?a=b",
            ]
        );
        assert_eq!((writes, unreadable), (1, 0));
    }

    #[test]
    fn lines_that_cannot_be_read_are_counted_and_shown() {
        let mut log =
            b"\n\nnonsense\n1.2.3.4 - - [x] \"-\" 400 0\n1.2.3.4 - - [x] \"GET /\xff\xfe HTTP/1.1\" 200 1\n".to_vec();
        log.extend(b"1.2.3.4 - - [x] \"GET /open HTTP/1.1\n1.2.3.4 - - [x] \"GET * HTTP/1.1\" 200 1\n");
        log.extend(b"1.2.3.4 - - [x] \"\\x16\\x03\\x01\" 400 1\n1.2.3.4 - - [x] \"GET /a HTTP/1.1\" OK 1\n");
        log.extend(format!("x \"GET /{} HTTP/1.1\" 200 1\n", "a".repeat(200_000)).bytes());
        log.extend(b"x \"GET /last HTTP/1.1\" 200 1");
        let (targets, writes, unreadable) = targets(&log);
        assert_eq!((targets, writes, unreadable), (vec!["GET /last".to_owned()], 0, 8));
        let examples = read(log.as_slice()).unwrap().examples;
        assert_eq!(examples[0], "line 3: nonsense");
        assert_eq!(examples.len(), SHOWN);
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let seed = br#"203.0.113.9 - - [28/Nov/2026:10:00:00 +0000] "GET /a\x22b?c=d HTTP/1.1" 200 512 "-" "c\\""#;
        crate::parity::source::tests::mutations(seed, |bytes| {
            let log = read(bytes).unwrap();
            assert!(log.requests.iter().all(|request| request.target.is_ascii()));
        });
    }
}
