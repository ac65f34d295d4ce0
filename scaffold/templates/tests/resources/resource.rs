//! `[[ prefix ]]/[[ route ]][[ ending ]]` and `[[ prefix ]]/[[ route ]]/{id}[[ ending ]]`.

use poem_scaffold::{
[%- if own_key and not own_key.is_made %]
    db::new_uuid,
[%- endif %]
    serde_json::{self, Value, json},
    testing::{Api, attributes, browser, [% if access.list == "owner" or own_key %]http::Response, [% endif %][% if not own_key %]id_of, [% endif %][% if linked %]links, [% endif %][% if tests_nested %]nested, [% endif %]on_each_engine, [% if has_refusals %]refused, [% endif %]with, without},
};

use super::PROGRAM;

[% if not has_usual_path %]/// The path of all [[ many ]].
pub [% endif %]const LIST: &str = "[[ prefix ]]/[[ route ]][[ ending ]]";
const EXAMPLE: &str = include_str!("../../src/app/[[ plural ]]/example.json");

/// A document that is good for a new [[ one ]].
pub fn document([% if needs_api %]api[% else %]_api[% endif %]: &Api) -> Value {
    [% if references or own_key %]let mut document: Value = serde_json::from_str(EXAMPLE).unwrap();[% else %]serde_json::from_str(EXAMPLE).unwrap()[% endif %]
[%- if own_key and own_key.is_made %]
    document["data"].as_object_mut().unwrap().remove("id");
[%- elif own_key %]
    document["data"]["id"] = json!(new_uuid().unwrap().to_string());
[%- endif %]
[%- for field in sent %]
[%- if field.refers_to %]
    document["data"]["attributes"]["[[ field.name ]]"] = [% if field.refers_to == plural or field.target.is_circular %]json!(null)[% elif field.refers_to == "users" %]json!(1)[% else %]api.[% if field.target.list %]new_id_at([[ field.target.list ]][% else %]new_id("[[ field.refers_to ]]"[% endif %], super::[[ field.refers_to ]]::document)[% endif %];
[%- endif %]
[%- if field.join and field.join.is_required %]
    document["data"]["attributes"]["[[ field.name ]]"] = links::in_order(&[[ field.join.least_ids ]]);
[%- endif %]
[%- endfor %]
[%- if references or own_key %]
    document
[%- endif %]
}
[%- if linked %]

/// As [`document`], with links to others.
fn linked_document(api: &Api) -> Value {
    let mut document = document(api);
[%- for field in linked %]
    document["data"]["attributes"]["[[ field.name ]]"] = links::in_order(&[[ field.join.test_ids ]]);
[%- endfor %]
    document
}
[%- endif %]
[%- if own_key %]

/// The id of the row that was added.
fn id_of(created: &Response) -> String {
    created.json().unwrap()["data"]["id"].as_str().unwrap().to_owned()
}
[%- endif %]

/// Adds [[ a ]] [[ one ]] and gives its path.
fn create(api: &Api) -> String {
    let created = api.admin("POST", LIST, Some(&document(api)));
    assert_eq!(created.status, 201, "{}", created.text());
    format!("[[ prefix ]]/[[ route ]]/{}[[ ending ]]", id_of(&created))
}

[%- if ann_makes %]

/// As [`create`], by Ann, who makes what it refers to as well.
fn create_by_ann(api: &Api) -> String {
    let document = api.made_by_ann(document);
    let created = api.ann("POST", LIST, Some(&document));
    assert_eq!(created.status, 201, "{}", created.text());
    format!("[[ prefix ]]/[[ route ]]/{}[[ ending ]]", id_of(&created))
}
[%- endif %]

#[test]
fn what_was_added_is_found_and_listed() {
    on_each_engine(PROGRAM, |api| {
        let document = document(api);
        let created = api.admin("POST", LIST, Some(&document));
        assert_eq!(created.status, 201, "{}", created.text());
        let sent = document["data"]["attributes"].as_object().unwrap();
        for (name, value) in sent {
[%- if unshown %]
            if [ [[ unshown ]] ].contains(&name.as_str()) {
                assert_eq!(attributes(&created).get(name), None, "{name}");
                continue;
            }
[%- endif %]
            assert_eq!(attributes(&created)[name], *value, "{name}");
        }
        let path = format!("[[ prefix ]]/[[ route ]]/{}[[ ending ]]", id_of(&created));
        assert_eq!(api.admin("GET", &path, None).json(), created.json());
        let listed = api.admin("GET", LIST, None).json().unwrap();
        assert_eq!(listed["data"], json!([created.json().unwrap()["data"]]));
    });
}

#[test]
fn a_change_is_kept_and_what_it_does_not_name_stays() {
    on_each_engine(PROGRAM, |api| {
        let path = create(api);
        let before = attributes(&api.admin("GET", &path, None));
[%- for field in changed %]
[%- if field.is_shown and field.other_example != field.example %]
        let mut change = json!({"data": {"type": "[[ type ]]", "attributes": {
[%- for other in changed %]
[%- if other.required_in_patch %]
            "[[ other.name ]]": before["[[ other.name ]]"],
[%- endif %]
[%- endfor %]
        }}});
        change["data"]["attributes"]["[[ field.name ]]"] = json!([[ field.other_example ]]);
        let mut expected = attributes(&api.admin("GET", &path, None));
        expected["[[ field.name ]]"] = json!([[ field.other_example ]]);
        let changed = api.admin("PATCH", &path, Some(&change));
[%- for clock in clocks %]
[%- if clock.name != field.name %]
        expected["[[ clock.name ]]"] = attributes(&changed)["[[ clock.name ]]"].clone();
[%- endif %]
[%- endfor %]
        assert_eq!(attributes(&changed), expected);
        change["data"]["attributes"]["[[ field.name ]]"] = before["[[ field.name ]]"].clone();
        assert_eq!(api.admin("PATCH", &path, Some(&change)).status, 200);
[%- endif %]
[%- endfor %]
[%- if clocks %]
        let mut after = attributes(&api.admin("GET", &path, None));
[%- for clock in clocks %]
        after["[[ clock.name ]]"] = before["[[ clock.name ]]"].clone();
[%- endfor %]
        assert_eq!(after, before);
[%- else %]
        assert_eq!(attributes(&api.admin("GET", &path, None)), before);
[%- endif %]
    });
}

#[test]
fn what_was_deleted_is_gone() {
    on_each_engine(PROGRAM, |api| {
        let path = create(api);
        assert_eq!(api.admin("DELETE", &path, None).status, 204);
        assert_eq!(api.admin("GET", &path, None).status, 404);
        assert_eq!(api.admin("DELETE", &path, None).status, 404);
        assert_eq!(api.admin("GET", LIST, None).json().unwrap()["data"], json!([]));
    });
}

#[test]
fn only_what_is_public_works_without_a_token() {
    on_each_engine(PROGRAM, |api| {
        let (path, document) = (create(api), document(api));
[%- for field in sent %]
[%- if field.target.hidden %]
        let document = without(&document, "[[ field.name ]]");
[%- endif %]
[%- endfor %]
        for (method, path, is_public) in [
            ("GET", LIST, [[ access.list == "public" ]]),
            ("POST", LIST, [[ access.create == "public" ]]),
            ("GET", path.as_str(), [[ access.get == "public" ]]),
            ("PATCH", path.as_str(), [[ access.update == "public" ]]),
            ("DELETE", path.as_str(), [[ access.delete == "public" ]]),
        ] {
            let answer = api.nobody(method, path, Some(&document));
            assert_eq!(answer.status != 401, is_public, "{method} {}", answer.text());
            if !is_public {
                assert_eq!(answer.json().unwrap(), json!({"message": "Missing authorization header"}));
            }
        }
    });
}

#[test]
fn a_bad_token_is_no_token() {
    on_each_engine(PROGRAM, |api| {
        let (path, document) = (create(api), document(api));
[%- for field in sent %]
[%- if field.target.hidden %]
        let document = without(&document, "[[ field.name ]]");
[%- endif %]
[%- endfor %]
        for (method, path, is_public) in [
            ("GET", LIST, [[ access.list == "public" ]]),
            ("POST", LIST, [[ access.create == "public" ]]),
            ("GET", path.as_str(), [[ access.get == "public" ]]),
            ("PATCH", path.as_str(), [[ access.update == "public" ]]),
            ("DELETE", path.as_str(), [[ access.delete == "public" ]]),
        ] {
            let answer = api.with_token("a.b.c", method, path, Some(&document));
            assert_eq!(answer.status != 401, is_public, "{method} {}", answer.text());
        }
    });
}

#[test]
fn each_user_may_do_what_the_blueprint_says() {
    on_each_engine(PROGRAM, |api| {
[%- if ann_makes %]
        let path = create_by_ann(api);
[%- else %]
        let path = create(api);
[%- endif %]
        let patch = [% if ann_makes %]api.made_by_ann(document)[% else %]document(api)[% endif %];
[%- for field in sent %]
[%- if field.target.hidden %]
        let patch = without(&patch, "[[ field.name ]]");
[%- endif %]
[%- endfor %]
        // Ann made it if she may, Bob never did, and the administrator may everything.
        for (method, path, ann, bob) in [
            ("GET", LIST, [[ statuses.list.ann ]], [[ statuses.list.bob ]]),
            ("GET", path.as_str(), [[ statuses.get.ann ]], [[ statuses.get.bob ]]),
            ("PATCH", path.as_str(), [[ statuses.update.ann ]], [[ statuses.update.bob ]]),
        ] {
            assert_eq!(api.bob(method, path, Some(&patch)).status, bob, "{method}");
            assert_eq!(api.ann(method, path, Some(&patch)).status, ann, "{method}");
            assert_eq!(api.admin(method, path, Some(&patch)).status, 200, "{method}");
        }
[%- if access.list == "owner" %]
        let listed = |answer: Response| answer.json().unwrap()["data"].as_array().unwrap().len();
        assert_eq!(listed(api.bob("GET", LIST, None)), 0);
        assert_eq!(listed(api.ann("GET", LIST, None)), [% if ann_makes %]1[% else %]0[% endif %]);
        assert_eq!(listed(api.admin("GET", LIST, None)), 1);
[%- endif %]
[%- if access.create == "admin" %]
        assert_eq!(api.bob("POST", LIST, Some(&patch)).status, 401);
[%- endif %]
        assert_eq!(api.bob("DELETE", &path, None).status, [[ statuses.delete.bob ]]);
[%- if statuses.delete.bob != 204 %]
        assert_eq!(api.ann("DELETE", &path, None).status, [[ statuses.delete.ann ]]);
[%- if statuses.delete.ann != 204 %]
        assert_eq!(api.admin("DELETE", &path, None).status, 204);
[%- endif %]
[%- endif %]
    });
}

#[test]
fn an_id_of_nothing_is_not_found() {
    on_each_engine(PROGRAM, |api| {
        let document = document(api);
        for id in ["999999", "0", "abc", "-1", "99999999999999999999"] {
            let path = format!("[[ prefix ]]/[[ route ]]/{id}[[ ending ]]");
            for method in ["GET", "PATCH", "DELETE"] {
                assert_eq!(api.admin(method, &path, Some(&document)).status, 404, "{method} {path}");
            }
        }
    });
}

#[test]
fn another_method_is_not_allowed() {
    on_each_engine(PROGRAM, |api| {
        let answer = api.admin("PUT", LIST, None);
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("Allow").as_deref(), Some("GET, HEAD, OPTIONS, POST"));
        let answer = api.admin("POST", &create(api), None);
        assert_eq!(answer.status, 405);
        assert_eq!(answer.header("Allow").as_deref(), Some("DELETE, GET, HEAD, OPTIONS, PATCH"));
    });
}

