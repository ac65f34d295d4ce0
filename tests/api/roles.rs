//! `/api/v1/roles.json` and `/api/v1/roles/{id}.json`, as far as they are like those of any resource.

use poem_scaffold::testing::{Api, attributes, browser::its_pages_work, id_of, on_each_engine, refused};
use serde_json::{Value, json};

use crate::support::program;

const LIST: &str = "/api/v1/roles.json";

fn document(_api: &Api) -> Value {
    json!({"data": {"type": "roles", "attributes": {"name": "editor"}}})
}

#[test]
fn only_administrators_write() {
    on_each_engine(program(), |api| {
        let id = api.new_id("roles", document);
        let path = format!("/api/v1/roles/{id}.json");
        assert_eq!(attributes(&api.ann("GET", &path, None))["name"], "editor");
        for method in ["PATCH", "DELETE"] {
            assert_eq!(api.nobody(method, &path, Some(&document(api))).status, 401);
            assert_eq!(api.with_token("a.b.c", method, &path, Some(&document(api))).status, 401);
            assert_eq!(api.bob(method, &path, Some(&document(api))).status, 401);
        }
        assert_eq!(id_of(&api.admin("GET", &path, None)), id);
        assert_eq!(api.admin("DELETE", &path, None).status, 204);
    });
}

#[test]
fn a_blank_name_is_refused() {
    on_each_engine(program(), |api| {
        let blank = json!({"data": {"type": "roles", "attributes": {"name": ""}}});
        refused(
            &api.admin("POST", LIST, Some(&blank)),
            403,
            "name",
            "Field cannot be blank",
        );
    });
}

#[test]
fn their_pages_work() {
    its_pages_work(program(), "roles", document);
}
