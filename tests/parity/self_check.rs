//! Proves that the comparison passes what it should and, above all, that it can fail.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use poem_scaffold::testing::inside::{
    Fidelity,
    parity::normal::{NewIds, normalised, normalised_text},
};
use regex::Regex;
use serde_json::{Value, json};

use super::{
    compare::{Comparison, without_order},
    deviations::Deviations,
    recording::{Case, Mode, Recorded, Recording, Tag},
};
use crate::support::http::Response;

fn recordings() -> [Recording; 3] {
    ["T", "S1", "S2"].map(recording)
}

fn recording(name: &str) -> Recording {
    Recording::load(name).expect("the recording is there")
}

fn tutorial() -> Recording {
    recording("T")
}

/// The case of this name in the recording.
fn case_of(recording: &str, name: &str) -> Case {
    let mut cases = self::recording(recording).cases.into_iter();
    let found = cases.find(|case| case.name == name);
    found.unwrap_or_else(|| panic!("{recording} has no case {name:?}"))
}

fn comparison(recording: &Recording) -> Comparison {
    Comparison {
        recorded_day: recording.day(),
        today: recording.day(),
        ids: NewIds::new(),
    }
}

/// The recorded answer as if it came from a server.
fn recorded_answer(recorded: &Recorded) -> Response {
    Response {
        status: recorded.status,
        reason: String::new(),
        headers: recorded.headers.clone(),
        body: recorded.body.clone().unwrap_or_default().into_bytes(),
    }
}

/// Changes the answer to every case of a kind, and demands that each change is noticed.
fn each_change_is_noticed(applies: fn(&Case) -> bool, change: fn(&mut Response)) {
    for recording in recordings() {
        let comparison = comparison(&recording);
        let cases: Vec<&Case> = recording.cases.iter().filter(|case| applies(case)).collect();
        assert!(!cases.is_empty());
        for case in cases {
            let mut answer = recorded_answer(&case.response);
            change(&mut answer);
            let problems = comparison.with_recorded(case, &answer);
            assert!(!problems.is_empty(), "not noticed: {}", case.name);
        }
    }
}

/// Whether more than the status counts.
fn is_compared_contract(case: &Case) -> bool {
    case.tag == Tag::Contract && case.compare != Mode::Status
}

/// The originals answer objects, but for the bare number to a reset password.
fn is_json_contract(case: &Case) -> bool {
    is_compared_contract(case) && case.response.json.as_ref().is_some_and(Value::is_object)
}

fn change_json(answer: &mut Response, change: impl Fn(&mut Value)) {
    let mut json = answer.json().expect("the case is JSON");
    change(&mut json);
    answer.body = json.to_string().into_bytes();
}

/// A case with this answer, otherwise like the first recorded one.
fn case_with(tag: Tag, compare: Mode, status: u16, json: Value) -> Case {
    let mut case = tutorial().cases.swap_remove(0);
    case.tag = tag;
    case.compare = compare;
    case.response = Recorded {
        status,
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: Some(json.to_string()),
        body_truncated_from: None,
        json: Some(json),
    };
    case
}

fn problems_between(expected: &Case, got: &Case) -> Vec<String> {
    comparison(&tutorial()).with_recorded(expected, &recorded_answer(&got.response))
}

#[test]
fn every_recorded_answer_passes_against_itself() {
    for recording in recordings() {
        let comparison = comparison(&recording);
        for case in &recording.cases {
            let problems = comparison.with_recorded(case, &recorded_answer(&case.response));
            assert!(problems.is_empty(), "{}: {problems:?}", case.name);
        }
    }
}

#[test]
fn a_changed_status_is_noticed() {
    each_change_is_noticed(|_| true, |answer| answer.status = 599);
}

#[test]
fn a_dropped_connection_is_noticed() {
    each_change_is_noticed(
        |_| true,
        |answer| {
            answer.status = 0;
            answer.headers.clear();
            answer.body.clear();
        },
    );
}