#[test]
fn what_is_no_document_is_refused() {
    on_each_engine(PROGRAM, |api| {
        for (body, status) in [
            (json!({}), 403),
            (json!([]), 403),
            (json!({"data": {}}), 403),
            (json!({"data": {"type": "[[ type ]]"}}), 403),
            (json!({"data": {"type": "[[ type ]]", "attributes": "x"}}), 403),
            (json!({"data": {"type": "others", "attributes": {}}}), 409),
        ] {
            assert_eq!(api.admin("POST", LIST, Some(&body)).status, status, "{body}");
        }
        assert_eq!(api.admin("GET", LIST, None).json().unwrap()["data"], json!([]));
    });
}

#[test]
fn a_missing_attribute_is_refused() {
    on_each_engine(PROGRAM, |api| {
        let (path, document) = (create(api), document(api));
[%- for field in sent %]
[%- if field.required %]
        let lacking = without(&document, "[[ field.name ]]");
        refused(&api.admin("POST", LIST, Some(&lacking)), 403, "[[ field.name ]]", "Missing data for required field.");
[%- if field.required_in_patch %]
        refused(&api.admin("PATCH", &path, Some(&lacking)), 401, "[[ field.name ]]", "Missing data for required field.");
[%- else %]
        assert_eq!(api.admin("PATCH", &path, Some(&lacking)).status, 200);
[%- endif %]
[%- else %]
        let lacking = without(&document, "[[ field.name ]]");
        assert_eq!(api.admin("PATCH", &path, Some(&lacking)).status, 200);
[%- endif %]
[%- endfor %]
    });
}

