//! Whether a SECRET_KEY can be guessed: it is short, repeats itself, or is published in documentation.
//!
//! An estimate that random keys pass, in whatever digits they are written; it does not judge sentences.

/// Bytes below which a SECRET_KEY can be guessed from one token (RFC 7518 section 3.2).
pub(super) const SECRET_KEY_BYTES: usize = 32;

/// Keys of documentation and of samples that people copy, in lower case. The first two are the originals'.
const PUBLISHED: [&str; 18] = [
    "s0me random string",
    "some secret",
    // jwt.io
    "your-256-bit-secret",
    "your-384-bit-secret",
    "your-512-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "a-valid-string-secret-that-is-at-least-384-bits-long",
    "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
    // Flask's documentation, then and now
    "a0zr98j/3yx r~xhh!jmn]lwx/,?rt",
    "_5#y2l\"f4q8z",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    // Tutorials and samples
    "5791628bb0b13ce0c676dfde280ba245",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",
    "you-will-never-guess",
    "hard to guess string",
    "django-insecure-",
    "secret",
];

/// Characters of a key that do not follow from those before them; half of what the shortest random key has.
const MIN_NEW_PARTS: usize = 16;
/// Different characters in a key; 32 random hexadecimal digits have fewer in one of 10^12 keys.
const MIN_DIFFERENT: usize = 6;

/// Why `key` is weak, as words that follow "SECRET_KEY".
pub(super) fn weakness(key: &str) -> Option<String> {
    if key.len() < SECRET_KEY_BYTES {
        return Some(format!("has {} bytes", key.len()));
    }
    if repeats_itself(key.as_bytes()) {
        return Some("repeats itself".to_owned());
    }
    if is_published(key) {
        return Some("is built from a published key".to_owned());
    }
    None
}

fn repeats_itself(key: &[u8]) -> bool {
    let mut bytes = key.to_vec();
    bytes.sort_unstable();
    bytes.dedup();
    // A text twice is no longer than once, also where the last time is cut.
    let unit = (1..=key.len() * 2 / 3).find(|unit| key[*unit..] == key[..key.len() - unit]);
    let steps: Vec<u8> = key.windows(2).map(|pair| pair[1].wrapping_sub(pair[0])).collect();
    bytes.len() < MIN_DIFFERENT
        || unit.is_some_and(|unit| unit < SECRET_KEY_BYTES)
        || new_parts(key) < MIN_NEW_PARTS
        // `abcdef...`, whose steps are all the same.
        || new_parts(&steps) < MIN_NEW_PARTS
}

/// The length of the key if each part that repeats three or more earlier bytes counts as one.
fn new_parts(bytes: &[u8]) -> usize {
    let (mut count, mut at) = (0, 0);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let common = |from: usize| rest.iter().zip(&bytes[from..]).take_while(|(a, b)| a == b).count();
        let longest = (0..at).map(common).max().unwrap_or_default();
        at += if longest >= 3 { longest } else { 1 };
        count += 1;
    }
    count
}

/// Whether little is left of `key` without the published ones in it.
fn is_published(key: &str) -> bool {
    let key = key.to_lowercase();
    let rest = PUBLISHED
        .iter()
        .fold(key.clone(), |rest, known| rest.replace(known, ""));
    rest != key && new_parts(rest.as_bytes()) < MIN_NEW_PARTS
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::*;
    use crate::flask::hashlib::hex;

    #[test]
    fn keys_that_can_be_guessed_are_told() {
        for key in [
            "".to_owned(),
            "x".repeat(31),
            "x".repeat(32),
            "0".repeat(64),
            "ab".repeat(40),
            "secret".repeat(6),
            "changeme".repeat(4),
            "secret1secret2secret3secret4secret5".to_owned(),
            "abcabcbacbacbacbacbabcabcbacbacbacba".to_owned(),
            "abcdefghijklmnopqrstuvwxyz0123456789".to_owned(),
            "0123456789abcdef0123456789abcdef".to_owned(),
            "passwordpasswordpasswordpassword1234".to_owned(),
            "correct horse staple correct horse staple".to_owned(),
            "s0me random string".repeat(2),
            "s0me random strings0me random string!".to_owned(),
            format!("s0me random string{}", "0".repeat(14)),
            "S0ME RANDOM STRING s0me random string".to_owned(),
            "SOME SECRET".repeat(3),
            "SOME SECRET, some secret: SOME SECRET".to_owned(),
            "your-256-bit-secret-your-256-bit-secret".to_owned(),
            "your-256-bit-secret-padded-to-32".to_owned(),
            "a-string-secret-at-least-256-bits-long".to_owned(),
            "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long".to_owned(),
            "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf".to_owned(),
            "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7".to_owned(),
            "my-super-secret-secret-secret-key-secret".to_owned(),
            "é".repeat(20),
        ] {
            assert!(weakness(&key).is_some(), "{key}");
        }
        for key in [
            "a test key of at least thirty-two bytes!",
            "the shared secret of our own two services",
        ] {
            assert_eq!(weakness(key), None);
        }
    }

    #[test]
    fn random_keys_pass_in_whatever_digits() {
        let mut random = vec![0; 48];
        for _ in 0..2_000 {
            getrandom::fill(&mut random).unwrap();
            let hex = hex(&random);
            let decimal: String = random.iter().map(|byte| char::from(b'0' + byte % 10)).collect();
            for key in [
                &hex[..32],
                &hex[..64],
                &hex,
                &hex.to_uppercase()[..32],
                &BASE64_STANDARD.encode(&random[..24]),
                &BASE64_STANDARD.encode(&random[..32]),
                &BASE64_URL_SAFE_NO_PAD.encode(&random),
                &decimal,
            ] {
                assert_eq!(weakness(key), None, "{key}");
            }
        }
    }
}
