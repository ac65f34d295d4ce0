//! Describes the tokens of a Flask app in the OpenAPI document: where they are sent, and how they are refused.

use poem::http::Method;
use serde_json::{Value, json};

use crate::{
    auth::{guard::SCHEME, reset::requests::RESET_SCHEME},
    config::{SchemeWord, TokenConfig, TokenPlace},
};

/// The scheme of the header that repeats the claim `csrf` of a token in a cookie.
const CSRF_SCHEME: &str = "CSRF";

/// Replaces the scheme of our own tokens by one for each place that the app's are read from.
pub fn describe(document: &mut Value, tokens: &TokenConfig) {
    let schemes = &mut document["components"]["securitySchemes"];
    let own = schemes[SCHEME].clone();
    for place in &tokens.places {
        schemes[name_of(*place, tokens)] = scheme_of(*place, tokens);
    }
    if tokens.reads(TokenPlace::Cookie) {
        schemes[CSRF_SCHEME] = json!({
            "type": "apiKey",
            "in": "header",
            "name": tokens.csrf_header,
            "description": "The claim `csrf` of a token in the cookie.",
        });
    }
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    let mut has_resets = false;
    for (_, path) in paths {
        for (method, operation) in path.as_object_mut().into_iter().flatten() {
            let Some(security) = operation.get_mut("security") else {
                continue;
            };
            if security[0].get(RESET_SCHEME).is_some() {
                has_resets = true;
            } else {
                *security = alternatives(&method.to_ascii_uppercase(), tokens);
            }
        }
    }
    if has_resets {
        let mut scheme = own;
        scheme["description"] = json!("The token of a reset mail, as `Authorization: Bearer <token>`.");
        document["components"]["securitySchemes"][RESET_SCHEME] = scheme;
    }
    document["components"]["schemas"]["TokenRefusal"] = json!({
        "type": "object",
        "description": "Why a token was refused, as the Flask app's package says it.",
        "minProperties": 1,
    });
}

/// The first place has the name of the scheme of our own tokens.
fn name_of(place: TokenPlace, tokens: &TokenConfig) -> String {
    match tokens.places.first() == Some(&place) {
        true => SCHEME.to_owned(),
        false => format!("{SCHEME}_{}", place.name()),
    }
}

fn alternatives(method: &str, tokens: &TokenConfig) -> Value {
    let is_safe = method == Method::GET.as_str();
    let places = tokens.places.iter().map(|place| {
        let mut needed = json!({name_of(*place, tokens): []});
        if *place == TokenPlace::Cookie && !is_safe {
            needed[CSRF_SCHEME] = json!([]);
        }
        needed
    });
    places.collect()
}

fn scheme_of(place: TokenPlace, tokens: &TokenConfig) -> Value {
    let key = |place: &str, name: &str, description: String| json!({"type": "apiKey", "in": place, "name": name, "description": description});
    let header = &tokens.header;
    let is_usual = header.eq_ignore_ascii_case("Authorization");
    match (place, &tokens.scheme) {
        (TokenPlace::Query, _) => key("query", &tokens.query, "The token of a login.".to_owned()),
        (TokenPlace::Cookie, _) => key("cookie", &tokens.cookie, "The token of a login.".to_owned()),
        (TokenPlace::Header, SchemeWord::Nothing) => key(
            "header",
            header,
            format!("The token of a login, as `{header}: <token>`."),
        ),
        (TokenPlace::Header, SchemeWord::Word(word)) if word != "Bearer" || !is_usual => key(
            "header",
            header,
            format!("The token of a login, as `{header}: {word} <token>`."),
        ),
        (TokenPlace::Header, _) if !is_usual => key(
            "header",
            header,
            format!("The token of a login, as `{header}: Bearer <token>`."),
        ),
        (TokenPlace::Header, _) => json!({
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The token of a login, as `Authorization: Bearer <token>`.",
        }),
    }
}
