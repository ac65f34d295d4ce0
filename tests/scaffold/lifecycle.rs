//! What `scaffold` writes and says, what it does the second time, and how `destroy` undoes it.

use std::{collections::BTreeMap, thread};

use serde_json::{Value, json};

use crate::support::{
    program,
    project::{Project, sample, says},
    server::ServerConfig,
};

const BLOG: &str = "tests/parity/scaffold/blog-S1.yaml";
const ALL_TYPES: &str = "tests/parity/scaffold/alltypes-S1.yaml";

/// A project with the originals' files of resources in it.
fn new_project() -> Project {
    let project = Project::new();
    for path in [BLOG, ALL_TYPES] {
        let text = std::fs::read_to_string(sample(path)).unwrap();
        project.write(path, text);
    }
    project
}

#[test]
fn what_was_done_is_told_in_the_originals_words_and_then_what_to_do() {
    let project = new_project();
    let lines = project.must(&["scaffold", BLOG]);
    for expected in [
        "src/app/posts created successfully\nRegistered Blueprints for posts\nsrc/app/comments created successfully\n",
        "\nUpdated src/app/mod.rs\n",
        "\nUpdated tests/resources/main.rs\n",
        "\nUpdated Cargo.toml\n",
        "\nUpdated Cargo.lock\n",
        "\nCreated migrations/sqlite/20260101000000_posts.up.sql\n",
        "\nNext:\n  cargo run -- db upgrade ",
        "-d @src/app/posts/example.json\n",
    ] {
        let versioned = expected.replace("20260101000000", &version(&project, "posts"));
        assert!(lines.contains(&versioned), "{versioned}: {lines}");
    }
}

#[test]
fn a_table_is_made_after_those_of_the_library() {
    let project = Project::new();
    project.must(&["scaffold", "post", "title:string"]);
    let version = version(&project, "posts");
    for engine in ["sqlite", "postgres", "mysql"] {
        for file in std::fs::read_dir(sample(&format!("migrations/{engine}"))).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            let is_folder = !name.ends_with(".sql");
            assert!(is_folder || *version > *name, "{version} comes before {name}");
        }
    }
}

/// The version of the migration that makes a table.
fn version(project: &Project, table: &str) -> String {
    let end = format!("_{table}.up.sql");
    let files = project.files();
    let path = files.keys().find(|path| path.ends_with(&end)).unwrap();
    path.rsplit('/').next().unwrap().trim_end_matches(&end).to_owned()
}

#[test]
fn a_second_run_writes_nothing_and_says_so() {
    let project = new_project();
    project.must(&["scaffold", BLOG]);
    let before = project.files();
    assert_eq!(
        project.must(&["scaffold", BLOG]),
        "nothing to do, everything is up to date\n"
    );
    assert!(project.files() == before);
    for option in ["--dry-run", "--diff"] {
        assert_eq!(
            project.must(&["scaffold", BLOG, option]),
            "nothing to do, everything is up to date\n"
        );
    }
    // Other spellings of the same.
    let yaml = "authors: {fields: {name: string, profile: text, url: url}}\n";
    let path = project.write("authors.yaml", yaml);
    let before = project.files();
    assert_eq!(
        project.must(&["scaffold", &path]),
        "nothing to do, everything is up to date\n"
    );
    let words = ["scaffold", "author", "name:string", "profile:text", "url:url"];
    assert_eq!(project.must(&words), "nothing to do, everything is up to date\n");
    assert!(project.files() == before);
}

#[test]
fn destroy_leaves_the_project_as_it_was() {
    let project = new_project();
    let wide = std::fs::read_to_string(sample("tests/scaffold/wide.yaml")).unwrap();
    let wide = project.write("wide.yaml", wide);
    let mut trees: Vec<BTreeMap<String, Vec<u8>>> = vec![project.files()];
    for path in [BLOG, ALL_TYPES, &wide] {
        project.must(&["scaffold", path]);
        trees.push(project.files());
    }
    let refused = project.refused(&["destroy", "categories"]);
    assert!(
        refused.contains("`articles` refers to `categories`; destroy it first"),
        "{refused}"
    );
    for names in [
        &[
            "attachment",
            "mp3_note",
            "mp3",
            "remarks",
            "secret",
            "articles",
            "category",
            "diary_entries",
            "memo",
            "news",
            "shop",
            "equipment_item",
            "couple",
            "payload",
            "customer_support_conversation_participant",
        ][..],
        &["specimens"],
        &["post", "comments", "author"],
    ] {
        trees.pop();
        for name in names {
            project.must(&["destroy", name]);
        }
        assert!(project.files() == *trees.last().unwrap(), "{names:?}");
    }
    let refused = project.refused(&["destroy", "post"]);
    assert!(
        refused.contains("unknown resource `post`; no resource was scaffolded here"),
        "{refused}"
    );
}