#[test]
fn null_is_refused_where_it_may_not_be() {
    on_each_engine(PROGRAM, |api| {
        let (path, document) = (create(api), document(api));
[%- for field in sent %]
        let null = with(&document, "[[ field.name ]]", json!(null));
[%- if field.nullable and field.is_changed and field.is_shown %]
        assert_eq!(attributes(&api.admin("PATCH", &path, Some(&null)))["[[ field.name ]]"], json!(null));
[%- elif field.nullable %]
        assert_eq!(api.admin("PATCH", &path, Some(&null)).status, 200);
[%- else %]
        refused(&api.admin("POST", LIST, Some(&null)), 403, "[[ field.name ]]", "Field may not be null.");
[%- if field.is_changed %]
        refused(&api.admin("PATCH", &path, Some(&null)), 401, "[[ field.name ]]", "Field may not be null.");
[%- endif %]
[%- endif %]
[%- endfor %]
    });
}
[%- if has_wrong %]

#[test]
fn a_wrong_value_is_refused_and_changes_nothing() {
    on_each_engine(PROGRAM, |api| {
        let (path, document) = (create(api), document(api));
        let before = api.admin("GET", &path, None).json();
[%- for field in sent %]
[%- if field.wrong %]
        let wrong = with(&document, "[[ field.name ]]", json!([[ field.wrong ]]));
        let detail = [[ field.detail ]];
        refused(&api.admin("POST", LIST, Some(&wrong)), 403, "[[ field.name ]]", detail);
[%- if field.is_changed %]
        refused(&api.admin("PATCH", &path, Some(&wrong)), 401, "[[ field.name ]]", detail);
[%- endif %]
[%- endif %]
[%- endfor %]
        assert_eq!(api.admin("GET", &path, None).json(), before);
    });
}
[%- endif %]
[%- for field in fields %]
[%- if field.unique and field.is_sent and field.refers_to != plural and not field.target.is_circular %]

