//! Decides whether an answer is as good as the recorded one.

use chrono::NaiveDate;
use poem_scaffold::testing::inside::parity::{
    answer::Answer,
    headers,
    json::{contrast, differences, shown, sorted_json, type_name},
    normal::{NewIds, normalised, normalised_text},
    order::without_order_of_errors,
};
use serde_json::{Map, Value, json};

use super::recording::{Case, Mode, Tag};
use crate::support::http::Response;

/// What has to be known beyond one case to compare its answers.
pub struct Comparison {
    /// The day that is today in the recording.
    pub recorded_day: NaiveDate,
    pub today: NaiveDate,
    pub ids: NewIds,
}

impl Comparison {
    /// What is wrong with an answer, measured by the recorded one; empty if nothing is.
    pub fn with_recorded(&self, case: &Case, got: &Response) -> Vec<String> {
        let mut problems = status_problem(case.response.status, got);
        match case.tag {
            Tag::Crash => {
                if is_client_error_object(got) {
                    problems.clear();
                }
            }
            Tag::Contract if case.compare != Mode::Status => {
                problems.extend(header_problems(case, got));
                problems.extend(self.body_problems(case, got));
            }
            Tag::Accident | Tag::Contract => {}
        }
        problems
    }

    /// What is wrong with an answer, measured by one that we state ourselves.
    pub fn with_stated(&self, status: u16, json: Option<&Value>, got: &Response) -> Vec<String> {
        let mut problems = status_problem(status, got);
        if let Some(json) = json {
            problems.extend(self.json_problems(json, self.today, got));
        }
        problems
    }

    fn body_problems(&self, case: &Case, got: &Response) -> Vec<String> {
        let recorded = &case.response;
        match (&recorded.json, &recorded.body) {
            (Some(expected), _) if case.compare == Mode::Shape => match got.json() {
                Some(json) => told(&shape(expected), &shape(&json)),
                None => vec![no_json(expected, got)],
            },
            (Some(expected), _) => self.json_problems(expected, self.recorded_day, got),
            (None, Some(body)) => {
                let cut = recorded.body_truncated_from.map(|_| body.chars().count());
                self.text_problem(body, cut, got)
            }
            (None, None) => Vec::new(),
        }
    }

    fn json_problems(&self, expected: &Value, day: NaiveDate, got: &Response) -> Vec<String> {
        let Some(json) = got.json() else {
            return vec![no_json(expected, got)];
        };
        let no_ids = NewIds::new();
        told(
            &without_order(normalised(expected, day, &self.ids)),
            &without_order(normalised(&json, self.today, &no_ids)),
        )
    }

    /// `cut` is the number of characters that were recorded of a longer body.
    fn text_problem(&self, expected: &str, cut: Option<usize>, got: &Response) -> Vec<String> {
        let text = match cut {
            Some(count) => got.text().chars().take(count).collect(),
            None => got.text(),
        };
        let expected = json!(normalised_text(expected, self.recorded_day, &self.ids));
        let text = json!(normalised_text(&text, self.today, &NewIds::new()));
        if expected == text {
            return Vec::new();
        }
        vec![format!("body: {}", contrast(&expected, &text))]
    }
}

fn status_problem(expected: u16, got: &Response) -> Vec<String> {
    if expected == got.status {
        return Vec::new();
    }
    let (status, reason) = (got.status, &got.reason);
    vec![format!("status: expected {expected}, got {status} {reason}")]
}

fn is_client_error_object(got: &Response) -> bool {
    (400..500).contains(&got.status) && got.json().is_some_and(|json| json.is_object())
}

fn header_problems(case: &Case, got: &Response) -> Vec<String> {
    let recorded = answer(case.response.status, &case.response.headers);
    let differing = headers::differing(&recorded, &answer(got.status, &got.headers));
    differing
        .into_iter()
        .map(|(name, expected, got)| format!("header {name}: expected {expected:?}, got {got:?}"))
        .collect()
}

fn answer(status: u16, headers: &[(String, String)]) -> Answer {
    Answer {
        status,
        headers: headers.to_vec(),
        body: Vec::new(),
    }
}

/// Takes away the order of rows, because the originals have no ORDER BY, and of errors.
pub fn without_order(mut document: Value) -> Value {
    if let Some(Value::Array(rows)) = document.as_object_mut().and_then(row_list) {
        rows.sort_by_cached_key(|row| match row {
            Value::Object(members) => sorted_json(members.get("id").unwrap_or(&Value::Null)),
            other => sorted_json(other),
        });
    }
    without_order_of_errors(&mut document);
    document
}

fn row_list(members: &mut Map<String, Value>) -> Option<&mut Value> {
    let key = ["data", "users"]
        .into_iter()
        .find(|key| members.get(*key).is_some_and(Value::is_array))?;
    members.get_mut(key)
}

/// The value with every scalar replaced by its type, and every list by its first item.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(key, member)| (key.clone(), shape(member)))
            .collect(),
        Value::Array(items) => items.iter().take(1).map(shape).collect(),
        scalar => json!(type_name(scalar)),
    }
}

fn no_json(expected: &Value, got: &Response) -> String {
    let (expected, got) = (shown(expected), shown(&json!(got.text())));
    format!("body: expected JSON {expected}, got {got}")
}

/// Every difference between two values, in words.
fn told(expected: &Value, got: &Value) -> Vec<String> {
    differences(expected, got).iter().map(ToString::to_string).collect()
}
