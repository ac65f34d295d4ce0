//! Attributes that a definition adds to users: what is generated, kept, changed and taken out again.

use std::path::Path;

use crate::support::{
    project::{Project, build, cargo, keep, sample},
    server::ServerConfig,
    sql::{Engine, run_sql, schema_of},
};

const USERS: [&str; 4] = [
    "scaffold",
    "users",
    "phone:string?",
    "team: {type: string, visible_to: owner}",
];

fn lines_of(project: &Project, path: &str, part: &str) -> usize {
    project.read(path).lines().filter(|line| line.contains(part)).count()
}

#[test]
fn they_come_change_and_go_without_a_trace() {
    let project = Project::new();
    let before = project.files();
    let said = project.must(&USERS);
    for part in [
        "Created src/users.rs",
        "Updated src/main.rs",
        "_users_phone.up.sql",
        "db upgrade",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(project.must(&USERS), "nothing to do, everything is up to date\n");
    let main = project.read("src/main.rs");
    assert!(main.contains("mod app;\nmod users;\n"), "{main}");
    assert!(
        main.contains("        .users(users::FIELDS)\n        .resources("),
        "{main}"
    );
    // A field more.
    let more = [&USERS[..], &["badge:integer^", "active: {column: is_active}"]].concat();
    let said = project.must(&more);
    assert!(
        said.contains("_users_badge.up.sql") && said.contains("Updated src/users.rs"),
        "{said}"
    );
    assert_eq!(lines_of(&project, "src/main.rs", ".active_in(\"is_active\")"), 1);
    assert_eq!(project.must(&more), "nothing to do, everything is up to date\n");
    let message = project.refused(&USERS);
    assert!(message.contains("the field `badge` of `users` is missing"), "{message}");
    // `active` is a column of the library's again.
    project.must(&[&USERS[..], &["badge:integer^"]].concat());
    assert_eq!(lines_of(&project, "src/main.rs", "active_in"), 0);
    project.must(&["destroy", "users"]);
    assert!(before == project.files());
    let message = project.refused(&["destroy", "users"]);
    assert!(message.contains("unknown resource `users`"), "{message}");
}

#[test]
fn edits_are_kept_and_what_is_in_the_way_is_named() {
    let project = Project::new();
    project.must(&USERS);
    let list = project.read("src/users.rs");
    project.write(
        "src/users.rs",
        list.replace("/// Read and", "/// Mine.\n///\n/// Read and"),
    );
    let main = project.read("src/main.rs");
    project.write(
        "src/main.rs",
        main.replace("    let app", "    // Mine.\n    let app")
            .replace("        .users(users::FIELDS)\n", ""),
    );
    let said = project.must(&[&USERS[..], &["badge:integer=1"]].concat());
    assert!(said.contains("Merged src/users.rs (your edits are kept)"), "{said}");
    assert!(
        said.contains("Kept src/main.rs without `.users(users::FIELDS)`, which you removed"),
        "{said}"
    );
    assert_eq!(lines_of(&project, "src/users.rs", "Mine."), 1);
    project.must(&[&USERS[..], &["badge:integer=1", "--force"]].concat());
    assert_eq!(lines_of(&project, "src/main.rs", ".users(users::FIELDS)"), 1);
    // With another call in the same line, only a person can take it out.
    let main = project.read("src/main.rs");
    project.write(
        "src/main.rs",
        main.replace(
            "        .users(users::FIELDS)\n        .res",
            "        .users(users::FIELDS).res",
        ),
    );
    let message = project.refused(&["destroy", "users", "--force"]);
    assert!(
        message.contains("`.users(users::FIELDS).resources(app::resources)` was edited"),
        "{message}"
    );
    // The line beside which it would stand is missing.
    let project = Project::new();
    let main = project.read("src/main.rs");
    project.write(
        "src/main.rs",
        main.replace(".resources(app::resources)", ".resources(crate::app::resources)"),
    );
    let message = project.refused(&USERS);
    assert!(
        message.contains("src/main.rs: the line `.resources(app::resources)` is missing"),
        "{message}"
    );
    project.write("src/main.rs", &main);
    project.write("src/users.rs", "pub struct Mine;\n");
    let message = project.refused(&USERS);
    assert!(
        message.contains("src/users.rs: already exists and was not generated"),
        "{message}"
    );
}

#[test]
fn resources_that_they_refer_to_stay() {
    let project = Project::new();
    let before = project.files();
    let path = project.write("app.yaml", "users:\n - team:references(teams)?\nteams:\n key: code:string\n fields: [name:string, lead:references(users)?]\n");
    project.must(&["scaffold", &path]);
    assert!(
        project
            .read("src/users.rs")
            .contains("UserField::of(\"team\", &fields::STRING)")
    );
    let message = project.refused(&["destroy", "teams"]);
    assert!(
        message.contains("`users` refer to `teams`; destroy their attributes first: destroy users"),
        "{message}"
    );
    project.must(&["destroy", "teams", "users"]);
    std::fs::remove_file(project.path().join("app.yaml")).unwrap();
    assert!(before == project.files());
}

#[test]
fn an_upgrade_keeps_them() {
    let project = Project::new();
    project.must(&[&USERS[..], &["active: {column: is_active}"]].concat());
    let before = project.files();
    assert_eq!(project.must(&["upgrade"]), "nothing to do, everything is up to date\n");
    assert!(before == project.files());
    // As an older version would have written them.
    let list = project.read("src/users.rs");
    let old = list.replace("Read and shown", "Shown");
    project.write("src/users.rs", &old);
    let record = project.read(".scaffold/users.json");
    project.write(".scaffold/users.json", record.replace("Read and shown", "Shown"));
    let said = project.must(&["upgrade"]);
    assert!(said.contains("Updated src/users.rs"), "{said}");
    assert_eq!(project.read("src/users.rs"), list);
    assert_eq!(lines_of(&project, "src/main.rs", "users::FIELDS"), 1);
}

#[test]
fn a_record_that_names_what_is_not_theirs_is_refused() {
    let project = Project::new();
    project.must(&USERS);
    let record = project.read(".scaffold/users.json");
    for (part, other) in [
        ("\"src/users.rs\"", "\"src/main.rs\""),
        ("\"tests/resources/users.rs\"", "\"tests/resources/posts.rs\""),
        ("\"plural\": \"users\"", "\"plural\": \"posts\""),
        ("\"name\": \"phone\"", "\"name\": \"phone; drop table users\""),
        ("\"record\": {", "\"active\": \"a\\\"b\", \"record\": {"),
    ] {
        assert!(record.contains(part), "{part}");
        project.write(".scaffold/users.json", record.replace(part, other));
        let message = project.refused(&["destroy", "users"]);
        assert!(message.contains(".scaffold/users.json"), "{part}: {message}");
    }
}

/// Thirty attributes of all types, two of them required, and three resources, one of which refers to users.
#[test]
fn a_project_with_many_of_them_passes_its_own_tests() {
    let project = Project::called("members");
    let path = project.write(
        "members.yaml",
        std::fs::read_to_string(sample("tests/scaffold/members.yaml")).unwrap(),
    );
    project.must(&["scaffold", &path]);
    let folder = keep(&project, "members");
    let binary = build(&folder);
    cargo(&folder, &["fmt", "--all", "--check"]);
    let printed = cargo(&folder, &["test", "--test", "resources"]);
    assert!(!printed.contains("warning:"), "{printed}");
    assert!(printed.contains("test result: ok."), "{printed}");
    crate::api::on_each_engine(|config, dir, url| {
        for profile in ["tutorial", "scaffold-1.0", "scaffold-2.0"] {
            steps_back_and_forth(&config.clone().binary(&binary).env("FLASK_PROFILE", profile), dir, url);
        }
    });
    crate::api::on_each_engine(|config, dir, url| {
        let config = config.binary(&binary).env("FLASK_PROFILE", "scaffold-1.0");
        an_adopted_table_is_not_altered(&config, &folder, dir, url);
    });
}

/// Runs a subcommand; gives what it printed, or its error.
fn run(config: &ServerConfig, dir: &Path, args: &[&str]) -> Result<String, String> {
    let output = config.command(dir, args);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(text(&output.stdout)),
        false => Err(text(&output.stderr)),
    }
}

