//! What other tools call what definitions have: a word of theirs gets a suggestion.

use super::source::nearest;

/// A word of ours, and the words that others have for it.
type Synonyms = [(&'static str, &'static [&'static str])];

/// Types.
pub const TYPES: &Synonyms = &[
    (
        "string",
        &[
            "str",
            "char",
            "varchar",
            "nvarchar",
            "varchar2",
            "character",
            "password",
            "phone",
            "slug",
            "name",
            "ip",
            "color",
            "citext",
            "short",
            "line",
            "input",
            "label",
        ],
    ),
    (
        "text",
        &[
            "longtext",
            "mediumtext",
            "tinytext",
            "clob",
            "markdown",
            "html",
            "richtext",
            "textarea",
            "blob",
            "binary",
            "bytes",
            "memo",
        ],
    ),
    (
        "integer",
        &[
            "int",
            "i32",
            "int32",
            "int4",
            "number",
            "smallint",
            "tinyint",
            "mediumint",
            "serial",
            "smallinteger",
            "i16",
            "u32",
            "u8",
            "u16",
            "year",
            "count",
        ],
    ),
    (
        "biginteger",
        &["i64", "int64", "int8", "bigint", "long", "bigserial", "u64"],
    ),
    ("boolean", &["checkbox", "flag", "yesno", "bit"]),
    ("email", &["mail", "emailaddress", "email_address"]),
    ("url", &["uri", "link", "href", "website"]),
    (
        "file",
        &[
            "image",
            "picture",
            "photo",
            "attachment",
            "upload",
            "path",
            "filename",
            "filepath",
            "filefield",
            "imagefield",
        ],
    ),
    ("datetime", &["timestamp", "timestamptz", "datetimetz", "instant"]),
    (
        "time",
        &["timeofday", "time_of_day", "timefield", "clock", "hour", "localtime"],
    ),
    ("date", &["day", "dateonly"]),
    ("decimal", &["numeric", "money", "currency", "price"]),
    (
        "float",
        &["double", "real", "f64", "f32", "double_precision", "fraction"],
    ),
    ("uuid", &["guid", "uuid4"]),
    ("json", &["object", "jsonb", "dict", "hash", "map", "any"]),
    ("array", &["list", "arrayfield", "strings", "tags", "multiselect"]),
    ("enum", &["choice", "choices", "select", "oneof", "one_of"]),
    (
        "references",
        &[
            "reference",
            "belongs_to",
            "belongsto",
            "foreign_key",
            "foreignkey",
            "fk",
            "relation",
            "relationship",
            "ref",
        ],
    ),
    (
        "many",
        &[
            "many_to_many",
            "manytomany",
            "manytomanyfield",
            "m2m",
            "has_many",
            "hasmany",
            "belongs_to_many",
            "belongstomany",
            "habtm",
        ],
    ),
    ("nested", &["nest", "embed", "embedded"]),
];

/// Options of a resource.
pub const RESOURCE_OPTIONS: &Synonyms = &[
    ("fields", &["columns", "attributes", "properties", "schema"]),
    ("auth", &["access", "permissions", "rights", "policy", "security"]),
    ("plural", &["table", "tablename", "table_name", "route", "path"]),
    ("singular", &["name", "model", "class"]),
];

/// Options of a field.
pub const FIELD_OPTIONS: &Synonyms = &[
    ("type", &["kind", "datatype", "data_type", "format"]),
    ("default", &["value", "initial", "server_default", "default_value"]),
    (
        "min",
        &["minimum", "min_length", "minlength", "minlen", "from", "least"],
    ),
    (
        "max",
        &[
            "maximum",
            "max_length",
            "maxlength",
            "maxlen",
            "length",
            "len",
            "size",
            "limit",
            "to",
        ],
    ),
    ("nullable", &["null", "optional", "allow_null", "blank"]),
    ("native", &["native_enum", "create_type"]),
    ("unique", &["uniq", "is_unique", "distinct"]),
];

/// Kinds of callers.
pub const CALLERS: &Synonyms = &[
    (
        "public",
        &[
            "anonymous",
            "anyone",
            "anybody",
            "everyone",
            "everybody",
            "all",
            "none",
            "open",
            "guest",
            "false",
            "no",
            "off",
        ],
    ),
    (
        "user",
        &[
            "authenticated",
            "login",
            "logged_in",
            "jwt",
            "token",
            "required",
            "member",
            "true",
            "yes",
            "on",
            "private",
        ],
    ),
    ("owner", &["creator", "author", "self", "me", "own"]),
    ("admin", &["administrator", "superuser", "root", "staff", "admin_only"]),
];

/// What may be done with a resource.
pub const VERBS: &Synonyms = &[
    ("list", &["index", "browse", "all"]),
    ("get", &["show", "read", "retrieve", "view", "find", "detail"]),
    ("create", &["post", "new", "add", "insert", "store"]),
    ("update", &["patch", "put", "edit", "write", "change", "modify"]),
    ("delete", &["remove", "destroy", "del"]),
];

/// Yes and no.
pub const FLAGS: &Synonyms = &[
    ("true", &["yes", "on", "1", "y", "t"]),
    ("false", &["no", "off", "0", "n", "f"]),
];

/// What follows a type after another colon or a space, by the modifier that it stands for.
pub const MODIFIERS: &Synonyms = &[
    ("?", &["?", "null", "nullable", "optional", "none", "blank"]),
    ("^", &["^", "uniq", "unique", "distinct"]),
    (
        "",
        &["required", "index", "notnull", "not_null", "not null", "!", "*", "+"],
    ),
];

/// The word that was meant by another: one that others have for it, or one that is spelled almost so.
pub fn meant(word: &str, synonyms: &Synonyms, allowed: &[&'static str]) -> Option<&'static str> {
    let lower = word.trim().to_lowercase();
    let of_synonym = |other: &str| {
        let mut words = synonyms.iter();
        words.find(|(_, others)| others.contains(&other)).map(|(word, _)| *word)
    };
    let exact = allowed.iter().find(|word| **word == lower).copied();
    exact
        .or_else(|| of_synonym(&lower))
        .or_else(|| nearest(&lower, allowed))
        .or_else(|| {
            let others: Vec<&str> = synonyms.iter().flat_map(|(_, others)| others.iter().copied()).collect();
            // Short words are all alike.
            let near = nearest(&lower, &others).filter(|near| near.len() > 4);
            near.and_then(of_synonym)
        })
}
