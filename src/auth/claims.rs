//! The claims of tokens, as JSON that Python would read.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::Value;

/// The claims of a token that was found good.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    /// The subject as it stood in the token; the originals never looked at it before using it.
    pub sub: Value,
    /// The user's address, where tokens name users by it.
    pub email: Option<String>,
    /// When it was issued, in Unix seconds, if the token says so.
    pub iat: Option<i64>,
    /// The token's own id; ours have one where they are good only once.
    pub jti: Option<String>,
}

impl Claims {
    /// The subject as a user's id: an integer, or its decimal digits.
    pub fn user_id(&self) -> Option<i64> {
        if self.email.is_some() {
            return None;
        }
        match &self.sub {
            Value::Number(number) => number.as_i64(),
            Value::String(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().ok()
            }
            _ => None,
        }
    }

    /// Whether the token may have been issued before `moment` (Unix seconds, inclusive).
    pub fn is_from_before(&self, moment: Option<i64>) -> bool {
        moment.is_some_and(|moment| self.iat.is_none_or(|iat| iat <= moment))
    }

    /// Whether the token says that it was issued before the second `moment`.
    pub fn is_older_than(&self, moment: Option<i64>) -> bool {
        moment.is_some_and(|moment| self.iat.is_some_and(|iat| iat < moment))
    }
}

/// The members of a JSON object in order, with duplicates.
pub(super) struct Members(Vec<(String, Value)>);

impl Members {
    /// Those of a part of a token.
    pub(super) fn decode(segment: &str) -> Option<Self> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(segment).ok()?).ok()
    }

    /// The last member of that name, as in Python.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().rfind(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Whether a name comes twice.
    pub(super) fn has_duplicates(&self) -> bool {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A NumericDate (RFC 7519 section 2) in whole seconds.
pub(super) fn number_of(value: &Value) -> Option<i128> {
    let number = value.as_number()?;
    number.as_i128().or_else(|| number.as_f64().map(|float| float as i128))
}

/// What Python's `int()` makes of a JSON value.
pub(super) fn python_int(value: &Value) -> Option<i128> {
    match value {
        Value::Bool(truth) => Some(i128::from(*truth)),
        Value::String(text) => text.trim().parse().ok(),
        value => number_of(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_from_the_second_of_a_password_change_counts_as_older() {
        let claims = |iat| Claims {
            sub: json!(1),
            email: None,
            iat,
            jti: None,
        };
        assert!(claims(Some(10)).is_from_before(Some(10)));
        assert!(!claims(Some(11)).is_from_before(Some(10)));
        assert!(claims(None).is_from_before(Some(10)));
        assert!(!claims(None).is_from_before(None));
    }
}
