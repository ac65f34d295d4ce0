//! Leaves secrets out of recordings and reports: tokens, cookies, passwords and their hashes.

use std::borrow::Cow;

use serde_json::Value;

use super::{
    normal::{Pattern, TOKEN, replaced},
    request::{Request, WRONG_AUTHORIZATION},
    token::shape_of_token,
};

/// What stands for a secret; a shell reads it as a variable.
pub const MASK: &str = "$SECRET";

/// Parts of the names of members, parameters and headers whose values are secrets.
const NAMES: [&str; 10] = [
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "credential",
    "apikey",
    "api_key",
    "api-key",
];

static HASH: Pattern = std::sync::LazyLock::new(|| {
    regex::Regex::new(
        r"(pbkdf2|scrypt|argon2[a-z]*|bcrypt|sha1|sha256|md5)(:[a-z0-9:]+)?\$[^\s\x22']{16,}|\$2[aby]\$[^\s\x22']{50,}",
    )
    .ok()
});

/// Whether the value of what is called so is a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    NAMES.iter().any(|part| name.contains(part))
}

/// A text without the signatures of tokens and without hashes of passwords.
///
/// A token keeps its first two parts, which say whose it is, and is not valid any more.
pub fn mask_text(text: &str) -> String {
    let text = replaced(&TOKEN, text.into(), |found| {
        let (kept, signature) = found[0].rsplit_once('.').unwrap_or_default();
        format!("{kept}.{}", "x".repeat(signature.len()))
    });
    replaced(&HASH, text, |_| "<HASH>".to_owned()).into_owned()
}

/// A value as [`mask_text`], and without the texts of members that are called like secrets.
pub fn mask_json(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, member)| (name.clone(), mask_member(name, member)))
            .collect(),
        Value::Array(items) => items.iter().map(mask_json).collect(),
        Value::String(text) => Value::String(mask_text(text)),
        other => other.clone(),
    }
}

fn mask_member(name: &str, member: &Value) -> Value {
    match member {
        // Stars are what is shown in the place of a secret.
        Value::String(text) if is_secret(name) && text.contains(|c| c != '*') => {
            let masked = mask_text(text);
            Value::String(if masked == *text { MASK.to_owned() } else { masked })
        }
        Value::Number(_) if is_secret(name) => Value::String(MASK.to_owned()),
        member => mask_json(member),
    }
}

/// An address without the values of parameters that are called like secrets.
pub fn mask_target(target: &str) -> String {
    match target.split_once('?') {
        Some((path, query)) => format!("{}?{}", mask_text(path), mask_form(query)),
        None => mask_text(target),
    }
}

fn mask_form(form: &str) -> String {
    let parts = form.split('&').map(|part| match part.split_once('=') {
        Some((name, value)) if is_secret(name) && !value.is_empty() => format!("{name}={MASK}"),
        _ => mask_text(part),
    });
    parts.collect::<Vec<_>>().join("&")
}

/// The headers without secrets.
pub fn mask_headers(headers: &[(String, String)]) -> Vec<(String, String)> {
    let masked = headers
        .iter()
        .map(|(name, value)| (name.clone(), mask_header(name, value)));
    masked.collect()
}

/// The value of a header without secrets.
pub fn mask_header(name: &str, value: &str) -> String {
    let is_address = ["location", "content-location", "referer"].contains(&name.to_ascii_lowercase().as_str());
    match is_secret(name) && value != WRONG_AUTHORIZATION {
        true => MASK.to_owned(),
        false if is_address => mask_target(value),
        false => mask_text(value),
    }
}

/// The body of an answer without secrets; texts that are neither JSON nor a form keep all but tokens and hashes.
pub fn mask_answer(body: &[u8], media_type: &str) -> Vec<u8> {
    masked_members(body, media_type).unwrap_or_else(|| match std::str::from_utf8(body) {
        Ok(text) => mask_text(text).into_bytes(),
        Err(_) => body.to_vec(),
    })
}

/// The body of a request without secrets; one that cannot be read is left out if it names any.
fn mask_body(body: &[u8], media_type: &str) -> Vec<u8> {
    masked_members(body, media_type).unwrap_or_else(|| {
        let text = String::from_utf8_lossy(body);
        match is_secret(&text) {
            true => MASK.into(),
            false if matches!(text, Cow::Borrowed(_)) => mask_text(&text).into_bytes(),
            false => body.to_vec(),
        }
    })
}

/// JSON and forms without secrets; `None` for anything else.
fn masked_members(body: &[u8], media_type: &str) -> Option<Vec<u8>> {
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let masked = mask_json(&value);
        // Untouched, it keeps its own spelling.
        let is_untouched = masked == value;
        return Some(if is_untouched {
            body.to_vec()
        } else {
            masked.to_string().into_bytes()
        });
    }
    let form = std::str::from_utf8(body)
        .ok()
        .filter(|_| media_type.contains("form-urlencoded"))?;
    Some(mask_form(form).into_bytes())
}

