//! What each type of field is in Rust, in SQL, in JSON and in words: the one table that everything is rendered from.

use std::{fmt::Debug, str::FromStr};

use serde_json::{Value, json};

use super::{
    blueprint::{Field, Kind, Resource, shown},
    controls,
    names::key_name,
    table::Table,
};
use crate::{
    flask::decimal,
    jsonapi::fields::{self, Field as _, MAX_STRING_CHARS, Presence},
};

/// A type's row of the table.
struct Row {
    /// The Rust type of its value.
    rust: &'static str,
    /// What reads it from JSON, in `jsonapi::fields`.
    reader: String,
    /// Its column on SQLite, PostgreSQL and MySQL.
    columns: [&'static str; 3],
    /// When a document must have it.
    presence: Presence,
    /// What the API docs call it.
    words: String,
    /// A value for the example document, and another.
    examples: [Value; 2],
    /// A value that is refused, with what is said of it.
    wrong: Option<(Value, String)>,
    /// What rows that are there already get when the column is added, as SQL.
    filler: &'static str,
}

fn row(field: &Field) -> Row {
    let (min, max) = (field.min.as_deref(), field.max.as_deref());
    match &field.kind {
        Kind::String => Row {
            rust: "String",
            reader: bounded("STRING", "Line", min, max),
            columns: ["text", "varchar(250)", "varchar(250)"],
            presence: fields::Line::PRESENCE,
            words: text_words(min, Some(max.unwrap_or("250"))),
            examples: [text_of_length(field, "Some"), text_of_length(field, "Other")],
            wrong: Some((json!(""), fields::BLANK.to_owned())),
            filler: "''",
        },
        Kind::Text => Row {
            rust: "String",
            reader: bounded("TEXT", "Text", min, max),
            columns: ["text", "text", "longtext"],
            presence: fields::Text::PRESENCE,
            words: text_words(min, max),
            examples: [text_of_length(field, "Some"), text_of_length(field, "Other")],
            wrong: Some((json!(["x"]), "Not a valid string.".to_owned())),
            filler: "('')",
        },
        Kind::Email => Row {
            rust: "String",
            reader: "fields::Email".to_owned(),
            columns: ["text", "varchar(250)", "varchar(250)"],
            presence: fields::Email::PRESENCE,
            words: "A mail address".to_owned(),
            examples: [json!("ann@example.com"), json!("bob@example.com")],
            wrong: Some((json!("ann"), "Not a valid email address.".to_owned())),
            filler: "''",
        },
        Kind::Url => Row {
            rust: "String",
            reader: "fields::Url".to_owned(),
            columns: ["text", "varchar(250)", "varchar(250)"],
            presence: fields::Url::PRESENCE,
            words: "A URL".to_owned(),
            examples: [json!("https://example.com/a"), json!("https://example.com/b")],
            wrong: Some((json!("example"), "Not a valid URL.".to_owned())),
            filler: "''",
        },
        Kind::Integer => Row {
            rust: "i32",
            reader: bounded("INTEGER", "Integer", min, max),
            columns: ["integer", "integer", "integer"],
            presence: fields::Integer::PRESENCE,
            words: number_words("A whole number of 32 bits", min, max),
            examples: numbers(bound(min, i32::MIN).into(), bound(max, i32::MAX).into()),
            wrong: Some((json!("x"), "Not a valid integer.".to_owned())),
            filler: "0",
        },
        Kind::BigInteger => Row {
            rust: "i64",
            reader: bounded("BIG_INTEGER", "BigInteger", min, max),
            columns: ["integer", "bigint", "bigint"],
            presence: fields::BigInteger::PRESENCE,
            words: number_words("A whole number of 64 bits", min, max),
            examples: numbers(bound(min, i64::MIN), bound(max, i64::MAX)),
            wrong: Some((json!("x"), "Not a valid integer.".to_owned())),
            filler: "0",
        },
        Kind::Boolean => Row {
            rust: "values::Boolean",
            reader: "fields::Boolean".to_owned(),
            columns: ["integer", "integer", "integer"],
            presence: fields::Boolean::PRESENCE,
            words: "1 for true and 0 for false; true and false too unless FLASK_FIDELITY=flask".to_owned(),
            examples: [json!(1), json!(0)],
            wrong: Some((json!("yes"), "Not a valid integer.".to_owned())),
            filler: "0",
        },
        Kind::DateTime => Row {
            rust: "values::Timestamp",
            reader: "fields::DateTime".to_owned(),
            columns: ["timestamp", "timestamp", "datetime(6)"],
            presence: fields::DateTime::PRESENCE,
            words: "A date and time in UTC; an offset is applied, or dropped under FLASK_FIDELITY=flask".to_owned(),
            examples: [json!("2026-01-02T03:04:05+00:00"), json!("2026-02-03T04:05:06+00:00")],
            wrong: Some((json!("soon"), "Not a valid datetime.".to_owned())),
            filler: "'1970-01-01 00:00:00'",
        },
        Kind::Date => Row {
            rust: "values::Date",
            reader: "fields::Date".to_owned(),
            columns: ["date", "date", "date"],
            presence: fields::Date::PRESENCE,
            words: "A date".to_owned(),
            examples: [json!("2026-01-02"), json!("2026-02-03")],
            wrong: Some((json!("soon"), "Not a valid date.".to_owned())),
            filler: "'1970-01-01'",
        },
        Kind::Decimal => Row {
            rust: "values::Decimal",
            reader: "fields::Decimal".to_owned(),
            columns: ["text", "numeric", "longtext"],
            presence: fields::Decimal::PRESENCE,
            words: "A decimal number; its scale is kept".to_owned(),
            examples: [json!("48.10"), json!("7.5")],
            wrong: Some((json!("x"), "Not a valid number.".to_owned())),
            filler: "('0')",
        },
        Kind::Bool => Row {
            rust: "bool",
            reader: "fields::Bool".to_owned(),
            columns: ["boolean", "boolean", "boolean"],
            presence: fields::Bool::PRESENCE,
            words: "True or false".to_owned(),
            examples: [json!(true), json!(false)],
            wrong: Some((json!(1), "Not a valid boolean.".to_owned())),
            filler: "false",
        },
        Kind::Float => Row {
            rust: "f64",
            reader: bounded("FLOAT", "Float", min, max),
            columns: ["real", "double precision", "double"],
            presence: fields::Float::PRESENCE,
            words: number_words("A number", min, max),
            examples: floats(min, max),
            wrong: Some((json!("x"), "Not a valid number.".to_owned())),
            filler: "0",
        },
        Kind::Uuid => Row {
            rust: "Uuid",
            reader: "fields::Uuid".to_owned(),
            columns: ["text", "uuid", "char(36)"],
            presence: fields::Uuid::PRESENCE,
            words: "A UUID".to_owned(),
            examples: [
                json!("67e55044-10b1-426f-9247-bb680e5fe0c8"),
                json!("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
            ],
            wrong: Some((json!("x"), "Not a valid UUID.".to_owned())),
            filler: "'00000000-0000-0000-0000-000000000000'",
        },
        Kind::Json => Row {
            rust: "Value",
            reader: "fields::Json".to_owned(),
            columns: ["text", "json", "longtext"],
            presence: fields::Json::PRESENCE,
            words: "Any JSON but null".to_owned(),
            examples: [json!({"key": "value"}), json!([1, 2])],
            wrong: None,
            filler: "('{}')",
        },
        Kind::Enum(choices) => Row {
            rust: "String",
            reader: format!("fields::Choice(&{choices:?})"),
            columns: ["text", "varchar(250)", "varchar(250)"],
            presence: fields::Choice::PRESENCE,
            words: format!("One of {}", choices.join(", ")),
            examples: [json!(choices.first()), json!(choices.last())],
            wrong: Some((
                json!("no such choice"),
                format!("Not a valid choice. Must be one of: {}.", choices.join(", ")),
            )),
            filler: "",
        },
        Kind::References(table) => Row {
            rust: "i64",
            reader: "fields::Reference".to_owned(),
            columns: ["integer", "integer", "integer"],
            presence: fields::Reference::PRESENCE,
            words: format!("The id of one of the {}", spaced(table)),
            examples: [json!(1), json!(1)],
            wrong: Some((json!("x"), "Not a valid integer.".to_owned())),
            filler: "",
        },
    }
}

/// `fields::STRING`, or `fields::Line { min: 3, ..fields::STRING }`.
fn bounded(constant: &str, kind: &str, min: Option<&str>, max: Option<&str>) -> String {
    let bounds = match (min, max) {
        (None, None) => return format!("fields::{constant}"),
        (Some(min), Some(max)) => format!("min: {min}, max: {max}"),
        (Some(min), None) => format!("min: {min}, ..fields::{constant}"),
        (None, Some(max)) => format!("max: {max}, ..fields::{constant}"),
    };
    format!("fields::{kind} {{ {bounds} }}")
}

fn text_words(min: Option<&str>, max: Option<&str>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("A text of {min} to {max} characters"),
        (Some(min), None) => format!("A text of at least {min} characters"),
        (None, Some(max)) => format!("A text of at most {max} characters"),
        (None, None) => "A text".to_owned(),
    }
}

fn number_words(words: &str, min: Option<&str>, max: Option<&str>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("{words} from {min} to {max}"),
        (Some(min), None) => format!("{words}, at least {min}"),
        (None, Some(max)) => format!("{words}, at most {max}"),
        (None, None) => words.to_owned(),
    }
}

