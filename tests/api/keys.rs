//! Resources whose keys are texts, UUIDs and integers of another name, under paths of other forms (`examples/keys/`).

use std::collections::BTreeSet;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use poem_scaffold::testing;
use serde_json::{Value, json};

use super::call;
use crate::support::{
    http::{self, Response},
    keys_program,
    server::Server,
    sql::run_sql,
};

const TAGS: &str = "/api/v1/tags.json";

/// Keys that differ in case only, and others that a path must encode.
const HARD_KEYS: [&str; 16] = [
    "news",
    "News",
    "NEWS",
    "a b",
    "a.json",
    ".json",
    "7",
    "it's \"so\"",
    "Übung",
    "übung",
    "a?b#c",
    "100%",
    "a+b",
    "%41",
    "日本",
    "{x}|\\",
];

fn on_each_engine(test: impl Fn(&Server, &str)) {
    testing::on_each_database(keys_program(), |config, _, url| test(&Server::start(&config), url));
}

fn document(kind: &str, id: Option<&str>, attributes: &Value) -> Value {
    let mut document = json!({"data": {"type": kind, "attributes": attributes}});
    if let Some(id) = id {
        document["data"]["id"] = json!(id);
    }
    document
}

fn encoded(id: &str) -> String {
    utf8_percent_encode(id, NON_ALPHANUMERIC).to_string()
}

fn tag_path(id: &str) -> String {
    format!("/api/v1/tags/{}.json", encoded(id))
}

fn add_tag(server: &Server, id: &str) -> Response {
    let new = document("tag", Some(id), &json!({"update": "daily"}));
    call(server, "POST", TAGS, None, Some(&new))
}

fn get(server: &Server, path: &str) -> Response {
    call(server, "GET", path, None, None)
}

fn ids(answer: &Response) -> Vec<Value> {
    let list = answer.json().unwrap();
    let rows = list["data"].as_array().unwrap().iter();
    rows.map(|row| row["id"].clone()).collect()
}

#[test]
fn a_text_is_the_key_that_its_client_gives() {
    on_each_engine(|server, url| {
        for id in HARD_KEYS {
            let created = add_tag(server, id);
            let row = json!({"id": id, "type": "tag", "attributes": {"update": "daily"}});
            assert_eq!(created.status, 201, "{url} {id}: {}", created.text());
            assert_eq!(created.json().unwrap()["data"], row, "{url}");
            let found = get(server, &tag_path(id));
            assert_eq!(found.json(), created.json(), "{url} {id}");
        }
        assert_eq!(
            get(server, &tag_path("a b")).json().unwrap()["links"],
            json!({"self": "/labels/a%20b"})
        );
        let listed = get(server, TAGS);
        assert_eq!(listed.json().unwrap()["links"], json!({"self": "/labels/"}));
        let listed: BTreeSet<String> = ids(&listed).iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        assert_eq!(listed, HARD_KEYS.map(str::to_owned).into(), "{url}");
        let again = add_tag(server, "news");
        assert_eq!(again.status, 403, "{url}: {}", again.text());
        assert!(again.text().contains("`uid` is taken already"), "{}", again.text());
        let change = document("tag", None, &json!({"update": "weekly"}));
        for id in HARD_KEYS {
            let changed = call(server, "PATCH", &tag_path(id), None, Some(&change));
            assert_eq!(
                changed.json().unwrap()["data"]["attributes"]["update"],
                "weekly",
                "{url} {id}"
            );
            assert_eq!(
                call(server, "DELETE", &tag_path(id), None, None).status,
                204,
                "{url} {id}"
            );
            assert_eq!(get(server, &tag_path(id)).status, 404, "{url} {id}");
        }
        assert_eq!(get(server, TAGS).json().unwrap()["data"], json!([]), "{url}");
    });
}

#[test]
fn a_list_by_texts_has_each_row_once() {
    const ROWS: usize = 2600;
    on_each_engine(|server, url| {
        let keys: Vec<String> = (0..ROWS)
            .map(|number| match number % 4 {
                0 => format!("key {number}"),
                1 => format!("KEY {}", number - 1),
                2 => format!("é{number}"),
                _ => format!("_{number}"),
            })
            .collect();
        let rows: Vec<String> = keys.iter().map(|key| format!("('{key}', 'x')")).collect();
        let column = if url.starts_with("mysql") {
            "`update`"
        } else {
            "\"update\""
        };
        run_sql(
            url,
            &format!("insert into tags (uid, {column}) values {}", rows.join(", ")),
        );
        let has_each_once = |keys: Vec<&str>, collation: &str| {
            let found = ids(&get(server, TAGS));
            assert_eq!(found.len(), keys.len(), "{url} {collation}");
            let found: BTreeSet<&str> = found.iter().map(|id| id.as_str().unwrap()).collect();
            assert_eq!(found, keys.into_iter().collect(), "{url} {collation}");
        };
        has_each_once(keys.iter().map(String::as_str).collect(), "as we make it");
        // Tables of others have collations in which letters of another case are close to each other or the same.
        if url.starts_with("postgres") {
            run_sql(
                url,
                r#"alter table tags alter uid type varchar(250) collate "en-US-x-icu""#,
            );
            has_each_once(keys.iter().map(String::as_str).collect(), "in ICU's order");
        } else if url.starts_with("mysql") {
            run_sql(
                url,
                "delete from tags where uid like 'KEY%';
                 alter table notes drop foreign key notes_ibfk_1;
                 alter table tags modify uid varchar(250) collate utf8mb4_general_ci not null",
            );
            let others = keys.iter().filter(|key| !key.starts_with("KEY"));
            has_each_once(others.map(String::as_str).collect(), "where a is A");
        }
    });
}