#[test]
fn a_wrong_content_type_is_noticed() {
    each_change_is_noticed(is_compared_contract, |answer| {
        for (name, value) in &mut answer.headers {
            if name == "Content-Type" {
                value.push_str("; charset=x");
            }
        }
    });
}

#[test]
fn a_header_that_the_original_did_not_send_is_noticed() {
    each_change_is_noticed(is_compared_contract, |answer| {
        let header = ("WWW-Authenticate".to_owned(), "Bearer".to_owned());
        answer.headers.push(header);
    });
}

#[test]
fn a_missing_member_is_noticed() {
    each_change_is_noticed(is_json_contract, |answer| {
        change_json(answer, |json| {
            let members = json.as_object_mut().expect("the answer is an object");
            let key = members.keys().next().expect("with a member").clone();
            members.remove(&key);
        });
    });
}

#[test]
fn a_member_too_many_is_noticed() {
    each_change_is_noticed(is_json_contract, |answer| {
        change_json(answer, |json| json["trace"] = json!("x"));
    });
}

#[test]
fn a_changed_text_is_noticed() {
    fn change(value: &mut Value) {
        match value {
            Value::String(text) => text.push('x'),
            Value::Array(items) => items.iter_mut().for_each(change),
            Value::Object(members) => members.values_mut().for_each(change),
            _ => {}
        }
    }
    each_change_is_noticed(
        |case| is_json_contract(case) && case.compares_values(),
        |answer| change_json(answer, change),
    );
}

#[test]
fn a_body_that_is_no_json_is_noticed() {
    each_change_is_noticed(is_json_contract, |answer| answer.body.truncate(1));
}

#[test]
fn a_changed_page_is_noticed() {
    let mut case = case_with(Tag::Contract, Mode::Text, 200, Value::Null);
    case.response.json = None;
    case.response.body = Some("<h1>Hello</h1>".to_owned());
    let mut other = case.clone();
    other.response.body = Some("<h1>Hullo</h1>".to_owned());
    assert!(problems_between(&case, &case).is_empty());
    assert_eq!(
        problems_between(&case, &other),
        ["body: expected \"<h1>Hello</h1>\", got \"<h1>Hullo</h1>\""]
    );
}

#[test]
fn a_crash_may_become_a_client_error_with_a_json_object_and_nothing_else() {
    let crash = case_with(Tag::Crash, Mode::Json, 500, json!({"message": "Internal"}));
    let answer = |status, json| case_with(Tag::Crash, Mode::Json, status, json);
    assert!(problems_between(&crash, &answer(500, json!({}))).is_empty());
    assert!(problems_between(&crash, &answer(422, json!({"message": "why"}))).is_empty());
    assert!(!problems_between(&crash, &answer(422, json!("why"))).is_empty());
    assert!(!problems_between(&crash, &answer(200, json!({}))).is_empty());
    assert!(!problems_between(&crash, &answer(503, json!({}))).is_empty());
}

#[test]
fn an_accident_counts_by_its_status_alone() {
    let accident = case_with(Tag::Accident, Mode::Json, 404, json!({"message": "Not found"}));
    let answer = |status| case_with(Tag::Accident, Mode::Json, status, json!([]));
    assert!(problems_between(&accident, &answer(404)).is_empty());
    assert!(!problems_between(&accident, &answer(405)).is_empty());
}

#[test]
fn a_shape_is_compared_by_types() {
    let case = |json| case_with(Tag::Contract, Mode::Shape, 400, json);
    let expected = case(json!({"error": [{"detail": "one"}]}));
    let passes = |json| problems_between(&expected, &case(json)).is_empty();
    assert!(passes(json!({"error": [{"detail": "two"}, {"detail": "more"}]})));
    assert!(!passes(json!({"error": [{"detail": 2}]})));
    assert!(!passes(json!({"error": []})));
    assert!(!passes(json!({"error": "one"})));
}

