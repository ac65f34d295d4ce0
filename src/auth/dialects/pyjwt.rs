//! Reads tokens as PyJWT does, with its texts, for the releases that the packages stand on.
//!
//! Where its releases differ in what they accept, so do these. Two things are stricter, as everywhere here: HS256 is the only
//! algorithm, and a token with extensions that must be understood is refused (RFC 7515 section 4.1.11).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use crate::{
    auth::claims::{Members, python_int},
    flask::python_json,
};

/// Bytes above which a token is refused unread.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// A release of PyJWT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
pub enum Release {
    /// 1.4.2, the newest that Flask-JWT works with.
    V1_4,
    /// 1.7.1, the newest that Flask-JWT-Extended 3 works with.
    V1_7,
    /// 2.15.1.
    V2,
}

/// Why a token cannot be used; the text is PyJWT's.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    /// Its time is over.
    Expired,
    /// It is not a good one.
    Invalid(String),
}

impl Fault {
    pub(super) fn invalid(text: impl Into<String>) -> Self {
        Self::Invalid(text.into())
    }
}

type Outcome<T> = Result<T, Fault>;

/// What is asked of the claims.
#[derive(Clone, Copy, Debug)]
pub struct ClaimRules {
    /// Whether `exp`, `iat` and `nbf` must be there.
    pub requires_times: bool,
    /// Whether `aud` is looked at.
    pub verifies_aud: bool,
    /// Whether `sub` must be text.
    pub verifies_sub: bool,
    /// Whether an expired token is told of only once nothing else is wrong with it.
    pub expires_last: bool,
    /// Seconds by which clocks may differ.
    pub leeway: i128,
}

/// A token in its parts, of which none is checked.
pub struct Parts<'a> {
    header: Members,
    payload: Vec<u8>,
    signed: &'a str,
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`Fault::Invalid`].
    pub fn of(token: &'a str, release: Release) -> Outcome<Self> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Fault::Invalid(format!(
                "The token is longer than {MAX_TOKEN_BYTES} bytes"
            )));
        }
        let segments = token.rsplit_once('.').and_then(|(signed, signature)| {
            let (header, payload) = signed.split_once('.')?;
            Some((signed, header, payload, signature))
        });
        let (signed, header, payload, signature) = segments.ok_or_else(|| Fault::invalid("Not enough segments"))?;
        let decoded = |segment: &str, name: &str| {
            let bytes = match release {
                Release::V2 => decode_strictly(segment),
                _ => decode_leniently(segment),
            };
            bytes.ok_or_else(|| Fault::Invalid(format!("Invalid {name} padding")))
        };
        let header = object(&decoded(header, "header")?, "header", release)?;
        Ok(Self {
            header,
            payload: decoded(payload, "payload")?,
            signed,
            signature: decoded(signature, "crypto")?,
        })
    }

    /// Looks at the members of the header that are not about the signature.
    ///
    /// # Errors
    /// [`Fault::Invalid`].
    pub fn check_header(&self) -> Outcome<()> {
        if self.header.get("kid").is_some_and(|kid| !kid.is_string()) {
            return Err(Fault::invalid("Key ID header parameter must be a string"));
        }
        Ok(())
    }

    /// Refuses extensions that must be understood.
    ///
    /// # Errors
    /// [`Fault::Invalid`].
    pub fn check_extensions(&self) -> Outcome<()> {
        let is_encoded = self.header.get("b64").is_none_or(|b64| *b64 == Value::Bool(true));
        let Some(crit) = self.header.get("crit") else {
            return match is_encoded {
                true => Ok(()),
                false => Err(Fault::invalid(
                    "The 'b64' header parameter requires 'b64' to be listed in 'crit'.",
                )),
            };
        };
        let first = crit.as_array().and_then(|names| names.first());
        let first = first.ok_or_else(|| Fault::invalid("Invalid 'crit' header: must be a non-empty list"))?;
        Err(Fault::Invalid(match first.as_str() {
            None => "Invalid 'crit' header: values must be strings".to_owned(),
            Some("b64") if self.header.get("b64").is_none() => {
                "Critical extension 'b64' is missing from headers".to_owned()
            }
            Some(name) => format!("Unsupported critical extension: {name}"),
        }))
    }

    /// Checks algorithm and signature.
    ///
    /// # Errors
    /// [`Fault::Invalid`].
    pub fn check_signature(&self, key: &Hmac<Sha256>, release: Release) -> Outcome<()> {
        match self.header.get("alg") {
            None if release == Release::V2 => return Err(Fault::invalid("Algorithm not specified")),
            Some(Value::String(alg)) if alg == "HS256" => {}
            _ => return Err(Fault::invalid("The specified alg value is not allowed")),
        }
        let mut mac = key.clone();
        mac.update(self.signed.as_bytes());
        // Compares in constant time.
        let verified = mac.verify_slice(&self.signature);
        verified.map_err(|_| Fault::invalid("Signature verification failed"))
    }

    /// The claims, unchecked.
    ///
    /// # Errors
    /// [`Fault::Invalid`].
    pub fn claims(&self, release: Release) -> Outcome<Members> {
        object(&self.payload, "payload", release)
    }
}