#[test]
fn [[ field.word ]]_is_unique() {
    on_each_engine(PROGRAM, |api| {
        let document = document(api);
        assert_eq!(api.admin("POST", LIST, Some(&document)).status, 201);
[%- if own_key and not own_key.is_made %]
        let mut document = document;
        document["data"]["id"] = json!("another");
[%- endif %]
        let answer = api.admin("POST", LIST, Some(&document));
        assert_eq!(answer.status, 403);
        let error = answer.json().unwrap()["error"].to_string();
[%- if field.name in grouped %]
        // Which of its constraints is named first is the database's choice.
        assert!(error.ends_with("must be unique.\""), "{error}");
[%- else %]
        assert!(error.ends_with("` is taken already: it must be unique.\""), "{error}");
[%- endif %]
    });
}
[%- endif %]
[%- if field.refers_to == plural and field.is_changed and field.is_shown %]

#[test]
fn a_row_that_refers_to_itself_by_[[ field.word ]]_is_deleted() {
    on_each_engine(PROGRAM, |api| {
        let created = api.admin("POST", LIST, Some(&document(api)));
        let id = id_of(&created);
        let path = format!("[[ prefix ]]/[[ route ]]/{id}[[ ending ]]");
        let change = with(&document(api), "[[ field.name ]]", json!(id));
        assert_eq!(attributes(&api.admin("PATCH", &path, Some(&change)))["[[ field.name ]]"], json!(id));
        let deleted = api.admin("DELETE", &path, None);
        assert_eq!(deleted.status, 204, "{}", deleted.text());
        assert_eq!(api.admin("GET", &path, None).status, 404);
    });
}
[%- endif %]
[%- if field.target.hidden and field.is_sent and not field.join and field.refers_to != plural and not field.target.is_circular and (masks.new or (patched_by != "" and field.is_changed)) %]

