//! Decides whether an answer is as good as the recorded one.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{
    json::{contrast, differences, shape, shown},
    normal::{NewIds, normalised, normalised_text, without_order},
    recording::{Case, Mode, Tag},
};
use crate::support::http::Response;

/// The headers that a client can see the difference of.
///
/// `Vary` is not among them: it speaks to caches, and proxies add to it.
const HEADERS: [&str; 10] = [
    "Content-Type",
    "Allow",
    "Location",
    "WWW-Authenticate",
    "Access-Control-Allow-Origin",
    "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers",
    "Access-Control-Allow-Credentials",
    "Access-Control-Expose-Headers",
    "Access-Control-Max-Age",
];

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
                Some(json) => differences(&shape(expected), &shape(&json)),
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
        differences(
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
    let recorded = Response {
        status: case.response.status,
        reason: String::new(),
        headers: case.response.headers.clone(),
        body: Vec::new(),
    };
    HEADERS
        .into_iter()
        .filter_map(|name| {
            let expected = comparable_header(name, &recorded);
            let got = comparable_header(name, got);
            (expected != got).then(|| format!("header {name}: expected {expected:?}, got {got:?}"))
        })
        .collect()
}

/// A header's value; the methods in `Allow` may stand in any order.
fn comparable_header(name: &str, response: &Response) -> Option<String> {
    let value = response.header(name)?;
    if name != "Allow" {
        return Some(value);
    }
    let mut methods: Vec<&str> = value.split(',').map(str::trim).collect();
    methods.sort_unstable();
    Some(methods.join(", "))
}

fn no_json(expected: &Value, got: &Response) -> String {
    let (expected, got) = (shown(expected), shown(&json!(got.text())));
    format!("body: expected JSON {expected}, got {got}")
}
