//! What answers show of other resources' rows, in the tests of a resource.

use serde_json::{Value, json};

use super::{
    Api,
    api::{attributes, row_path},
};

/// Checks that `attribute` of the resource at `list` has the row that another one gets: `document` is for the resource at
/// `other`, and names a row of the first as `by`.
pub fn shows_all(api: &Api, list: &str, attribute: &str, other: &str, by: &str, document: &Value) {
    let key = &document["data"]["attributes"][by];
    let path = row_path(list, key);
    assert_eq!(shown(api, list, &path, attribute), json!([]));
    let added = api.admin("POST", other, Some(document));
    assert_eq!(added.status, 201, "{}", added.text());
    let added = added.json().unwrap_or_default()["data"].take();
    let rows = shown(api, list, &path, attribute);
    let [row] = rows.as_array().map(Vec::as_slice).unwrap_or_default() else {
        panic!("one is shown: {rows}");
    };
    check(row, &added);
    let deleted = api.admin("DELETE", &row_path(other, &added["id"]), None);
    assert_eq!(deleted.status, 204, "{}", deleted.text());
    assert_eq!(shown(api, list, &path, attribute), json!([]));
}

/// Checks that `attribute` of the resource at `list` has the row of the one at `other` that `document` names as `by`.
pub fn shows_one(api: &Api, list: &str, attribute: &str, other: &str, by: &str, document: &Value) {
    let created = api.admin("POST", list, Some(document));
    assert_eq!(created.status, 201, "{}", created.text());
    let path = row_path(list, &created.json().unwrap_or_default()["data"]["id"]);
    let row = shown(api, list, &path, attribute);
    assert_eq!(attributes(&created)[attribute], row);
    let found = api.admin("GET", &row_path(other, &document["data"]["attributes"][by]), None);
    check(&row, &found.json().unwrap_or_default()["data"]);
}

/// The attribute of a row, which is the same by itself, in the list and after a change that sends back what there is.
fn shown(api: &Api, list: &str, path: &str, attribute: &str) -> Value {
    let found = api.admin("GET", path, None);
    assert_eq!(found.status, 200, "{}", found.text());
    let found = found.json().unwrap_or_default()["data"].take();
    let value = &found["attributes"][attribute];
    assert_ne!(found["attributes"].get(attribute), None, "{found}");
    let rows = api.rows_at(list);
    let listed = rows.iter().find(|row| row["id"] == found["id"]);
    assert_eq!(listed.map(|row| &row["attributes"][attribute]), Some(value));
    let change = json!({"data": {"type": found["type"], "attributes": found["attributes"]}});
    let changed = api.admin("PATCH", path, Some(&change));
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(attributes(&changed)[attribute], *value);
    value.clone()
}

/// A nested row has its key, and each attribute as answers of its own resource have it.
fn check(nested: &Value, row: &Value) {
    let members = nested.as_object().unwrap_or_else(|| panic!("a row is shown: {nested}"));
    assert_eq!(nested["id"], row["id"]);
    for (name, value) in members.iter().filter(|(name, _)| *name != "id") {
        assert_eq!(*value, row["attributes"][name], "{name}");
    }
}