fn bound<T: FromStr>(text: Option<&str>, without: T) -> T {
    text.and_then(|text| text.parse().ok()).unwrap_or(without)
}

/// A text about the field that keeps to its bounds.
fn text_of_length(field: &Field, word: &str) -> Value {
    let min = bound(field.min.as_deref(), 1);
    let max = bound(field.max.as_deref(), MAX_STRING_CHARS);
    let text = format!("{word} {}", spaced(&field.name));
    let padding = std::iter::repeat_n('.', min);
    let length = text.chars().count().max(min).min(max);
    json!(text.chars().chain(padding).take(length).collect::<String>())
}

fn numbers(min: i64, max: i64) -> [Value; 2] {
    let one = 1.clamp(min, max);
    let other = if one < max {
        one + 1
    } else {
        one.saturating_sub(1).max(min)
    };
    [json!(one), json!(other)]
}

fn floats(min: Option<&str>, max: Option<&str>) -> [Value; 2] {
    let (min, max): (f64, f64) = (bound(min, f64::MIN), bound(max, f64::MAX));
    [json!(1.5_f64.max(min).min(max)), json!(2.5_f64.max(min).min(max))]
}

/// A name as words.
pub fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// Checks what a field is allowed beside its type; gives it with its bounds as Rust writes them.
///
/// # Errors
/// What is wrong, and what is allowed.
pub fn checked(mut field: Field) -> Result<Field, String> {
    [field.min, field.max] = bounds(&field)?;
    if field.unique && !can_be_unique(&field.kind) {
        return Err(format!(
            "`{}` cannot be unique; `^` is for string, email, url, integer, biginteger, date, datetime, uuid and references",
            field.name
        ));
    }
    if field.unique && field.default.is_some() {
        return Err(format!("`{}` cannot be unique and have a default", field.name));
    }
    default_of(&field)?;
    Ok(field)
}

