//! What holds in each source: where SQL stands, who reads the environment, what can fail.

use regex::Regex;

use super::source::product_sources;

#[test]
fn sql_stands_only_in_models_and_in_the_database_room() {
    let sql = Regex::new(r#""\s*(select|insert into|update|delete from) "#).unwrap();
    for source in product_sources() {
        let path = &source.path;
        let allowed = path.starts_with("db") || path.file_name().is_some_and(|name| name == "models.rs");
        assert!(allowed || !sql.is_match(&source.code()), "{path:?} has SQL");
    }
}

#[test]
fn the_environment_is_read_only_in_the_configuration() {
    for source in product_sources() {
        assert!(
            source.path.starts_with("config") || !source.code().contains("env :: var"),
            "{:?} reads the environment",
            source.path
        );
    }
}

#[test]
fn no_input_path_can_panic_by_unwrap() {
    let calls = Regex::new(r"\. (unwrap|expect) \(|\b(panic|unreachable|todo) !").unwrap();
    for source in product_sources() {
        let code = source
            .code()
            .replace("unwrap(", "unwrap (")
            .replace("expect(", "expect (");
        let code = code.replace(".unwrap", ". unwrap").replace(".expect", ". expect");
        assert!(!calls.is_match(&code), "{:?} can panic", source.path);
    }
}

/// `print!` and its like panic where nobody reads, and so would take down what was only to be told.
#[test]
fn nothing_is_printed_in_a_way_that_can_fail() {
    let print = Regex::new(r"\be?print(ln)? ?!|\bdbg ?!").unwrap();
    for source in product_sources() {
        assert!(!print.is_match(&source.code()), "{:?} prints", source.path);
    }
}