#[test]
fn [[ field.word ]]_is_refused_where_the_caller_may_not_see_it() {
    on_each_engine(PROGRAM, |api| {
        let document = document(api);
        let text = "` refers to a row that does not exist.\"";
[%- if masks.new %]
        for id in [document["data"]["attributes"]["[[ field.name ]]"].clone(), json!([[ field.absent ]])] {
            let answer = api.ann("POST", LIST, Some(&with(&document, "[[ field.name ]]", id)));
            assert_eq!(answer.status, 403, "{}", answer.text());
            let error = answer.json().unwrap()["error"].to_string();
            assert!(error.ends_with(text), "{error}");
        }
[%- endif %]
[%- if patched_by != "" and field.is_changed %]
        let path = [% if patched_by == "ann" %]create_by_ann(api)[% else %]create(api)[% endif %];
        let before = attributes(&api.admin("GET", &path, None));
        for id in [document["data"]["attributes"]["[[ field.name ]]"].clone(), json!([[ field.absent ]])] {
            let change = json!({"data": {"type": "[[ type ]]", "attributes": {
[%- for other in changed %]
[%- if other.required_in_patch %]
                "[[ other.name ]]": before["[[ other.name ]]"],
[%- endif %]
[%- endfor %]
                "[[ field.name ]]": id,
            }}});
            let answer = api.ann("PATCH", &path, Some(&change));
            assert_eq!(answer.status, 401, "{}", answer.text());
            let error = answer.json().unwrap()["error"].to_string();
            assert!(error.ends_with(text), "{error}");
        }
        assert_eq!(attributes(&api.admin("GET", &path, None)), before);
[%- endif %]
    });
}
[%- endif %]
[%- if field.join and field.is_sent and field.is_shown %]

#[test]
fn links_are_kept_in_[[ field.rust ]]() {
    on_each_engine(PROGRAM, |api| {
        let others: &[Value] = &[[ field.join.test_ids ]];
        let document = document(api);
        links::are_added(api, LIST, "[[ field.name ]]", &document, others);
        links::are_refused(api, LIST, "[[ field.name ]]", &document, json!([[ field.absent ]]));
[%- if field.is_changed %]
        let path = create(api);
        links::are_changed(api, &path, "[[ field.name ]]", &document, others);
        links::changes_are_refused(api, &path, "[[ field.name ]]", &document, json!([[ field.absent ]]));
[%- endif %]
    });
}
[%- if field.join.deleted_with %]

