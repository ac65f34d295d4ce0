//! What differs between two answers of the same server to the same request, and so says nothing about another server.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;

use super::{
    answer::Answer,
    headers,
    json::{differences, sorted_json},
    normal::{NewIds, normalised, normalised_text},
};

/// What is left out of a comparison.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noise {
    /// Whether the status changes: then nothing can be compared.
    pub status: bool,
    /// Headers.
    pub headers: BTreeSet<&'static str>,
    /// Values in JSON, by their paths; `[*]` stands for each item of a list.
    values: BTreeSet<String>,
    /// Members that are not always there.
    optional: BTreeSet<String>,
    /// Lists whose order changes, by their paths.
    unordered: BTreeSet<String>,
    /// Whether a text changes as a whole.
    pub text: bool,
}

impl Noise {
    /// What differs between two answers of a server on the same day.
    pub fn between(first: &Answer, second: &Answer, day: NaiveDate) -> Self {
        let mut noise = Self {
            status: first.status != second.status,
            ..Self::default()
        };
        let headers = headers::differing(first, second);
        noise.headers.extend(headers.into_iter().map(|(name, ..)| name));
        let ids = NewIds::new();
        match (first.json(), second.json()) {
            (Some(first), Some(second)) => {
                noise.learn("$", &normalised(&first, day, &ids), &normalised(&second, day, &ids));
            }
            _ => {
                let [first, second] = [first, second].map(|answer| normalised_text(&answer.text(), day, &ids));
                noise.text = first != second;
            }
        }
        noise
    }

    /// The order of lists that have the same items in both answers.
    pub fn of_order(first: &Answer, second: &Answer, day: NaiveDate) -> Self {
        Self {
            unordered: Self::between(first, second, day).unordered,
            ..Self::default()
        }
    }

    /// The first list whose order is left out, by its path.
    pub fn unordered_list(&self) -> Option<&str> {
        self.unordered.first().map(String::as_str)
    }

    /// Leaves the value at a path out.
    pub fn add_value(&mut self, path: &str) {
        self.values.insert(path.to_owned());
    }

    fn learn(&mut self, path: &str, first: &Value, second: &Value) {
        match (first, second) {
            (Value::Object(first), Value::Object(second)) => {
                for (key, value) in first {
                    let path = format!("{path}.{key}");
                    match second.get(key) {
                        Some(other) => self.learn(&path, value, other),
                        None => drop(self.optional.insert(path)),
                    }
                }
                let new = second.keys().filter(|key| !first.contains_key(*key));
                self.optional.extend(new.map(|key| format!("{path}.{key}")));
            }
            (Value::Array(first), Value::Array(second)) if first.len() == second.len() => {
                let [a, b] = [first, second].map(|items| items.iter().map(sorted_json).collect::<Vec<_>>());
                if a == b {
                    return;
                }
                let [sorted_a, sorted_b] = [a, b].map(|mut items| {
                    items.sort();
                    items
                });
                if sorted_a == sorted_b {
                    self.unordered.insert(path.to_owned());
                    return;
                }
                let path = format!("{path}[*]");
                first
                    .iter()
                    .zip(second)
                    .for_each(|(first, second)| self.learn(&path, first, second));
            }
            _ if differences(first, second).is_empty() => {}
            _ => self.add_value(path),
        }
    }

    /// The value without noise.
    pub fn without(&self, value: &Value) -> Value {
        self.cleaned("$", value)
    }

    fn cleaned(&self, path: &str, value: &Value) -> Value {
        if self.values.contains(path) {
            return Value::String("<changes>".to_owned());
        }
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(key, member)| (format!("{path}.{key}"), key, member))
                .filter(|(path, ..)| !self.optional.contains(path))
                .map(|(path, key, member)| (key.clone(), self.cleaned(&path, member)))
                .collect(),
            Value::Array(items) => {
                let item_path = format!("{path}[*]");
                let mut items: Vec<Value> = items.iter().map(|item| self.cleaned(&item_path, item)).collect();
                if self.unordered.contains(path) {
                    items.sort_by_cached_key(sorted_json);
                }
                Value::Array(items)
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(body: &Value) -> Answer {
        Answer {
            status: 200,
            headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        }
    }

    fn between(first: &Value, second: &Value) -> Noise {
        let day = "2026-11-28".parse().unwrap();
        Noise::between(&answer(first), &answer(second), day)
    }

    #[test]
    fn what_changes_between_two_calls_is_left_out_and_nothing_else() {
        let noise = between(
            &json!({"at": 1, "rows": [{"id": 1, "age": 5}, {"id": 2, "age": 6}], "tags": ["a", "b"], "once": 1}),
            &json!({"at": 2, "rows": [{"id": 1, "age": 7}, {"id": 2, "age": 6}], "tags": ["b", "a"]}),
        );
        let cleaned = |value: &Value| noise.without(value);
        assert_eq!(
            cleaned(&json!({"at": 9, "rows": [{"id": 1, "age": 0}], "tags": ["b", "a"]})),
            cleaned(&json!({"at": 8, "rows": [{"id": 1, "age": 1}], "tags": ["a", "b"], "once": 3}))
        );
        for other in [
            json!({"rows": [{"id": 1, "age": 0}], "tags": ["b", "a"]}),
            json!({"at": 9, "rows": [{"id": 3, "age": 0}], "tags": ["b", "a"]}),
            json!({"at": 9, "rows": [{"id": 1}], "tags": ["b", "a"]}),
            json!({"at": 9, "rows": [{"id": 1, "age": 0}], "tags": ["b"]}),
        ] {
            let expected = json!({"at": 9, "rows": [{"id": 1, "age": 0}], "tags": ["b", "a"]});
            assert_ne!(cleaned(&other), cleaned(&expected), "{other}");
        }
    }

    #[test]
    fn the_order_counts_where_it_does_not_change() {
        let rows = json!({"rows": [2, 1]});
        let noise = between(&rows, &rows);
        assert_eq!(noise, Noise::default());
        assert_ne!(noise.without(&rows), noise.without(&json!({"rows": [1, 2]})));
    }

    #[test]
    fn times_of_now_are_no_noise_because_they_are_patterns() {
        let at = |time: &str| json!({"at": format!("2026-11-28T{time}")});
        assert_eq!(between(&at("10:00:00"), &at("10:00:01")), Noise::default());
    }
}
