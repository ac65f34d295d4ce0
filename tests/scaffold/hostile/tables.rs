//! Resources that make no tables: too wide, in a circle, or in the way of a column that stays.

use super::all_refused;
use crate::support::project::Project;

#[test]
fn tables_that_are_too_wide_for_mysql() {
    let fields = |kind: &str, count: usize| -> String { (0..count).map(|n| format!(" - \"a{n}:{kind}\"\n")).collect() };
    for (kind, most, expected) in [
        ("string", 65, "too wide for a row of MySQL"),
        ("enum(a,b)?", 65, "too wide for a row of MySQL"),
        ("uuid", 55, "too wide for a row of MySQL"),
        ("integer^", 63, "has 64 fields that are unique, references or the owner"),
        (
            "references(users)",
            63,
            "has 64 fields that are unique, references or the owner",
        ),
    ] {
        let project = Project::new();
        let path = project.write("most.yaml", format!("posts:\n{}", fields(kind, most)));
        project.must(&["scaffold", &path, "--dry-run"]);
        all_refused([(
            format!("posts:\n{}", fields(kind, most + 1)),
            format!(":1: …{expected}"),
        )]);
    }
}

#[test]
fn a_circle_that_a_later_run_would_close() {
    let project = Project::new();
    let books = "books:\n - title:string\n - author:references(authors)\n - sequel_of:references(book)?\n";
    project.must(&["scaffold", "author", "name:string"]);
    let path = project.write("books.yaml", books);
    project.must(&["scaffold", &path]);
    let message = project.refused(&["scaffold", "author", "name:string", "best:references(books)"]);
    let expected = [
        "`best` is new in a table that may have rows",
        "refer to each other in a circle",
    ];
    assert!(expected.iter().all(|part| message.contains(part)), "{message}");
    // An author may be there before all books.
    project.must(&["scaffold", "author", "name:string", "best:references(books)?"]);
}

#[test]
fn the_owner_stays_a_column_when_nobody_owns_the_rows() {
    let project = Project::new();
    let scaffold = |auth: &str, fields: &str| {
        let path = project.write(
            "notes.yaml",
            format!("notes:\n  auth: {auth}\n  fields: [body:text{fields}]\n"),
        );
        project.run(&["scaffold", &path])
    };
    for auth in ["owner", "user", "owner", "user"] {
        assert!(scaffold(auth, "").status.success(), "{auth}");
    }
    let migrations: Vec<String> = project
        .files()
        .into_keys()
        .filter(|path| path.contains("_notes"))
        .collect();
    assert!(
        migrations.iter().all(|path| !path.contains("_owner_id")),
        "{migrations:?}"
    );
    let refused = scaffold("user", ", 'owner_id:integer?'");
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(
        message.contains("notes.yaml:3:") && message.contains("the table has `owner_id` since it had `auth: owner`"),
        "{message}"
    );
}
