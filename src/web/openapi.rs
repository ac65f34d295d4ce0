//! Completes the OpenAPI document: which errors an operation answers follows from its parts.
//!
//! poem-openapi writes paths, parameters, schemas and successes. A handler cannot state truthfully which errors
//! its guard and its body cause, and the member that carries the text depends on the profile, so both are
//! added here by rule.

use serde_json::{Map, Value, json};

use crate::{
    auth::{INVALID_CREDENTIALS, guard, tokens},
    config::Profile,
    flask::dialect::Dialect,
    jsonapi::body,
};

/// An OpenAPI document as JSON.
pub type Specification = Value;

/// The text that stands for a database outage in the document.
const UNAVAILABLE: &str = "The database is not available, try again in a moment.";

/// Adds error schema, error answers and texts to what poem-openapi wrote.
pub fn complete(spec: &str, profile: Profile) -> Specification {
    // poem-openapi has just written it, so it is JSON.
    let mut document: Value = serde_json::from_str(spec).unwrap_or_default();
    let dialect = Dialect::of(profile);
    let key = dialect.error_key(poem::http::StatusCode::UNAUTHORIZED);
    describe(&mut document, profile);
    allow_null(&mut document);
    document["components"]["schemas"]["Error"] = error_schema(key);
    for operation in operations(&mut document) {
        complete_operation(operation, key);
    }
    document
}

fn describe(document: &mut Value, profile: Profile) {
    document["info"]["description"] = json!(format!(
        "The API of the profile `{}`. Log in to get a token, then authorize with it.",
        profile.name()
    ));
    document["info"]["license"] = json!({"name": "MIT"});
}

/// poem-openapi documents an `Option` as a member that may be missing, and writes null for `None`.
fn allow_null(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut();
    for schema in schemas.into_iter().flat_map(|schemas| schemas.values_mut()) {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let Some(properties) = schema["properties"].as_object_mut() else {
            continue;
        };
        for (name, property) in properties {
            if !required.contains(&json!(name)) {
                property["nullable"] = json!(true);
            }
        }
    }
}

fn error_schema(key: &str) -> Value {
    json!({
        "type": "object",
        "title": "Error",
        "description": "Why a request was refused.",
        "required": [key],
        "properties": {key: {"type": "string", "description": "The reason in words."}},
    })
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(|paths| paths.values_mut())
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
        .filter_map(Value::as_object_mut)
}

fn complete_operation(operation: &mut Map<String, Value>, key: &str) {
    let guarded = operation
        .get("security")
        .and_then(Value::as_array)
        .is_some_and(|schemes| !schemes.is_empty());
    let has_body = operation.contains_key("requestBody");
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    if let Some(success) = responses.get_mut("200") {
        success["description"] = json!("Done.");
    }
    if responses.contains_key("401") {
        responses.insert(
            "401".to_owned(),
            error("The credentials are wrong.", key, &[INVALID_CREDENTIALS]),
        );
    }
    if guarded {
        let texts = [
            guard::MISSING_HEADER,
            tokens::TOKEN_IS_INVALID,
            tokens::TOKEN_HAS_EXPIRED,
        ];
        responses.insert("401".to_owned(), error("No token, or not a good one.", key, &texts));
    }
    if has_body {
        responses.insert(
            "400".to_owned(),
            error("The body cannot be used.", key, &[body::UNREADABLE]),
        );
        let too_large = format!("The request body is larger than {} bytes.", body::MAX_BODY_BYTES);
        responses.insert("413".to_owned(), error("The body is too large.", key, &[&too_large]));
    }
    let mut unavailable = error("The server cannot answer now.", key, &[UNAVAILABLE]);
    unavailable["headers"] = json!({"Retry-After": {
        "description": "Seconds to wait before trying again.",
        "schema": {"type": "integer"},
    }});
    responses.insert("503".to_owned(), unavailable);
}

/// An error answer with an example for each text that can come.
fn error(description: &str, key: &str, texts: &[&str]) -> Value {
    let examples: Map<String, Value> = texts
        .iter()
        .map(|text| (example_name(text), json!({"value": {key: text}})))
        .collect();
    json!({
        "description": description,
        "content": {"application/json": {
            "schema": {"$ref": "#/components/schemas/Error"},
            "examples": examples,
        }},
    })
}

/// The first words of a text as a name, e.g. `token-has-expired`.
fn example_name(text: &str) -> String {
    text.split(|character: char| !character.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .take(4)
        .map(str::to_ascii_lowercase)
        .collect::<Vec<_>>()
        .join("-")
}