#[test]
fn a_deleted_row_is_[% if field.join.deleted_with == "cascade" %]gone_from[% else %]held_by[% endif %]_[[ field.rust ]]() {
    on_each_engine(PROGRAM, |api| {
        let created = api.admin("POST", LIST, Some(&linked_document(api)));
        let path = format!("[[ prefix ]]/[[ route ]]/{}[[ ending ]]", id_of(&created));
        links::[% if field.join.deleted_with == "cascade" %]go_with_others[% else %]hold_others[% endif %](api, &path, "[[ field.name ]]", "[[ field.join.list ]]");
    });
}
[%- endif %]
[%- if field.target.hidden and masks.new and field.join.list and field.join.list != list_path %]

#[test]
fn links_to_what_the_caller_may_not_see_are_refused_in_[[ field.rust ]]() {
    on_each_engine(PROGRAM, |api| {
        let document = document(api);
        for id in [json!([[ field.join.test_ids ]][0]), json!([[ field.absent ]])] {
            let answer = api.ann("POST", LIST, Some(&with(&document, "[[ field.name ]]", json!([id]))));
            assert_eq!(answer.status, 403, "{}", answer.text());
            let error = answer.json().unwrap()["error"].to_string();
            assert!(error.ends_with("`[[ field.name ]]` refers to a row that does not exist.\""), "{error}");
        }
    });
}
[%- endif %]
[%- endif %]
[%- if field.default and field.is_shown %]

#[test]
fn [[ field.word ]]_has_a_default() {
    on_each_engine(PROGRAM, |api| {
        let document = without(&document(api), "[[ field.name ]]");
        let created = api.admin("POST", LIST, Some(&document));
        assert_eq!(attributes(&created)["[[ field.name ]]"], json!([[ field.default ]]));
    });
}
[%- endif %]
[%- if field.is_shown and not field.is_changed and field.other_example %]

#[test]
fn [[ field.word ]]_stays_as_it_is() {
    on_each_engine(PROGRAM, |api| {
        let path = create(api);
[%- if not field.follows_changes %]
        let before = attributes(&api.admin("GET", &path, None));
[%- endif %]
        let change = with(&document(api), "[[ field.name ]]", json!([[ field.other_example ]]));
        let changed = api.admin("PATCH", &path, Some(&change));
        assert_eq!(changed.status, 200, "{}", changed.text());
[%- if field.follows_changes %]
        assert_ne!(attributes(&changed)["[[ field.name ]]"], json!([[ field.other_example ]]));
[%- else %]
        assert_eq!(attributes(&changed)["[[ field.name ]]"], before["[[ field.name ]]"]);
[%- endif %]
    });
}
[%- endif %]
[%- if field.is_seen_to_follow %]

#[test]
fn [[ field.word ]]_follows_changes() {
    on_each_engine(PROGRAM, |api| {
        let path = create(api);
        let before = attributes(&api.admin("GET", &path, None));
        let change = without(&document(api), "[[ field.name ]]");
        let changed = api.admin("PATCH", &path, Some(&change));
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_ne!(attributes(&changed)["[[ field.name ]]"], before["[[ field.name ]]"]);
    });
}
[%- endif %]
[%- if field.deleted_with %]

#[test]
fn a_row_follows_the_one_that_[[ field.word ]]_names() {
    on_each_engine(PROGRAM, |api| {
        let created = api.admin("POST", LIST, Some(&document(api)));
        let path = format!("[[ prefix ]]/[[ route ]]/{}[[ ending ]]", id_of(&created));
        let other = document(api)["data"]["attributes"]["[[ field.name ]]"].to_string();
        let other = format!("[[ field.target.rows ]]{}[[ field.target.ending ]]", other.trim_matches('"'));
        let deleted = api.admin("DELETE", &other, None);
        assert_eq!(deleted.status, 204, "{}", deleted.text());
[%- if field.deleted_with == "cascade" %]
        assert_eq!(api.admin("GET", &path, None).status, 404);
[%- else %]
        assert_eq!(attributes(&api.admin("GET", &path, None))["[[ field.name ]]"], json!(null));
[%- endif %]
    });
}
[%- endif %]
[%- endfor %]