#[test]
fn a_list_by_uuids_has_each_row_once_also_where_they_were_stored_by_others() {
    const ROWS: usize = 2100;
    on_each_engine(|server, url| {
        let is_text = !url.starts_with("postgres");
        let key = |number: usize| format!("{:08x}-10b1-426f-9247-bb680e5fe0c8", number * 2_000_003);
        let stored = |number: usize| match number % 3 {
            0 if is_text => key(number).to_uppercase(),
            _ => key(number),
        };
        let rows: Vec<String> = (0..ROWS).map(|number| format!("('{}', 'x')", stored(number))).collect();
        run_sql(
            url,
            &format!("insert into gadgets (uid, name) values {}", rows.join(", ")),
        );
        if is_text {
            run_sql(
                url,
                "insert into gadgets (uid, name) values ('8', 'no UUID'), ('', 'nothing')",
            );
        }
        let found = ids(&get(server, "/api/gadgets"));
        assert_eq!(found.len(), ROWS, "{url}");
        let found: BTreeSet<String> = found.iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        assert_eq!(found, (0..ROWS).map(key).collect(), "{url}");
    });
}

#[test]
fn a_uuid_is_made_where_the_client_gives_none() {
    on_each_engine(|server, url| {
        let new = |id| document("gadgets", id, &json!({"name": "lamp"}));
        let created = call(server, "POST", "/api/gadgets", None, Some(&new(None)));
        assert_eq!(created.status, 201, "{url}: {}", created.text());
        let id = created.json().unwrap()["data"]["id"].as_str().unwrap().to_owned();
        assert_eq!((id.len(), &id[14..15]), (36, "4"), "{url}: {id}");
        let given = "67E55044-10B1-426F-9247-BB680E5FE0C8";
        let second = call(server, "POST", "/api/gadgets/", None, Some(&new(Some(given))));
        assert_eq!(second.json().unwrap()["data"]["id"], given.to_lowercase(), "{url}");
        for path in [format!("/api/gadgets/{id}"), format!("/api/gadgets/{id}/")] {
            assert_eq!(get(server, &path).json(), created.json(), "{url} {path}");
        }
        assert_eq!(
            get(server, &format!("/api/gadgets/{given}")).json(),
            second.json(),
            "{url}"
        );
        assert_eq!(ids(&get(server, "/api/gadgets/")).len(), 2, "{url}");
        let wrong = call(server, "POST", "/api/gadgets", None, Some(&new(Some("x"))));
        assert_eq!(wrong.status, 403, "{url}");
        let error = json!({"detail": "Not a valid UUID.", "source": {"pointer": "/data/id"}});
        assert_eq!(wrong.json().unwrap()["error"]["errors"], json!([error]), "{url}");
        assert_eq!(
            call(server, "DELETE", &format!("/api/gadgets/{id}"), None, None).status,
            204
        );
    });
}

#[test]
fn an_integer_may_have_another_name() {
    on_each_engine(|server, url| {
        let mut new = document("people", Some("77"), &json!({"name": "Ada"}));
        for id in 1..3 {
            let created = call(server, "POST", "/people.json", None, Some(&new));
            assert_eq!(created.json().unwrap()["data"]["id"], id, "{url}: {}", created.text());
            let found = get(server, &format!("/people/{id}.json"));
            assert_eq!(found.json(), created.json(), "{url}");
            assert_eq!(found.header("cache-control").as_deref(), Some("no-store"), "{url}");
        }
        new["data"]["attributes"] = json!({});
        assert_eq!(
            call(server, "POST", "/people.json", None, Some(&new)).status,
            403,
            "{url}"
        );
        assert_eq!(ids(&get(server, "/people.json")), [1, 2], "{url}");
        assert_eq!(
            call(server, "DELETE", "/people/1.json", None, None).status,
            204,
            "{url}"
        );
        assert_eq!(
            call(server, "DELETE", "/people/1.json", None, None).status,
            404,
            "{url}"
        );
        assert_eq!(ids(&get(server, "/people.json")), [2], "{url}");
    });
}