/// Checks what the table needs of all its columns together, where MySQL has the narrowest limits.
///
/// # Errors
/// What is too much, and what to do.
pub fn check_table(resource: &Resource) -> Result<(), String> {
    /// All keys of a table but the primary one.
    const KEYS: usize = 63;
    /// A row, and what of it stands on the first of its pages; both without the id and what belongs to no column.
    const BYTES: [usize; 2] = [65_500, 8_100];
    let has_key = |field: &&Field| field.unique || matches!(field.kind, Kind::References(_));
    let keys = resource.fields.iter().filter(has_key).count() + usize::from(resource.has_owner());
    if keys > KEYS {
        return Err(format!(
            "`{}` has {keys} fields that are unique, references or the owner; a table of MySQL has at most {KEYS}",
            resource.plural
        ));
    }
    for (part, limit) in BYTES.into_iter().enumerate() {
        let bytes: usize = resource.fields.iter().map(|field| mysql_bytes(field)[part]).sum();
        if bytes > limit {
            return Err(format!(
                "the fields of `{}` are too wide for a row of MySQL, which has room for 65 of the types string, email, url \
                 and enum, or 55 uuid; make some text, or a resource of their own",
                resource.plural
            ));
        }
    }
    Ok(())
}

/// What a column takes of a row, and of its first page.
fn mysql_bytes(field: &Field) -> [usize; 2] {
    match row(field).columns[2] {
        "varchar(250)" => [1002, 21],
        "char(36)" => [145, 145],
        "longtext" => [12, 21],
        _ => [8, 8],
    }
}