/// Takes the header with a request's token out, if there is one: `Authorization`, or another one that has a JSON Web Token.
pub fn take_token(headers: &mut Vec<(String, String)>) -> bool {
    let is_jwt = |value: &str| value.split_whitespace().next_back().and_then(shape_of_token).is_some();
    let before = headers.len();
    headers.retain(|(name, value)| {
        let is_authorization = name.eq_ignore_ascii_case("Authorization");
        value == WRONG_AUTHORIZATION || !(is_authorization || is_jwt(value))
    });
    headers.len() < before
}

/// The request without secrets, and with the mark of one that cannot be sent again for that.
pub fn mask_request(request: &Request) -> Request {
    let media_type = request.header("Content-Type").unwrap_or_default().to_ascii_lowercase();
    let mut masked = request.clone();
    masked.target = mask_target(&request.target);
    masked.body = mask_body(&request.body, &media_type);
    masked.uses_token |= take_token(&mut masked.headers);
    let kept: Vec<(String, String)> = masked.headers.clone();
    masked.headers = mask_headers(&kept);
    masked.is_masked |= masked.headers != kept || masked.target != request.target || masked.body != request.body;
    masked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOKEN: &str =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjEsImlhdCI6MTc5NTU0NzQ5NH0.bG4kgrJCv7uJa14t_Ii8i43OblMA6qhCRdbMSsiReJt";

    #[test]
    fn secrets_are_left_out_and_all_else_stays() {
        let masked = mask_json(&json!({
            "email": "ann@example.com",
            "password": "correct horse",
            "data": [{"access_token": TOKEN, "api_key": 5, "token": ""}],
            "hash": "pbkdf2:sha1:1000$i8VsPDWy$5bb2f37b26ab047f856f471417c804eb8ac0bf58",
            "message": "Token is invalid",
        }));
        let signature = "x".repeat(43);
        let unsigned = format!("{}.{signature}", TOKEN.rsplit_once('.').unwrap().0);
        assert_eq!(
            masked,
            json!({
                "email": "ann@example.com",
                "password": MASK,
                "data": [{"access_token": unsigned, "api_key": MASK, "token": ""}],
                "hash": "<HASH>",
                "message": "Token is invalid",
            })
        );
        assert_eq!(
            mask_target("/x?access_token=abc&page=2"),
            "/x?access_token=$SECRET&page=2"
        );
        assert_eq!(
            mask_body(b"email=a&password=b", "application/x-www-form-urlencoded"),
            b"email=a&password=$SECRET"
        );
        assert_eq!(mask_body(b"{\"password\": \"b", "application/json"), MASK.as_bytes());
        assert_eq!(mask_body(b"\xff\xfepassword=b", "text/plain"), MASK.as_bytes());
        assert_eq!(mask_body(b"{\"a\":  1}", "application/json"), b"{\"a\":  1}");
        for text in [&b"no token"[..], b"<p>Password:</p>", b"\xff token"] {
            assert_eq!(mask_answer(text, "text/html"), text);
        }
        assert_eq!(mask_answer(TOKEN.as_bytes(), "text/plain"), unsigned.as_bytes());
        for (name, expected) in [
            ("Location", "/a?token=$SECRET"),
            ("X-A", "/a?token=b"),
            ("Set-Cookie", MASK),
        ] {
            assert_eq!(mask_header(name, "/a?token=b"), expected);
        }
    }

    #[test]
    fn a_json_web_token_is_a_token_in_each_header() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut headers = vec![
            header("X-Access-Token", TOKEN),
            header("Authorization", WRONG_AUTHORIZATION),
            header("X-Version", "1.20.3"),
        ];
        assert!(take_token(&mut headers));
        assert_eq!(headers.len(), 2);
        assert!(!take_token(&mut headers));
        headers = vec![header("x-auth", &format!("JWT {TOKEN}"))];
        assert!(take_token(&mut headers) && headers.is_empty());
    }

    #[test]
    fn a_request_keeps_nothing_by_which_anybody_could_log_in() {
        let mut request = Request::get("/api/users");
        request.add_header("Authorization", &format!("Bearer {TOKEN}"));
        let masked = mask_request(&request);
        assert!(masked.uses_token && masked.headers.is_empty() && !masked.is_masked);
        request.add_header("Cookie", "session=abc");
        let masked = mask_request(&request);
        assert_eq!(masked.headers, [("Cookie".to_owned(), MASK.to_owned())]);
        assert!(masked.is_masked);
        request.body = br#"{"email": "a", "password": "hunter2"}"#.to_vec();
        let shown = format!("{:?}", String::from_utf8(mask_request(&request).body));
        assert!(shown.contains("$SECRET") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn the_pattern_of_hashes_can_be_read() {
        assert!(HASH.is_some());
    }
}
