//! The password hashes that Werkzeug 0.10 to 3.1 wrote, verified and made.
//!
//! Source: `werkzeug/security.py`, `generate_password_hash` and `check_password_hash`. A hash reads
//! `method$salt$digest`, where salt is used as its text and digest is in lower-case hexadecimal digits:
//!
//! | method | digest |
//! |---|---|
//! | `pbkdf2:sha256:50000`, `pbkdf2:sha1` (1000 iterations) | PBKDF2 with HMAC |
//! | `scrypt:32768:8:1` | scrypt, 64 bytes |
//! | `sha1`, `md5`, ... | HMAC keyed with the salt, or the bare digest where the salt is empty |
//! | `plain` | the password itself |

use std::num::NonZeroU32;

use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sha3::{Sha3_224, Sha3_256, Sha3_384, Sha3_512};
use subtle::ConstantTimeEq;

/// Iterations above which a stored pbkdf2 hash is refused unread: checking it would take seconds.
pub const MAX_PBKDF2_ITERATIONS: u32 = 2_000_000;
/// Memory in bytes above which a stored scrypt hash is refused unread.
const MAX_SCRYPT_MEMORY: u64 = 160 << 20;
/// The product of scrypt's three numbers above which a stored hash is refused unread; Werkzeug's own is 2^18.
const MAX_SCRYPT_WORK: u64 = 1 << 21;
const DEFAULT_PBKDF2_ITERATIONS: u32 = 1_000;

/// Whether `password` is the one that `stored` was made from.
///
/// Anything that is not such a hash, costs more than the caps, or is in a clear-text or MD5 form while
/// `weak_allowed` is false, is not verified by any password.
pub fn verify(password: &str, stored: &str, weak_allowed: bool) -> bool {
    compare(password, stored, weak_allowed).unwrap_or(false)
}