#[test]
fn destroy_does_not_delete_edits_unless_told_to() {
    let project = new_project();
    let before = project.files();
    project.must(&["scaffold", BLOG]);
    let path = "src/app/posts/views.rs";
    project.write(path, project.read(path) + "// mine\n");
    let refused = project.refused(&["destroy", "posts"]);
    assert!(refused.contains("src/app/posts/views.rs: was edited"), "{refused}");
    project.must(&["destroy", "posts", "--force"]);
    project.must(&["destroy", "comments"]);
    // A file of the user's own stays, and its folder with it.
    project.write("src/app/authors/helper.rs", "// mine\n");
    project.must(&["destroy", "authors"]);
    assert_eq!(project.read("src/app/authors/helper.rs"), "// mine\n");
    std::fs::remove_dir_all(project.path().join("src/app/authors")).unwrap();
    assert!(project.files() == before);
}

#[test]
fn what_would_be_done_can_be_seen_first() {
    let project = new_project();
    let before = project.files();
    let list = project.must(&["scaffold", BLOG, "--dry-run"]);
    assert!(
        list.starts_with("nothing was written; the changes would be:\n"),
        "{list}"
    );
    assert!(list.contains("\nCreated     src/app/posts/models.rs\n"), "{list}");
    let diff = project.must(&["scaffold", BLOG, "--diff"]);
    assert!(diff.contains("+++ b/src/app/mod.rs\n"), "{diff}");
    assert!(diff.contains("\n+        app_posts::views::PostsApi,\n"), "{diff}");
    let json: Value = serde_json::from_str(&project.must(&["scaffold", BLOG, "--json", "--dry-run"])).unwrap();
    assert_eq!(json["applied"], false);
    assert!(project.files() == before);
    let json: Value = serde_json::from_str(&project.must(&["scaffold", BLOG, "--json"])).unwrap();
    assert_eq!(json["created"], json!(["posts", "comments", "authors"]));
    assert_eq!(json["files"]["src/app/mod.rs"], "updated");
    assert_eq!(json["applied"], true);
    let before = project.files();
    let list = project.must(&["destroy", "posts", "--dry-run"]);
    assert!(list.contains("\nRemoved     src/app/posts/models.rs\n"), "{list}");
    assert!(project.files() == before);
}

#[test]
fn a_field_more_is_a_migration_more() {
    let project = Project::new();
    let yaml = |fields: &str| project.write("blog.yaml", format!("posts:\n{fields}"));
    let path = yaml(" - title:string\n");
    project.must(&["scaffold", &path]);
    let first = project.files();
    yaml(" - title:string\n - subtitle:string=none\n - slug:string?^\n");
    let lines = project.must(&["scaffold", &path]);
    assert!(lines.contains("Updated src/app/posts/models.rs\n"), "{lines}");
    let second = project.files();
    let new: Vec<&String> = second.keys().filter(|path| !first.contains_key(*path)).collect();
    assert_eq!(new.len(), 6, "{new:?}");
    assert!(new.iter().all(|path| path.contains("_posts_subtitle.")), "{new:?}");
    for (path, content) in first.iter().filter(|(path, _)| path.starts_with("migrations/")) {
        assert!(second[path] == *content, "{path} was changed");
    }
    let up = new
        .iter()
        .find(|path| path.starts_with("migrations/sqlite/") && path.ends_with("up.sql"))
        .unwrap();
    assert_eq!(
        project.read(up),
        "-- Adds to the posts table: subtitle, slug.\n\
         alter table posts add column subtitle text not null default ('none');\n\
         alter table posts add column slug text;\n\
         create unique index posts_slug_key on posts (slug);\n"
    );
    assert!(project.read("src/app/posts/models.rs").contains("pub subtitle: String"));
    assert_eq!(
        project.must(&["scaffold", &path]),
        "nothing to do, everything is up to date\n"
    );
    // Destroying takes both migrations.
    project.must(&["destroy", "posts"]);
    assert!(!project.files().keys().any(|path| path.contains("posts")));
}

