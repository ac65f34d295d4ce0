//! What the pages must know of tokens that are a Flask app's, and of texts that are a team's.

use poem::http::Method;
use serde_json::{Map, Value, json};

use super::errors::Wording;
use crate::{
    auth::{bearer::MISSING_HEADER, dialects, tokens},
    config::{Config, SchemeWord},
    error::{Error, RefusalKind},
    flask::dialect::Dialect,
};

/// The attribute `data-tokens` of every page; `None` where tokens and texts are our own.
pub fn described(config: &Config) -> Option<String> {
    if config.tokens.is_none() && config.texts.is_empty() {
        return None;
    }
    let wording = Wording {
        dialect: Dialect::of(config.profile),
        texts: config.texts.clone(),
    };
    let refusals = match &config.tokens {
        Some(app) => dialects::examples(app),
        None => vec![
            Error::Unauthorized(MISSING_HEADER),
            Error::Unauthorized(tokens::TOKEN_IS_INVALID),
            Error::Unauthorized(tokens::TOKEN_HAS_EXPIRED),
            Error::Unauthorized(tokens::ACCOUNT_IS_GONE),
        ],
    };
    let mut reasons = Map::new();
    for refusal in &refusals {
        let reason = match refusal.refusal_kind() {
            Some(RefusalKind::Missing) => "missing",
            Some(RefusalKind::Expired) => "expired",
            Some(RefusalKind::UnknownUser) => "gone",
            _ => "invalid",
        };
        reasons.insert(wording.text(refusal, refusal.status(&Method::GET)), json!(reason));
    }
    let mut described = json!({"reasons": reasons});
    if let Some(app) = &config.tokens {
        described["header"] = json!(app.header);
        described["scheme"] = json!(match &app.scheme {
            SchemeWord::Any => "Bearer",
            SchemeWord::Nothing => "",
            SchemeWord::Word(word) => word,
        });
        described["claim"] = json!(app.claim);
        // Under `message` and `error` there are other texts too.
        let body = refusals.first().map(|refusal| wording.body(refusal, &Method::GET));
        described["member"] = body.as_ref().and_then(member_of).into();
    }
    Some(described.to_string())
}

/// The member with the text of a refusal, if nothing else has its text there.
fn member_of(body: &Value) -> Option<String> {
    let members = body.as_object()?;
    let own = members
        .keys()
        .find(|name| !["message", "error", "status_code"].contains(&name.as_str()));
    own.cloned()
}
