//! Names that something else has: in Rust, in SQL on three engines, among routes, tables and files.

use super::spelling::is_spelled;

const RUST_WORDS: &str = "
    abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if
    impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try
    type typeof unsafe unsized use virtual where while yield
";

/// Attributes of users, and their columns, in any profile.
const WORDS_OF_USERS: &str = "
    id type email name password active role creation_time modification_time is_enabled createddate createdby updateddate
    updatedby
";

/// Words that one of the three engines takes as the name of a table or a column in quotes only; found by trying.
const SQL_WORDS: &str = "
    accessible add all alter analyse analyze and any array as asc asensitive asymmetric authorization
    autoincrement before between bigint binary blob both by call cascade case cast change char character check
    collate collation column commit concurrently condition constraint continue convert create cross cube
    cume_dist current_catalog current_date current_role current_schema current_time current_timestamp
    current_user cursor databases day_hour day_microsecond day_minute day_second dec decimal declare default
    deferrable delayed delete delete_domain_id dense_rank desc describe deterministic distinct distinctrow div
    do do_domain_ids double drop dual each else elseif empty enclosed end escape escaped except exists exit
    explain external false fetch first_value float float4 float8 for force foreign freeze from full fulltext
    function generated get grant group grouping groups having high_priority hour_microsecond hour_minute
    hour_second if ignore ignore_domain_ids ilike in index infile initially inner inout insensitive insert int
    int1 int2 int3 int4 int8 integer intersect interval into io_after_gtids io_before_gtids is isnull iterate
    join json_table key keys kill lag last_value lateral lead leading leave left library like limit linear lines
    load localtime localtimestamp lock long longblob longtext loop low_priority manual master_bind
    master_demote_to_replica master_demote_to_slave master_ssl_verify_server_cert match maxvalue mediumblob
    mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural no_write_to_binlog not
    nothing notnull nth_value ntile null numeric of offset on only optimize optimizer_costs optionally or order
    out outer outfile over overlaps page_checksum parallel parse_vcol_expr partition percent_rank placing
    portion precision primary procedure purge qualify raise range rank read read_write reads real recursive
    ref_system_id references regexp release rename repeat replace require resignal restrict return returning
    revoke right rlike row row_number rows schemas second_microsecond select sensitive separator session_user
    set show signal similar smallint some spatial specific sql sql_big_result sql_calc_found_rows
    sql_small_result sqlexception sqlstate sqlwarning ssl starting stats_auto_recalc stats_persistent
    stats_sample_pages stored straight_join symmetric system table tablesample terminated then tinyblob tinyint
    tinytext to trailing transaction trigger true undo union unique unlock unsigned update usage use user using
    utc_date utc_time utc_timestamp values varbinary varchar varcharacter variadic varying verbose virtual when
    where while window with write xor year_month zerofill
";

/// The member of a JSON:API resource beside its attributes that a field of the same name would be taken for.
const ID: &str = "id";

/// What JavaScript sets otherwise than other members of an object.
const PROTOTYPE: &str = "__proto__";

/// Columns that PostgreSQL gives to each table.
const SYSTEM_COLUMNS: &str = "cmax cmin ctid tableoid xmax xmin";

/// A variable of poem-openapi's `Object`, which makes one of each field too.
pub const OBJECT_VARIABLE: &str = "obj";

/// Routes that are taken.
const ROUTE_WORDS: &str = "users roles login signup forgotpassword resetpassword";

/// Tables that are taken.
const TABLE_WORDS: &str = "users roles alembic_version";

/// Folders of templates, pages and crates that are taken.
const MODULE_WORDS: &str = "
    users roles login signup forgotpassword resetpassword api docs openapi static mail poem_scaffold
";

/// Crates and types that Rust has everywhere, and what the tests of a project import; a module of the same name would
/// hide it.
const RUST_EVERYWHERE: &str = "
    alloc bool char core f32 f64 http i128 i16 i32 i64 i8 isize proc_macro std str test u128 u16 u32 u64 u8 usize
";

/// What Windows takes for devices, also with an ending.
const WINDOWS_WORDS: &str = "
    aux com1 com2 com3 com4 com5 com6 com7 com8 com9 con lpt1 lpt2 lpt3 lpt4 lpt5 lpt6 lpt7 lpt8 lpt9 nul prn
";