[%- for nest in nested %]
[%- if nest.is_tested %]

#[test]
fn [[ nest.test ]]_[% if nest.is_one %]is_the_row_that_it_refers_to[% else %]are_the_rows_that_refer_to_it[% endif %]() {
    on_each_engine(PROGRAM, |api| {
[%- if nest.of == plural %]
        let first = api.admin("POST", LIST, Some(&document(api))).json().unwrap()["data"]["id"].clone();
        let document = with(&document(api), "[[ nest.by ]]", first);
[%- elif nest.is_one %]
        let document = document(api);
[%- else %]
        let document = super::[[ nest.of ]]::document(api);
[%- endif %]
        nested::shows_[% if nest.is_one %]one[% else %]all[% endif %](api, LIST, "[[ nest.name ]]", "[[ nest.list ]]", "[[ nest.by ]]", &document);
    });
}
[%- endif %]
[%- endfor %]

#[test]
fn what_is_no_attribute_is_ignored() {
    on_each_engine(PROGRAM, |api| {
        let [% if not own_key %]mut [% endif %]document = with(&document(api), "no_such_attribute", json!([1]));
[%- if not own_key %]
        document["data"]["id"] = json!(77);
[%- endif %]
        let created = api.admin("POST", LIST, Some(&document));
        assert_eq!(created.status, 201, "{}", created.text());
[%- if not own_key %]
        assert_eq!(id_of(&created), 1);
[%- endif %]
        assert_eq!(attributes(&created).get("no_such_attribute"), None);
    });
}

[%- for group in unique_groups %]

#[test]
fn [[ group.name ]]_are_unique_together() {
    on_each_engine(PROGRAM, |api| {
        let [% if own_key and not own_key.is_made %]mut [% endif %]document = document(api);
        assert_eq!(api.admin("POST", LIST, Some(&document)).status, 201);
[%- if own_key and not own_key.is_made %]
        document["data"]["id"] = json!("another");
[%- endif %]
        let answer = api.admin("POST", LIST, Some(&document));
        assert_eq!(answer.status, 403);
        let text = "[[ group.listed ]] are taken already: together they must be unique.";
        assert_eq!(answer.json().unwrap()["error"], text);
    });
}
[%- endfor %]
[%- if own_key %]

#[test]
fn an_id_is_kept_and_found_once() {
    on_each_engine(PROGRAM, |api| {
        let mut document = document(api);
        let id = "67e55044-10b1-426f-9247-bb680e5fe0c8";
        document["data"]["id"] = json!(id);
        assert_eq!(id_of(&api.admin("POST", LIST, Some(&document))), id);
        let again = api.admin("POST", LIST, Some(&document));
        assert_eq!(again.status, 403, "{}", again.text());
[%- if own_key.is_made and has_unique %]
[%- elif own_key.is_made %]
        document["data"].as_object_mut().unwrap().remove("id");
        assert_ne!(id_of(&api.admin("POST", LIST, Some(&document))), id);
[%- else %]
        document["data"].as_object_mut().unwrap().remove("id");
        assert_eq!(api.admin("POST", LIST, Some(&document)).status, 403);
[%- endif %]
    });
}
[%- endif %]

#[test]
fn its_pages_work() {
[%- if has_usual_path and not clocks %]
    browser::its_pages_work(PROGRAM, "[[ plural ]]", [% if linked %]linked_[% endif %]document);
[%- else %]
    browser::its_pages_work_at(PROGRAM, "[[ plural ]]", LIST, &[ [%- for clock in clocks %]"[[ clock.name ]]", [% endfor -%] ], [% if linked %]linked_[% endif %]document);
[%- endif %]
}
