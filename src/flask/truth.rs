//! Truth values as marshmallow 2 read them.

use serde_json::Value;

/// The truth value that marshmallow 2.3's `Boolean` makes of a JSON value; `None` for what it refused.
///
/// Python takes 1 and 1.0 for `True`, and 0, 0.0 and -0.0 for `False`.
pub fn truth_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => match number.as_f64()? {
            1.0 => Some(true),
            0.0 => Some(false),
            _ => None,
        },
        Value::String(text) => match text.as_str() {
            "t" | "T" | "true" | "True" | "TRUE" | "1" => Some(true),
            "f" | "F" | "false" | "False" | "FALSE" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_marshmallow_takes_for_true_and_false_is() {
        for value in [json!(true), json!(1), json!(1.0), json!("t"), json!("TRUE"), json!("1")] {
            assert_eq!(truth_of(&value), Some(true), "{value}");
        }
        for value in [
            json!(false),
            json!(0),
            json!(-0.0),
            json!("f"),
            json!("False"),
            json!("0"),
        ] {
            assert_eq!(truth_of(&value), Some(false), "{value}");
        }
        for value in [
            "null", "2", "-1", "1.5", "\"yes\"", "\"\"", "\" 1\"", "\"tRUE\"", "[]", "[1]", "{}",
        ] {
            let value: Value = serde_json::from_str(value).unwrap();
            assert_eq!(truth_of(&value), None, "{value}");
        }
    }
}
