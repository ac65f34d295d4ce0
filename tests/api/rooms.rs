//! The architecture's invariants, read off the sources (see ARCHITECTURE.md).

use std::{
    fs,
    path::{Path, PathBuf},
};

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
    found
        .into_iter()
        .map(|(path, text)| (path.strip_prefix(&root).unwrap().to_owned(), text))
        .collect()
}

/// The rooms below `src/` that a source imports.
fn imports(text: &str) -> Vec<String> {
    let uses = regex::Regex::new(r"crate::\{([^;]*)\};|crate::([a-z]+)").unwrap();
    let member = regex::Regex::new(r"(?m)^    ([a-z]+)(?:::|,|\b)").unwrap();
    let mut rooms = Vec::new();
    for found in uses.captures_iter(text) {
        if let Some(list) = found.get(1) {
            rooms.extend(member.captures_iter(list.as_str()).map(|name| name[1].to_owned()));
        } else {
            rooms.push(found[2].to_owned());
        }
    }
    rooms
}

#[test]
fn each_room_imports_only_what_its_row_allows() {
    let allowed = |room: &str| -> &[&str] {
        match room {
            "main" | "lib" => &["cli"],
            "text" => &[],
            "cli" => &[
                "app", "auth", "config", "db", "error", "flask", "jsonapi", "mail", "scaffold", "text", "web",
            ],
            "error" => &["web"],
            "config" => &["error", "flask"],
            "db" => &["config", "error", "args", "web"],
            "flask" => &["config"],
            "jsonapi" => &["db", "error", "flask"],
            "mail" => &["config", "error", "text"],
            "scaffold" => &["config", "error", "flask", "jsonapi"],
            "auth" => &["args", "config", "db", "error", "flask", "jsonapi", "mail", "text"],
            "web" => &["auth", "config", "error", "flask", "jsonapi"],
            "app" => &[
                "app", "args", "auth", "config", "db", "error", "flask", "jsonapi", "web",
            ],
            other => panic!("src/{other} has no row here and in ARCHITECTURE.md"),
        }
    };
    for (path, text) in sources() {
        let room = path
            .iter()
            .next()
            .unwrap()
            .to_string_lossy()
            .trim_end_matches(".rs")
            .to_owned();
        for import in imports(&text) {
            assert!(
                import == room || allowed(&room).contains(&import.as_str()),
                "{path:?} imports {import}"
            );
        }
    }
}

#[test]
fn sql_stands_only_in_models_and_in_the_database_room() {
    let sql = regex::Regex::new(r#""\s*(select|insert into|update|delete from) "#).unwrap();
    for (path, text) in sources() {
        let allowed = path.starts_with("db") || path.file_name().is_some_and(|name| name == "models.rs");
        assert!(allowed || !sql.is_match(&text), "{path:?} has SQL");
    }
}

#[test]
fn the_environment_is_read_only_in_the_configuration() {
    for (path, text) in sources() {
        assert!(
            path.starts_with("config") || !text.contains("env::var"),
            "{path:?} reads the environment"
        );
    }
}

#[test]
fn no_input_path_can_panic_by_unwrap() {
    for (path, text) in sources() {
        let product = text.split("#[cfg(test)]").next().unwrap();
        for call in [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!("] {
            assert!(!product.contains(call), "{path:?} has {call}");
        }
    }
}

/// `print!` and its like panic where nobody reads, and so would take down what was only to be told.
#[test]
fn nothing_is_printed_in_a_way_that_can_fail() {
    let print = regex::Regex::new(r"\be?print(ln)?!|\bdbg!").unwrap();
    for (path, text) in sources() {
        let product = text.split("#[cfg(test)]").next().unwrap();
        assert!(!print.is_match(product), "{path:?} prints");
    }
}