/// As [`verify`]; `None` where nothing had to be computed to know that.
pub fn compare(password: &str, stored: &str, weak_allowed: bool) -> Option<bool> {
    let mut parts = stored.splitn(3, '$');
    let (method, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
    let weak = method == "plain" || method.ends_with("md5") || method.contains(":md5");
    if weak && !weak_allowed {
        return None;
    }
    let computed = compute(method, salt.as_bytes(), password.as_bytes())?;
    Some(computed.as_bytes().ct_eq(digest.as_bytes()).into())
}

/// Whether `text` could be one of Werkzeug's or bcrypt's hashes; such a text is refused as a password.
pub fn looks_like_hash(text: &str) -> bool {
    let bcrypt = text.starts_with("$2") && text.len() == 60;
    let mut parts = text.splitn(3, '$');
    let method = parts.next().unwrap_or_default();
    let family = method.split(':').next().unwrap_or_default();
    let known = [
        "pbkdf2", "scrypt", "plain", "md5", "sha1", "sha224", "sha256", "sha384", "sha512",
    ]
    .contains(&family);
    bcrypt || (known && parts.count() == 2)
}

/// A `pbkdf2:sha256` hash, which every Werkzeug from 0.10 verifies.
///
/// `None` for an empty salt, or iterations beyond [`MAX_PBKDF2_ITERATIONS`]: such a hash would never be verified.
pub fn hash_pbkdf2_sha256(password: &str, salt: &str, iterations: u32) -> Option<String> {
    let digest = pbkdf2("sha256", password.as_bytes(), salt.as_bytes(), iterations)?;
    Some(format!("pbkdf2:sha256:{iterations}${salt}${digest}"))
}

/// Calls `$function::<D, Hmac<D>>($argument, ...)` for the digest of that hashlib name.
macro_rules! with_digest {
    ($name:expr, $function:ident($($argument:expr),*)) => {
        match $name {
            "md5" => $function::<Md5, Hmac<Md5>>($($argument),*),
            "sha1" => $function::<Sha1, Hmac<Sha1>>($($argument),*),
            "sha224" => $function::<Sha224, Hmac<Sha224>>($($argument),*),
            "sha256" => $function::<Sha256, Hmac<Sha256>>($($argument),*),
            "sha384" => $function::<Sha384, Hmac<Sha384>>($($argument),*),
            "sha512" => $function::<Sha512, Hmac<Sha512>>($($argument),*),
            "sha3_224" => $function::<Sha3_224, Hmac<Sha3_224>>($($argument),*),
            "sha3_256" => $function::<Sha3_256, Hmac<Sha3_256>>($($argument),*),
            "sha3_384" => $function::<Sha3_384, Hmac<Sha3_384>>($($argument),*),
            "sha3_512" => $function::<Sha3_512, Hmac<Sha3_512>>($($argument),*),
            _ => None,
        }
    };
}

/// The digest part of a hash, `None` for an unknown or too costly method.
fn compute(method: &str, salt: &[u8], password: &[u8]) -> Option<String> {
    let words: Vec<&str> = method.split(':').collect();
    match words.as_slice() {
        ["plain"] => String::from_utf8(password.to_vec()).ok(),
        ["pbkdf2", digest] => pbkdf2(digest, password, salt, DEFAULT_PBKDF2_ITERATIONS),
        ["pbkdf2", digest, iterations] => pbkdf2(digest, password, salt, iterations.parse().ok()?),
        ["scrypt"] => scrypt_hex([32768, 8, 1], salt, password),
        ["scrypt", n, r, p] => scrypt_hex([n.parse().ok()?, r.parse().ok()?, p.parse().ok()?], salt, password),
        [digest] => with_digest!(*digest, salted_hex(password, salt)),
        _ => None,
    }
}

/// PBKDF2 with the digest of that name; by ring where it has it, which is fast in unoptimised builds too.
fn pbkdf2(digest: &str, password: &[u8], salt: &[u8], iterations: u32) -> Option<String> {
    if salt.is_empty() || iterations > MAX_PBKDF2_ITERATIONS {
        return None;
    }
    let (algorithm, length) = match digest {
        "sha1" => (ring::pbkdf2::PBKDF2_HMAC_SHA1, 20),
        "sha256" => (ring::pbkdf2::PBKDF2_HMAC_SHA256, 32),
        "sha384" => (ring::pbkdf2::PBKDF2_HMAC_SHA384, 48),
        "sha512" => (ring::pbkdf2::PBKDF2_HMAC_SHA512, 64),
        other => return with_digest!(other, pbkdf2_hex(password, salt, iterations)),
    };
    let mut key = vec![0; length];
    ring::pbkdf2::derive(algorithm, NonZeroU32::new(iterations)?, salt, password, &mut key);
    Some(hex(&key))
}

fn pbkdf2_hex<D, P>(password: &[u8], salt: &[u8], iterations: u32) -> Option<String>
where
    D: Digest,
    P: hmac::digest::KeyInit + hmac::digest::Update + hmac::digest::FixedOutput + Clone + Sync,
{
    if iterations == 0 {
        return None;
    }
    let mut key = vec![0; <D as Digest>::output_size()];
    pbkdf2::pbkdf2::<P>(password, salt, iterations, &mut key).ok()?;
    Some(hex(&key))
}

fn scrypt_hex([n, r, p]: [u64; 3], salt: &[u8], password: &[u8]) -> Option<String> {
    let memory = n.checked_mul(r)?.checked_mul(128)?;
    let work = n.checked_mul(r)?.checked_mul(p)?;
    if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 || memory > MAX_SCRYPT_MEMORY || work > MAX_SCRYPT_WORK {
        return None;
    }
    let log_n = u8::try_from(n.trailing_zeros()).ok()?;
    let params = scrypt::Params::new(log_n, u32::try_from(r).ok()?, u32::try_from(p).ok()?, 64).ok()?;
    let mut key = [0; 64];
    scrypt::scrypt(password, salt, &params, &mut key).ok()?;
    Some(hex(&key))
}

fn salted_hex<D: Digest, M: Mac + hmac::digest::KeyInit>(password: &[u8], salt: &[u8]) -> Option<String> {
    if salt.is_empty() {
        return Some(hex(&D::digest(password)));
    }
    let mut mac = <M as Mac>::new_from_slice(salt).ok()?;
    mac.update(password);
    Some(hex(&mac.finalize().into_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_hash_is_verified_by_its_password_only() {
        let stored = hash_pbkdf2_sha256("pässwörd✓", "abcdefgh", 1_000).unwrap();
        assert!(verify("pässwörd✓", &stored, false));
        assert!(!verify("password", &stored, false));
    }

    #[test]
    fn weak_forms_are_verified_only_where_allowed() {
        for stored in ["plain$$legacy", "md5$Kb3mXo2p$13a156558423646dca8e00d333cbdf18"] {
            assert!(verify("legacy", stored, true), "{stored}");
            assert!(!verify("legacy", stored, false), "{stored}");
        }
    }

    #[test]
    fn hashes_that_would_cost_minutes_are_not_computed() {
        let started = std::time::Instant::now();
        for stored in [
            "pbkdf2:sha256:100000000$a$b",
            "pbkdf2:sha256:4294967296$a$b",
            "scrypt:1073741824:8:1$a$b",
            "scrypt:32768:8:100000$a$b",
            "scrypt:18446744073709551615:9999999999:1$a$b",
        ] {
            assert!(!verify("x", stored, true), "{stored}");
        }
        assert!(started.elapsed().as_millis() < 200);
    }

    #[test]
    fn texts_that_are_no_hashes_are_verified_by_nothing() {
        for stored in [
            "",
            "$",
            "$$",
            "not-a-hash",
            "sha1$x",
            "pbkdf2$a$b",
            "pbkdf2:sha1:0$a$b",
            "pbkdf2:sha1:-1$a$b",
            "pbkdf2:sha1:1:1$a$b",
            "pbkdf2:nosuch:1000$a$b",
            "scrypt:3:8:1$a$b",
            "scrypt:8$a$b",
            "scrypt:0:0:0$a$b",
        ] {
            assert!(!verify("", stored, true), "{stored}");
        }
    }

    #[test]
    fn hash_shapes_are_recognised() {
        for text in ["plain$$x", "pbkdf2:sha256:9$a$b", "sha1$a$b", "scrypt:32768:8:1$a$b"] {
            assert!(looks_like_hash(text), "{text}");
        }
        for text in ["correct horse", "a$b$c", "plain", "$2y$short"] {
            assert!(!looks_like_hash(text), "{text}");
        }
    }
}
