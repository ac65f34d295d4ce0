//! Completes the OpenAPI document: which errors an operation answers follows from its parts.
//!
//! poem-openapi writes paths, parameters, schemas and successes. Which errors the guard, the body and the path cause
//! is not a handler's to declare, and the member with the text depends on the profile, so they are added here.

mod answers;
mod tokens;

use poem::http::Method;
use serde_json::{Map, Value, json};

use super::errors::Wording;
use crate::{
    auth::passwords::PLACEHOLDER,
    config::{Config, Profile},
    flask::dialect::Dialect,
};

/// An OpenAPI document as JSON.
pub type Specification = Value;

/// Adds error schemas, error answers and texts to what poem-openapi wrote.
pub fn complete(spec: &str, profile: Profile, config: &Config) -> Specification {
    // poem-openapi has just written it, so it is JSON.
    let mut document: Value = serde_json::from_str(spec).unwrap_or_default();
    let dialect = Dialect::of(profile);
    let wording = Wording {
        dialect,
        texts: config.texts.clone(),
    };
    let app_tokens = config.tokens.as_ref();
    describe(&mut document, profile);
    allow_null(&mut document);
    describe_numbers(&mut document);
    if dialect.clock_sets_times() {
        require_no_times(&mut document);
    }
    allow_no_attributes(&mut document);
    list_choices(&mut document);
    describe_errors(&mut document["components"]["schemas"], dialect);
    let paths = document["paths"].as_object_mut().into_iter().flatten();
    for (_, path) in paths {
        for (method, operation) in path.as_object_mut().into_iter().flatten() {
            let method = Method::from_bytes(method.to_ascii_uppercase().as_bytes()).unwrap_or_default();
            answers::complete(operation, &method, &wording, app_tokens);
        }
    }
    if let Some(tokens) = app_tokens {
        tokens::describe(&mut document, tokens);
    }
    document
}

/// Says how many characters a new password must have; a login takes what was set before.
pub fn require_characters(document: &mut Specification, min_password: usize) {
    const SETTING: [&str; 3] = ["NewUser", "Signup", "NewPassword"];
    const CHANGING: &str = "UserPatch";
    // There, the text that means "unchanged" is as good as a password.
    let least_of_change = min_password.min(PLACEHOLDER.len());
    let least = SETTING.map(|name| (name, min_password));
    for (name, least) in least.into_iter().chain([(CHANGING, least_of_change)]) {
        let password = document.pointer_mut(&format!("/components/schemas/{name}/properties/password"));
        if let Some(password) = password.filter(|_| least > 1) {
            password["minLength"] = json!(least);
        }
    }
}

/// Sets the title that the deployment gives the app.
pub fn give_title(document: &mut Specification, title: &str) {
    document["info"]["title"] = json!(title);
}

/// Says what the paths of the document come after, where that is not the root of the host that answers it.
pub fn publish_at(document: &mut Specification, url: &str) {
    document["servers"] = json!([{"url": url}]);
}

fn describe(document: &mut Value, profile: Profile) {
    document["info"]["description"] = json!(format!(
        "The API of the profile `{}`. Log in to get a token, then authorize with it.",
        profile.name()
    ));
}

/// poem-openapi documents an `Option` as a member that may be missing, and writes null for `None`.
///
/// Members that are only read may be missing, but not null.
fn allow_null(document: &mut Value) {
    let only_read = bodies(document);
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        if only_read.contains(name) {
            continue;
        }
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

/// Numbers are read as the originals read them: integers with fractions, which are rounded, and as texts; decimals,
/// which are written as texts, as numbers too. `boolean` is a format of ours, for truth values that are written as
/// 1 and 0 and read in more ways; `active` is another, for those that are written as the table has them.
fn describe_numbers(document: &mut Value) {
    const WHOLE: &str = r"^\s*[+-]?[0-9]+\s*$";
    const DECIMAL: &str = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$";
    const TRUTH: &str = r"^(\s*[+-]?[0-9]+\s*|[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$";
    let only_read = bodies(document);
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        let is_read = only_read.contains(name);
        for property in schema["properties"]
            .as_object_mut()
            .into_iter()
            .flat_map(Map::values_mut)
        {
            let format = property["format"].as_str().unwrap_or_default();
            let (pattern, example) = match format {
                "boolean" if !is_read => {
                    property["format"] = json!("int32");
                    continue;
                }
                "active" if !is_read => {
                    property.as_object_mut().and_then(|property| property.remove("format"));
                    continue;
                }
                _ if !is_read => continue,
                "int32" | "int64" | "boolean" => (WHOLE, json!(1)),
                "decimal" => (DECIMAL, json!("48.10")),
                "active" => (TRUTH, json!(1)),
                _ => continue,
            };
            let mut kinds = vec![json!({"type": "number"}), json!({"type": "string", "pattern": pattern})];
            if ["boolean", "active"].contains(&format) {
                kinds.push(json!({"type": "boolean"}));
            }
            let mut read = json!({"description": property["description"], "anyOf": kinds, "example": example});
            if property["nullable"] == true {
                read["nullable"] = json!(true);
            }
            *property = read;
        }
    }
}