fn can_be_unique(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::String
            | Kind::Email
            | Kind::Url
            | Kind::Integer
            | Kind::BigInteger
            | Kind::Date
            | Kind::DateTime
            | Kind::Uuid
            | Kind::References(_)
    )
}

/// The least and the greatest value, as Rust writes them.
fn bounds(field: &Field) -> Result<[Option<String>; 2], String> {
    fn ordered<T: FromStr + PartialOrd + Debug>(field: &Field, expected: &str) -> Result<[Option<String>; 2], String> {
        let parse = |name: &str, text: &Option<String>| match text.as_deref().map(str::parse::<T>) {
            None => Ok(None),
            Some(Ok(bound)) => Ok(Some(bound)),
            Some(Err(_)) => {
                let text = shown(text.as_deref().unwrap_or_default());
                Err(format!("`{name}: {text}` of `{}` is not {expected}", field.name))
            }
        };
        match [parse("min", &field.min)?, parse("max", &field.max)?] {
            [Some(min), Some(max)] if min > max => Err(format!("`min` of `{}` is greater than its `max`", field.name)),
            bounds => Ok(bounds.map(|bound| bound.map(|bound| format!("{bound:?}")))),
        }
    }
    if field.min.is_none() && field.max.is_none() {
        return Ok([None, None]);
    }
    match field.kind {
        Kind::String | Kind::Text => {
            let most = if field.kind == Kind::String {
                MAX_STRING_CHARS
            } else {
                1_000_000
            };
            let bounds = ordered::<usize>(field, "a number of characters")?;
            let (min, max) = (bound(bounds[0].as_deref(), 1), bound(bounds[1].as_deref(), most));
            if !(1..=most).contains(&max) || !(1..=max).contains(&min) {
                let text = format!("`min` and `max` of `{}` are lengths from 1 to {most}", field.name);
                let hint = if field.kind == Kind::String {
                    "; a text may be longer"
                } else {
                    ""
                };
                return Err(text + hint);
            }
            Ok(bounds)
        }
        Kind::Integer => ordered::<i32>(field, "a whole number of 32 bits"),
        Kind::BigInteger => ordered::<i64>(field, "a whole number of 64 bits"),
        Kind::Float => {
            for text in [&field.min, &field.max].into_iter().flatten() {
                if !text.parse().is_ok_and(f64::is_finite) {
                    let text = shown(text);
                    return Err(format!(
                        "`{text}`, a bound of `{}`, is not a number such as 0.5",
                        field.name
                    ));
                }
            }
            ordered::<f64>(field, "a number")
        }
        _ => Err(format!(
            "`{}` has no `min` and `max`; they are for string, text, integer, biginteger and float",
            field.name
        )),
    }
}

