//! Makes tokens, good and bad, byte by byte, and takes them apart again.
//!
//! No JWT library is used: most of these tokens are ones that it would refuse to make.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use hmac::{Hmac, KeyInit, Mac};
use poem_scaffold::testing::inside::parity::token::shape_of_token;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

/// The recipe of a token.
#[derive(Default, Deserialize)]
pub struct Forgery {
    header: Option<Value>,
    /// The first segment as it is, instead of `header`.
    raw_header: Option<String>,
    /// The claims; `{"$now": N}` stands for N seconds from now.
    claims: Option<Value>,
    /// The payload before base64, instead of `claims`.
    raw_payload: Option<String>,
    /// The second segment as it is, instead of `claims`.
    payload_segment: Option<String>,
    #[serde(default)]
    sign: Signature,
    /// Another key than the server's.
    key: Option<String>,
    mutate: Option<Mutation>,
}

#[derive(Clone, Copy, Default, Deserialize)]
enum Signature {
    #[default]
    HS256,
    HS384,
    HS512,
    #[serde(rename = "none")]
    Empty,
    #[serde(rename = "garbage")]
    Garbage,
}

/// What is done to a token after it has been signed.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mutation {
    /// Another `sub` under the same signature.
    TamperPayload,
    TwoSegments,
    FourSegments,
    /// Every segment with the `=` that base64 has and JWT has not.
    Padded,
    FlipSig,
    /// The signature with the `=` that base64 has and JWT has not.
    PaddedSignature,
    /// The signature with more of them.
    PaddedTooMuch,
    /// A character behind the signature that base64 has not.
    JunkInSignature,
    /// The signature without its end.
    ShortSignature,
}

/// Makes the token, signed with `secret` unless the recipe has its own key.
pub fn forge(recipe: &Forgery, secret: &str, now: i64) -> String {
    let header = match &recipe.raw_header {
        Some(segment) => segment.clone(),
        None => {
            let default = || json!({"alg": "HS256", "typ": "JWT"});
            BASE64URL.encode(recipe.header.clone().unwrap_or_else(default).to_string())
        }
    };
    let claims = at(recipe.claims.as_ref().unwrap_or(&Value::Null), now);
    let payload = match (&recipe.payload_segment, &recipe.raw_payload) {
        (Some(segment), _) => segment.clone(),
        (None, Some(text)) => BASE64URL.encode(text),
        (None, None) => BASE64URL.encode(claims.to_string()),
    };
    let key = recipe.key.as_deref().unwrap_or(secret);
    let signature = sign(recipe.sign, key, &format!("{header}.{payload}"));
    match recipe.mutate {
        Some(mutation) => mutate(mutation, &header, &payload, claims, &signature),
        None => format!("{header}.{payload}.{signature}"),
    }
}

/// The claims with every `{"$now": N}` replaced.
fn at(value: &Value, now: i64) -> Value {
    match value {
        Value::Object(members) => match members.get("$now").and_then(Value::as_i64) {
            Some(offset) if members.len() == 1 => json!(now + offset),
            _ => members
                .iter()
                .map(|(key, member)| (key.clone(), at(member, now)))
                .collect(),
        },
        Value::Array(items) => items.iter().map(|item| at(item, now)).collect(),
        other => other.clone(),
    }
}

fn sign(signature: Signature, key: &str, text: &str) -> String {
    match signature {
        Signature::HS256 => hmac::<Hmac<Sha256>>(key, text),
        Signature::HS384 => hmac::<Hmac<Sha384>>(key, text),
        Signature::HS512 => hmac::<Hmac<Sha512>>(key, text),
        Signature::Empty => String::new(),
        Signature::Garbage => BASE64URL.encode([1; 32]),
    }
}

fn hmac<M: Mac + KeyInit>(key: &str, text: &str) -> String {
    let mut mac = <M as KeyInit>::new_from_slice(key.as_bytes()).expect("HMAC takes any key");
    mac.update(text.as_bytes());
    BASE64URL.encode(mac.finalize().into_bytes())
}

fn mutate(mutation: Mutation, header: &str, payload: &str, mut claims: Value, signature: &str) -> String {
    match mutation {
        Mutation::TamperPayload => {
            claims["sub"] = json!(2);
            let payload = BASE64URL.encode(claims.to_string());
            format!("{header}.{payload}.{signature}")
        }
        Mutation::TwoSegments => format!("{header}.{payload}"),
        Mutation::FourSegments => format!("{header}.{payload}.{signature}.x"),
        Mutation::Padded => [header, payload, signature].map(padded).join("."),
        Mutation::PaddedSignature => format!("{header}.{payload}.{signature}="),
        Mutation::PaddedTooMuch => format!("{header}.{payload}.{signature}==="),
        Mutation::JunkInSignature => format!("{header}.{payload}.{signature}!"),
        Mutation::ShortSignature => format!("{header}.{payload}.{}", &signature[..signature.len() - 2]),
        Mutation::FlipSig => {
            let (kept, last) = signature.split_at(signature.len() - 2);
            let other = if last == "AA" { "BB" } else { "AA" };
            format!("{header}.{payload}.{kept}{other}")
        }
    }
}

fn padded(segment: &str) -> String {
    let missing = segment.len().next_multiple_of(4) - segment.len();
    format!("{segment}{}", "=".repeat(missing))
}

#[test]
fn a_forged_token_is_the_one_of_the_jwt_specification() {
    // RFC 7515, appendix A.1 has the same key and algorithm, but other white space; this is the
    // token of jwt.io's front page.
    let recipe = Forgery {
        claims: Some(json!({"sub": "1234567890"})),
        raw_payload: Some(r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#.to_owned()),
        raw_header: Some(BASE64URL.encode(r#"{"alg":"HS256","typ":"JWT"}"#)),
        ..Forgery::default()
    };
    assert_eq!(
        forge(&recipe, "your-256-bit-secret", 0),
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
         eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
         SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
    );
}

#[test]
fn times_in_claims_count_from_now() {
    let claims = json!({"iat": {"$now": -10}, "exp": {"$now": 86_390}, "sub": [{"$now": 0}]});
    assert_eq!(at(&claims, 1_000), json!({"iat": 990, "exp": 87_390, "sub": [1_000]}));
}

#[test]
fn a_token_of_another_user_or_lifetime_has_another_shape() {
    let shape = |sub: i64, exp: i64| {
        let recipe = Forgery {
            claims: Some(json!({"sub": sub, "iat": 0, "exp": exp})),
            ..Forgery::default()
        };
        shape_of_token(&forge(&recipe, "key", 0)).unwrap()
    };
    assert_eq!(shape(1, 86_400), shape(1, 86_401));
    assert_ne!(shape(1, 86_400), shape(2, 86_400));
    assert_ne!(shape(1, 86_400), shape(1, 3_600));
}
