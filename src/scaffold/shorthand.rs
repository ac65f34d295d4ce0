//! Fields in one line: `title:string`, `slug:string^`, `status:enum(draft,published)=draft`, `post:references(posts)?`.

use super::{
    blueprint::{Field, Kind, nearest, shown},
    kinds, names,
};

/// The types, for messages.
pub const TYPES: &str = "The supported types are: string, text, integer, biginteger, boolean, email, url, datetime, \
                         date, decimal, bool, float, uuid, json, enum(a,b), references(other)";

const NAMES: [&str; 16] = [
    "string",
    "text",
    "integer",
    "biginteger",
    "boolean",
    "email",
    "url",
    "datetime",
    "date",
    "decimal",
    "bool",
    "float",
    "uuid",
    "json",
    "enum",
    "references",
];

/// What other tools call our types.
const SYNONYMS: [(&str, &str); 22] = [
    ("str", "string"),
    ("char", "string"),
    ("varchar", "string"),
    ("longtext", "text"),
    ("int", "integer"),
    ("i32", "integer"),
    ("i64", "biginteger"),
    ("bigint", "biginteger"),
    ("long", "biginteger"),
    ("number", "integer"),
    ("timestamp", "datetime"),
    ("time", "datetime"),
    ("numeric", "decimal"),
    ("money", "decimal"),
    ("double", "float"),
    ("real", "float"),
    ("f64", "float"),
    ("guid", "uuid"),
    ("object", "json"),
    ("choice", "enum"),
    ("uri", "url"),
    ("reference", "references"),
];

/// A field's options as they are written; none means that it was left out.
#[derive(Default)]
pub struct Settings {
    /// `type:`
    pub kind: Option<String>,
    /// `default:`
    pub default: Option<String>,
    /// `min:`
    pub min: Option<String>,
    /// `max:`
    pub max: Option<String>,
    /// `nullable:`
    pub nullable: Option<String>,
    /// `unique:`
    pub unique: Option<String>,
}

/// Reads `name:type` with its modifiers.
///
/// # Errors
/// What is wrong, and what is allowed.
pub fn parse_field(text: &str) -> Result<Field, String> {
    let Some((name, kind)) = text.split_once(':') else {
        return Err(format!("`{}` has no type; expected `name:type`. {TYPES}", shown(text)));
    };
    parse_typed(name, kind)
}

/// Reads a type with its modifiers, for the field `name`.
///
/// # Errors
/// As [`parse_field`].
pub fn parse_typed(name: &str, text: &str) -> Result<Field, String> {
    let (kind, default) = match text.split_once('=') {
        Some((kind, default)) => (kind, Some(default.to_owned())),
        None => (text, None),
    };
    let bare = kind.trim_end_matches(['?', '^']);
    let modifiers = &kind[bare.len()..];
    for modifier in ['?', '^'] {
        if modifiers.matches(modifier).count() > 1 {
            return Err(format!("`{}` has `{modifier}` twice", shown(text)));
        }
    }
    build(
        name,
        bare,
        Settings {
            default,
            ..Settings::default()
        },
        modifiers.contains('?'),
        modifiers.contains('^'),
    )
}

/// Puts a field together from its options.
///
/// # Errors
/// As [`parse_field`].
pub fn parse_settings(name: &str, settings: Settings) -> Result<Field, String> {
    let Some(kind) = settings.kind.clone() else {
        return Err(format!("`{}` has no type. {TYPES}", shown(name)));
    };
    let flag = |option: &str, value: &Option<String>| match value.as_deref() {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(format!("`{option}` is true or false, not `{}`", shown(other))),
    };
    let bare = kind.trim_end_matches(['?', '^']);
    let modifiers = &kind[bare.len()..];
    let nullable = flag("nullable", &settings.nullable)? || modifiers.contains('?');
    let unique = flag("unique", &settings.unique)? || modifiers.contains('^');
    build(name, bare, settings, nullable, unique)
}

fn build(name: &str, kind: &str, settings: Settings, nullable: bool, unique: bool) -> Result<Field, String> {
    names::check_spelling(name, "field")?;
    names::check_field(name)?;
    kinds::checked(Field {
        line: 0,
        name: name.to_owned(),
        kind: parse_kind(kind)?,
        nullable,
        unique,
        default: settings.default,
        min: settings.min,
        max: settings.max,
    })
}

fn parse_kind(text: &str) -> Result<Kind, String> {
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(arguments) => (name, Some(arguments)),
            None => return Err(format!("`{}` lacks its closing `)`", shown(text))),
        },
        None => (text, None),
    };
    let kind = match name {
        "enum" => return parse_choices(arguments.unwrap_or_default()),
        "references" => return parse_reference(arguments.unwrap_or_default()),
        "string" => Kind::String,
        "text" => Kind::Text,
        "integer" => Kind::Integer,
        "biginteger" => Kind::BigInteger,
        "boolean" => Kind::Boolean,
        "email" => Kind::Email,
        "url" => Kind::Url,
        "datetime" => Kind::DateTime,
        "date" => Kind::Date,
        "decimal" => Kind::Decimal,
        "bool" => Kind::Bool,
        "float" => Kind::Float,
        "uuid" => Kind::Uuid,
        "json" => Kind::Json,
        "" => return Err(format!("the type is missing. {TYPES}")),
        other => {
            let lower = other.to_lowercase();
            let synonym = SYNONYMS.iter().find(|(word, _)| *word == lower).map(|(_, kind)| *kind);
            let hint = match synonym.or_else(|| nearest(other, &NAMES)) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => ".".to_owned(),
            };
            return Err(format!("unknown type `{}`{hint} {TYPES}", shown(other)));
        }
    };
    match arguments {
        None => Ok(kind),
        Some(_) => Err(format!(
            "`{name}` takes nothing in brackets; its length is set by `max:`"
        )),
    }
}

fn parse_choices(text: &str) -> Result<Kind, String> {
    const MAX_CHOICES: usize = 100;
    let choices: Vec<String> = text.split(',').map(|choice| choice.trim().to_owned()).collect();
    let is_good = |choice: &String| {
        (1..=50).contains(&choice.len()) && choice.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
    };
    if let Some(bad) = choices.iter().find(|choice| !is_good(choice)) {
        return Err(format!(
            "`{}` cannot be a value of an enum; expected enum(a,b) with letters, digits, `_` and `-`, at most 50",
            shown(bad)
        ));
    }
    for (index, choice) in choices.iter().enumerate() {
        if choices[..index].contains(choice) {
            return Err(format!("the enum has `{choice}` twice"));
        }
    }
    if choices.len() > MAX_CHOICES {
        return Err(format!("an enum has at most {MAX_CHOICES} values"));
    }
    Ok(Kind::Enum(choices))
}

fn parse_reference(text: &str) -> Result<Kind, String> {
    let table = text.trim();
    if table.is_empty() {
        return Err("references needs the other resource in brackets, such as references(posts)".to_owned());
    }
    names::check_spelling(table, "resource")?;
    Ok(Kind::References(table.to_owned()))
}
