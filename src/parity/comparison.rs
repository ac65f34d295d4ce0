//! Whether two servers have answered the same, as far as a client can tell.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{
    answer::Answer,
    headers,
    html_text::visible_text,
    json::{Change, JsonDifference, differences, shown},
    noise::Noise,
    normal::{NewIds, normalised, normalised_text},
    order::without_order_of_errors,
    secrets,
};

/// What comes of comparing two answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// No client can tell them apart.
    Equal,
    /// The old app failed on the input, and the new server says what is wrong with it.
    Refused,
    /// The old app answers now this, now that.
    Unstable,
    /// What differs.
    Different(Vec<Difference>),
}

/// One difference between two answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// What differs, without the values: the same in all answers that differ in the same way.
    pub what: String,
    /// What the old app has there.
    pub old: String,
    /// What the new server has there.
    pub new: String,
}

impl Difference {
    /// The difference from what a deviation states.
    pub fn of_deviation(self, name: &str) -> Self {
        Self {
            what: format!("deviation {name}: {}", self.what),
            ..self
        }
    }
}

/// What has to be known beside the answers.
pub struct Frame<'a> {
    /// The day that is today in the old app's answers.
    pub old_day: NaiveDate,
    /// Today.
    pub new_day: NaiveDate,
    /// The new server's ids of rows that both have made.
    pub ids: &'a NewIds,
}

impl Frame<'_> {
    /// Compares the answers to one request.
    pub fn compare(&self, old: &Answer, new: &Answer, noise: &Noise) -> Outcome {
        if noise.status {
            return Outcome::Unstable;
        }
        let is_refusal = (400..500).contains(&new.status) && new.json().is_some_and(|json| json.is_object());
        if old.status >= 500 && is_refusal {
            return Outcome::Refused;
        }
        if old.status != new.status {
            let [old_text, new_text] = [old, new].map(status_text);
            return Outcome::Different(vec![Difference {
                what: format!("status {} became {}", old.status, new.status),
                old: old_text,
                new: new_text,
            }]);
        }
        // The page of a framework, which nobody but people reads.
        let is_page_of_error = old.status >= 400 && old.json().is_none();
        // What methods a path has is said by headers.
        let is_about_methods = old.header("Allow").is_some() && old.status < 300;
        let mut found = self.header_differences(old, new, noise, is_page_of_error || is_about_methods);
        if !is_page_of_error && !is_about_methods && old.status < 500 {
            found.extend(self.body_differences(old, new, noise));
        }
        if found.is_empty() {
            Outcome::Equal
        } else {
            Outcome::Different(found)
        }
    }

    /// The first list that is in another order, where two answers differ in nothing else.
    pub fn reordered_list(&self, old: &Answer, new: &Answer) -> Option<String> {
        let order = Noise::of_order(old, new, self.new_day);
        let list = order.unordered_list()?;
        (self.compare(old, new, &order) == Outcome::Equal).then(|| list.to_owned())
    }

    /// Compares an answer with one that is stated: a status, and a body where one is stated.
    pub fn compare_with_stated(&self, status: u16, body: Option<&Value>, new: &Answer) -> Vec<Difference> {
        if status != new.status {
            return vec![Difference {
                what: format!("status {status} is stated"),
                old: status.to_string(),
                new: status_text(new),
            }];
        }
        let Some(body) = body else { return Vec::new() };
        let stated = Frame {
            old_day: self.new_day,
            ..*self
        };
        match new.json() {
            // An entry of a report has no secrets.
            Some(json) if body.to_string().contains(secrets::MASK) => {
                stated.json_differences(body, &secrets::mask_json(&json), &Noise::default())
            }
            Some(json) => stated.json_differences(body, &json, &Noise::default()),
            None => vec![no_json(body, new)],
        }
    }

    fn header_differences(&self, old: &Answer, new: &Answer, noise: &Noise, has_no_body: bool) -> Vec<Difference> {
        let differing = headers::differing(old, new).into_iter();
        let is_of_body = |name: &str| ["Content-Type", "Content-Disposition"].contains(&name);
        let is_left_out = |name: &str| noise.headers.contains(name) || (has_no_body && is_of_body(name));
        let counting = differing.filter(|(name, ..)| !is_left_out(name));
        let text =
            |name, value: Option<String>| value.map_or("none".to_owned(), |value| secrets::mask_header(name, &value));
        let found = counting.map(|(name, old, new)| Difference {
            what: format!("header {name}"),
            old: text(name, old),
            new: text(name, new),
        });
        found.collect()
    }

    fn body_differences(&self, old: &Answer, new: &Answer, noise: &Noise) -> Vec<Difference> {
        if let Some(expected) = old.json() {
            return match new.json() {
                Some(json) => self.json_differences(&expected, &json, noise),
                None => vec![no_json(&expected, new)],
            };
        }
        if noise.text || old.body == new.body {
            return Vec::new();
        }
        let media_type = old.media_type();
        let is_text = media_type.starts_with("text/") || std::str::from_utf8(&old.body).is_ok();
        if !is_text {
            let size = |answer: &Answer| format!("{} bytes", answer.body.len());
            return vec![Difference {
                what: "body".to_owned(),
                old: size(old),
                new: size(new),
            }];
        }
        let seen = |answer: &Answer| match media_type.as_str() {
            "text/html" => visible_text(&answer.text()),
            _ => answer.text(),
        };
        let old = normalised_text(&seen(old), self.old_day, self.ids);
        let new = normalised_text(&seen(new), self.new_day, &NewIds::new());
        if old == new {
            return Vec::new();
        }
        vec![of_text("text", &secrets::mask_text(&old), &secrets::mask_text(&new))]
    }

    fn json_differences(&self, old: &Value, new: &Value, noise: &Noise) -> Vec<Difference> {
        let prepared = |value: &Value, day, ids: &NewIds| {
            let mut value = normalised(value, day, ids);
            without_order_of_errors(&mut value);
            noise.without(&value)
        };
        let (old, new) = (
            prepared(old, self.old_day, self.ids),
            prepared(new, self.new_day, &NewIds::new()),
        );
        differences(&old, &new).into_iter().map(of_json).collect()
    }
}