#[test]
fn what_would_lose_data_is_refused() {
    let project = Project::new();
    let path = project.write(
        "blog.yaml",
        "posts:\n - title:string\n - body:text\n - kind:enum(a,b)\n",
    );
    project.must(&["scaffold", &path]);
    for (yaml, expected) in [
        (
            "posts:\n - title:string\n - kind:enum(a,b)\n",
            ":1: the field `body` of `posts` is missing",
        ),
        (
            "posts:\n - title:text\n - body:text\n - kind:enum(a,b)\n",
            ":2: `title` already exists with a different type, `?` or `^`",
        ),
        (
            "posts:\n - title:string?\n - body:text\n - kind:enum(a,b)\n",
            ":2: `title` already exists with a different type, `?` or `^`",
        ),
        (
            "posts:\n - title:string^\n - body:text\n - kind:enum(a,b)\n",
            ":2: `title` already exists with a different type, `?` or `^`",
        ),
        (
            "posts:\n - title:string\n - body:text\n - kind:enum(a,b)\n - slug:string^\n",
            ":5: `slug` is new in a table that may have rows",
        ),
        (
            "posts:\n - title:string\n - body:text\n - kind:enum(a,b)\n - writer:references(users)\n",
            ":5: `writer` is new in a table that may have rows",
        ),
    ] {
        project.write("blog.yaml", yaml);
        let message = project.refused(&["scaffold", &path]);
        assert!(says(&message, expected), "{message}");
    }
    // A value more of an enum and other bounds are code only.
    project.write(
        "blog.yaml",
        "posts:\n - title:string\n - body:text\n - kind:enum(a,b,c)\n",
    );
    let lines = project.must(&["scaffold", &path]);
    assert!(!lines.contains("migrations/"), "{lines}");
}

#[test]
fn a_projects_own_templates_win() {
    let project = new_project();
    let template = "scaffold/templates/src/app/resources/views.rs";
    let ours = std::fs::read_to_string(sample(template)).unwrap();
    let text = ours.replace("/// The routes on [[ many ]].", "/// Our routes on [[ many ]].");
    project.write(template, text);
    project.must(&["scaffold", BLOG]);
    assert!(
        project
            .read("src/app/posts/views.rs")
            .contains("/// Our routes on posts.")
    );
    // The embedded one is taken where the project has none.
    std::fs::remove_file(project.path().join(template)).unwrap();
    project.must(&["scaffold", ALL_TYPES]);
    assert!(
        project
            .read("src/app/specimens/views.rs")
            .contains("/// The routes on specimens.")
    );
}

#[test]
fn the_project_is_found_from_inside_and_by_its_name() {
    let project = new_project();
    let root = project.path().to_str().unwrap().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let run = |dir: &std::path::Path, args: &[&str]| {
        let output = ServerConfig::of(program()).command(dir, args);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    run(
        &project.path().join("tests/resources"),
        &["scaffold", "post", "title:string"],
    );
    run(elsewhere.path(), &["scaffold", "comment", "body:text", "--root", &root]);
    let modules = project.read("src/app/mod.rs");
    let routes =
        "// scaffold: routes\n        app_comments::views::CommentsApi,\n        app_posts::views::PostsApi,\n";
    assert!(modules.contains(routes), "{modules}");
}

#[test]
fn runs_at_the_same_time_wait_for_each_other() {
    let project = new_project();
    let names: Vec<String> = (0..6).map(|number| format!("thing{number}")).collect();
    thread::scope(|scope| {
        for name in &names {
            scope.spawn(|| project.must(&["scaffold", name, "title:string"]));
        }
    });
    let modules = project.read("src/app/mod.rs");
    for name in &names {
        assert!(modules.contains(&format!(" app_{name}s::views::")), "{modules}");
    }
    let files = project.files();
    let versions: std::collections::BTreeSet<&str> = files
        .keys()
        .filter(|path| path.starts_with("migrations/sqlite/") && path.contains("_thing"))
        .map(|path| path.split(['/', '_']).nth(2).unwrap())
        .collect();
    assert_eq!(versions.len(), names.len(), "each has a version of its own");
}

#[test]
fn the_code_of_a_resource_is_short_and_hides_nothing() {
    let project = new_project();
    project.must(&["scaffold", BLOG]);
    for plural in ["posts", "comments", "authors"] {
        let text: String = ["lib", "models", "views"]
            .map(|name| project.read(&format!("src/app/{plural}/{name}.rs")))
            .concat();
        assert!(text.lines().count() <= 290, "{plural}: {} lines", text.lines().count());
        for word in ["allow(", "unwrap", "expect(", "todo", "[[", "[%"] {
            assert!(!text.contains(word), "{plural} has {word}");
        }
        let tests = project.read(&format!("tests/resources/{plural}.rs"));
        assert!(tests.matches("#[test]").count() >= 12, "{plural}");
    }
}

#[test]
fn a_resource_whose_tables_are_there_is_not_destroyed() {
    let project = Project::new();
    project.must(&["scaffold", "post", "title:string"]);
    // As if the build with the migration had taken it: only its number is looked at.
    let version = version(&project, "posts");
    project.write(".env", "DATABASE_URL=sqlite:rows.db\n");
    // As the project's own program would, which is the same one but for the names.
    let upgraded = ServerConfig::of(program())
        .env("CARGO", "cargo")
        .command(project.path(), &["db", "upgrade"]);
    assert!(
        upgraded.status.success(),
        "{}",
        String::from_utf8_lossy(&upgraded.stderr)
    );
    let database = format!("sqlite://{}", project.path().join("rows.db").display());
    let known = run_sql_version(&database);
    let files = project.files();
    let renamed = files.keys().filter(|path| path.contains(&version));
    assert_eq!(renamed.count(), 6);
    for path in files.keys().filter(|path| path.contains(&version)) {
        let place = project.path().join(path.replace(&version, &known));
        std::fs::rename(project.path().join(path), place).unwrap();
    }
    let state = project.read(".scaffold/posts.json").replace(&version, &known);
    project.write(".scaffold/posts.json", state);
    let expected = format!("migration {known} is applied to the database");
    let message = project.refused(&["destroy", "posts"]);
    assert!(message.contains(&expected), "{message}");
    // Wherever it is said.
    let root = project.path().to_str().unwrap();
    for (folder, args) in [
        (project.path().join("src/app"), &["destroy", "posts"][..]),
        (std::env::temp_dir(), &["destroy", "posts", "--root", root]),
    ] {
        let output = ServerConfig::of(program()).command(&folder, args);
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(&expected), "{message}");
    }
    project.must(&["destroy", "posts", "--force"]);
}

