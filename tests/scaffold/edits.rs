//! Files that were edited by hand survive whatever is generated after.

use crate::support::project::Project;

const MODELS: &str = "src/app/posts/models.rs";
const VIEWS: &str = "src/app/posts/views.rs";
const EDIT: &str = "// an edit of mine, which must not be lost";

/// A place in a file: its beginning, its end, or before the line that begins with a text.
#[derive(Clone, Copy, Debug)]
enum Place {
    Start,
    End,
    Before(&'static str),
    /// The line itself is changed.
    At(&'static str),
}

const PLACES: [(&str, &[Place]); 12] = [
    (
        MODELS,
        &[
            Place::Start,
            Place::End,
            Place::Before("/// A post to be added."),
            Place::Before("impl FromRow"),
            Place::Before("pub async fn delete"),
            Place::At("/// All posts by id."),
            Place::Before("    pub title: String"),
            Place::At("    db.insert_returning("),
        ],
    ),
    (
        VIEWS,
        &[
            Place::Start,
            Place::End,
            Place::Before("/// The routes on posts."),
            Place::At("        models::delete(&db, id.0)"),
            Place::Before("    async fn create_post"),
        ],
    ),
    (
        "src/app/posts/lib.rs",
        &[Place::Start, Place::End, Place::At("pub mod views;")],
    ),
    (
        "src/app/posts/Cargo.toml",
        &[Place::Start, Place::End, Place::Before("[lib]")],
    ),
    (
        "Cargo.toml",
        &[
            Place::Start,
            Place::End,
            Place::Before("app-posts = "),
            Place::At("# scaffold: resources"),
            Place::Before("[dependencies]"),
        ],
    ),
    (
        "tests/resources/posts.rs",
        &[Place::Start, Place::End, Place::Before("fn what_was_deleted_is_gone")],
    ),
    (
        "src/app/mod.rs",
        &[
            Place::Start,
            Place::End,
            Place::Before("        app_posts::views"),
            Place::At("        app_posts::views"),
        ],
    ),
    (
        "tests/resources/main.rs",
        &[Place::Start, Place::Before("const PROGRAM"), Place::End],
    ),
    (
        "templates/posts/form.html",
        &[
            Place::Start,
            Place::End,
            Place::Before("{% <form"),
            Place::At("  {{ <field.string name=\"title\""),
        ],
    ),
    (
        "templates/posts/index.html",
        &[Place::Start, Place::End, Place::Before("{% <list")],
    ),
    (
        "templates/menu.html",
        &[Place::Start, Place::End, Place::At("{{ <menu.item path=\"/posts\"")],
    ),
    ("migrations/sqlite/VERSION_posts.up.sql", &[Place::Start, Place::End]),
];

/// What the file of resources says after the edit.
const CHANGES: [(&str, &str); 4] = [
    ("nothing new", "posts:\n - title:string\n - body:text\n"),
    (
        "a field more",
        "posts:\n - title:string\n - body:text\n - author:string=nobody\n",
    ),
    (
        "other callers",
        "posts:\n  auth: admin\n  fields: [title:string, body:text]\n",
    ),
    (
        "another resource",
        "posts:\n - title:string\n - body:text\ncomments:\n - body:text\n",
    ),
];

fn edited(text: &str, place: Place) -> String {
    let line_of = |start: &str| {
        let mut lines = text.split_inclusive('\n');
        let before: usize = lines
            .by_ref()
            .take_while(|line| !line.starts_with(start))
            .map(str::len)
            .sum();
        assert!(before < text.len(), "there is no line {start:?}");
        before
    };
    match place {
        Place::Start => format!("{EDIT}\n{text}"),
        Place::End => format!("{text}{EDIT}\n"),
        Place::Before(start) => {
            let at = line_of(start);
            format!("{}{EDIT}\n{}", &text[..at], &text[at..])
        }
        Place::At(start) => {
            let at = line_of(start);
            let end = at + text[at..].find('\n').unwrap();
            format!("{} {EDIT}{}", &text[..end], &text[end..])
        }
    }
}

/// Whether a file is the one of the table, whose migrations have no version there.
fn is_meant(file: &str, path: &str) -> bool {
    match path.split_once("VERSION") {
        Some((start, end)) => file.starts_with(start) && file.ends_with(end),
        None => file == path,
    }
}

#[test]
fn no_edit_is_lost_by_a_regeneration() {
    let (mut cases, mut merged) = (0, 0);
    let scaffolded = Project::new();
    let blog = scaffolded.write("blog.yaml", CHANGES[0].1);
    scaffolded.must(&["scaffold", &blog]);
    let files = scaffolded.files();
    for (what, yaml) in CHANGES {
        for (path, places) in PLACES {
            for place in places {
                let project = Project::of(&files);
                let path = files.keys().find(|file| is_meant(file, path)).unwrap().clone();
                project.write(&path, edited(&project.read(&path), *place));
                project.write(&blog, yaml);
                let before = project.files();
                let output = project.run(&["scaffold", &blog]);
                let after = project.read(&path);
                assert!(after.contains(EDIT), "{what}, {path} {place:?}: the edit is lost");
                match output.status.code() {
                    Some(0) => merged += 1,
                    Some(2) => assert!(project.files() == before, "{what}, {path} {place:?}: refused half-way"),
                    code => panic!("{what}, {path} {place:?}: {code:?}"),
                }
                cases += 1;
            }
        }
    }
    assert!(cases >= 50, "{cases} cases");
    assert!(merged * 10 >= cases * 8, "only {merged} of {cases} were merged");
}

#[test]
fn a_conflict_is_told_and_force_ends_it() {
    let project = Project::new();
    let blog = project.write("blog.yaml", CHANGES[0].1);
    project.must(&["scaffold", &blog]);
    let mine = project
        .read(MODELS)
        .replace("insert into posts (title, body)", "insert into posts (body, title)");
    project.write(MODELS, &mine);
    project.write(&blog, CHANGES[1].1);
    let message = project.refused(&["scaffold", &blog]);
    let lines: Vec<&str> = mine.lines().collect();
    let told: usize = message.split(':').nth(2).unwrap().parse().unwrap();
    let edited = 1 + lines.iter().position(|line| line.contains("(body, title)")).unwrap();
    assert!(message.contains("src/app/posts/models.rs:"), "{message}");
    assert_eq!(told, edited, "{message}");
    assert!(
        message.contains("conflicts with your edits; nothing was written"),
        "{message}"
    );
    let lines = project.must(&["scaffold", &blog, "--force"]);
    assert!(lines.contains("Overwritten src/app/posts/models.rs"), "{lines}");
    assert!(project.read(MODELS).contains("insert into posts (title, body, author)"));
}

#[test]
fn a_file_that_was_deleted_stays_deleted() {
    let project = Project::new();
    let blog = project.write("blog.yaml", CHANGES[0].1);
    project.must(&["scaffold", &blog]);
    let path = project.path().join("tests/resources/posts.rs");
    std::fs::remove_file(&path).unwrap();
    project.write(&blog, CHANGES[1].1);
    let lines = project.must(&["scaffold", &blog]);
    assert!(
        lines.contains("Kept tests/resources/posts.rs (unchanged: you edited it)"),
        "{lines}"
    );
    assert!(!path.exists());
    assert!(project.read(MODELS).contains("author"));
}

/// A project with posts, in which a text of a file was replaced since.
fn edited_project(path: &str, from: &str, to: &str) -> Project {
    let project = Project::new();
    let blog = project.write("blog.yaml", CHANGES[0].1);
    project.must(&["scaffold", &blog]);
    let text = project.read(path);
    assert!(text.contains(from), "{text}");
    project.write(path, text.replace(from, to));
    project
}

#[test]
fn a_line_of_a_list_goes_with_its_resource_though_the_list_was_edited() {
    let project = edited_project("tests/resources/main.rs", "// scaffold: modules\n", "");
    project.must(&["destroy", "posts"]);
    assert!(!project.read("tests/resources/main.rs").contains("posts"));
    for (path, from, to) in [
        ("templates/menu.html", "label=\"Posts\"", "label=\"Blog\""),
        ("tests/resources/main.rs", "mod posts;", "pub(crate) mod posts;"),
        (
            "src/app/mod.rs",
            "app_posts::views::PostsApi,",
            "app_posts::views::PostsApi::new(),",
        ),
        (
            "Cargo.toml",
            "path = \"src/app/posts\" }",
            "path = \"src/app/posts\", features = [] }",
        ),
    ] {
        let project = edited_project(path, from, to);
        let line = 1 + project.read(path).lines().position(|line| line.contains(to)).unwrap();
        let message = project.refused(&["destroy", "posts"]);
        assert!(message.contains(&format!("{path}:{line}: `")), "{message}");
        project.must(&["destroy", "posts", "--force"]);
        assert!(!project.read(path).contains("posts"));
    }
}

#[test]
fn a_line_that_was_taken_out_of_a_list_is_told_and_put_back_by_force() {
    for (path, marker, line) in [
        (
            "Cargo.toml",
            "# scaffold: resources",
            "app-posts = { path = \"src/app/posts\" }",
        ),
        (
            "src/app/mod.rs",
            "        // scaffold: routes",
            "app_posts::views::PostsApi,",
        ),
        ("tests/resources/main.rs", "// scaffold: modules", "mod posts;"),
    ] {
        let project = edited_project(path, &format!("{line}\n"), "\n");
        let before = project.files();
        let lines = project.must(&["scaffold", "blog.yaml"]);
        assert_eq!(
            lines,
            format!("Kept {path} without `{line}`, which you removed; --force adds it again\n")
        );
        assert!(project.files() == before);
        project.must(&["scaffold", "blog.yaml", "--force"]);
        let indentation = &marker[..marker.len() - marker.trim_start().len()];
        let list = format!("{marker}\n{indentation}{line}\n");
        assert!(project.read(path).contains(&list), "{}", project.read(path));
    }
}

#[test]
fn a_module_of_ones_own_is_not_declared_twice() {
    let project = edited_project(
        "tests/resources/main.rs",
        "// scaffold: modules\n",
        "mod things;\n\n// scaffold: modules\n",
    );
    let message = project.refused(&["scaffold", "thing", "title:string"]);
    assert!(
        message.contains("tests/resources/main.rs:3: `mod things;` already exists"),
        "{message}"
    );
}

#[test]
fn a_list_at_the_end_of_a_file_may_lack_the_last_newline() {
    let project = Project::new();
    project.write("templates/menu.html", project.read("templates/menu.html").trim_end());
    let before = project.files();
    for name in ["post", "author"] {
        project.must(&["scaffold", name, "title:string"]);
    }
    let menu = project.read("templates/menu.html");
    assert!(menu.contains("menu #}\n{{ <menu.item path=\"/authors\""), "{menu}");
    for name in ["post", "author"] {
        project.must(&["destroy", name]);
    }
    assert!(project.files() == before);
}
