//! The files that a run may write, move or delete: the one place that decides it.
//!
//! Journals and records in `.scaffold/` come with a clone, so they may name any path. Links are [`super::project`]'s to
//! find.

use super::{
    lists,
    model::USERS,
    names,
    record::RECORDS,
    reserved,
    skeleton::{self, RECORD},
    source::shown,
    types::ENGINES,
};
use crate::error::{Error, Result};

/// Endings of the files of a resource.
const ENDINGS: [&str; 3] = ["rs", "json", "html"];
/// The description of its crate.
const MANIFEST: &str = "Cargo.toml";

/// Checks a path that the file `named_in` names; with `plural` it must be of that resource.
///
/// # Errors
/// [`Error::Refused`] with the file, the path and what is allowed.
pub fn check(path: &str, named_in: &str, plural: Option<&str>) -> Result<()> {
    let is_resource = |name: &str| match plural {
        Some(plural) => name == plural,
        None => reserved::is_module(name),
    };
    let is_users = plural.is_none_or(|plural| plural == USERS);
    let is_own = |name: Option<&str>| name.is_some_and(|name| is_resource(name) || is_users && name == USERS);
    let parts: Vec<&str> = path.split('/').collect();
    let is_allowed = match parts.as_slice() {
        ["src", "app", resource, MANIFEST] => is_resource(resource),
        ["src", "app", resource, file] | ["templates", resource, file] => is_resource(resource) && is_plain(file),
        ["src", "users.rs"] => is_users,
        _ if lists::PATHS.contains(&path) || skeleton::is_part(path) || path == RECORD => plural.is_none(),
        ["tests", "resources", file] => is_own(file.strip_suffix(".rs")),
        ["migrations", engine, file] => ENGINES.contains(engine) && is_migration(file, plural),
        [RECORDS, file] => is_own(file.strip_suffix(".json")),
        _ => false,
    };
    if is_allowed {
        return Ok(());
    }
    let (resource, lists) = match plural {
        Some(plural) => (plural, String::new()),
        None => ("RESOURCE", format!("{}, what `new` makes, ", lists::PATHS.join(", "))),
    };
    Err(Error::Refused(format!(
        "{named_in}: the path `{}` is not one that scaffold writes; allowed are {lists}src/app/{resource}/FILE, \
         templates/{resource}/FILE, tests/resources/{resource}.rs, migrations/ENGINE/VERSION_{resource}[_FIELD].up.sql \
         and .down.sql, {RECORDS}/{resource}.json. Restore {named_in} from version control, or delete it",
        shown(path)
    )))
}

/// Whether it is the name of a file of a resource.
fn is_plain(file: &str) -> bool {
    file.split_once('.')
        .is_some_and(|(name, ending)| names::is_spelled(name) && ENDINGS.contains(&ending))
}

/// Whether it is the name of one half of a migration: the version, the table and maybe a field.
fn is_migration(file: &str, plural: Option<&str>) -> bool {
    let name = file.strip_suffix(".up.sql").or_else(|| file.strip_suffix(".down.sql"));
    let Some((version, name)) = name.and_then(|name| name.split_once('_')) else {
        return false;
    };
    let is_of =
        |plural: &str| matches!(name.strip_prefix(plural), Some(rest) if rest.is_empty() || rest.starts_with('_'));
    version.parse::<i64>().is_ok()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        && plural.is_none_or(is_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_run_writes_is_allowed_and_nothing_else_is() {
        let own = [
            "src/app/posts/Cargo.toml",
            "src/app/posts/models.rs",
            "src/app/posts/example.json",
            "templates/posts/index.html",
            "tests/resources/posts.rs",
            "migrations/sqlite/20260101000000_posts.up.sql",
            "migrations/mysql/20260101000000_posts_title_that_is_as_long_as_names_may_be_and_longer.down.sql",
            ".scaffold/posts.json",
        ];
        for path in own.iter().chain(&lists::PATHS) {
            assert!(check(path, "x", None).is_ok(), "{path}");
            assert_eq!(check(path, "x", Some("posts")).is_ok(), own.contains(path), "{path}");
            assert!(check(path, "x", Some("comments")).is_err(), "{path}");
        }
        for path in [
            "",
            ".",
            "..",
            "/",
            "/etc/passwd",
            "//src/app/posts/models.rs",
            "/src/app/posts/models.rs",
            "../posts.rs",
            "src/app/../../x.rs",
            "src/app/posts/../x.rs",
            "src/app/./models.rs",
            "src/app//models.rs",
            "src/app/posts/",
            "src/app/posts/.rs",
            "src/app/posts/models.rs/",
            "src/app/posts/models.rs\0",
            "src/app/posts/a b.rs",
            "src/app/posts/..rs",
            "src/app/posts/models.sh",
            "src\\app\\posts\\models.rs",
            "src/app/posts\\x/models.rs",
            "C:\\x.rs",
            "C:/x.rs",
            "~/x.rs",
            "src/lib.rs",
            "src/app",
            "src/app/posts.rs",
            "src/app/users/models.rs",
            "src/users/x.rs",
            "templates/users/form.html",
            "src/app/posts/deeper/models.rs",
            "templates/static/js.html",
            "templates/layout.html",
            "tests/suite.rs",
            "tests/resources/.rs",
            "migrations/oracle/1_posts.up.sql",
            "migrations/sqlite/posts.up.sql",
            "migrations/sqlite/1_posts.sql",
            "migrations/sqlite/1_../x.up.sql",
            "migrations/sqlite/1_posts_..up.sql",
            "migrations/sqlite/x_posts.up.sql",
            "migrations/sqlite/../1_posts.up.sql",
            ".scaffold/journal",
            ".scaffold/stage/0",
            ".scaffold/../posts.json",
            ".git/hooks/pre-commit",
            ".cargo/config.toml",
            "build.sh",
            "templates/posts/Cargo.toml",
            "src/app/Cargo.toml",
            "src/app/posts/cargo.toml",
            "src/app/posts/build.rs/x",
            "../Cargo.lock",
            ".env",
            "ＳＲＣ/app/posts/models.rs",
        ] {
            let error = check(path, ".scaffold/journal", None).unwrap_err().to_string();
            assert!(error.starts_with(".scaffold/journal: the path `"), "{path}: {error}");
            assert!(check(path, "x", Some("posts")).is_err(), "{path}");
        }
    }
}