#[test]
fn rows_and_errors_may_come_in_any_order_but_not_in_any_number() {
    let case = |json| case_with(Tag::Contract, Mode::Json, 200, json);
    let same = |a, b| problems_between(&case(a), &case(b)).is_empty();
    let (one, two) = (json!({"id": 1, "name": "a"}), json!({"id": 2, "name": "b"}));
    assert!(same(json!({"users": [one, two]}), json!({"users": [two, one]})));
    assert!(!same(json!({"users": [one, two]}), json!({"users": [two, two]})));
    assert!(!same(json!({"users": [one, two]}), json!({"users": [one]})));
    assert!(!same(json!({"other": [one, two]}), json!({"other": [two, one]})));
    assert!(same(
        json!({"error": {"errors": [one, two]}}),
        json!({"error": {"errors": [two, one]}})
    ));
    assert!(same(
        json!({"error": "{'errors': [{'detail': 'a'}, {'detail': \"it's\"}]}"}),
        json!({"error": "{'errors': [{'detail': \"it's\"}, {'detail': 'a'}]}"})
    ));
    assert!(!same(
        json!({"error": "{'errors': [{'detail': 'a'}]}"}),
        json!({"error": "{'errors': [{'detail': 'b'}]}"})
    ));
}

#[test]
fn methods_in_allow_may_come_in_any_order_and_in_several_headers() {
    let allowing = |values: &[&str]| {
        let mut case = case_with(Tag::Contract, Mode::Json, 405, json!({}));
        for value in values {
            let header = ("Allow".to_owned(), (*value).to_owned());
            case.response.headers.push(header);
        }
        case
    };
    let recorded = allowing(&["GET", "HEAD"]);
    assert!(problems_between(&recorded, &allowing(&["HEAD, GET"])).is_empty());
    assert!(!problems_between(&recorded, &allowing(&["GET"])).is_empty());
    assert!(!problems_between(&recorded, &allowing(&[])).is_empty());
}

#[test]
fn fresh_values_become_patterns_and_old_ones_stay() {
    let today: NaiveDate = "2026-11-03".parse().unwrap();
    let cases = [
        ("at 2026-11-03T04:05:06.123456+00:00", "at <NOWT.ffffff+00:00>"),
        ("at 2026-11-02 04:05:06", "at <NOW >"),
        ("on 2026-11-04.", "on <TODAY>."),
        ("at 2016-01-02T03:04:05", "at 2016-01-02T03:04:05"),
        ("on 2026-11-05", "on 2026-11-05"),
        ("2026-13-45", "2026-13-45"),
        ("datetime.datetime(2026, 11, 3, 4, 5)", "datetime.datetime(<NOW>)"),
        ("datetime.datetime(2016, 1, 2)", "datetime.datetime(2016, 1, 2)"),
        ("pbkdf2:sha1:1000$i8VsPDWy$5bb2f37b26ab047f856f", "<HASH>"),
        ("pbkdf2:sha1:1000$i8VsPDWy$XYZ", "pbkdf2:sha1:1000$i8VsPDWy$XYZ"),
        ("object at 0x7f00aa11", "object at 0x<ADDR>"),
        ("no.such-token.as-this", "no.such-token.as-this"),
        ("LINE 1: ...x'a'\n     ^\nrest", "LINE 1: <fragment> ^\nrest"),
        (r"LINE 3: a\\'b\n   ^", "LINE 3: <fragment> ^"),
        (r"LINE 3: a\nb\n   ^", r"LINE 3: a\nb\n   ^"),
    ];
    for (text, expected) in cases {
        assert_eq!(normalised_text(text, today, &NewIds::new()), expected);
    }
}

#[test]
fn a_token_counts_by_its_claims() {
    let recording = tutorial();
    let login = &recording.cases[0];
    assert_eq!(login.name, "login: success");
    let mut answer = recorded_answer(&login.response);
    // The same login a day later, and with another signature.
    answer.body = br#"{"token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjEsImlhdCI6MTc5NTU0NzQ5NCwiZXhwIjoxNzk1NjMzODk0fQ.bG4kgrJCv7uJa14t_Ii8i43OblMA6qhCRdbMSsiReJt"}"#.to_vec();
    let comparison = comparison(&recording);
    assert_eq!(comparison.with_recorded(login, &answer), [""; 0]);
    // `sub` 2.
    answer.body = br#"{"token": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOjIsImlhdCI6MTc5NTU0NzQ5NCwiZXhwIjoxNzk1NjMzODk0fQ.bG4kgrJCv7uJa14t_Ii8i43OblMA6qhCRdbMSsiReJt"}"#.to_vec();
    assert_ne!(comparison.with_recorded(login, &answer), [""; 0]);
}

