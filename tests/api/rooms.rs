//! The architecture's invariants, read off the sources (see ARCHITECTURE.md).

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Each file below `src/`, by its path there, without comments and tests.
fn sources() -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, into: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                into.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    collect(&root, &mut found);
    let comment = regex::Regex::new(r"(?m)^\s*//.*$").unwrap();
    let tests = regex::Regex::new(r"#\[cfg\(test\)\]\n(pub\(super\) )?mod tests \{").unwrap();
    let product = |text: &str| {
        let text = tests.split(text).next().unwrap();
        comment.replace_all(text, "").into_owned()
    };
    found
        .into_iter()
        .map(|(path, text)| (path.strip_prefix(&root).unwrap().to_owned(), product(&text)))
        .collect()
}

/// [`sources`] but for `testing`, whose code runs in tests only.
fn product_sources() -> Vec<(PathBuf, String)> {
    let mut sources = sources();
    sources.retain(|(path, _)| !path.starts_with("testing"));
    sources
}

/// The first part of a path below `src/`, without the ending.
fn room(path: &Path) -> &str {
    path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs")
}

/// The rooms below `src/` that a source imports. What stands at the library's root belongs to the room that has it.
fn imports(text: &str) -> Vec<String> {
    let used = regex::Regex::new(r"[^$\w]crate::(\{|\w+)").unwrap();
    let names = used.captures_iter(text).flat_map(|found| match &found[1] {
        "{" => members(&text[found.get(0).unwrap().end()..]),
        name => vec![name.to_owned()],
    });
    let rooms = names.map(|name| match name.as_str() {
        "App" | "run" => "project".to_owned(),
        "args" => "db".to_owned(),
        "Files" | "embed" => "embedded".to_owned(),
        _ => name,
    });
    rooms.collect()
}

/// The first part of each path in a list that has been opened.
fn members(list: &str) -> Vec<String> {
    let (mut depth, mut members) = (1, vec![String::new()]);
    for character in list.chars() {
        match character {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => members.push(String::new()),
            _ if depth == 1 => members.last_mut().unwrap().push(character),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    let first = |path: String| path.trim().split("::").next().unwrap().to_owned();
    let members = members.into_iter().map(first);
    members.filter(|member| !member.is_empty()).collect()
}

#[test]
fn every_form_of_an_import_is_seen() {
    let text = "use crate::web;\nuse crate::{error::{Error, Result}, App,\n    db,\n};\n fn f() { (crate::text::shown(), $crate::x) }";
    assert_eq!(imports(&format!("\n{text}")), ["web", "error", "project", "db", "text"]);
}

#[test]
fn each_room_imports_only_what_its_row_allows() {
    let allowed = |room: &str| -> &[&str] {
        match room {
            "lib" | "error" | "embedded" | "text" => &[],
            "project" => &["cli", "config", "embedded", "routes", "text"],
            "cli" => &[
                "auth", "config", "db", "error", "flask", "mail", "project", "routes", "scaffold", "text", "web",
            ],
            "routes" => &[
                "accounts", "auth", "config", "db", "error", "flask", "jsonapi", "project", "web",
            ],
            "accounts" => &["auth", "config", "db", "error", "flask", "jsonapi"],
            "auth" => &["config", "db", "error", "flask", "jsonapi", "mail", "text"],
            "web" => &["auth", "config", "embedded", "error", "flask", "jsonapi"],
            "scaffold" => &["embedded", "error", "flask", "jsonapi"],
            "jsonapi" => &["db", "error", "flask"],
            "mail" => &["config", "embedded", "error", "text"],
            "db" => &["config", "embedded", "error"],
            "config" => &["error", "flask"],
            "flask" => &["config"],
            // Only to show it to the library's own tests.
            "testing" => &["accounts", "auth", "config", "db", "flask", "jsonapi"],
            other => panic!("src/{other} has no row here and in ARCHITECTURE.md"),
        }
    };
    for (path, text) in sources() {
        let room = room(&path);
        for import in imports(&text) {
            assert!(
                import == room || allowed(room).contains(&import.as_str()),
                "{path:?} imports {import}"
            );
        }
    }
}

#[test]
fn sql_stands_only_in_models_and_in_the_database_room() {
    let sql = regex::Regex::new(r#""\s*(select|insert into|update|delete from) "#).unwrap();
    for (path, text) in product_sources() {
        let allowed = path.starts_with("db") || path.file_name().is_some_and(|name| name == "models.rs");
        assert!(allowed || !sql.is_match(&text), "{path:?} has SQL");
    }
}

#[test]
fn the_environment_is_read_only_in_the_configuration() {
    for (path, text) in product_sources() {
        assert!(
            path.starts_with("config") || !text.contains("env::var"),
            "{path:?} reads the environment"
        );
    }
}

#[test]
fn no_input_path_can_panic_by_unwrap() {
    for (path, text) in product_sources() {
        for call in [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!("] {
            assert!(!text.contains(call), "{path:?} has {call}");
        }
    }
}

/// `print!` and its like panic where nobody reads, and so would take down what was only to be told.
#[test]
fn nothing_is_printed_in_a_way_that_can_fail() {
    let print = regex::Regex::new(r"\be?print(ln)?!|\bdbg!").unwrap();
    for (path, text) in product_sources() {
        assert!(!print.is_match(&text), "{path:?} prints");
    }
}
