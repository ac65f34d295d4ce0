//! The index of tests by route, in `tests/README.md`.

use std::{collections::BTreeMap, fs};

use serde_json::Value;

use super::source::root;

/// The modules that the index names, by route: `GET /api/users`.
fn index() -> BTreeMap<String, Vec<String>> {
    let text = fs::read_to_string(root().join("tests/README.md")).unwrap();
    let (_, table) = text.split_once("| route | tests |\n|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|')).map(|line| {
        let mut words = line.split('`').skip(1).step_by(2).map(str::to_owned);
        (words.next().unwrap(), words.collect())
    });
    rows.collect()
}

/// The routes of all profiles.
fn routes() -> Vec<String> {
    let mut routes = Vec::new();
    for profile in ["scaffold-1.0", "scaffold-2.0", "tutorial"] {
        let text = fs::read_to_string(root().join(format!("openapi/{profile}.json"))).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        for (path, operations) in document["paths"].as_object().unwrap() {
            let operations = operations.as_object().unwrap().iter();
            let operations = operations.filter(|(_, operation)| operation.get("operationId").is_some());
            routes.extend(operations.map(|(method, _)| format!("{} {path}", method.to_uppercase())));
        }
    }
    routes.sort();
    routes.dedup();
    routes
}

#[test]
fn each_route_is_in_the_index_of_tests() {
    assert_eq!(index().keys().cloned().collect::<Vec<_>>(), routes());
}

#[test]
fn each_module_that_the_index_names_tests_the_route() {
    for (route, modules) in index() {
        let path = route.split_once(' ').unwrap().1;
        // Tests name the beginning of a path with an id, and some only what comes after `/api/v1/`.
        let path = path.split("{id}").next().unwrap().trim_start_matches("/api/v1/");
        assert!(!modules.is_empty(), "{route}");
        for module in modules {
            let file = root()
                .join("tests")
                .join(module.replace("::", "/"))
                .with_extension("rs");
            let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file:?}: {error}"));
            assert!(text.contains(path), "{module} does not name {path}");
        }
    }
}
