//! Names that an app has already: attributes, columns, labels, routes, types, tables and keys that are not made of a key.

use super::resolve;
use crate::support::project::{Project, sample};

/// A project with all of `names.yaml`, and where that stands.
fn named() -> (Project, String) {
    let project = Project::new();
    let yaml = std::fs::read_to_string(sample("tests/scaffold/names.yaml")).unwrap();
    let path = project.write("names.yaml", yaml);
    project.must(&["scaffold", &path]);
    (project, path)
}

/// The migration whose name ends so.
fn migration(project: &Project, engine: &str, end: &str) -> String {
    let files = project.files();
    let is_meant = |path: &&String| path.starts_with(&format!("migrations/{engine}/")) && path.ends_with(end);
    project.read(files.keys().find(is_meant).unwrap())
}

#[test]
fn all_names_of_an_app_are_taken() {
    let (project, path) = named();
    assert_eq!(resolve::problems(&project), Vec::<String>::new());
    assert_eq!(
        project.must(&["scaffold", &path]),
        "nothing to do, everything is up to date\n"
    );
    assert_eq!(
        migration(&project, "mysql", "_host_records.up.sql"),
        "\
-- The HOSTS table.
create table `HOSTS` (
    id_host integer not null auto_increment primary key,
    `ID_OWNER` integer,
    `hostType` varchar(250) not null unique,
    foreign key (`ID_OWNER`) references users (id)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
"
    );
    assert_eq!(
        migration(&project, "postgres", "_host_records.up.sql"),
        "\
-- The HOSTS table.
create table \"HOSTS\" (
    id_host serial primary key,
    \"ID_OWNER\" integer references users (id),
    \"hostType\" varchar(250) not null unique
);
"
    );
    let menu = project.read("templates/menu.html");
    assert!(menu.contains("path=\"/app_docs\" label=\"Docs\""), "{menu}");
    assert_eq!(
        project.read("src/app/host_records/example.json"),
        "\
{
  \"data\": {
    \"type\": \"hosts\",
    \"attributes\": {
      \"ID_OWNER\": 1,
      \"hostType\": \"Some host type\"
    }
  }
}
"
    );
    let form = project.read("templates/things/form.html");
    assert!(form.contains("label=\"Seen, at last\""), "{form}");
    let views = project.read("src/app/translations/views.rs");
    assert!(views.contains("path = \"/translations\""), "{views}");
}

#[test]
fn a_reference_and_destroy_take_each_name_of_a_resource() {
    let (project, _) = named();
    for name in ["hostRecord", "host_records", "host_record", "host-records", "hosts"] {
        let field = format!("host:references({name})");
        project.must(&["scaffold", "note", &field]);
        let record = project.read(".scaffold/notes.json");
        assert!(record.contains("\"references\": \"host_records\""), "{name}: {record}");
        project.must(&["destroy", "note"]);
        let lines = project.must(&["destroy", name, "--dry-run"]);
        assert!(lines.contains(".scaffold/host_records.json"), "{name}: {lines}");
    }
    let message = project.refused(&["destroy", "Things"]);
    assert!(message.contains("`boxes` refers to `things`"), "{message}");
}

#[test]
fn names_on_the_wire_and_labels_can_change_and_tables_and_keys_stay() {
    let (project, path) = named();
    let yaml = project.read(&path);
    let migrations = |project: &Project| -> Vec<String> {
        let files = project.files().into_keys();
        files.filter(|path| path.starts_with("migrations/")).collect()
    };
    let before = migrations(&project);
    for (from, to, file) in [
        ("route: host-records", "route: hosts", "src/app/host_records/views.rs"),
        ("type: hosts", "type: machines", "src/app/host_records/example.json"),
        ("prefix: /api", "prefix: /api/v2", "src/app/translations/views.rs"),
        ("json: false", "json: true", "src/app/translations/views.rs"),
        ("\"Seen, at last\"", "\"Seen\"", "templates/things/form.html"),
        (
            "attribute: lastLogin",
            "attribute: loggedIn",
            "src/app/things/example.json",
        ),
    ] {
        project.write(&path, yaml.replace(from, to));
        let lines = project.must(&["scaffold", &path]);
        assert!(lines.contains(&format!("Updated {file}\n")), "{to}: {lines}");
        assert_eq!(migrations(&project), before);
    }
    // What refers to it shows where it is.
    let route = yaml.replace("language:\n", "language:\n  route: tongues\n");
    project.write(&path, &route);
    let lines = project.must(&["scaffold", &path]);
    assert!(lines.contains("Updated templates/translations/form.html\n"), "{lines}");
    for (from, to, expected) in [
        (
            "table: HOSTS",
            "table: HOST",
            "`host_records` already exists with another table or key",
        ),
        (
            "key: id_host",
            "key: id",
            "`host_records` already exists with another table or key",
        ),
        (
            "key: code:string",
            "key: code:uuid",
            "`languages` already exists with another table or key",
        ),
        (
            "unique: [name, order]",
            "unique: [order, name]",
            "already exists with other fields that are unique",
        ),
        (
            "column: last_login",
            "column: login",
            "the field `lastLogin` of `things` is missing",
        ),
    ] {
        project.write(&path, route.replace(from, to));
        let message = project.refused(&["scaffold", &path]);
        assert!(message.contains(expected), "{to}: {message}");
    }
}

#[test]
fn words_of_rust_and_sql_and_capitals_are_names() {
    let project = Project::new();
    let fields = [
        "type",
        "links",
        "relationships",
        "attributes",
        "obj",
        "fn",
        "match",
        "self",
        "async",
        "order",
        "group",
        "select",
        "user",
        "key",
        "rank",
        "index",
        "table",
        "Title",
        "firstName",
        "my-field",
        "_a",
        "_1",
        "a_",
        "a__b",
        "__class__",
        "constructor",
    ];
    let fields: String = fields.iter().map(|name| format!("    - {name}:string?\n")).collect();
    let resources = [
        "group",
        "row",
        "value",
        "password",
        "uuid",
        "option",
        "result",
        "vec",
        "client_id",
        "Box",
        "blogPost",
        "BLOG_POST2",
        "str",
        "crate",
        "nul",
        "docs",
        "static",
        "api",
    ];
    let resources: String = resources
        .iter()
        .map(|name| format!("{name}:\n  - name:string\n"))
        .collect();
    let path = project.write("words.yaml", format!("posts:\n  fields:\n{fields}{resources}"));
    project.must(&["scaffold", &path]);
    assert_eq!(resolve::problems(&project), Vec::<String>::new());
    let migration = migration(&project, "postgres", "_posts.up.sql");
    for column in ["type varchar", "\"order\" ", "\"Title\" ", "my_field ", "\"user\" "] {
        assert!(migration.contains(&format!("    {column}")), "{column}: {migration}");
    }
    assert_eq!(
        project.must(&["scaffold", &path]),
        "nothing to do, everything is up to date\n"
    );
}