/// Types that a resource's own would hide in its module, and those of other schemas in the OpenAPI document.
const TYPE_NAMES: &str = "
    AccountRequired AsMut AsRef Attributes Box Changed ClientId Clone Copy Credentials Db Debug Default DocumentErrors Drop Eq Err Error
    ErrorMessage Extend Fn FnMut FnOnce Forgetful ForgottenPasswordDocument ForgottenPasswordResource
    From FromAttributes FromIterator FromRow Hash Identified Into IntoIterator Iterator Links LoginDocument LoginResource
    LoginToken MailNotice NewPassword NewPasswordDocument NewPasswordResource NewRole NewUser None Nullable
    Object Ok OpenApi Option Ord Pages PartialEq PartialOrd Resource Result Role RolePatch Row Self Send Signup Sized Some
    String Sync ToOwned ToString TryFrom TryInto TutorialUser Unpin User UserList UserPatch Uuid Value Vec
";

/// Whether the module of a resource may be called so: by its spelling, and because nothing of ours, of Rust or of Windows
/// has the name.
pub fn is_module(plural: &str) -> bool {
    is_spelled(plural)
        && !is_among(MODULE_WORDS, plural)
        && !is_among(RUST_EVERYWHERE, plural)
        && !is_among(WINDOWS_WORDS, plural)
        && !is_word_of_rust(plural)
        && !is_ours(plural)
}

/// Whether a name begins as those of our tables, and the engines' own.
fn is_ours(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["poem_scaffold_", "sqlite_", "pg_"]
        .iter()
        .any(|start| name.starts_with(start))
}

/// Checks what a well-spelled attribute is called.
///
/// # Errors
/// Why the name is reserved.
pub fn check_attribute(name: &str) -> Result<(), String> {
    match name {
        ID => Err(format!(
            "a field cannot be called `{name}`: every resource has its key under that name"
        )),
        PROTOTYPE => Err(format!(
            "a field cannot be called `{name}`: programs in JavaScript could not set it"
        )),
        _ => Ok(()),
    }
}

/// Checks what a well-spelled column is called.
///
/// # Errors
/// Why the name is reserved.
pub fn check_column(name: &str) -> Result<(), String> {
    match is_among(SYSTEM_COLUMNS, name) {
        true => Err(format!(
            "a column cannot be called `{name}`: every table of PostgreSQL has such a column"
        )),
        false => Ok(()),
    }
}

/// Whether all users have an attribute or a column of this name, in any profile.
pub fn is_of_users(name: &str) -> bool {
    is_among(WORDS_OF_USERS, &name.to_ascii_lowercase())
}

/// Whether the server has a route of this name.
pub fn is_route(name: &str) -> bool {
    is_among(ROUTE_WORDS, name)
}

/// Whether the server or an engine has a table of this name.
pub fn is_table(name: &str) -> bool {
    is_among(TABLE_WORDS, &name.to_ascii_lowercase()) || is_ours(name)
}

/// Whether a type of ours, or one that Rust has everywhere, has this name.
pub fn is_type(name: &str) -> bool {
    is_among(TYPE_NAMES, name)
}

/// Whether a name needs quotes in SQL: PostgreSQL would write its capitals small, and no engine takes words of its own.
pub fn needs_quotes(name: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    !name.bytes().all(is_plain) || is_among(SQL_WORDS, name)
}

/// Whether Rust does not take it as a name.
pub fn is_word_of_rust(name: &str) -> bool {
    is_among(RUST_WORDS, name)
}

