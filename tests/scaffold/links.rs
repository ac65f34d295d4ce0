//! Links by join tables: those that a Flask app made, thousands of them, and what becomes of the tables in a project.

use serde_json::{Value, json};

use super::wide;
use crate::{
    api::{call, on_each_engine, serve},
    support::{
        http::Response,
        project::Project,
        sql::{Engine, query, run_sql, schema_of},
    },
};

const CREWS: &str = "/api/v1/crews.json";

fn friends_of(answer: &Response) -> Value {
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.json().unwrap()["data"]["attributes"]["friends"].take()
}

fn crew(friends: &[i64]) -> Value {
    json!({"data": {"type": "crews", "attributes": {"title": "x", "friends": friends}}})
}

/// As SQLAlchemy makes them: without cascades, and one with a column of its own.
fn create_tables(url: &str) {
    let (key, time) = match Engine::of(url) {
        Engine::Sqlite => ("INTEGER NOT NULL PRIMARY KEY", "TIMESTAMP"),
        Engine::Postgres => ("SERIAL PRIMARY KEY", "TIMESTAMP"),
        Engine::MySql => ("INTEGER NOT NULL AUTO_INCREMENT PRIMARY KEY", "DATETIME"),
    };
    for sql in [
        format!("CREATE TABLE crews (id {key}, title VARCHAR(250) NOT NULL)"),
        format!(
            "CREATE TABLE crews_crews (crew_id INTEGER NOT NULL, other_crew_id INTEGER NOT NULL, \
             since {time} DEFAULT CURRENT_TIMESTAMP, PRIMARY KEY (crew_id, other_crew_id), \
             FOREIGN KEY(crew_id) REFERENCES crews (id), FOREIGN KEY(other_crew_id) REFERENCES crews (id))"
        ),
        "insert into crews (title) values ('one'), ('two'), ('three')".to_owned(),
        "insert into crews_crews values (1, 3, '2020-01-01 00:00:00'), (1, 2, '2020-01-01 00:00:00')".to_owned(),
    ] {
        run_sql(url, &sql);
    }
}

#[test]
fn a_join_table_of_a_flask_app_is_adopted_and_its_links_are_served() {
    let binary = wide::binary();
    on_each_engine(|config, dir, url| {
        let config = config.binary(binary);
        create_tables(url);
        let schema = schema_of(url);
        let upgraded = config.command(dir, &["db", "upgrade"]);
        let lines = String::from_utf8_lossy(&upgraded.stdout).into_owned();
        assert!(
            upgraded.status.success(),
            "{url}: {}",
            String::from_utf8_lossy(&upgraded.stderr)
        );
        let is_adopted = |name: &str| {
            lines
                .lines()
                .any(|line| line.contains(name) && line.ends_with("adopted"))
        };
        assert!(
            is_adopted(" crews_friends ") && !is_adopted(" crews_member_ids "),
            "{url}: {lines}"
        );
        assert!(schema.lines().all(|line| schema_of(url).contains(line)), "{url}");

        let (server, token) = serve(&config);
        let send = |method: &str, path: &str, body: Option<&Value>| call(&server, method, path, Some(&token), body);
        let first = "/api/v1/crews/1.json";
        assert_eq!(friends_of(&send("GET", first, None)), json!([2, 3]), "{url}");
        let changed = send("PATCH", first, Some(&crew(&[3, 1])));
        assert_eq!(friends_of(&changed), json!([1, 3]), "{url}");
        let kept = "select count(*) from crews_crews where since < '2021-01-01 00:00:00'";
        assert_eq!(query(url, kept), "1", "{url}: a link that stays is not made anew");

        // The table does not cascade: what others are linked to stays, and own links go.
        let held = send("DELETE", "/api/v1/crews/3.json", None);
        assert_eq!(held.status, 403, "{url}: {}", held.text());
        assert!(held.text().contains("crews_crews"), "{url}: {}", held.text());
        assert_eq!(send("DELETE", first, None).status, 204, "{url}");
        assert_eq!(query(url, "select count(*) from crews_crews"), "0", "{url}");
        assert_eq!(send("DELETE", "/api/v1/crews/3.json", None).status, 204, "{url}");
    });
}

