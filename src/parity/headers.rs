//! The headers of an answer that a client can see the difference of.

use super::answer::Answer;

/// The headers that are compared.
///
/// `Vary`, `ETag` and the like are not among them: they speak to caches, and no two servers make the same ones.
const HEADERS: [&str; 11] = [
    "Content-Type",
    "Allow",
    "Location",
    "WWW-Authenticate",
    "Content-Disposition",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Credentials",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
];

/// A header that differs: its name, the expected value, and the one that came.
pub type HeaderDifference = (&'static str, Option<String>, Option<String>);

/// The compared headers in which two answers differ.
pub fn differing(expected: &Answer, got: &Answer) -> Vec<HeaderDifference> {
    let both = HEADERS
        .into_iter()
        .map(|name| (name, comparable(name, expected), comparable(name, got)));
    both.filter(|(_, expected, got)| expected != got).collect()
}

/// A header's value; the methods in `Allow` may stand in any order.
fn comparable(name: &str, answer: &Answer) -> Option<String> {
    let value = answer.header(name)?;
    if name != "Allow" {
        return Some(value);
    }
    let mut methods: Vec<&str> = value.split(',').map(str::trim).collect();
    methods.sort_unstable();
    Some(methods.join(", "))
}