/// A default: as Rust, and as SQL that MySQL reads with backslashes and others without.
struct DefaultValue {
    rust: String,
    is_const: bool,
    sql: String,
    /// Empty where it is another each time.
    json: String,
}

fn default_of(field: &Field) -> Result<Option<DefaultValue>, String> {
    let Some(text) = field.default.as_deref() else {
        return Ok(None);
    };
    let wrong = |allowed: &str| format!("the default `{}` of `{}` is not {allowed}", shown(text), field.name);
    // What turns the direction of text would make code read otherwise than it is; Rust takes none of it.
    let turns = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| c.is_control() || turns(c)) {
        return Err(wrong("a plain line of text"));
    }
    let constant = |text: String| DefaultValue {
        sql: text.clone(),
        json: text.clone(),
        rust: text,
        is_const: true,
    };
    let quoted = |rust: String, text: &str| DefaultValue {
        rust,
        is_const: false,
        sql: format!("('{}')", text.replace('\'', "''")),
        json: json!(text).to_string(),
    };
    let (min, max) = (field.min.as_deref(), field.max.as_deref());
    let is_read = |outcome: Result<(), fields::Wrong>, allowed: &str| outcome.map_err(|_| wrong(allowed));
    let owned = |text: &str| quoted(format!("{text:?}.to_owned()"), text);
    let value = json!(text);
    let found = match &field.kind {
        Kind::String => {
            let line = fields::Line {
                min: bound(min, 1),
                max: bound(max, MAX_STRING_CHARS),
            };
            let fits = line.read(&value).is_ok() && text.chars().count() <= line.max;
            fits.then_some(()).ok_or_else(|| wrong("a text within its bounds"))?;
            owned(text)
        }
        Kind::Text => {
            let kind = fields::Text {
                min: bound(min, 1),
                max: bound(max, usize::MAX),
            };
            is_read(kind.read(&value).map(drop), "a text within its bounds")?;
            owned(text)
        }
        Kind::Email => {
            is_read(fields::Email.read(&value).map(drop), "a mail address")?;
            owned(text)
        }
        Kind::Url => {
            is_read(fields::Url.read(&value).map(drop), "a URL")?;
            owned(text)
        }
        Kind::Enum(choices) => {
            if !choices.iter().any(|choice| choice == text) {
                return Err(wrong(&format!("one of {}", choices.join(", "))));
            }
            owned(text)
        }
        Kind::Integer => {
            let number: i32 = text.parse().map_err(|_| wrong("a whole number of 32 bits"))?;
            if number < bound(min, i32::MIN) || number > bound(max, i32::MAX) {
                return Err(wrong("a number within its bounds"));
            }
            constant(number.to_string())
        }
        Kind::BigInteger => {
            let number: i64 = text.parse().map_err(|_| wrong("a whole number of 64 bits"))?;
            if number < bound(min, i64::MIN) || number > bound(max, i64::MAX) {
                return Err(wrong("a number within its bounds"));
            }
            constant(number.to_string())
        }
        Kind::Boolean => {
            let number = match text {
                "1" | "true" => "1",
                "0" | "false" => "0",
                _ => return Err(wrong("one of 0, 1, true, false")),
            };
            DefaultValue {
                rust: format!("values::Boolean({number})"),
                ..constant(number.to_owned())
            }
        }
        Kind::Bool => match text {
            "true" | "false" => constant(text.to_owned()),
            _ => return Err(wrong("one of true, false")),
        },
        Kind::Float => {
            let number: f64 = text.parse().map_err(|_| wrong("a number"))?;
            if !number.is_finite() || number < bound(min, f64::MIN) || number > bound(max, f64::MAX) {
                return Err(wrong("a number within its bounds"));
            }
            constant(format!("{number:?}"))
        }
        Kind::Decimal => {
            let plain = decimal::parse(&value).map_err(|_| wrong("a decimal number"))?;
            quoted(format!("values::Decimal({plain:?}.to_owned())"), &plain)
        }
        Kind::DateTime => match text {
            "now" => DefaultValue {
                rust: "values::Timestamp::now()".to_owned(),
                is_const: false,
                sql: "'1970-01-01 00:00:00'".to_owned(),
                json: String::new(),
            },
            _ => return Err(wrong("`now`, the only default of a datetime")),
        },
        Kind::Date => match text {
            "today" => DefaultValue {
                rust: "values::Date::today()".to_owned(),
                is_const: false,
                sql: "'1970-01-01'".to_owned(),
                json: String::new(),
            },
            _ => return Err(wrong("`today`, the only default of a date")),
        },
        Kind::Uuid | Kind::Json | Kind::References(_) => {
            return Err(format!(
                "`{}` can have no default; uuid, json and references have none",
                field.name
            ));
        }
    };
    Ok(Some(found))
}

