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

use subtle::ConstantTimeEq;

use super::hashlib::{HashFunction, hex};

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
/// `weak_allowed` is false, is not verified by any password: `None`, for nothing had to be computed.
pub fn compare(password: &str, stored: &str, weak_allowed: bool) -> Option<bool> {
    let mut parts = stored.splitn(3, '$');
    let (method, salt, digest) = (parts.next()?, parts.next()?, parts.next()?);
    if is_weak(method) && !weak_allowed {
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
    let known = ["pbkdf2", "scrypt", "plain"].contains(&family) || HashFunction::named(family).is_some();
    bcrypt || (known && parts.count() == 2)
}

/// A `pbkdf2:sha256` hash, which every Werkzeug from 0.10 verifies.
///
/// `None` for an empty salt, or iterations beyond [`MAX_PBKDF2_ITERATIONS`]: such a hash would never be verified.
pub fn hash_pbkdf2_sha256(password: &str, salt: &str, iterations: u32) -> Option<String> {
    let digest = pbkdf2("sha256", password.as_bytes(), salt.as_bytes(), iterations)?;
    Some(format!("pbkdf2:sha256:{iterations}${salt}${digest}"))
}

/// The iterations of a `pbkdf2:sha256` hash, `None` for other hashes.
pub fn pbkdf2_sha256_iterations(stored: &str) -> Option<u32> {
    let (method, _) = stored.split_once('$')?;
    match method.strip_prefix("pbkdf2:sha256")? {
        "" => Some(DEFAULT_PBKDF2_ITERATIONS),
        iterations => iterations.strip_prefix(':')?.parse().ok(),
    }
}

/// Whether the method keeps the password itself, or is by a broken hash function.
fn is_weak(method: &str) -> bool {
    let name = method.strip_prefix("pbkdf2:").unwrap_or(method);
    let name = name.split(':').next().unwrap_or_default();
    name == "plain" || HashFunction::named(name).is_some_and(HashFunction::is_broken)
}

/// The digest part of a hash, `None` for an unknown or too costly method.
fn compute(method: &str, salt: &[u8], password: &[u8]) -> Option<String> {
    let words: Vec<&str> = method.split(':').collect();
    match words.as_slice() {
        ["plain"] => String::from_utf8(password.to_vec()).ok(),
        ["pbkdf2", name] => pbkdf2(name, password, salt, DEFAULT_PBKDF2_ITERATIONS),
        ["pbkdf2", name, iterations] => pbkdf2(name, password, salt, iterations.parse().ok()?),
        ["scrypt"] => scrypt_hex([32768, 8, 1], salt, password),
        ["scrypt", n, r, p] => scrypt_hex([n.parse().ok()?, r.parse().ok()?, p.parse().ok()?], salt, password),
        [name] => salted(name, password, salt),
        _ => None,
    }
}

fn salted(name: &str, password: &[u8], salt: &[u8]) -> Option<String> {
    let function = HashFunction::named(name)?;
    match salt {
        [] => Some(function.digest(password)),
        salt => function.hmac(salt, password),
    }
}

fn pbkdf2(name: &str, password: &[u8], salt: &[u8], iterations: u32) -> Option<String> {
    if salt.is_empty() || iterations > MAX_PBKDF2_ITERATIONS {
        return None;
    }
    HashFunction::named(name)?.pbkdf2(password, salt, NonZeroU32::new(iterations)?)
}

fn scrypt_hex([n, r, p]: [u64; 3], salt: &[u8], password: &[u8]) -> Option<String> {
    let memory = n.checked_mul(r)?.checked_mul(128)?;
    let work = n.checked_mul(r)?.checked_mul(p)?;
    if !n.is_power_of_two() || n < 2 || r == 0 || p == 0 || memory > MAX_SCRYPT_MEMORY || work > MAX_SCRYPT_WORK {
        return None;
    }
    let log_n = u8::try_from(n.trailing_zeros()).ok()?;
    // OpenSSL's limit, which the crate does not have.
    if u64::from(log_n) >= r.saturating_mul(16) {
        return None;
    }
    let params = scrypt::Params::new(log_n, u32::try_from(r).ok()?, u32::try_from(p).ok()?).ok()?;
    let mut key = [0; 64];
    scrypt::scrypt(password, salt, &params, &mut key).ok()?;
    Some(hex(&key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(password: &str, stored: &str, weak_allowed: bool) -> bool {
        compare(password, stored, weak_allowed) == Some(true)
    }

    #[test]
    fn a_made_hash_is_verified_by_its_password_only() {
        let stored = hash_pbkdf2_sha256("pässwörd✓", "abcdefgh", 1_000).unwrap();
        assert!(verify("pässwörd✓", &stored, false));
        assert!(!verify("password", &stored, false));
    }

    #[test]
    fn weak_forms_are_verified_only_where_allowed() {
        for stored in [
            "plain$$legacy",
            "md5$Kb3mXo2p$13a156558423646dca8e00d333cbdf18",
            "SSL3-MD5$Kb3mXo2p$13a156558423646dca8e00d333cbdf18",
        ] {
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
            "scrypt:65536:1:1$a$b",
            "scrypt:8$a$b",
            "scrypt:0:0:0$a$b",
        ] {
            assert!(!verify("", stored, true), "{stored}");
        }
    }

    #[test]
    fn hash_shapes_are_recognised() {
        for text in [
            "plain$$x",
            "pbkdf2:sha256:9$a$b",
            "sha1$a$b",
            "blake2b$a$b",
            "scrypt:32768:8:1$a$b",
        ] {
            assert!(looks_like_hash(text), "{text}");
        }
        for text in ["correct horse", "a$b$c", "plain", "$2y$short"] {
            assert!(!looks_like_hash(text), "{text}");
        }
    }
}
