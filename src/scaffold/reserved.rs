//! Names that resources and fields cannot have, because something else has them: in Rust, in SQL on three engines, in
//! JSON:API, among routes and files.

use super::names::{is_spelled, type_names};

const RUST_WORDS: &str = "
    abstract as async await become box break const continue crate do dyn else enum extern false final fn for gen if
    impl in let loop macro match mod move mut override priv pub ref return self static struct super trait true try
    type typeof unsafe unsized use virtual where while yield
";

/// Words that one of the three engines does not take as the plain name of a table or a column; found by trying.
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

/// Members of a JSON:API resource that are no attributes, and what the originals refused to set.
const FIELD_WORDS: &str = "id type links relationships attributes role_relation";

/// Columns that PostgreSQL gives to each table.
const SYSTEM_COLUMNS: &str = "cmax cmin ctid tableoid xmax xmin";

/// A variable of poem-openapi's `Object`, which makes one of each field too.
const OBJECT_VARIABLE: &str = "obj";

/// Routes, tables and folders of templates that are taken.
const RESOURCE_WORDS: &str = "
    users roles login signup forgotpassword resetpassword api docs openapi static mail alembic_version poem_scaffold
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
    AccountRequired AsMut AsRef Attributes Box Changed Clone Copy Credentials Db Debug Default DocumentErrors Drop Eq Err Error
    ErrorMessage Extend Fn FnMut FnOnce Forgetful ForgottenPasswordDocument ForgottenPasswordResource
    From FromAttributes FromIterator FromRow Hash Identified Into IntoIterator Iterator LoginDocument LoginResource
    LoginToken MailNotice NewPassword NewPasswordDocument NewPasswordResource NewRole NewUser None Nullable
    Object Ok OpenApi Option Ord Pages PartialEq PartialOrd Resource Result Role RolePatch Row Self Send Signup Sized Some
    String Sync ToOwned ToString TryFrom TryInto TutorialUser Unpin User UserList UserPatch Uuid Value Vec
";

/// Whether a resource may be called so as far as its files go: by its spelling, and because the name is not one of ours.
pub fn is_resource(plural: &str) -> bool {
    is_spelled(plural) && !is_among(RESOURCE_WORDS, plural)
}

/// Checks what a well-spelled field is called.
///
/// # Errors
/// Why the name is reserved.
pub fn check_field(name: &str) -> Result<(), String> {
    let why = if is_among(FIELD_WORDS, name) {
        "JSON:API or the original has that name for something else"
    } else if is_among(SYSTEM_COLUMNS, name) {
        "every table of PostgreSQL has such a column"
    } else if name == OBJECT_VARIABLE {
        "poem-openapi's code has such a variable"
    } else {
        return check_words(name, "field");
    };
    Err(format!("a field cannot be called `{name}`: {why}"))
}

/// Checks what a well-spelled resource is called.
///
/// # Errors
/// Why the name is reserved.
pub fn check_resource(singular: &str, plural: &str) -> Result<(), String> {
    let is_ours = ["poem_scaffold_", "sqlite_", "pg_"]
        .iter()
        .any(|start| plural.starts_with(start));
    let why = if is_ours || is_among(RESOURCE_WORDS, plural) {
        "the server or the database has that name for something else"
    } else if is_among(RUST_EVERYWHERE, plural) {
        HIDES
    } else if is_among(WINDOWS_WORDS, plural) {
        "Windows reserves that name for a device"
    } else {
        check_words(plural, "resource")?;
        let types = type_names(singular, plural);
        return match types.iter().find(|name| is_among(TYPE_NAMES, name)) {
            Some(name) => Err(format!(
                "`{singular}` would have the Rust type `{name}`, which already exists"
            )),
            None => Ok(()),
        };
    };
    Err(format!("a resource cannot be called `{plural}`: {why}"))
}

/// Whether Rust does not take it as a name.
pub fn is_word_of_rust(name: &str) -> bool {
    is_among(RUST_WORDS, name)
}

/// Why a resource cannot have the name of a crate.
pub const HIDES: &str = "the module of its tests would hide what Rust code has that name for";

fn check_words(name: &str, what: &str) -> Result<(), String> {
    for (words, language) in [(RUST_WORDS, "Rust"), (SQL_WORDS, "SQL")] {
        if is_among(words, name) {
            return Err(format!(
                "a {what} cannot be called `{name}`, which is a word of {language}"
            ));
        }
    }
    Ok(())
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
            let plural = name.replace('-', "_");
            assert!(
                check_resource("thing", &plural).is_err(),
                "`{plural}` is not in RESOURCE_WORDS"
            );
        }
    }

    #[test]
    fn no_type_hides_what_its_module_imports() {
        let is_type = |name: &String| name.contains(char::is_lowercase);
        let names = imported("scaffold/templates/src/app/resources/models.rs", r"\b([A-Z]\w+)\b");
        for name in names.into_iter().filter(is_type) {
            let singular = name.to_snake_case();
            assert!(
                check_resource(&singular, "things").is_err(),
                "`{name}` is not in TYPE_NAMES"
            );
        }
        for name in imported("scaffold/templates/src/app/resources/views.rs", r"\b([A-Z]\w+)Api\b") {
            let plural = name.to_snake_case();
            assert!(
                check_resource("thing", &plural).is_err(),
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
                    let singular = part.to_snake_case();
                    let refused = check_resource(&singular, "things");
                    assert!(
                        refused.is_err(),
                        "`{singular}` has the schema {schema}; add it to TYPE_NAMES"
                    );
                }
            }
        }
    }

    #[test]
    fn a_name_must_be_good_everywhere() {
        for name in [
            "title",
            "a1",
            "author_url",
            "query",
            "data",
            "value",
            "status",
            "position",
        ] {
            assert!(is_spelled(name) && check_field(name).is_ok(), "{name}");
        }
        for name in [
            "Title",
            "my-post",
            "../evil",
            "",
            "1st",
            "a__b",
            "naïve",
            &"x".repeat(51),
        ] {
            assert!(!is_spelled(name), "{name}");
        }
        for name in [
            "id", "type", "links", "order", "match", "self", "rank", "xmin", "ctid", "obj",
        ] {
            assert!(check_field(name).is_err(), "{name}");
        }
        for (singular, plural) in [
            ("user", "users"),
            ("option", "options"),
            ("value", "values"),
            ("result", "results"),
            ("poem_scaffold_reset", "poem_scaffold_resets"),
            ("password", "passwords"),
            ("password_document", "password_documents"),
            ("uuid", "uuids"),
            ("thing", "open"),
            ("thing", "str"),
            ("thing", "http"),
            ("thing", "poem_scaffold"),
            ("thing", "nul"),
        ] {
            assert!(check_resource(singular, plural).is_err(), "{plural}");
        }
    }
}