/// A field as the templates see it: everything is decided.
#[derive(Clone, Debug, serde::Serialize)]
pub struct FieldView {
    /// What column and attribute are called.
    pub name: String,
    /// The name as words.
    pub spaced: String,
    /// What it is, for the docs of the resource, of a new one and of a change.
    pub words: [String; 3],
    /// The arguments of `#[oai(...)]` for the same three; empty for none.
    pub validators: [String; 3],
    /// The Rust types of the same three.
    pub types: [String; 3],
    /// What reads the column of a row.
    pub get: String,
    /// What reads the attribute of a new resource and of a change.
    pub readers: [String; 2],
    /// The argument of the `insert`.
    pub created: String,
    /// The assignment of the `update`.
    pub assignment: String,
    /// The arguments of the assignment.
    pub changed: Vec<String>,
    /// The column's type and constraints in a new table, on SQLite, PostgreSQL and MySQL.
    pub columns: [String; 3],
    /// The same where it is added to a table that may have rows.
    pub added: [String; 3],
    /// Its component in a form, with the arguments.
    pub control: String,
    /// The arguments that show it in a list and in a detail.
    pub shown: String,
    /// What pages call it.
    pub label: String,
    /// The resource it refers to, by plural; empty for none.
    pub refers_to: String,
    /// The table of that resource.
    pub table: Table,
    /// Who may see the row it refers to, where that is not every user: `owner` or `admin`.
    pub hidden: &'static str,
    /// What its index and its foreign key are called where it is added to a table.
    pub keys: [String; 2],
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether a new resource must have it.
    pub required: bool,
    /// Whether a change must have it, in the dialect of Flask-Scaffold 1.0.
    pub required_in_patch: bool,
    /// A value, as JSON.
    pub example: String,
    /// Another value, as `json!` takes it; the same where there is only one.
    pub other_example: String,
    /// A value that is refused, as JSON; empty where there is none.
    pub wrong: String,
    /// What is said of that value, as a Rust literal.
    pub detail: String,
    /// The default, as `json!` takes it; empty where there is none, or another each time.
    pub default: String,
}