fn no_json(expected: &Value, new: &Answer) -> Difference {
    Difference {
        what: "body is not JSON".to_owned(),
        old: shown(&secrets::mask_json(expected)),
        new: shown(&json!(secrets::mask_text(&new.text()))),
    }
}

/// The status, and what an answer of the wrong one says.
fn status_text(answer: &Answer) -> String {
    let body = match answer.json() {
        Some(json) => secrets::mask_json(&json).to_string(),
        None if answer.media_type() == "text/html" => secrets::mask_text(&visible_text(&answer.text())),
        None => secrets::mask_text(&answer.text()),
    };
    let body: String = body.chars().take(160).collect();
    format!("{} {body}", answer.status).trim_end().to_owned()
}

/// Two texts from shortly before the place where they part.
fn of_text(what: &str, old: &str, new: &str) -> Difference {
    let common = old.chars().zip(new.chars()).take_while(|(a, b)| a == b).count();
    let from = |text: &str| {
        let start = common.saturating_sub(30);
        let part: String = text.chars().skip(start).take(120).collect();
        let before = if start > 0 { "..." } else { "" };
        format!("{before}{part}")
    };
    Difference {
        what: what.to_owned(),
        old: from(old),
        new: from(new),
    }
}

fn of_json(difference: JsonDifference) -> Difference {
    let name = difference.path.rsplit('.').next().unwrap_or_default().to_owned();
    let masked = |value: &Value| {
        let member: serde_json::Map<String, Value> = [(name.clone(), value.clone())].into_iter().collect();
        shown(&secrets::mask_json(&Value::Object(member))[&name])
    };
    let (old, new) = match &difference.change {
        Change::Value(Value::String(old), Value::String(new)) if !secrets::is_secret(&name) => {
            let texts = of_text("", &secrets::mask_text(old), &secrets::mask_text(new));
            (json!(texts.old).to_string(), json!(texts.new).to_string())
        }
        Change::Value(old, new) => (masked(old), masked(new)),
        Change::Length(old, new) => (items(*old), items(*new)),
        Change::Missing(old) => (masked(old), "none".to_owned()),
        Change::Unexpected(new) => ("none".to_owned(), masked(new)),
    };
    Difference {
        what: format!("value {}", general(&difference.path)),
        old,
        new,
    }
}

