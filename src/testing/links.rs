//! Attributes that link a row to any number of others, as each resource that has one is tested.

use serde_json::{Value, json};

use super::api::{Api, attributes, key_of, row_path, with, without};

/// Links are answered in order, without those that were sent twice, and go with their row.
pub fn are_added(api: &Api, list: &str, name: &str, document: &Value, others: &[Value]) {
    let before = api.rows_at(list);
    let sent: Vec<&Value> = others.iter().rev().chain(others).collect();
    let created = api.admin("POST", list, Some(&with(document, name, json!(sent))));
    assert_eq!(attributes(&created)[name], in_order(others));
    let path = row_path(list, &key_of(&created));
    assert_eq!(api.admin("GET", &path, None).json(), created.json());
    assert!(api.rows_at(list).contains(&created.json().unwrap()["data"]));
    let deleted = api.admin("DELETE", &path, None);
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    assert_eq!(api.rows_at(list), before);
}

/// A link to a row that does not exist is refused, and its row not added.
pub fn are_refused(api: &Api, list: &str, name: &str, document: &Value, absent: Value) {
    let before = api.rows_at(list);
    let answer = api.admin(
        "POST",
        list,
        Some(&with(document, name, with_more(document, name, absent))),
    );
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert_eq!(answer.json().unwrap()["error"], text(name));
    assert_eq!(api.rows_at(list), before);
}

/// A change replaces all links, or leaves them where it does not name them.
pub fn are_changed(api: &Api, path: &str, name: &str, document: &Value, others: &[Value]) {
    let least = document["data"]["attributes"][name].clone();
    let change = |value: Value| attributes(&api.admin("PATCH", path, Some(&with(document, name, value))))[name].clone();
    assert_eq!(change(json!(others)), in_order(others));
    let kept = api.admin("PATCH", path, Some(&without(document, name)));
    assert_eq!(attributes(&kept)[name], in_order(others));
    assert_eq!(change(least.clone()), in_order(least.as_array().unwrap()));
    assert_eq!(change(json!(others)), in_order(others));
}

/// A link to a row that does not exist is refused, and the change with it.
pub fn changes_are_refused(api: &Api, path: &str, name: &str, document: &Value, absent: Value) {
    let before = api.admin("GET", path, None).json();
    let change = with(document, name, with_more(document, name, absent));
    let answer = api.admin("PATCH", path, Some(&change));
    assert_eq!(answer.status, 401, "{}", answer.text());
    assert_eq!(answer.json().unwrap()["error"], text(name));
    assert_eq!(api.admin("GET", path, None).json(), before);
}

/// The link of a row to one that is deleted is gone.
pub fn go_with_others(api: &Api, path: &str, name: &str, others: &str) {
    let before = linked(api, path, name);
    let deleted = api.admin("DELETE", &row_path(others, &before[0]), None);
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    assert_eq!(linked(api, path, name), before[1..]);
}

/// A row cannot be deleted while another is linked to it.
pub fn hold_others(api: &Api, path: &str, name: &str, others: &str) {
    let before = linked(api, path, name);
    let refused = api.admin("DELETE", &row_path(others, &before[0]), None);
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(linked(api, path, name), before);
    assert_eq!(api.admin("DELETE", path, None).status, 204);
    assert_eq!(api.admin("DELETE", &row_path(others, &before[0]), None).status, 204);
}

fn linked(api: &Api, path: &str, name: &str) -> Vec<Value> {
    let found = attributes(&api.admin("GET", path, None));
    found[name].as_array().unwrap().clone()
}

/// The links that a document has, and one more.
fn with_more(document: &Value, name: &str, id: Value) -> Value {
    let mut ids = document["data"]["attributes"][name]
        .as_array()
        .cloned()
        .unwrap_or_default();
    ids.push(id);
    json!(ids)
}

/// Ids as they are answered.
pub fn in_order(ids: &[Value]) -> Value {
    let mut ids = ids.to_vec();
    ids.sort_by_key(|id| (id.as_i64(), id.as_str().map(str::to_owned)));
    json!(ids)
}

fn text(name: &str) -> String {
    format!("`{name}` refers to a row that does not exist.")
}