/// Everything about a field of the resource `of` that stands in generated files, and may refer to `table`.
///
/// # Errors
/// As [`checked`].
pub fn view(of: &str, field: &Field, table: Table) -> Result<FieldView, String> {
    let Row {
        rust,
        reader,
        columns,
        presence,
        words,
        examples: [example, other_example],
        wrong,
        filler,
    } = row(field);
    let name = &field.name;
    let default = default_of(field)?;
    let is_plain = !field.nullable && default.is_none();
    let option = |of: &str| format!("Option<{of}>");
    let nullable = || option(&format!("Nullable<{rust}>"));
    let read = |how: &str| format!("attributes.{how}({name:?}, &{reader})");

    let new_type = match (field.nullable, &default) {
        (true, _) => nullable(),
        (false, Some(_)) => option(rust),
        (false, None) => rust.to_owned(),
    };
    let new_reader = match (field.nullable, &default) {
        (true, _) => read("nullable"),
        (false, Some(_)) => read("optional"),
        (false, None) => read("required"),
    };
    let created = match (field.nullable, &default) {
        (true, None) => format!("new.{name}.and_then(|{name}| {name}.0)"),
        (true, Some(default)) => format!("new.{name}.map_or_else(|| Some({}), |{name}| {name}.0)", default.rust),
        (false, Some(default)) if default.is_const => format!("new.{name}.unwrap_or({})", default.rust),
        (false, Some(default)) => match default.rust.strip_suffix("()") {
            Some(function) if !function.contains('"') => format!("new.{name}.unwrap_or_else({function})"),
            _ => format!("new.{name}.unwrap_or_else(|| {})", default.rust),
        },
        (false, None) => format!("new.{name}"),
    };
    let set_by_clock = field.kind == Kind::DateTime;
    let (patch_type, patch_reader, assignment, changed) = if field.nullable {
        let values = vec![
            format!("patch.{name}.is_some()"),
            format!("patch.{name}.and_then(|{name}| {name}.0)"),
        ];
        let assignment = format!("{name} = case when ? then ? else {name} end");
        (nullable(), read("nullable"), assignment, values)
    } else if is_plain && presence == Presence::Always && set_by_clock {
        let assignment = format!("{name} = coalesce(?, {name})");
        (
            format!("Changed<{rust}>"),
            read("changed"),
            assignment,
            vec![format!("patch.{name}.0")],
        )
    } else if is_plain && presence == Presence::Always {
        (
            rust.to_owned(),
            read("required"),
            format!("{name} = ?"),
            vec![format!("patch.{name}")],
        )
    } else {
        let assignment = format!("{name} = coalesce(?, {name})");
        (
            option(rust),
            read("optional"),
            assignment,
            vec![format!("patch.{name}")],
        )
    };

    let mut details = words.clone();
    if field.unique {
        details.push_str("; unique");
    }
    if field.nullable {
        details.push_str("; may be null");
    }
    let of_new = match field.default.as_deref() {
        None => details.clone(),
        Some(text) if text.len() <= 60 && !text.contains('`') => format!("{details}; `{text}` where absent"),
        Some(_) => format!("{details}; has a default"),
    };
    let validator = validator(field);
    let choices = if matches!(field.kind, Kind::Enum(_)) {
        validator.clone()
    } else {
        String::new()
    };
    let null = if field.nullable { "" } else { " not null" };
    let references = match &field.kind {
        Kind::References(_) => format!(" references {} (id)", table.quoted),
        _ => String::new(),
    };
    let column = |engine: usize| {
        let unique = if field.unique { " unique" } else { "" };
        // MySQL reads a reference in a column's definition and forgets it.
        let references = if engine == 2 { "" } else { references.as_str() };
        format!("{}{null}{unique}{references}", columns[engine])
    };
    let added = |engine: usize| {
        let references = if engine == 2 { "" } else { references.as_str() };
        let filler = match (&default, &field.kind) {
            (Some(default), _) if engine == 2 => default.sql.replace('\\', "\\\\"),
            (Some(default), _) => default.sql.clone(),
            (None, Kind::Enum(choices)) => format!("'{}'", choices.first().map_or("", String::as_str)),
            (None, _) => filler.to_owned(),
        };
        let default = if field.nullable {
            String::new()
        } else {
            format!(" default {filler}")
        };
        format!("{}{null}{default}{references}", columns[engine])
    };
    let (wrong, detail) = wrong.map_or_else(Default::default, |(value, detail)| {
        (value.to_string(), format!("{detail:?}"))
    });
    let required_in_patch = is_plain && presence == Presence::Always;
    let default_json = default.as_ref().map(|default| default.json.clone()).unwrap_or_default();
    Ok(FieldView {
        control: controls::control(field, &default_json, required_in_patch),
        shown: controls::shown(field),
        label: controls::label(field),
        words: [format!("{details}."), format!("{of_new}."), format!("{details}.")],
        validators: [choices, validator.clone(), validator],
        types: [
            if field.nullable { option(rust) } else { rust.to_owned() },
            new_type,
            patch_type,
        ],
        get: if field.nullable { "get_nullable" } else { "get" }.to_owned(),
        readers: [new_reader, patch_reader],
        created,
        assignment,
        changed,
        columns: std::array::from_fn(column),
        added: std::array::from_fn(added),
        refers_to: match &field.kind {
            Kind::References(plural) => plural.clone(),
            _ => String::new(),
        },
        table,
        hidden: "",
        keys: ["key", "fkey"].map(|ending| key_name(of, name, ending)),
        unique: field.unique,
        nullable: field.nullable,
        required: is_plain,
        required_in_patch,
        example: example.to_string(),
        other_example: literal(&other_example.to_string()),
        wrong,
        detail,
        default: literal(&default_json),
        spaced: spaced(name),
        name: name.clone(),
    })
}

