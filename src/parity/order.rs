//! Takes away the order of errors, because the originals iterate over sets.

use serde_json::{Value, json};

use super::{json::sorted_json, python};

/// Sorts the list under `error` and `errors`, which Flask-Scaffold 2.0 sends inside of a text.
pub fn without_order_of_errors(document: &mut Value) {
    let Some(error) = document.as_object_mut().and_then(|members| members.get_mut("error")) else {
        return;
    };
    let literal = error
        .as_str()
        .filter(|text| text.starts_with("{'errors': ["))
        .and_then(python::parse_literal);
    if let Some(value) = literal {
        *error = json!({"python literal": value});
    }
    let holder = match error.get_mut("python literal") {
        Some(value) => value,
        None => error,
    };
    if let Some(Value::Array(errors)) = holder.get_mut("errors") {
        errors.sort_by_cached_key(sorted_json);
    }
}
