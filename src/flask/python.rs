//! How Python 3 reads and writes plain data as text.

use icu_properties::{CodePointMapData, props::GeneralCategory};
use serde_json::Value;
use uuid::Uuid;

/// What a JSON text has for `NaN`, `Infinity` and `-Infinity`, which Python's `json` reads beyond the standard.
///
/// JSON values have no such numbers, so they travel as texts that begin with NUL, which no attribute takes.
pub const SPECIAL: char = '\0';

/// The text with Python's special numbers as strings; `None` if there is none of them.
pub fn quote_special_numbers(json: &str) -> Option<String> {
    const NAMES: [&str; 3] = ["NaN", "-Infinity", "Infinity"];
    let mut quoted = String::with_capacity(json.len());
    let mut found = false;
    let mut rest = json;
    while let Some(next) = rest.find(['"', 'N', 'I', '-']) {
        quoted.push_str(&rest[..next]);
        rest = &rest[next..];
        let length = match NAMES.into_iter().find(|name| rest.starts_with(name)) {
            Some(name) => {
                quoted.push_str(&format!("\"\\u0000{name}\""));
                found = true;
                name.len()
            }
            None => {
                let length = if rest.starts_with('"') { string_length(rest) } else { 1 };
                quoted.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[length..];
    }
    quoted.push_str(rest);
    found.then_some(quoted)
}

/// Whether Python's numbers may have the character for a digit: those of any script, but not `²` or `½`.
pub fn is_digit(character: char) -> bool {
    CodePointMapData::<GeneralCategory>::new().get(character) == GeneralCategory::DecimalNumber
}

/// What `float()` makes of a JSON value, infinities and NaN too; `None` where it raises.
pub fn float_of(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(truth) => Some(u8::from(*truth).into()),
        Value::Number(number) => number.as_str().parse().ok(),
        Value::String(text) => {
            let text = text.strip_prefix(SPECIAL).unwrap_or(text).trim();
            without_underscores(text)?
                .chars()
                .map(in_ascii)
                .collect::<String>()
                .parse()
                .ok()
        }
        _ => None,
    }
}

/// The text without the underscores that Python 3.6 allows between two digits; `None` if there are others.
fn without_underscores(text: &str) -> Option<String> {
    let mut groups = text.split('_').peekable();
    let mut joined = String::with_capacity(text.len());
    while let Some(group) = groups.next() {
        joined.push_str(group);
        if let Some(next) = groups.peek() {
            (group.ends_with(is_digit) && next.starts_with(is_digit)).then_some(())?;
        }
    }
    Some(joined)
}

/// A digit of any script as one of ASCII; they stand in rows from 0 to 9.
fn in_ascii(character: char) -> char {
    if character.is_ascii() || !is_digit(character) {
        return character;
    }
    let before = (0..u32::from(character)).rev().map_while(char::from_u32);
    let value = before.take_while(|before| is_digit(*before)).count() % 10;
    u32::try_from(value)
        .ok()
        .and_then(|value| char::from_digit(value, 10))
        .unwrap_or(character)
}

/// What `uuid.UUID` makes of a text, which may have hyphens anywhere; but not what `int()` takes beside digits.
pub fn uuid_of(text: &str) -> Option<Uuid> {
    let text = text.replace("urn:", "").replace("uuid:", "");
    let digits = text.trim_matches(['{', '}']).replace('-', "");
    let is_plain = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_plain.then(|| digits.parse().ok())?
}

/// The strings of a JSON text with their quotes, keys too, and what follows each.
pub fn strings(json: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = json;
    std::iter::from_fn(move || {
        let string = &rest[rest.find('"')?..];
        let (string, after) = string.split_at(string_length(string));
        rest = after;
        Some((string, after))
    })
}

/// The bytes of the JSON string that the text begins with.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            b'"' if !is_escaped => return index + 1,
            b'\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

/// The same JSON in ASCII alone, as `json.dumps` writes it: `"caf\u00e9"`.
pub fn ascii_json(json: &str) -> String {
    let mut written = String::with_capacity(json.len());
    for character in json.chars() {
        if character.is_ascii() {
            written.push(character);
        } else {
            let units = character.encode_utf16(&mut [0; 2]).to_vec();
            written.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    written
}

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

    use super::{quote_special_numbers, repr};

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

    #[test]
    fn special_numbers_become_texts_but_texts_stay() {
        for (json, expected) in [
            ("{\"a\": NaN}", Some("{\"a\": \"\\u0000NaN\"}")),
            (
                "[-Infinity, Infinity, -1]",
                Some("[\"\\u0000-Infinity\", \"\\u0000Infinity\", -1]"),
            ),
            ("{\"NaN\": \"é NaN \\\" NaN\", \"b\": \"\\\\\"}", None),
            ("[\"open NaN", None),
            ("[1, 2]", None),
        ] {
            assert_eq!(quote_special_numbers(json).as_deref(), expected, "{json}");
        }
    }
}