/// Checks the claims that PyJWT knows.
///
/// Gives whether the token has expired, where that is not told at once.
///
/// # Errors
/// [`Fault`].
pub fn check_claims(claims: &Members, rules: ClaimRules, release: Release, now: i128) -> Outcome<bool> {
    if rules.requires_times {
        for name in ["exp", "iat", "nbf"] {
            require(claims, name)?;
        }
    }
    if let Some(iat) = time_of(claims, "iat")? {
        let is_early = iat > now + rules.leeway;
        match release {
            Release::V1_4 if is_early => {
                return Err(Fault::invalid("Issued At claim (iat) cannot be in the future."));
            }
            Release::V2 if is_early => return Err(Fault::invalid("The token is not yet valid (iat)")),
            _ => {}
        }
    }
    if time_of(claims, "nbf")?.is_some_and(|nbf| nbf > now + rules.leeway) {
        return Err(Fault::invalid("The token is not yet valid (nbf)"));
    }
    let last_second = i128::from(release != Release::V2);
    let is_expired = time_of(claims, "exp")?.is_some_and(|exp| exp + last_second <= now - rules.leeway);
    if is_expired && !rules.expires_last {
        return Err(Fault::Expired);
    }
    if rules.verifies_aud {
        check_audience(claims.get("aud"), release)?;
    }
    if rules.verifies_sub && claims.get("sub").is_some_and(|sub| !sub.is_string()) {
        return Err(Fault::invalid("Subject must be a string"));
    }
    if release == Release::V2 && claims.get("jti").is_some_and(|jti| !jti.is_string()) {
        return Err(Fault::invalid("JWT ID must be a string"));
    }
    Ok(is_expired)
}

/// What PyJWT says where a claim is missing that must be there.
pub fn missing(name: &str) -> String {
    format!("Token is missing the \"{name}\" claim")
}

fn require(claims: &Members, name: &str) -> Outcome<()> {
    match claims.get(name) {
        None | Some(Value::Null) => Err(Fault::Invalid(missing(name))),
        Some(_) => Ok(()),
    }
}

/// Null and lists crash PyJWT 1; they are refused as 2 does.
fn time_of(claims: &Members, name: &str) -> Outcome<Option<i128>> {
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    match python_int(value) {
        Some(time) => Ok(Some(time)),
        None => {
            let title = match name {
                "iat" => "Issued At",
                "nbf" => "Not Before",
                _ => "Expiration Time",
            };
            Err(Fault::Invalid(format!("{title} claim ({name}) must be an integer.")))
        }
    }
}

/// Nobody is named as the audience here, so a token for some audience is for another service.
fn check_audience(aud: Option<&Value>, release: Release) -> Outcome<()> {
    let Some(aud) = aud else { return Ok(()) };
    let is_text_or_texts = match aud {
        Value::String(_) => true,
        Value::Array(items) => items.iter().all(Value::is_string),
        _ => false,
    };
    match release {
        Release::V2 if is_false(aud) => Ok(()),
        Release::V1_4 if !is_text_or_texts => Err(Fault::invalid("Invalid claim format in token")),
        _ => Err(Fault::invalid("Invalid audience")),
    }
}

/// Whether Python takes a value for false.
fn is_false(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

/// A part of a token that must be an object.
fn object(bytes: &[u8], name: &str, release: Release) -> Outcome<Members> {
    let wrong = |text: String| Fault::Invalid(format!("Invalid {name} string: {text}"));
    let is_other_encoding =
        bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") || bytes.iter().take(4).any(|byte| *byte == 0);
    let text = match release {
        // Python looks for UTF-16 and UTF-32, in which nobody writes tokens.
        Release::V2 if is_other_encoding => {
            return Err(wrong("Expecting value: line 1 column 1 (char 0)".to_owned()));
        }
        Release::V2 => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes),
        _ => bytes,
    };
    let text = python_json::decode_utf8(text).map_err(wrong)?;
    python_json::check(text).map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(text).map_err(|_| wrong("must be a json object".to_owned()))
}