/// A time that the clock sets is not required.
fn require_no_times(document: &mut Value) {
    let only_read = bodies(document);
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas
        .into_iter()
        .flatten()
        .filter(|(name, _)| only_read.contains(name))
    {
        let properties = schema["properties"].clone();
        if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
            required.retain(|name| properties[name.as_str().unwrap_or_default()]["format"] != "date-time");
        }
    }
}

/// Where no attribute is required, null means the same as an empty object.
fn allow_no_attributes(document: &mut Value) {
    const ATTRIBUTES: &str = "/requestBody/content/application~1json/schema/properties/data/properties/attributes";
    let schemas = document["components"]["schemas"].clone();
    let paths = document["paths"].as_object_mut();
    let operations = paths
        .into_iter()
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut);
    for attributes in operations.filter_map(|operation| operation.pointer_mut(ATTRIBUTES)) {
        let name = attributes["$ref"].as_str().and_then(|name| name.rsplit('/').next());
        if name.is_some_and(|name| schemas[name]["required"].as_array().is_none_or(Vec::is_empty)) {
            *attributes = json!({"allOf": [attributes], "nullable": true});
        }
    }
}

/// poem-openapi checks a text against a pattern, but not against a list: `^(a|b)$` stands for one.
fn list_choices(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut();
    let schemas = schemas.into_iter().flatten().map(|(_, schema)| schema);
    for property in schemas
        .filter_map(|schema| schema["properties"].as_object_mut())
        .flat_map(Map::values_mut)
    {
        let pattern = property["pattern"].as_str().unwrap_or_default();
        let choices = pattern
            .strip_prefix("^(")
            .and_then(|pattern| pattern.strip_suffix(")$"));
        if let Some(choices) = choices.map(|choices| choices.split('|').collect::<Vec<_>>()) {
            let mut choices = json!(choices);
            // Null must be in the list too (OpenAPI 3.0.3, schema object).
            if let Some(list) = choices.as_array_mut().filter(|_| property["nullable"] == true) {
                list.push(Value::Null);
            }
            property["enum"] = choices;
        }
        if !property["enum"].is_null()
            && let Some(property) = property.as_object_mut()
        {
            property.remove("pattern");
        }
    }
}

/// The names of the schemas in request bodies.
fn bodies(document: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().into_iter().flat_map(Map::values);
    let operations = paths.filter_map(Value::as_object).flat_map(Map::values);
    let mut names = Vec::new();
    for operation in operations {
        collect_references(&operation["requestBody"], &mut names);
    }
    names
}

fn collect_references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                names.extend(name.rsplit('/').next().map(str::to_owned));
            }
            members.values().for_each(|value| collect_references(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, names)),
        _ => {}
    }
}

fn describe_errors(schemas: &mut Value, dialect: Dialect) {
    let text = |key: &str, description: &str| {
        json!({
            "type": "object",
            "description": description,
            "required": [key],
            "properties": {key: {"type": "string", "description": "The text."}},
        })
    };
    schemas["ErrorMessage"] = text("message", "Why a request was refused.");
    schemas["Error"] = text("error", "Why a request was refused.");
    schemas["DocumentErrors"] = json!({
        "type": "object",
        "description": "Everything that is wrong with a document.",
        "required": ["error"],
        "properties": {"error": {
            "type": "object",
            "required": ["errors"],
            "properties": {"errors": {"type": "array", "items": {"anyOf": [
                {"type": "string"},
                {
                    "type": "object",
                    "required": ["detail", "source"],
                    "properties": {
                        "detail": {"type": "string", "description": "What is wrong."},
                        "source": {"type": "object", "required": ["pointer"], "properties": {
                            "pointer": {"type": "string", "description": "Where, as a JSON Pointer."},
                        }},
                    },
                },
            ]}}},
        }},
    });
    if schemas.get("MailNotice").is_some() {
        schemas["MailNotice"] = text(dialect.notice_key(), "What was done.");
    }
}