fn items(count: usize) -> String {
    format!("{count} item{}", if count == 1 { "" } else { "s" })
}

/// A path with `[*]` for each position in a list.
fn general(path: &str) -> String {
    let mut parts = path.split('[');
    let mut general = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let index = part.split(']').next().unwrap_or_default();
        let is_index = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
        general.push('[');
        general.push_str(&if is_index {
            format!("*{}", &part[index.len()..])
        } else {
            part.to_owned()
        });
    }
    general
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, media_type: &str, body: &str) -> Answer {
        Answer {
            status,
            headers: vec![("Content-Type".to_owned(), media_type.to_owned())],
            body: body.as_bytes().to_vec(),
        }
    }

    fn json_of(status: u16, body: &Value) -> Answer {
        answer(status, "application/json", &body.to_string())
    }

    fn compare(old: &Answer, new: &Answer) -> Outcome {
        let day = "2026-11-28".parse().unwrap();
        let ids = NewIds::new();
        let frame = Frame {
            old_day: day,
            new_day: day,
            ids: &ids,
        };
        frame.compare(old, new, &Noise::default())
    }

    fn whats(old: &Answer, new: &Answer) -> Vec<String> {
        match compare(old, new) {
            Outcome::Different(found) => found.into_iter().map(|difference| difference.what).collect(),
            Outcome::Equal => Vec::new(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_count_and_their_spelling_does_not() {
        let old = answer(
            200,
            "application/json",
            r#"{"a": 1.0, "b": [{"c": "x"}], "at": "2026-11-28T10:00:00"}"#,
        );
        let new = answer(
            200,
            "application/json",
            r#"{"at":"2026-11-28T11:30:01","b":[{"c":"x"}],"a":1}"#,
        );
        assert_eq!(compare(&old, &new), Outcome::Equal);
        let other = json_of(
            200,
            &json!({"a": 1, "b": [{"c": "y"}], "at": "2026-11-28T10:00:00", "d": null}),
        );
        assert_eq!(whats(&old, &other), ["value $.b[*].c", "value $.d"]);
        assert_eq!(whats(&old, &answer(200, "application/json", "{")), ["body is not JSON"]);
        let lists = [json!([1]), json!([1, 2])].map(|list| json_of(200, &list));
        let Outcome::Different(found) = compare(&lists[0], &lists[1]) else {
            panic!("they differ");
        };
        assert_eq!((found[0].old.as_str(), found[0].new.as_str()), ("1 item", "2 items"));
        let text = answer(200, "application/json; charset=utf-8", "{}");
        assert_eq!(whats(&json_of(200, &json!({})), &text), ["header Content-Type"]);
    }

    #[test]
    fn the_order_of_a_list_counts() {
        let list = |items: Value| json_of(200, &items);
        assert_eq!(
            whats(&list(json!([1, 2])), &list(json!([2, 1]))),
            ["value $[*]", "value $[*]"]
        );
        let (day, ids) = ("2026-11-28".parse().unwrap(), NewIds::new());
        let frame = Frame {
            old_day: day,
            new_day: day,
            ids: &ids,
        };
        for (old, new, expected) in [
            (json!([1, 2]), json!([2, 1]), Some("$")),
            (
                json!({"data": [{"tags": ["a", "b"]}]}),
                json!({"data": [{"tags": ["b", "a"]}]}),
                Some("$.data[*].tags"),
            ),
            (json!({"a": 1, "b": [1, 2]}), json!({"a": 2, "b": [2, 1]}), None),
            (json!([1, 2]), json!([1, 3]), None),
        ] {
            let found = frame.reordered_list(&list(old), &list(new));
            assert_eq!(found.as_deref(), expected);
        }
    }

    #[test]
    fn a_crash_may_become_a_refusal_and_nothing_else() {
        let crash = answer(500, "text/html", "<h1>Internal Server Error</h1>");
        assert_eq!(
            compare(&crash, &json_of(422, &json!({"error": "why"}))),
            Outcome::Refused
        );
        assert_eq!(whats(&crash, &json_of(200, &json!({}))), ["status 500 became 200"]);
        assert_eq!(whats(&crash, &answer(404, "text/plain", "")), ["status 500 became 404"]);
    }

    #[test]
    fn of_a_page_of_an_error_the_status_and_the_methods_count() {
        let old = answer(405, "text/html", "<h1>Method Not Allowed</h1>");
        let mut new = json_of(405, &json!({"error": "no"}));
        assert_eq!(compare(&old, &new), Outcome::Equal);
        new.headers.push(("Allow".to_owned(), "GET".to_owned()));
        assert_eq!(whats(&old, &new), ["header Allow"]);
    }

    #[test]
    fn pages_count_by_their_text_and_other_bodies_by_their_bytes() {
        let page = |text: &str| answer(200, "text/html", text);
        assert_eq!(
            compare(&page("<p class=a>Hello"), &page("<div>Hello</div>")),
            Outcome::Equal
        );
        assert_eq!(whats(&page("<p>Hello"), &page("<p>Hullo")), ["text"]);
        let mut image = answer(200, "image/png", "");
        image.body = vec![0xff, 0xfe];
        let mut other = image.clone();
        assert_eq!(compare(&image, &other), Outcome::Equal);
        other.body.push(0);
        assert_eq!(whats(&image, &other), ["body"]);
    }

    #[test]
    fn no_answers_make_it_panic() {
        let seed =
            r#"{"a": [1, {"b": "2026-11-28T10:00:00"}], "error": "{'errors': [{'d': 1}]}"} <p>x</p> eyJhbGciOiJIUzI1"#;
        let types = ["application/json", "text/html", "text/plain", "image/png", ""];
        crate::parity::source::tests::mutations(seed.as_bytes(), |bytes| {
            let answers: Vec<Answer> = types
                .iter()
                .map(|media_type| Answer {
                    body: bytes.to_vec(),
                    ..answer(200 + u16::from(bytes[..bytes.len().min(1)] == *b"{"), media_type, "")
                })
                .collect();
            for (old, new) in answers
                .iter()
                .zip(answers.iter().skip(1))
                .chain([(&answers[0], &answers[0])])
            {
                let noise = Noise::between(old, new, "2026-11-28".parse().unwrap());
                let ids = NewIds::new();
                let day = "2026-11-28".parse().unwrap();
                let frame = Frame {
                    old_day: day,
                    new_day: day,
                    ids: &ids,
                };
                frame.compare(old, new, &noise);
                assert_eq!(compare(old, old), Outcome::Equal);
            }
        });
    }

    #[test]
    fn a_stated_answer_may_leave_secrets_out() {
        let (day, ids) = ("2026-11-28".parse().unwrap(), NewIds::new());
        let frame = Frame {
            old_day: day,
            new_day: day,
            ids: &ids,
        };
        let got = json_of(
            200,
            &json!({"token": "abcdef", "name": "Ann", "at": "2026-11-28T10:00:00"}),
        );
        let compare = |stated: Value| frame.compare_with_stated(200, Some(&stated), &got).len();
        assert_eq!(compare(json!({"token": "$SECRET", "name": "Ann", "at": "<NOWT>"})), 0);
        assert_eq!(compare(json!({"token": "other", "name": "Ann", "at": "<NOWT>"})), 1);
        assert_eq!(compare(json!({"token": "$SECRET", "name": "Bob", "at": "<NOWT>"})), 1);
        assert_eq!(frame.compare_with_stated(201, None, &got).len(), 1);
    }

    #[test]
    fn no_secret_is_in_what_is_told() {
        let user = |password: &str| json_of(200, &json!({"password": password, "id": 1}));
        let Outcome::Different(found) = compare(&user("hunter2"), &user("other")) else {
            panic!("they differ");
        };
        assert!(!format!("{found:?}").contains("hunter2"), "{found:?}");
    }
}