/// JSON as `json!` takes it, in which a number beyond 32 bits needs its type.
fn literal(json: &str) -> String {
    match json.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_err() => format!("{json}_i64"),
        _ => json.to_owned(),
    }
}

fn validator(field: &Field) -> String {
    let (min, max) = (field.min.as_deref(), field.max.as_deref());
    match &field.kind {
        Kind::String => {
            let (min, max) = (min.unwrap_or("1"), max.unwrap_or("250"));
            format!("validator(min_length = {min}, max_length = {max})")
        }
        Kind::Email | Kind::Url => "validator(min_length = 1, max_length = 250)".to_owned(),
        Kind::Text => {
            let max = max.map(|max| format!(", max_length = {max}")).unwrap_or_default();
            format!("validator(min_length = {}{max})", min.unwrap_or("1"))
        }
        Kind::Enum(choices) => format!("validator(pattern = {:?})", format!("^({})$", choices.join("|"))),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaffold::shorthand::{Settings, parse_settings};

    fn field(kind: &str, min: Option<&str>, max: Option<&str>) -> Field {
        let settings = Settings {
            kind: Some(kind.to_owned()),
            min: min.map(str::to_owned),
            max: max.map(str::to_owned),
            ..Settings::default()
        };
        parse_settings("a", settings).unwrap()
    }

    #[test]
    fn bounds_are_written_as_rust_writes_them() {
        for (kind, min, max, expected) in [
            ("integer", "007", "+9", "fields::Integer { min: 7, max: 9 }"),
            ("biginteger", "-0", "010", "fields::BigInteger { min: 0, max: 10 }"),
            ("float", ".5", "1.e5", "fields::Float { min: 0.5, max: 100000.0 }"),
            ("float", "-1", "1e300", "fields::Float { min: -1.0, max: 1e300 }"),
            ("string", "+05", "010", "fields::Line { min: 5, max: 10 }"),
        ] {
            assert_eq!(row(&field(kind, Some(min), Some(max))).reader, expected);
        }
        let view = view("things", &field("string", Some("05"), None), Table::default()).unwrap();
        assert_eq!(view.validators[1], "validator(min_length = 5, max_length = 250)");
    }

    #[test]
    fn examples_keep_to_the_bounds() {
        let (least, most) = (i64::MIN.to_string(), i64::MAX.to_string());
        for (kind, min, max, expected) in [
            ("integer", None, None, [1, 2]),
            ("integer", Some("5"), Some("5"), [5, 5]),
            (
                "biginteger",
                None,
                Some("-3000000000"),
                [-3_000_000_000, -3_000_000_001],
            ),
            ("biginteger", Some("3000000000"), None, [3_000_000_000, 3_000_000_001]),
            ("biginteger", Some(&most), None, [i64::MAX; 2]),
            ("biginteger", None, Some(&least), [i64::MIN; 2]),
        ] {
            assert_eq!(
                row(&field(kind, min, max)).examples,
                expected.map(|number| json!(number))
            );
        }
    }
}