#[test]
fn new_ids_are_told_from_wrong_ones() {
    let ids = NewIds::from([(("posts".to_owned(), "3".to_owned()), json!(41))]);
    let day = tutorial().day();
    let link = |id: u8| json!({"data": {"id": id, "type": "posts"}, "self": format!("/posts/{id}")});
    assert_eq!(normalised(&link(3), day, &ids), link(41));
    assert_eq!(normalised(&link(4), day, &ids), link(4));
    let other = json!({"id": 3, "type": "authors", "self": "/authors/3"});
    assert_eq!(normalised(&other, day, &ids), other);
}

#[test]
fn normalising_twice_changes_nothing_more() {
    for recording in recordings() {
        let (day, ids) = (recording.day(), NewIds::new());
        for case in recording.cases {
            let Some(json) = case.response.json else {
                continue;
            };
            let once = without_order(normalised(&json, day, &ids));
            assert_eq!(without_order(normalised(&once, day, &ids)), once, "{}", case.name);
            let later = day.checked_add_days(Days::new(400)).unwrap();
            assert_eq!(normalised(&once, later, &ids), once, "{}", case.name);
        }
    }
}

#[test]
fn generated_resources_are_told_from_everything_else() {
    for (recording, name, needs_resources) in [
        ("T", "misc: /", false),
        ("S1", "roles: delete in use", false),
        ("S1", "posts crud: upper-case path", true),
        ("S1", "page: GET /posts/index.html", false),
        ("S2", "types DELETE", true),
        ("S2", "cors: preflight users one", false),
        ("S2", "cors: preflight posts list", true),
        ("S2", "page: GET /posts/1", false),
    ] {
        let case = case_of(recording, name);
        assert_eq!(case.needs_resources(), needs_resources, "{recording}: {name}");
    }
}

#[test]
fn no_case_needs_a_value_from_one_that_is_left_out() {
    let hole = Regex::new(r"\{\{var:([^}]+)\}\}").unwrap();
    for recording in recordings() {
        for with_resources in [false, true] {
            let mut captured: BTreeSet<&str> = BTreeSet::new();
            let is_sent = |case: &&Case| with_resources || !case.needs_resources();
            for case in recording.cases.iter().filter(is_sent) {
                let request = &case.request;
                for text in [Some(&request.path), request.body.as_ref()].into_iter().flatten() {
                    for found in hole.captures_iter(text) {
                        assert!(captured.contains(&found[1]), "{}: {}", case.name, &found[1]);
                    }
                }
                captured.extend(case.capture.keys().map(String::as_str));
            }
        }
    }
}

const ENTRY: &str = r#"
    [[deviation]]
    name = "a-name"
    reason = "A reason."
    fidelity = ["flask"]

    [[deviation.cases]]
    recording = "T"
    case = "login: success"
    status = 201
    json = '{"token": null}'
"#;

#[test]
fn a_deviation_must_be_needed_and_as_stated() {
    let recording = tutorial();
    let (case, comparison) = (&recording.cases[0], comparison(&recording));
    let deviations = Deviations::parse(ENTRY);
    let judge = |fidelity, answer: &Response| deviations.judge(fidelity, "T", case, &comparison, answer);
    let as_recorded = recorded_answer(&case.response);
    let mut as_stated = as_recorded.clone();
    as_stated.status = 201;
    as_stated.body = br#"{"token": null}"#.to_vec();
    let mut otherwise = as_stated.clone();
    otherwise.body = br#"{"token": 5}"#.to_vec();

    assert_eq!(judge(Fidelity::Flask, &as_stated), [""; 0]);
    assert!(judge(Fidelity::Flask, &as_recorded)[0].contains("is not needed"));
    assert!(judge(Fidelity::Flask, &otherwise)[0].contains("$.token"));
    assert_eq!(judge(Fidelity::Safe, &as_recorded), [""; 0]);
    assert!(!judge(Fidelity::Safe, &as_stated).is_empty());
}