#[test]
fn thousands_of_links_are_kept_and_read() {
    const COUNT: i64 = 3000;
    let binary = wide::binary();
    on_each_engine(|config, _, url| {
        let (server, token) = serve(&config.binary(binary));
        let send = |method: &str, path: &str, body: Option<&Value>| call(&server, method, path, Some(&token), body);
        let rows: Vec<String> = (0..COUNT).map(|number| format!("('{number}')")).collect();
        run_sql(url, &format!("insert into crews (title) values {}", rows.join(", ")));
        let all: Vec<i64> = (1..=COUNT).collect();
        let created = send("POST", CREWS, Some(&crew(&all)));
        assert_eq!(friends_of(&created), json!(all), "{url}");
        let path = format!("/api/v1/crews/{}.json", COUNT + 1);
        assert_eq!(send("GET", &path, None).json(), created.json(), "{url}");
        let listed = send("GET", CREWS, None).json().unwrap();
        assert_eq!(
            listed["data"][COUNT as usize]["attributes"]["friends"],
            json!(all),
            "{url}"
        );
        let half: Vec<i64> = all.into_iter().filter(|id| id % 2 == 0).collect();
        assert_eq!(
            friends_of(&send("PATCH", &path, Some(&crew(&half)))),
            json!(half),
            "{url}"
        );
        assert_eq!(friends_of(&send("PATCH", &path, Some(&crew(&[])))), json!([]), "{url}");
        // One that does not exist among them changes nothing.
        let absent: Vec<i64> = half.into_iter().chain([999_999]).collect();
        let refused = send("POST", CREWS, Some(&crew(&absent)));
        assert_eq!(refused.status, 403, "{url}");
        assert_eq!(
            refused.json().unwrap()["error"],
            "`friends` refers to a row that does not exist."
        );
        assert_eq!(
            query(url, "select count(*) from crews"),
            (COUNT + 1).to_string(),
            "{url}"
        );
        assert_eq!(query(url, "select count(*) from crews_crews"), "0", "{url}");
    });
}

#[test]
fn a_field_that_comes_later_adds_a_join_table_which_goes_with_its_resource() {
    let project = Project::new();
    project.must(&["scaffold", "post", "title:string"]);
    project.must(&["scaffold", "tag", "name:string"]);
    let before = project.files();
    let migration = |name: &str| {
        let files = project.files();
        let path = files
            .keys()
            .find(|path| path.ends_with(&format!("_{name}.up.sql")) && path.contains("sqlite"));
        path.map(|path| project.read(path))
    };
    project.must(&["scaffold", "post", "title:string", "tagIds:many(tag)"]);
    let sql = migration("posts_tag_ids").unwrap();
    assert!(
        sql.contains("tag_id integer not null references tags (id) on delete cascade"),
        "{sql}"
    );
    // A second run changes nothing, and names that were made stay.
    let after = project.files();
    project.must(&["scaffold", "post", "title:string", "tagIds:many(tags)"]);
    assert!(project.files() == after);
    let refused = project.refused(&["scaffold", "post", "title:string"]);
    assert!(
        refused.contains("the field `tagIds` of `posts` is missing"),
        "{refused}"
    );
    let other = "{attribute: tagIds, type: many(tags), table: other}";
    let refused = project.refused(&["scaffold", "post", "title:string", other]);
    assert!(
        refused.contains("`tagIds` already exists with another type, join table or on_delete"),
        "{refused}"
    );
    let refused = project.refused(&["destroy", "tags"]);
    assert!(
        refused.contains("`posts` refers to `tags`; destroy it first"),
        "{refused}"
    );
    // The other side of it makes no second table.
    let side = "{attribute: posts, type: many(posts), table: posts_tags}";
    project.must(&["scaffold", "tag", "name:string", side]);
    assert!(migration("tags_posts").is_none());
    let refused = project.refused(&["destroy", "posts"]);
    assert!(
        refused.contains("destroy them together: destroy tags posts"),
        "{refused}"
    );
    project.must(&["destroy", "tags", "posts"]);
    assert!(migration("posts_tag_ids").is_none());
    project.must(&["scaffold", "post", "title:string"]);
    project.must(&["scaffold", "tag", "name:string"]);
    assert_eq!(project.files().len(), before.len());
}