/// Base64 as PyJWT 2.15 reads it: in one spelling, and padded rightly if at all.
fn decode_strictly(segment: &str) -> Option<Vec<u8>> {
    let stripped = segment.trim_end_matches('=');
    let padding = segment.len() - stripped.len();
    if padding > 2 || (padding > 0 && !segment.len().is_multiple_of(4)) {
        return None;
    }
    URL_SAFE_NO_PAD.decode(stripped).ok()
}

/// Base64 as Python's `urlsafe_b64decode` reads it after PyJWT 1 has padded it: what is not a digit is skipped.
fn decode_leniently(segment: &str) -> Option<Vec<u8>> {
    let missing = segment.len().next_multiple_of(4) - segment.len();
    let padded = segment.bytes().chain(std::iter::repeat_n(b'=', missing));
    let (mut bytes, mut bits, mut digits, mut padding) = (Vec::new(), 0_u32, 0, 0);
    for byte in padded {
        let digit = match byte {
            b'=' => {
                padding += 1;
                if digits >= 2 && digits + padding >= 4 {
                    return Some(bytes);
                }
                // Before the second digit it is skipped as well, and not counted.
                padding = if digits >= 2 { padding } else { 0 };
                continue;
            }
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => continue,
        };
        padding = 0;
        bits = (bits << 6 | u32::from(digit)) & 0xfff;
        digits += 1;
        match digits {
            2 => bytes.push((bits >> 4) as u8),
            3 => bytes.push((bits >> 2) as u8),
            4 => {
                bytes.push(bits as u8);
                digits = 0;
            }
            _ => {}
        }
    }
    (digits == 0).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: i128 = 1_800_000_000;

    fn verdict(claims: &Value, release: Release, leeway: i128) -> Outcome<bool> {
        let rules = ClaimRules {
            requires_times: false,
            verifies_aud: true,
            verifies_sub: true,
            expires_last: false,
            leeway,
        };
        let claims = serde_json::from_value(claims.clone()).unwrap();
        check_claims(&claims, rules, release, NOW)
    }

    #[test]
    fn base64_is_read_as_pythons_reads_it() {
        // Python 3.8's urlsafe_b64decode, padded as PyJWT 1.7 pads.
        for (segment, bytes) in [
            ("", Some(&b""[..])),
            ("a", None),
            ("abc", Some(b"i\xb7")),
            ("ab=c", None),
            ("ab==cd", Some(b"i")),
            ("a!b", None),
            ("YQ", Some(b"a")),
            ("YQ=", Some(b"a")),
            ("YQ===", Some(b"a")),
            ("YR", Some(b"a")),
            ("=YQ", None),
            ("Y=Q", None),
            ("+/", Some(b"\xfb")),
            ("YWI=Yw", Some(b"ab")),
            ("====", Some(b"")),
            ("a=b=c=d", Some(b"i\xb7")),
            ("YWJj=", Some(b"abc")),
        ] {
            assert_eq!(decode_leniently(segment).as_deref(), bytes, "{segment}");
        }
        for (segment, bytes) in [
            ("YQ", Some(&b"a"[..])),
            ("YQ==", Some(b"a")),
            ("YQ=", None),
            ("YQ===", None),
            ("YR", None),
            ("+/", None),
            ("a", None),
            ("", Some(b"")),
        ] {
            assert_eq!(decode_strictly(segment).as_deref(), bytes, "{segment}");
        }
    }

    #[test]
    fn the_last_second_of_a_token_is_that_of_its_release() {
        for (release, last) in [(Release::V1_4, NOW), (Release::V1_7, NOW), (Release::V2, NOW + 1)] {
            for leeway in [0, 30] {
                let at = |exp: i128| verdict(&json!({"exp": (exp - leeway) as i64}), release, leeway);
                assert_eq!(at(last), Ok(false), "{release:?}");
                assert_eq!(at(last - 1), Err(Fault::Expired), "{release:?}");
                let nbf = |nbf: i128| verdict(&json!({"nbf": (nbf + leeway) as i64}), release, leeway);
                assert_eq!(nbf(NOW), Ok(false), "{release:?}");
                assert!(nbf(NOW + 1).is_err(), "{release:?}");
            }
        }
    }

    #[test]
    fn a_token_beyond_the_bound_is_refused_unread() {
        let token = format!("e30.e30.{}", "x".repeat(MAX_TOKEN_BYTES));
        for release in [Release::V1_4, Release::V1_7, Release::V2] {
            assert!(Parts::of(&token, release).is_err());
        }
    }
}
