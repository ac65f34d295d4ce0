//! JSON Web Tokens as PyJWT made and checked them for the originals: HS256, no leeway, `sub` an integer (or a text,
//! where that is set).
//!
//! jsonwebtoken signs and checks the signature. Header, times and subject are checked here, because its
//! `decode` refuses tokens that the originals accept (a numeric `kid`, times in text form) and accepts some
//! that must be refused (`crit`, an `iat` to come).

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;

use super::{
    claims::{Claims, Members, number_of, python_int},
    hs256::HS256_ONLY,
};
use crate::{
    config::{Fidelity, Permission, SecretKey, TokenSub},
    error::{Error, Result},
    flask::python::ascii_json,
};

/// The answer to a token that cannot be used (all originals, `login_required`).
pub const TOKEN_IS_INVALID: &str = "Token is invalid";
/// The answer to a token whose time is over (all originals, `login_required`).
pub const TOKEN_HAS_EXPIRED: &str = "Token has expired";

/// The answer to a token of a user who is not there any more, where such a token is refused.
pub const ACCOUNT_IS_GONE: &str = "The account of this token no longer exists";

/// Bytes above which a token is refused unread.
const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// What makes a token good beyond its signature.
#[derive(Clone, Copy, Debug)]
pub struct TokenRules {
    /// With `flask`, times may be texts and `sub` anything, as PyJWT 1.4 had it.
    pub fidelity: Fidelity,
    /// Whether a token may lack `exp`.
    pub without_exp: Permission,
    /// How the subject of an issued token is written; both ways are read.
    pub sub: TokenSub,
    /// How long an issued token lasts.
    pub lifetime: Duration,
    /// Whether an issued token tells its user's role (Flask-Scaffold 1.0, `create_token`).
    pub with_scope: bool,
}

/// Issues and checks tokens under one key.
pub struct Tokens {
    encoding: EncodingKey,
    decoding: DecodingKey,
    rules: TokenRules,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct IssuedClaims<'a> {
    sub: Value,
    iat: i64,
    exp: i64,
    /// Null for a user without role; absent where the original had no such claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
}

/// One of the first two parts of a token. Satellizer reads no payload but one in ASCII, which is what PyJWT wrote.
fn part(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_string(value).map_err(not_signed)?;
    Ok(URL_SAFE_NO_PAD.encode(ascii_json(&json)))
}

/// A token with these claims.
pub(super) fn sign(claims: &impl Serialize, mut key: Hmac<Sha256>) -> Result<String> {
    let signed = format!("{}.{}", part(&Header::new(Algorithm::HS256))?, part(claims)?);
    key.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(key.finalize().into_bytes());
    Ok(format!("{signed}.{signature}"))
}

fn not_signed(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("cannot sign a token: {error}"))
}

impl Tokens {
    /// Tokens under `key`.
    pub fn new(key: &SecretKey, rules: TokenRules) -> Self {
        Self::with_secret(key.as_bytes(), rules)
    }

