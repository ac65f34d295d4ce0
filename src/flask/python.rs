//! How Python 3 writes plain data as text.

use serde_json::Value;

/// `repr()` of what `json.loads` makes of the value: `{'errors': ['no']}`.
pub fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => repr_str(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(key, value)| format!("{}: {}", repr_str(key), repr(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

/// Single quotes, unless the text has some and no double ones; control characters escaped.
fn repr_str(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut written = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            _ if character == quote => {
                written.push('\\');
                written.push(character);
            }
            _ if character.is_control() => written.push_str(&format!("\\x{:02x}", u32::from(character))),
            _ => written.push(character),
        }
    }
    written.push(quote);
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::repr;

    #[test]
    fn data_is_written_as_python_writes_it() {
        for (value, expected) in [
            (
                json!({"errors": [{"detail": "no"}, null]}),
                "{'errors': [{'detail': 'no'}, None]}",
            ),
            (json!([true, false, 1, 2.5]), "[True, False, 1, 2.5]"),
            (json!("it's"), "\"it's\""),
            (json!("it's \"so\""), "'it\\'s \"so\"'"),
            (json!("a\\b\n\u{1}é"), "'a\\\\b\\n\\x01é'"),
        ] {
            assert_eq!(repr(&value), expected);
        }
    }
}