/// The number of a migration that the database has.
fn run_sql_version(database: &str) -> String {
    crate::support::sql::query(database, "select max(version) from poem_scaffold_migrations")
}

#[test]
fn who_may_see_a_row_counts_for_the_resources_that_refer_to_it() {
    let project = Project::new();
    let diaries = |auth: &str| format!("diary:\n  auth: {auth}\n  fields: [title:string]\n");
    let notes = "note:\n  - body:text\n  - diary:references(diary)\n";
    let path = project.write("both.yaml", format!("{}{notes}", diaries("owner")));
    project.must(&["scaffold", &path]);
    let masks = || {
        let (models, views) = (
            project.read("src/app/notes/models.rs"),
            project.read("src/app/notes/views.rs"),
        );
        assert_eq!(
            models.contains("where id = ? and owner_id = ?"),
            models.contains("mask_diary")
        );
        assert_eq!(
            views.matches(".mask_references(").count() == 2,
            models.contains("NO_ROW")
        );
        (models.contains("NO_ROW"), models.contains("mask_diary"))
    };
    assert_eq!(masks(), (true, true));
    for (auth, expected) in [
        ("user", (false, false)),
        ("admin", (true, false)),
        ("owner", (true, true)),
        ("{get: public}", (false, false)),
    ] {
        // The notes are not in this file.
        let path = project.write("diaries.yaml", diaries(auth));
        project.must(&["scaffold", &path]);
        assert_eq!(masks(), expected, "{auth}");
    }
}

#[test]
fn resources_that_refer_to_each_other_go_together() {
    let project = Project::new();
    let before = project.files();
    let path = "circle.yaml";
    let text = "authors:\n  - name:string\n  - best:references(books)?\nbooks:\n  - author:references(authors)\n";
    project.write(path, text);
    project.must(&["scaffold", path]);
    let message = project.refused(&["destroy", "authors"]);
    assert!(
        message.contains("destroy them together: destroy books authors"),
        "{message}"
    );
    project.must(&["destroy", "authors", "books"]);
    std::fs::remove_file(project.path().join(path)).unwrap();
    assert!(project.files() == before);
}

#[test]
fn five_plain_fields_are_little_code() {
    let project = Project::new();
    let fields = |kinds: [&str; 5]| {
        let names = ["title", "summary", "author", "published_on", "approved"];
        let lines = names
            .iter()
            .zip(kinds)
            .map(|(name, kind)| format!("  - {name}:{kind}\n"));
        lines.collect::<String>()
    };
    let posts = fields(["string", "text", "string", "date", "boolean"]);
    let notices = fields(["string", "string", "text", "datetime", "integer"]);
    let path = project.write("plain.yaml", format!("posts:\n{posts}notices:\n{notices}"));
    project.must(&["scaffold", &path]);
    for plural in ["posts", "notices"] {
        let files = ["models.rs", "views.rs"].map(|file| project.read(&format!("src/app/{plural}/{file}")));
        let lines: usize = files.iter().map(|text| text.lines().count()).sum();
        assert!((150..=250).contains(&lines), "{plural}: {lines} lines");
    }
}