    /// Tokens that let their holder set a new password, for `lifetime`.
    ///
    /// Their key is derived from `key`, so that neither kind of token passes for the other, here or in a Flask
    /// app that has the same key.
    ///
    /// # Errors
    /// [`Error::Internal`] if the key has no usable length, which SHA-256 does not know.
    pub fn for_resets(key: &SecretKey, lifetime: Duration) -> Result<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes())
            .map_err(|error| Error::Internal(format!("cannot derive a key: {error}")))?;
        mac.update(b"poem-scaffold password reset");
        let rules = TokenRules {
            fidelity: Fidelity::Safe,
            without_exp: Permission::Deny,
            // Nobody else reads these.
            sub: TokenSub::Integer,
            lifetime,
            with_scope: false,
        };
        Ok(Self::with_secret(&mac.finalize().into_bytes(), rules))
    }

    fn with_secret(secret: &[u8], rules: TokenRules) -> Self {
        // An error only says that it is installed already.
        let _ = HS256_ONLY.install_default();
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            rules,
        }
    }

    /// How long an issued token lasts.
    pub fn lifetime(&self) -> Duration {
        self.rules.lifetime
    }

    /// A token for the user `id` with this role, issued at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be signed, which no input causes.
    pub fn issue(&self, id: i64, role: Option<&str>, now: i64) -> Result<String> {
        self.sign(id, self.rules.with_scope.then_some(role), None, now)
    }

    /// A token for the user `id` that has an id of its own, by which its use can be noted.
    ///
    /// # Errors
    /// As [`Tokens::issue`].
    pub fn issue_once(&self, id: i64, jti: &str, now: i64) -> Result<String> {
        self.sign(id, None, Some(jti), now)
    }

    fn sign(&self, id: i64, scope: Option<Option<&str>>, jti: Option<&str>, now: i64) -> Result<String> {
        let lifetime = i64::try_from(self.rules.lifetime.as_secs()).unwrap_or(i64::MAX);
        let claims = IssuedClaims {
            sub: match self.rules.sub {
                TokenSub::Integer => Value::from(id),
                TokenSub::Text => Value::from(id.to_string()),
            },
            iat: now,
            exp: now.saturating_add(lifetime),
            scope,
            jti,
        };
        let signed = format!("{}.{}", part(&Header::new(Algorithm::HS256))?, part(&claims)?);
        let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &self.encoding, Algorithm::HS256);
        let signature = signature.map_err(not_signed)?;
        Ok(format!("{signed}.{signature}"))
    }

    /// The claims of `token` if it is good at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`Error::Unauthorized`] with [`TOKEN_HAS_EXPIRED`] or [`TOKEN_IS_INVALID`].
    pub fn parse(&self, token: &str, now: i64) -> Result<Claims> {
        let claims = self.signed_claims(token).ok_or(Error::Unauthorized(TOKEN_IS_INVALID))?;
        self.check(&claims, i128::from(now))
    }

    /// The claims if header and signature are good.
    fn signed_claims(&self, token: &str) -> Option<Members> {
        if token.len() > MAX_TOKEN_BYTES {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header = Members::decode(header)?;
        // `crit` names extensions that must be understood, and none are (RFC 7515 section 4.1.11). With `b64` false
        // another text is signed (RFC 7797, which forbids it in tokens): PyJWT 1.4 did not look at it, but no issuer
        // sets it, and two readers of such a token would not agree on what it says.
        let usable = header.get("alg") == Some(&Value::from("HS256"))
            && header.get("crit").is_none()
            && header
                .get("b64")
                .is_none_or(|is_encoded| *is_encoded == Value::Bool(true));
        if !usable || header.has_duplicates() {
            return None;
        }
        let verified = jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &self.decoding, Algorithm::HS256);
        if !verified.unwrap_or(false) {
            return None;
        }
        Members::decode(payload)
    }

    /// The order of the checks is PyJWT's: a token both wrong and expired is invalid.
    fn check(&self, claims: &Members, now: i128) -> Result<Claims> {
        let invalid = Error::Unauthorized(TOKEN_IS_INVALID);
        let strict = self.rules.fidelity == Fidelity::Safe;
        let time = |name| match claims.get(name) {
            None => Ok(None),
            Some(value) if strict => number_of(value).map(Some).ok_or(Error::Unauthorized(TOKEN_IS_INVALID)),
            Some(value) => python_int(value).map(Some).ok_or(Error::Unauthorized(TOKEN_IS_INVALID)),
        };
        let (iat, nbf, exp) = (time("iat")?, time("nbf")?, time("exp")?);
        let too_early = iat.is_some_and(|iat| iat > now) || nbf.is_some_and(|nbf| nbf > now);
        // Nobody is named as the audience here, so a token for some audience is for another service.
        if too_early || claims.get("aud").is_some() || (strict && claims.has_duplicates()) {
            return Err(invalid);
        }
        match exp {
            None if self.rules.without_exp == Permission::Deny => return Err(invalid),
            Some(exp) if exp < now => return Err(Error::Unauthorized(TOKEN_HAS_EXPIRED)),
            Some(exp) if strict && exp - now > i128::from(self.rules.lifetime.as_secs()) => return Err(invalid),
            _ => {}
        }
        let claims = Claims {
            sub: claims
                .get("sub")
                .cloned()
                .ok_or(Error::Unauthorized(TOKEN_IS_INVALID))?,
            email: None,
            iat: iat.and_then(|iat| i64::try_from(iat).ok()),
            jti: claims.get("jti").and_then(Value::as_str).map(str::to_owned),
        };
        if strict && claims.user_id().is_none() {
            return Err(invalid);
        }
        Ok(claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_800_000_000;
    const KEY: &str = "a test key of at least thirty-two bytes!";

    fn tokens(fidelity: Fidelity) -> Tokens {
        let without_exp = match fidelity {
            Fidelity::Safe => Permission::Deny,
            Fidelity::Flask => Permission::Allow,
        };
        let lifetime = Duration::from_secs(86_400);
        let rules = TokenRules {
            fidelity,
            without_exp,
            sub: TokenSub::Integer,
            lifetime,
            with_scope: false,
        };
        Tokens::new(&KEY.into(), rules)
    }

    /// Signs raw header and payload texts with the right key.
    fn sign(header: &str, payload: &str) -> String {
        let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload));
        let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
        mac.update(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
    }

    fn verdict(fidelity: Fidelity, header: &str, payload: &str) -> Option<&'static str> {
        match tokens(fidelity).parse(&sign(header, payload), NOW) {
            Ok(_) => None,
            Err(Error::Unauthorized(text)) => Some(text),
            Err(error) => panic!("{error}"),
        }
    }

    const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

    #[test]
    fn an_issued_token_has_the_originals_shape_and_is_accepted() {
        for fidelity in [Fidelity::Safe, Fidelity::Flask] {
            let token = tokens(fidelity).issue(7, None, NOW).unwrap();
            let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
            assert_eq!(parts.next().unwrap(), HEADER.as_bytes());
            assert_eq!(parts.next().unwrap(), br#"{"sub":7,"iat":1800000000,"exp":1800086400}"#);
            assert_eq!(tokens(fidelity).parse(&token, NOW).unwrap().user_id(), Some(7));
        }
    }

    #[test]
    fn a_subject_is_written_as_text_where_that_is_set_and_is_read_either_way() {
        let mut texts = tokens(Fidelity::Safe);
        texts.rules.sub = TokenSub::Text;
        let (text, integer) = (texts.issue(7, None, NOW), tokens(Fidelity::Safe).issue(7, None, NOW));
        let text = text.unwrap();
        let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap()).unwrap();
        assert_eq!(payload, br#"{"sub":"7","iat":1800000000,"exp":1800086400}"#);
        for token in [text, integer.unwrap()] {
            for tokens in [&texts, &tokens(Fidelity::Safe), &tokens(Fidelity::Flask)] {
                assert_eq!(tokens.parse(&token, NOW).unwrap().user_id(), Some(7));
            }
        }
    }

    #[test]
    fn a_scope_is_the_role_or_null() {
        let mut tokens = tokens(Fidelity::Safe);
        tokens.rules.with_scope = true;
        for (role, expected) in [
            (Some("admin"), r#""scope":"admin"}"#),
            // Satellizer reads no other payload.
            (Some("rôle 😀"), r#""scope":"r\u00f4le \ud83d\ude00"}"#),
            (None, r#""scope":null}"#),
        ] {
            let token = tokens.issue(7, role, NOW).unwrap();
            let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
            assert!(String::from_utf8(payload).unwrap().ends_with(expected), "{role:?}");
        }
    }

    #[test]
    fn a_token_is_good_in_its_last_second_and_expired_in_the_next() {
        let token = tokens(Fidelity::Safe).issue(7, None, NOW).unwrap();
        assert!(tokens(Fidelity::Safe).parse(&token, NOW + 86_400).is_ok());
        let late = tokens(Fidelity::Safe).parse(&token, NOW + 86_401).unwrap_err();
        assert_eq!(late.to_string(), TOKEN_HAS_EXPIRED);
    }

    #[test]
    fn headers_other_than_plain_hs256_are_refused() {
        let payload = json!({"sub": 1, "iat": NOW, "exp": NOW + 60}).to_string();
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"NoNe"}"#,
            r#"{"alg":""}"#,
            r#"{}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":"HS384"}"#,
            r#"{"alg":"RS256"}"#,
            r#"{"alg":"hs256"}"#,
            r#"{"alg":"HS"}"#,
            r#"{"alg":5}"#,
            r#"{"alg":"none","alg":"HS256"}"#,
            r#"{"alg":"HS256","crit":["x"]}"#,
            r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
            r#"{"alg":"HS256","b64":false}"#,
            r#"{"alg":"HS256","b64":"true"}"#,
            r#"{"alg":"HS256","b64":null}"#,
            "[]",
            "HS256",
            "",
        ] {
            for fidelity in [Fidelity::Safe, Fidelity::Flask] {
                assert_eq!(verdict(fidelity, header, &payload), Some(TOKEN_IS_INVALID), "{header}");
            }
        }
        for header in [
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"HS256","typ":5}"#,
            r#"{"alg":"HS256","kid":5}"#,
            r#"{"alg":"HS256","b64":true}"#,
        ] {
            assert_eq!(verdict(Fidelity::Safe, header, &payload), None, "{header}");
        }
    }

    #[test]
    fn times_are_judged_as_each_fidelity_has_it() {
        use Fidelity::{Flask, Safe};
        let (good, bad) = (None, Some(TOKEN_IS_INVALID));
        for (payload, in_safe, in_flask) in [
            (json!({"sub": 1}), bad, good),
            (json!({"sub": 1, "exp": "1800000060"}), bad, good),
            (json!({"sub": 1, "exp": " 1800000060 "}), bad, good),
            (json!({"sub": 1, "exp": 1_800_000_060.5}), good, good),
            (json!({"sub": 1, "exp": null}), bad, bad),
            (json!({"sub": 1, "exp": []}), bad, bad),
            (json!({"sub": 1, "exp": "soon"}), bad, bad),
            (json!({"sub": 1, "exp": 1e19}), bad, good),
            (
                json!({"sub": 1, "exp": -1}),
                Some(TOKEN_HAS_EXPIRED),
                Some(TOKEN_HAS_EXPIRED),
            ),
            (
                json!({"sub": 1, "exp": NOW - 1}),
                Some(TOKEN_HAS_EXPIRED),
                Some(TOKEN_HAS_EXPIRED),
            ),
            (json!({"sub": 1, "exp": NOW + 60, "iat": NOW + 1}), bad, bad),
            (json!({"sub": 1, "exp": NOW + 60, "nbf": NOW + 1}), bad, bad),
            (json!({"sub": 1, "exp": NOW + 60, "nbf": NOW}), good, good),
            (json!({"sub": 1, "exp": NOW - 60, "nbf": NOW + 1}), bad, bad),
            (json!({"sub": 1, "exp": NOW + 60, "aud": "x"}), bad, bad),
            (json!({"sub": 1, "exp": NOW + 60, "iss": "x"}), good, good),
        ] {
            assert_eq!(verdict(Safe, HEADER, &payload.to_string()), in_safe, "safe {payload}");
            assert_eq!(
                verdict(Flask, HEADER, &payload.to_string()),
                in_flask,
                "flask {payload}"
            );
        }
    }

    #[test]
    fn subjects_are_judged_as_each_fidelity_has_it() {
        for (sub, in_safe) in [
            (json!(1), true),
            (json!("1"), true),
            (json!("1 OR 1=1"), false),
            (json!("-1"), false),
            (json!(1.5), false),
            (json!(true), false),
            (json!(1e30), false),
            (json!([1]), false),
            (json!(null), false),
            (json!(""), false),
        ] {
            let payload = json!({"sub": sub, "exp": NOW + 60}).to_string();
            assert_eq!(verdict(Fidelity::Safe, HEADER, &payload).is_none(), in_safe, "{sub}");
            assert_eq!(verdict(Fidelity::Flask, HEADER, &payload), None, "{sub}");
        }
        for fidelity in [Fidelity::Safe, Fidelity::Flask] {
            let payload = json!({"exp": NOW + 60}).to_string();
            assert_eq!(verdict(fidelity, HEADER, &payload), Some(TOKEN_IS_INVALID));
        }
    }

    #[test]
    fn duplicate_claims_are_refused_in_safe_and_the_last_wins_in_flask() {
        let payload = format!(r#"{{"sub":1,"exp":{},"sub":2}}"#, NOW + 60);
        assert_eq!(verdict(Fidelity::Safe, HEADER, &payload), Some(TOKEN_IS_INVALID));
        let claims = tokens(Fidelity::Flask).parse(&sign(HEADER, &payload), NOW).unwrap();
        assert_eq!(claims.user_id(), Some(2));
    }

    #[test]
    fn damaged_tokens_are_refused() {
        let token = tokens(Fidelity::Safe).issue(1, None, NOW).unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = Tokens::new(
            &"another key of at least thirty-two bytes".into(),
            tokens(Fidelity::Safe).rules,
        );
        for damaged in [
            String::new(),
            ".".into(),
            "..".into(),
            "...".into(),
            "a.b.c".into(),
            signed.into(),
            format!("{token}.x"),
            format!("{token}="),
            format!("{signed}."),
            format!("{signed}.AA{}", &signature[2..]),
            token.replace('.', " "),
            other.issue(1, None, NOW).unwrap(),
            "x".repeat(1 << 20),
        ] {
            assert!(tokens(Fidelity::Safe).parse(&damaged, NOW).is_err(), "{damaged:.80}");
        }
    }
}