#[test]
fn tables_are_served_as_a_flask_app_made_them() {
    testing::on_each_database(keys_program(), |config, dir, url| {
        let (engine, counted, uuid, quote) = match url.split(':').next() {
            Some("sqlite") => ("sqlite", "INTEGER NOT NULL", "VARCHAR(36)", '"'),
            Some("postgres") => ("postgres", "SERIAL NOT NULL", "UUID", '"'),
            _ => ("mysql", "INTEGER NOT NULL AUTO_INCREMENT", "CHAR(36)", '`'),
        };
        let tables = |counted: &str| {
            format!(
                "create table tags (uid VARCHAR(40) NOT NULL, {quote}update{quote} VARCHAR(250) NOT NULL, PRIMARY KEY (uid));
                 create table gadgets (uid {uuid} NOT NULL, name VARCHAR(250), PRIMARY KEY (uid));
                 create table people (id_user {counted}, name VARCHAR(80), PRIMARY KEY (id_user));
                 create table notes (id VARCHAR(20) NOT NULL, tag VARCHAR(40), PRIMARY KEY (id),
                     FOREIGN KEY (tag) REFERENCES tags (uid))"
            )
        };
        run_sql(
            url,
            &tables("INTEGER NOT NULL").replace("INTEGER NOT NULL", "SMALLINT NOT NULL"),
        );
        let output = config.command(dir, &["db", "upgrade"]);
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        let is_told = match engine {
            "sqlite" => said.contains("people.id_user is SMALLINT and does not generate ids"),
            _ => said.contains("people.id_user is not generated by the database"),
        };
        assert!(is_told, "{url}: {said}");
        assert!(!said.contains("uid"), "{url}: {said}");
        run_sql(
            url,
            "drop table notes; drop table people; drop table gadgets; drop table tags",
        );
        run_sql(url, &tables(counted));
        let server = Server::start(&config);
        assert_eq!(add_tag(&server, "a b").status, 201, "{url}");
        let new = document("people", None, &json!({"name": "Ada"}));
        let created = call(&server, "POST", "/people.json", None, Some(&new));
        assert_eq!(created.json().unwrap()["data"]["id"], 1, "{url}: {}", created.text());
        let new = document("gadgets", None, &json!({"name": "lamp"}));
        assert_eq!(
            call(&server, "POST", "/api/gadgets", None, Some(&new)).status,
            201,
            "{url}"
        );
    });
}

#[test]
fn rows_are_referred_to_by_their_keys() {
    on_each_engine(|server, url| {
        let new = |tag: &str| document("notes", Some("first"), &json!({"tag": tag}));
        let refused = call(server, "POST", "/notes", None, Some(&new("a b")));
        assert_eq!(refused.status, 403, "{url}");
        assert!(refused.text().contains("`tag` refers to a row"), "{}", refused.text());
        add_tag(server, "a b");
        assert_eq!(
            call(server, "POST", "/notes", None, Some(&new("a b"))).status,
            201,
            "{url}"
        );
        let refused = call(server, "DELETE", &tag_path("a b"), None, None);
        assert_eq!(refused.status, 403, "{url}");
        assert!(refused.text().contains("`notes`"), "{url}: {}", refused.text());
        assert_eq!(call(server, "DELETE", "/notes/first", None, None).status, 204, "{url}");
        assert_eq!(
            call(server, "DELETE", &tag_path("a b"), None, None).status,
            204,
            "{url}"
        );
    });
}

#[test]
fn a_key_that_is_missing_or_wrong_is_refused_as_an_attribute_is() {
    on_each_engine(|server, _| {
        for (id, attributes, errors) in [
            (None, json!({"update": "x"}), json!([missing("/data/id")])),
            (
                None,
                json!({}),
                json!([missing("/data/id"), missing("/data/attributes/update")]),
            ),
            (
                Some(json!(null)),
                json!({"update": "x"}),
                wrong("Field may not be null."),
            ),
            (Some(json!("")), json!({"update": "x"}), wrong("Field cannot be blank")),
            (Some(json!(7)), json!({"update": "x"}), wrong("Not a valid string.")),
        ] {
            let mut new = document("tag", None, &attributes);
            if let Some(id) = id {
                new["data"]["id"] = id;
            }
            let answer = call(server, "POST", TAGS, None, Some(&new));
            assert_eq!(answer.status, 403, "{new}");
            assert_eq!(answer.json().unwrap()["error"]["errors"], errors, "{new}");
        }
        let long = document("notes", Some("a key of 21 characters"), &json!({}));
        let answer = call(server, "POST", "/notes", None, Some(&long));
        assert_eq!(
            answer.json().unwrap()["error"]["errors"],
            wrong("Longer than maximum length 20.")
        );
        // An attribute may be called as a part of the originals' model is; others of these names are refused as ever.
        add_tag(server, "news");
        let change = document("tag", Some("other"), &json!({"update": "weekly", "__class__": "x"}));
        let answer = call(server, "PATCH", &tag_path("news"), None, Some(&change));
        let error = json!({"detail": "This is not an attribute.", "source": {"pointer": "/data/attributes/__class__"}});
        assert_eq!(answer.json().unwrap()["error"]["errors"], json!([error]));
    });
}

