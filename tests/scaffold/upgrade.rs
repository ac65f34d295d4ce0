//! `upgrade`: projects of older versions, with and without edits, become as this version makes them; no edit is lost.
//!
//! An older version is made of this one by other texts of the skeleton and of the resources, in the files and in what
//! `.scaffold/` keeps of them, as that version would have written both.

use std::{fs, path::Path};

use serde_json::Value;

use super::locked::is_locked;
use crate::support::{
    program,
    project::{Project, build, keep, texts_in},
    server::ServerConfig,
    sql::run_sql,
};

const EDIT: &str = "an edit of mine, which must not be lost";

/// What an older version had in place of what this one has: the end of a path, the text now, the text then.
type Older<'t> = &'t [(&'static str, &'static str, &'static str)];

/// Five older versions.
const VERSIONS: [Older<'static>; 5] = [
    // The same, under another number.
    &[],
    // Words and settings of the project's own files.
    &[
        ("README.md", "## 2. Install and configure\n", "## 2. Configure\n"),
        (".env.example", "#PORT=5000\n", "#PORT=8000\n"),
        ("Dockerfile", "EXPOSE 5000", "EXPOSE 8000"),
        ("AGENTS.md", "## Map\n", "## Folders\n"),
    ],
    // Code of the program.
    &[
        (
            "src/main.rs",
            "    poem_scaffold::run(app)\n",
            "    poem_scaffold::serve(app)\n",
        ),
        (
            "src/app/mod.rs",
            "//! The resources of this project,",
            "//! The project's resources,",
        ),
        ("build.rs", "[\"migrations\", \"templates\"]", "[\"migrations\"]"),
        ("Cargo.toml", "publish = false\n", "publish = false\nauthors = []\n"),
    ],
    // Code of the resources.
    &[
        ("/models.rs", "/// All ", "/// Every one of the "),
        (
            "/views.rs",
            "        Ok(Deleted)\n",
            "        Ok(poem_scaffold::jsonapi::resource::Deleted)\n",
        ),
        ("/lib.rs", "pub mod models;\n", "pub mod models; // rows\n"),
        (
            "/index.html",
            "{% extends \"list.html\" %}",
            "{% extends \"table.html\" %}",
        ),
    ],
    // The lists, and the tests.
    &[
        ("templates/menu.html", "label=\"Users\"", "label=\"Accounts\""),
        (
            "tests/resources/main.rs",
            "/// The program under test.\n",
            "/// The program.\n",
        ),
        ("tests/resources/posts.rs", "const LIST", "pub const LIST"),
        (".gitignore", "/target\n", "/target/\n"),
    ],
];

/// Where people edit: a path, and the line that gets the edit above it; without one it comes to the end.
const EDITS: [(&str, Option<&str>, &str); 20] = [
    ("README.md", None, ""),
    ("README.md", Some("## 5. Run it"), ""),
    ("AGENTS.md", Some("## Tests"), "- "),
    (".env.example", Some("# Who may sign up"), "# "),
    ("Dockerfile", Some("USER app"), "# "),
    (".github/workflows/ci.yml", Some("      - run: cargo fmt"), "      # "),
    (".gitignore", None, "# "),
    ("Cargo.toml", Some("[dev-dependencies]"), "# "),
    ("build.rs", None, "// "),
    ("src/main.rs", Some("mod app;"), "// "),
    ("src/main.rs", None, "// "),
    ("src/app/mod.rs", None, "// "),
    ("src/app/posts/models.rs", Some("impl FromRow for Post"), "// "),
    ("src/app/posts/models.rs", None, "// "),
    ("src/app/posts/views.rs", Some("/// The routes on posts."), "// "),
    ("src/app/posts/lib.rs", None, "// "),
    ("templates/posts/index.html", None, "{# #} "),
    ("templates/menu.html", Some("{{ <menu.item path=\"/\""), "{# #} "),
    ("tests/resources/main.rs", None, "// "),
    ("tests/resources/posts.rs", None, "// "),
];

/// A project with posts and comments.
fn made() -> Project {
    let project = Project::new();
    project.must(&["scaffold", "blog.yaml"]);
    project
}

/// Makes the project one of an older version.
fn age(project: &Project, older: Older<'_>) {
    let mut replaced = 0;
    for (path, text) in texts_in(project.path()) {
        if path.starts_with(".scaffold/") {
            let mut record: Value = serde_json::from_str(&text).unwrap();
            for (file, text) in record["files"].as_object_mut().unwrap() {
                *text = aged(file, text.as_str().unwrap(), older).into();
            }
            if path == ".scaffold/skeleton" {
                record["version"] = "0.0.9".into();
            }
            project.write(&path, serde_json::to_string_pretty(&record).unwrap() + "\n");
        } else {
            let old = aged(&path, &text, older);
            replaced += usize::from(old != text);
            project.write(&path, &old);
        }
    }
    assert!(replaced >= older.len(), "some text is not there: {older:?}");
}

fn aged(path: &str, text: &str, older: Older<'_>) -> String {
    older
        .iter()
        .filter(|(end, ..)| path == *end || (end.starts_with('/') && path.ends_with(end)))
        .fold(text.to_owned(), |text, (_, now, then)| text.replace(now, then))
}

/// The text with the edit.
fn edited(text: &str, above: Option<&str>, comment: &str) -> String {
    let edit = match comment {
        "{# #} " => format!("{{# {EDIT} #}}"),
        comment => format!("{comment}{EDIT}"),
    };
    match above {
        None => format!("{text}{edit}\n"),
        Some(line) => {
            let at = text.find(&format!("\n{line}")).map_or(0, |at| at + 1);
            assert!(text[at..].starts_with(line), "there is no line {line:?}");
            format!("{}{edit}\n{}", &text[..at], &text[at..])
        }
    }
}

#[test]
fn projects_of_older_versions_become_as_new_ones_and_no_edit_is_lost() {
    let new = made();
    let expected = texts_in(new.path());
    let mut merged = 0;
    for older in VERSIONS {
        let old = made();
        age(&old, older);
        assert_ne!(texts_in(old.path()), expected);
        let refused = old.run(&["scaffold", "note", "text:text"]);
        assert_eq!(refused.status.code(), Some(2));
        let message = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            message.contains("0.0.9") && message.contains("`cargo run -- upgrade`"),
            "{message}"
        );
        let before = texts_in(old.path());
        old.must(&["upgrade", "--dry-run"]);
        old.must(&["upgrade", "--diff"]);
        assert_eq!(texts_in(old.path()), before, "who only looks changes nothing");
        old.must(&["upgrade"]);
        assert_eq!(texts_in(old.path()), expected);
        assert_eq!(old.must(&["upgrade"]), "nothing to do, everything is up to date\n");

        for (path, above, comment) in EDITS {
            // The same project again, as it was.
            for (name, text) in &before {
                old.write(name, text);
            }
            old.write(path, edited(&old.read(path), above, comment));
            let with_edit = texts_in(old.path());
            let output = old.run(&["upgrade"]);
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            if !output.status.success() {
                // What cannot be merged is refused with its place, and all stays as it was.
                assert_eq!(output.status.code(), Some(2), "{message}");
                assert!(message.contains(&format!("{path}:")), "{message}");
                assert_eq!(texts_in(old.path()), with_edit);
                continue;
            }
            merged += 1;
            assert_eq!(
                old.read(path),
                edited(&expected[path], above, comment),
                "{path} {older:?}"
            );
            for (name, text) in texts_in(old.path()).iter().filter(|(name, _)| *name != path) {
                assert_eq!(*text, expected[name], "{name}");
            }
        }
    }
    let all = VERSIONS.len() * EDITS.len();
    println!("{merged} of {all} edits were merged, the others refused");
    assert!(merged * 10 >= all * 9, "{merged} of {all}");
}

#[test]
fn an_upgraded_project_with_all_edits_is_built() {
    let old = made();
    age(&old, &VERSIONS.concat());
    let mut edits = 0;
    for (path, above, comment) in EDITS {
        let before = old.read(path);
        old.write(path, edited(&before, above, comment));
        match old.run(&["upgrade", "--dry-run"]).status.success() {
            true => edits += 1,
            false => drop(old.write(path, before)),
        }
    }
    assert!(edits >= 15, "{edits} of {}", EDITS.len());
    old.must(&["upgrade"]);
    let texts = texts_in(old.path());
    let code = texts.iter().filter(|(path, _)| !path.starts_with(".scaffold/"));
    assert_eq!(code.map(|(_, text)| text.matches(EDIT).count()).sum::<usize>(), edits);
    build(&keep(&old, "upgraded"));
}

#[test]
fn what_was_deleted_or_is_the_projects_own_stays_so() {
    let old = made();
    age(&old, VERSIONS[1]);
    fs::remove_file(old.path().join("Dockerfile")).unwrap();
    let said = old.must(&["upgrade"]);
    assert!(said.contains("Kept Dockerfile (unchanged: you edited it)"), "{said}");
    assert!(!old.path().join("Dockerfile").exists());

    // A file that an older version did not have.
    let old = made();
    age(&old, VERSIONS[0]);
    let mut record: Value = serde_json::from_str(&old.read(".scaffold/skeleton")).unwrap();
    record["files"].as_object_mut().unwrap().remove("AGENTS.md").unwrap();
    old.write(".scaffold/skeleton", record.to_string());
    old.write("AGENTS.md", "mine\n");
    old.must(&["upgrade"]);
    assert_eq!(old.read("AGENTS.md"), "mine\n");
}

#[test]
fn an_edit_where_the_new_version_differs_is_named_and_kept() {
    let old = made();
    age(&old, VERSIONS[1]);
    old.write(
        "README.md",
        old.read("README.md")
            .replace("## 2. Configure", "## 2. Configure it well"),
    );
    let before = texts_in(old.path());
    let output = old.run(&["upgrade"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        message.contains("README.md:9: conflicts with your edits; nothing was written"),
        "{message}"
    );
    assert_eq!(texts_in(old.path()), before);
    let shown = old.must(&["upgrade", "--diff", "--force"]);
    assert!(
        shown.contains("-## 2. Configure it well\n+## 2. Install and configure\n"),
        "{shown}"
    );
    old.must(&["upgrade", "--force"]);
    assert_eq!(texts_in(old.path()), texts_in(made().path()));
}

#[test]
fn a_project_of_another_library_is_left_to_its_own_program() {
    let old = made();
    let entry = "name = \"poem_scaffold\"\nversion = \"";
    let lock = old.read("Cargo.lock");
    old.write(
        "Cargo.lock",
        lock.replace(&format!("{entry}0.1.0"), &format!("{entry}7.0.0")),
    );
    for args in [&["scaffold", "blog.yaml"][..], &["destroy", "posts"], &["upgrade"]] {
        let output = old.run(args);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(
            message.contains("0.1.0") && message.contains("7.0.0") && message.contains("`cargo run --`"),
            "{message}"
        );
    }
}

/// The installed program does not have the project's migrations, and its own database has another name.
#[test]
fn what_the_projects_database_has_is_not_destroyed_by_the_installed_program() {
    let project = made();
    let url = format!("sqlite:{}/blog.db", project.path().display());
    let config = ServerConfig::of(program()).env("DATABASE_URL", &url);
    let elsewhere = tempfile::tempdir().unwrap();
    assert!(config.command(elsewhere.path(), &["db", "upgrade"]).status.success());
    project.must(&["destroy", "comments", "--dry-run"]);
    let path = texts_in(project.path())
        .into_keys()
        .find(|path| path.ends_with("_comments.up.sql"))
        .unwrap();
    let version = path.rsplit('/').next().unwrap().split('_').next().unwrap().to_owned();
    run_sql(
        &url,
        &format!(
            "insert into poem_scaffold_migrations (version, description, success, checksum, execution_time)
             select {version}, 'comments', success, checksum, 0 from poem_scaffold_migrations limit 1"
        ),
    );
    let output = project.run(&["destroy", "comments"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        message.contains(&format!("migration {version} is applied to the database")),
        "{message}"
    );
    project.must(&["destroy", "comments", "--force"]);
}

/// What a project does of itself is its own program's: `serve`, `db`, `user`, `openapi`.
#[test]
fn commands_of_a_server_are_handed_to_the_projects_own_program() {
    let project = made();
    let tools = tempfile::tempdir().unwrap();
    let cargo = tools.path().join("cargo");
    fs::write(&cargo, "#!/bin/sh\necho \"$PWD: cargo $*\"\nexit 7\n").unwrap();
    fs::set_permissions(&cargo, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", tools.path().display());
    let below = project.path().join("src/app");
    let real = fs::canonicalize(project.path()).unwrap();
    for args in [
        &["db", "status"][..],
        &["user", "list"],
        &["openapi", "--all"],
        &["serve", "--port", "0"],
        &[],
    ] {
        let output = ServerConfig::of(program()).env("PATH", &path).command(&below, args);
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(7), "{said}");
        let expected = format!("{}: cargo run --quiet -- {}", real.display(), args.join(" "));
        assert_eq!(said.lines().nth(1).unwrap().trim_end(), expected.trim_end());
        assert!(said.starts_with("This is the project `blog`"), "{said}");
    }
}

/// What becomes of a page of ours once the project has its own.
#[test]
fn a_page_is_copied_once_and_never_overwritten() {
    let project = made();
    let list = project.must(&["eject", "pages"]);
    assert!(
        list.lines().any(|line| line == "login.html") && list.lines().count() > 10,
        "{list}"
    );
    project.must(&["eject", "pages", "login.html"]);
    let ours = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/login.html")).unwrap();
    assert_eq!(project.read("templates/login.html"), ours);
    for (name, expected) in [
        ("login.html", "templates/login.html: already exists"),
        ("logn.html", "did you mean `login.html`?"),
        ("../../etc/passwd", "unknown page"),
    ] {
        let output = project.run(&["eject", "pages", name]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_page_that_cannot_be_rendered_is_named_before_the_server_starts() {
    let project = Project::called("broken-page");
    project.must(&["eject", "pages", "login.html"]);
    let page = project.read("templates/login.html");
    for (wrong, line) in [
        (format!("{page}{{% if %}}\n"), "12 | {% if %}"),
        (
            page.replace("Sign in</button>", "{{ nothing_of_ours }}</button>"),
            "nothing_of_ours",
        ),
    ] {
        assert_ne!(wrong, page);
        project.write("templates/login.html", wrong);
        let binary = build(&keep(&project, "broken-page"));
        let folder = tempfile::tempdir().unwrap();
        let output = ServerConfig::of(&binary).command(folder.path(), &["serve", "--port", "0"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        for part in ["error: templates/: ", "login.html", line] {
            assert!(message.contains(part), "{part}: {message}");
        }
        assert_eq!(message.matches("error: ").count(), 1, "{message}");
    }
}

/// Cargo takes what an upgrade leaves.
#[test]
fn the_lock_file_stays_good() {
    let old = made();
    age(&old, VERSIONS[2]);
    old.must(&["upgrade"]);
    is_locked(&old);
}