/// All migrations are applied to users who are there, reverted and applied again.
fn steps_back_and_forth(config: &ServerConfig, dir: &Path, url: &str) {
    let must = |args: &[&str]| run(config, dir, args).unwrap_or_else(|error| panic!("{url} {args:?}: {error}"));
    let steps = must(&["db", "upgrade"]).lines().count();
    must(&["db", "downgrade"]);
    let without = schema_of(url);
    let email = |number: u32| format!("user{number}@example.com");
    let columns = match without.contains("active") {
        true => ("email, password, name, active", "1"),
        false if without.contains("createddate") => (
            "email, password, name, createddate, createdby, updateddate, updatedby",
            "'2026-01-02 03:04:05', 'a', '2026-01-02 03:04:05', 'a'",
        ),
        false => ("email, password, name, is_enabled", "true"),
    };
    for number in 1..=3 {
        let (names, values) = columns;
        run_sql(
            url,
            &format!(
                "insert into users ({names}) values ('{}', 'x', 'A{number}', {values})",
                email(number)
            ),
        );
    }
    must(&["db", "upgrade"]);
    run_sql(url, "delete from users");
    for _ in 0..steps {
        must(&["db", "downgrade"]);
    }
}

/// A table that a Flask app made gets no column from us.
fn an_adopted_table_is_not_altered(config: &ServerConfig, folder: &Path, dir: &Path, url: &str) {
    let engine = Engine::of(url);
    let (id, name) = match engine {
        Engine::Sqlite => ("integer not null primary key", "sqlite"),
        Engine::Postgres => ("serial primary key", "postgres"),
        Engine::MySql => ("integer not null auto_increment primary key", "mysql"),
    };
    let text = "varchar(250) not null";
    run_sql(
        url,
        &format!(
            "create table roles (id {id}, name varchar(250) unique, description varchar(250));
             create table users (id {id}, email {text} unique, password {text}, name {text}, active integer not null,
             creation_time timestamp default current_timestamp not null, role varchar(250) references roles (name));
             create table teams (id {id}, name {text} unique)"
        ),
    );
    let before = schema_of(url);
    let refused = run(config, dir, &["db", "upgrade"]).unwrap_err();
    assert!(
        refused.contains("the table users belongs to a Flask app"),
        "{url}: {refused}"
    );
    assert!(
        refused.contains("alter table users add column company"),
        "{url}: {refused}"
    );
    assert!(before.lines().all(|line| schema_of(url).contains(line)), "{url}");
    let migrations = std::fs::read_dir(folder.join("migrations").join(name)).unwrap();
    let paths = migrations.map(|file| file.unwrap().path());
    let mut paths = paths.filter(|path| path.to_string_lossy().ends_with("_users_company.up.sql"));
    run_sql(url, &std::fs::read_to_string(paths.next().unwrap()).unwrap());
    let taken = run(config, dir, &["db", "upgrade"]).unwrap_or_else(|error| panic!("{url}: {error}"));
    let is_adopted = |line: &str| line.contains("users_company") && line.ends_with("adopted");
    assert!(taken.lines().any(is_adopted), "{url}: {taken}");
}
