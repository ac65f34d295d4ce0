//! What two tokens of the same user have in common, though no two are equal.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};
use serde_json::{Value, json};

use super::json::type_name;

/// What two logins' tokens have in common, as JSON; `None` if this is no token.
///
/// Times become their types and the lifetime, which may be a second off; the rest stays.
pub fn shape_of_token(token: &str) -> Option<Value> {
    let segments: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = segments[..] else {
        return None;
    };
    let header: Value = serde_json::from_slice(&BASE64URL.decode(header).ok()?).ok()?;
    let mut claims: Value = serde_json::from_slice(&BASE64URL.decode(payload).ok()?).ok()?;
    let lifetime = lifetime(&claims);
    for (name, claim) in claims.as_object_mut()? {
        if ["iat", "exp", "nbf"].contains(&name.as_str()) {
            *claim = json!(type_name(claim));
        }
    }
    Some(json!({
        "header": header,
        "claims": claims,
        "lifetime": lifetime,
        "signature length": signature.len(),
    }))
}

fn lifetime(claims: &Value) -> Option<i64> {
    const DAY: i64 = 86_400;
    let seconds = claims["exp"].as_i64()? - claims["iat"].as_i64()?;
    let usual = [DAY, 30 * DAY].into_iter().find(|usual| (seconds - usual).abs() <= 1);
    Some(usual.unwrap_or(seconds))
}