/// Whether a name is one of some words.
pub fn is_among(words: &str, name: &str) -> bool {
    words.split_ascii_whitespace().any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use heck::ToSnakeCase;
    use regex::Regex;
    use serde_json::Value;

    use super::*;
    use crate::scaffold::{
        names,
        project::Project,
        skeleton::{Framework, Record},
    };

    fn source(path: &str) -> String {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    }

    /// What a pattern finds in the `use` lines of a source.
    fn imported(path: &str, pattern: &str) -> Vec<String> {
        let (uses, pattern) = (Regex::new(r"(?m)^use [^;]+;").unwrap(), Regex::new(pattern).unwrap());
        let text = source(path);
        let found: Vec<String> = uses
            .find_iter(&text)
            .flat_map(|lines| pattern.captures_iter(lines.as_str()))
            .map(|found| found[1].to_owned())
            .collect();
        assert!(!found.is_empty(), "{path} has no {pattern}");
        found
    }

    /// The files that `new` writes, by their paths.
    fn skeleton() -> BTreeMap<String, String> {
        Record::new("blog", Framework::Version("1".to_owned())).unwrap().files
    }

    #[test]
    fn no_module_hides_what_is_imported_where_it_is_registered() {
        let cargo: toml::Table = skeleton()["Cargo.toml"].parse().unwrap();
        let of = |section: &str| -> Vec<String> { cargo[section].as_table().unwrap().keys().cloned().collect() };
        // A project's own are found by `scaffold` itself.
        let mut names = [of("dependencies"), of("dev-dependencies")].concat();
        let (tests, resource) = (
            "scaffold/project/tests/resources/main.rs",
            "scaffold/templates/tests/resources/resource.rs",
        );
        for path in [tests, resource] {
            names.extend(imported(path, r"^use (\w+)"));
        }
        // The modules of the tests stand beside these, and each test imports from there.
        names.extend(imported(tests, r"\b([a-z]\w+)(?:,|\})"));
        for name in names
            .into_iter()
            .filter(|name| !["self", "super"].contains(&name.as_str()))
        {
            let module = name.replace('-', "_");
            assert!(!is_module(&module), "`{module}` is in none of the lists of modules");
        }
    }

    #[test]
    fn no_type_hides_what_its_module_imports() {
        let is_type = |name: &String| name.contains(char::is_lowercase);
        let names = imported("scaffold/templates/src/app/resources/models.rs", r"\b([A-Z]\w+)\b");
        for name in names.into_iter().filter(is_type) {
            let types = names::type_names(&name.to_snake_case(), "things");
            assert!(!types.contains(&name), "`{name}` is not in TYPE_NAMES");
        }
        for name in imported("scaffold/templates/src/app/resources/views.rs", r"\b([A-Z]\w+)Api\b") {
            let types = names::type_names("thing", &name.to_snake_case());
            assert!(
                !types.contains(&format!("{name}Api")),
                "`{name}Api` is not in TYPE_NAMES"
            );
        }
    }

    #[test]
    fn no_type_is_called_as_another_schema_of_the_api() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("project");
        let records = Project::at(&root).unwrap().records().unwrap();
        let scaffolded: Vec<String> = records
            .values()
            .flat_map(|record| names::of(&record.resource))
            .collect();
        for profile in ["scaffold-1.0", "scaffold-2.0", "tutorial"] {
            let document: Value = serde_json::from_str(&source(&format!("openapi/{profile}.json"))).unwrap();
            let schemas = document["components"]["schemas"].as_object().unwrap();
            for schema in schemas.keys().filter(|schema| !scaffolded.contains(schema)) {
                let parts = [schema.strip_prefix("New"), schema.strip_suffix("Patch"), Some(schema)];
                for part in parts.into_iter().flatten() {
                    let types = names::type_names(&part.to_snake_case(), "things");
                    assert!(
                        !types.contains(schema),
                        "`{part}` has the schema {schema}; add it to TYPE_NAMES"
                    );
                }
            }
        }
    }

    #[test]
    fn a_module_has_a_name_that_is_free() {
        for name in [
            "title",
            "a1",
            "author_url",
            "query",
            "order",
            "groups",
            "values",
            "boxes",
        ] {
            assert!(is_module(name), "{name}");
        }
        for name in [
            "Title",
            "my-post",
            "../evil",
            "",
            "1st",
            "a__b",
            "naïve",
            "self",
            "match",
            "core",
            "str",
            "http",
            "nul",
            "users",
            "docs",
            "poem_scaffold",
            "poem_scaffold_resets",
            "pg_things",
            &"x".repeat(51),
        ] {
            assert!(!is_module(name), "{name}");
        }
    }

    #[test]
    fn names_that_the_server_or_a_database_has_are_refused() {
        for name in ["type", "links", "order", "match", "self", "obj", "xmin", "Id"] {
            assert!(check_attribute(name).is_ok(), "{name}");
        }
        for name in ["id", "__proto__"] {
            assert!(check_attribute(name).is_err(), "{name}");
        }
        for name in ["order", "id", "type", "XMIN"] {
            assert!(check_column(name).is_ok(), "{name}");
        }
        for name in ["xmin", "ctid", "tableoid"] {
            assert!(check_column(name).is_err(), "{name}");
        }
        for name in ["options", "groups", "docs", "people"] {
            assert!(!is_route(name) && !is_table(name), "{name}");
        }
        for name in ["users", "roles", "login", "signup"] {
            assert!(is_route(name), "{name}");
        }
        for name in [
            "users",
            "Roles",
            "alembic_version",
            "poem_scaffold_resets",
            "sqlite_things",
            "PG_things",
        ] {
            assert!(is_table(name), "{name}");
        }
    }
}