#[test]
fn mistakes_in_the_deviations_are_found() {
    let mistakes = |text: &str| Deviations::parse(text).mistakes();
    assert_eq!(mistakes(ENTRY), [""; 0]);
    assert_eq!(mistakes(&ENTRY.replace("A reason.", "")).len(), 1);
    assert_eq!(mistakes(&ENTRY.replace("success", "no such case")).len(), 1);
    assert_eq!(mistakes(&ENTRY.replace("\"T\"", "\"X\"")).len(), 1);
    let twice = format!("{ENTRY}{ENTRY}");
    assert_eq!(mistakes(&twice).len(), 2, "the name and the case are there already");
}

const REWRITE: &str = r#"
    [[deviation]]
    name = "a-name"
    reason = "A reason."
    fidelity = ["flask"]
    rewrite = { recording = "S1", member = "password", value = "our text" }
"#;

#[test]
fn a_rewrite_holds_for_one_member_of_one_recording_under_its_fidelity() {
    let recording = recording("S1");
    let (case, comparison) = (case_of("S1", "users: list seed"), comparison(&recording));
    let deviations = Deviations::parse(REWRITE);
    let judge = |fidelity, name, answer: &Response| deviations.judge(fidelity, name, &case, &comparison, answer);
    let with = |member: &str| {
        let mut answer = recorded_answer(&case.response);
        change_json(&mut answer, |json| {
            for user in json["data"].as_array_mut().expect("users are a list") {
                user["attributes"][member] = json!("our text");
            }
        });
        answer
    };
    let as_recorded = recorded_answer(&case.response);

    assert_eq!(judge(Fidelity::Flask, "S1", &with("password")), [""; 0]);
    assert!(judge(Fidelity::Flask, "S1", &as_recorded)[0].contains("password"));
    assert!(judge(Fidelity::Flask, "S1", &with("name"))[0].contains("name"));
    assert_eq!(judge(Fidelity::Flask, "S2", &as_recorded), [""; 0]);
    assert_eq!(judge(Fidelity::Safe, "S1", &as_recorded), [""; 0]);
    assert!(!judge(Fidelity::Safe, "S1", &with("password")).is_empty());
}

#[test]
fn a_rewrite_must_change_a_case() {
    let mistakes = |text: &str| Deviations::parse(text).mistakes();
    assert_eq!(mistakes(REWRITE), [""; 0]);
    for (from, to) in [
        ("rewrite", "# rewrite"),
        ("\"S1\"", "\"S2\""),
        ("\"S1\"", "\"X\""),
        ("\"password\"", "\"no such member\""),
    ] {
        assert_eq!(mistakes(&REWRITE.replace(from, to)).len(), 1, "{to}");
    }
}

#[test]
fn too_many_deviations_are_refused() {
    let entries = |count: usize, fidelity: &str| {
        let names = &tutorial().cases[..count];
        let entry = |case: &Case| {
            format!(
                "[[deviation]]\nname = {0:?}\nreason = \"r\"\nfidelity = [\"{fidelity}\"]\n\
                 cases = [{{ recording = \"T\", case = {0:?}, status = 1 }}]\n",
                case.name
            )
        };
        Deviations::parse(&names.iter().map(entry).collect::<String>()).mistakes()
    };
    assert_eq!(entries(12, "flask"), [""; 0]);
    assert_eq!(entries(13, "flask"), ["13 entries under flask, 12 are allowed"]);
    assert_eq!(entries(30, "safe"), [""; 0]);
    assert_eq!(entries(31, "safe"), ["31 entries under safe, 30 are allowed"]);
}