fn missing(pointer: &str) -> Value {
    json!({"detail": "Missing data for required field.", "source": {"pointer": pointer}})
}

fn wrong(detail: &str) -> Value {
    json!([{"detail": detail, "source": {"pointer": "/data/id"}}])
}

#[test]
fn each_path_has_its_methods_and_others_are_unknown() {
    let server = Server::start(&testing::cheap(keys_program()));
    for (path, allow) in [
        (TAGS, "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/tags/x%20y.json", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("/api/gadgets", "GET, HEAD, OPTIONS, POST"),
        ("/api/gadgets/", "GET, HEAD, OPTIONS, POST"),
        ("/people.json", "GET, HEAD, OPTIONS, POST"),
        ("/people/7.json", "DELETE, GET, HEAD, OPTIONS"),
        ("/notes/x.json/", "DELETE, GET, HEAD, OPTIONS, PATCH"),
    ] {
        let answer = call(&server, "PUT", path, None, None);
        assert_eq!(answer.status, 405, "{path}");
        assert_eq!(answer.header("allow").as_deref(), Some(allow), "{path}");
    }
    for path in [
        "/api/v1/tags/",
        "/api/v1/tags",
        "/api/v1/tags/x",
        "/api/v1/tags/.json",
        "/api/v1/tags/x/.json",
        "/api/v1/tags/a%2Fb.json",
        "/api/v1/tags/x.json/",
        "/api/gadgets/x",
        "/api/gadgets/67e5504410b1426f9247bb680e5fe0c8",
        "/api/gadgets/67e55044-10b1-426f-9247-bb680e5fe0c8.json",
        "/api/gadgets.json",
        "/api/gadgets//",
        "/people/x.json",
        "/people/-1.json",
        "/people/99999999999999999999.json",
        "/people.json/",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            assert_eq!(call(&server, method, path, None, None).status, 404, "{method} {path}");
        }
    }
}

#[test]
fn a_browser_gets_the_page_where_it_has_the_path_of_a_resource() {
    let server = Server::start(&testing::cheap(keys_program()));
    let as_browser = |path: &str| {
        let answer = http::send(&server.base, "GET", path, &[("Accept", "text/html,*/*;q=0.8")], None);
        (answer.status, answer.header("content-type").unwrap_or_default())
    };
    let page = "text/html; charset=utf-8".to_owned();
    for path in [
        "/notes",
        "/notes/new",
        "/notes/a%20b",
        "/notes/a%20b/edit",
        "/tags/a.json",
    ] {
        assert_eq!(as_browser(path), (200, page.clone()), "{path}");
    }
    // Ids of users are numbers.
    assert_eq!(as_browser("/users/x").0, 404);
    for (path, status) in [("/notes", 200), ("/notes/new", 404), ("/notes/a%20b", 404)] {
        let answer = get(&server, path);
        let is_json = answer.header("content-type").is_some_and(|of| of == "application/json");
        assert_eq!((answer.status, is_json), (status, true), "{path}");
    }
}

#[test]
fn the_specification_has_the_types_of_keys() {
    let server = Server::start(&testing::cheap(keys_program()));
    let specification = get(&server, "/openapi.json").json().unwrap();
    let data = |path: &str| {
        let pointer = format!("/paths/{path}/post/requestBody/content/application~1json/schema/properties/data");
        specification.pointer(&pointer).unwrap().clone()
    };
    let tag = data("~1api~1v1~1tags.json");
    assert_eq!(tag["properties"]["id"], json!({"type": "string"}));
    assert_eq!(tag["required"], json!(["type", "attributes", "id"]));
    let gadget = data("~1api~1gadgets");
    assert_eq!(gadget["properties"]["id"], json!({"type": "string", "format": "uuid"}));
    assert_eq!(gadget["required"], json!(["type", "attributes"]));
    assert_eq!(data("~1people.json")["properties"].get("id"), None);
    assert_eq!(
        specification["components"]["schemas"]["NewTag"]["properties"].get("id"),
        None
    );
    let example = "/paths/~1api~1v1~1tags~1{id}.json/get/responses/200/content/application~1json/schema/example";
    assert_eq!(specification.pointer(example).unwrap()["data"]["id"], "news");
}
