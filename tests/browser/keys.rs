//! Pages of resources whose keys are texts, and whose API is elsewhere (`examples/keys/`).

use poem_scaffold::testing::Api;
use serde_json::{Value, json};

use super::resource::its_pages_work_at;
use crate::support::keys_program;

fn tag(_: &Api) -> Value {
    json!({"data": {"type": "tag", "id": "Ü b'\"? &%.json", "attributes": {"update": "daily"}}})
}

fn note(api: &Api) -> Value {
    let tag = api.new_id_at("/api/v1/tags.json", tag);
    json!({"data": {"type": "notes", "id": "first & last", "attributes": {"tag": tag}}})
}

#[test]
fn the_pages_of_rows_work_whose_keys_are_texts() {
    its_pages_work_at(keys_program(), "tags", "/api/v1/tags.json", &[], tag);
}

#[test]
fn the_pages_of_a_resource_work_that_the_api_has_elsewhere() {
    its_pages_work_at(keys_program(), "notes", "/notes", &[], note);
}
