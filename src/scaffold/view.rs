//! A field as the templates see it: everything is decided before they are filled.

use serde::Serialize;

use super::{
    bounds::Bounds,
    columns::{self, key_name},
    controls,
    defaults::DefaultValue,
    examples,
    model::Field,
    table::Table,
    types::{ByEngine, Kind, Limits},
    words::spaced,
};
use crate::fields::{MAX_STRING_CHARS, Presence};

/// A field in generated files.
#[derive(Clone, Debug, Serialize)]
pub struct FieldView {
    /// What column and attribute are called.
    pub name: String,
    /// The name as words.
    pub spaced: String,
    /// What pages call it.
    pub label: String,
    /// Its component in a form, with the arguments.
    pub control: String,
    /// The arguments that show it in a list and in a detail.
    pub shown: String,
    /// Its member of a row.
    pub row: Member,
    /// What reads that from its column.
    pub get: &'static str,
    /// Its member of a new resource.
    pub new: Member,
    /// What reads that from a document.
    pub new_reader: String,
    /// What the `insert` gets of it.
    pub inserted: String,
    /// Its member of a change.
    pub patch: Member,
    /// What reads that from a document.
    pub patch_reader: String,
    /// Its part of the `update`.
    pub assignment: String,
    /// What that gets.
    pub assigned: Vec<String>,
    /// Its column's type and constraints in a new table.
    pub column: ByEngine<String>,
    /// The same where it is added to a table that may have rows.
    pub added_column: ByEngine<String>,
    /// What its column's own type is called on PostgreSQL; empty for none.
    pub enum_type: String,
    /// The values of that, as SQL.
    pub enum_values: String,
    /// What its index is called where it is added to a table.
    pub index: String,
    /// What its foreign key is called where it is added to a table.
    pub foreign_key: String,
    /// The resource it refers to, by plural; empty for none.
    pub refers_to: String,
    /// The table of that resource.
    pub table: Table,
    /// Who may see the row it refers to, where that is not every user: `owner` or `admin`.
    pub hidden: &'static str,
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
    pub wrong: &'static str,
    /// What is said of that value, as a Rust literal.
    pub detail: String,
    /// The default, as `json!` takes it; empty where there is none, or another each time.
    pub default: String,
}

/// A member of a struct.
#[derive(Clone, Debug, Serialize)]
pub struct Member {
    /// What it is, for the docs.
    pub words: String,
    /// The arguments of `#[oai(...)]`; empty for none.
    pub validator: String,
    /// Its Rust type.
    #[serde(rename = "type")]
    pub rust: String,
}

/// A field of the resource `of`, which may refer to `table`, whose rows only `hidden` may see.
pub fn of(resource: &str, field: &Field, table: Table, hidden: &'static str) -> FieldView {
    let name = &field.name;
    let default = field.default.as_ref().map(|default| &default.value);
    let default_json = default.map(DefaultValue::json).unwrap_or_default();
    let is_plain = !field.nullable && default.is_none();
    let required_in_patch = is_plain && field.kind.row().presence == Presence::Always;
    let [example, other_example] = examples::of(field);
    let columns = columns::of(resource, field, &table);
    let (row, new, patch) = members(field, required_in_patch);
    let (assignment, assigned) = assignment(field, required_in_patch);
    let read = |how: &str| format!("attributes.{how}({name:?}, &{})", reader(field));
    FieldView {
        label: controls::label(field),
        control: controls::control(field, &default_json, required_in_patch),
        shown: controls::shown(field),
        row,
        get: if field.nullable { "get_nullable" } else { "get" },
        new,
        new_reader: read(match (field.nullable, default) {
            (true, _) => "nullable",
            (false, Some(_)) => "optional",
            (false, None) => "required",
        }),
        inserted: inserted(field),
        patch,
        patch_reader: read(match (field.nullable, required_in_patch) {
            (true, _) => "nullable",
            (false, true) if is_set_by_clock(field) => "changed",
            (false, true) => "required",
            (false, false) => "optional",
        }),
        assignment,
        assigned,
        column: columns.created,
        added_column: columns.added,
        enum_type: columns.enum_type,
        enum_values: columns.enum_values,
        index: key_name(resource, name, "key"),
        foreign_key: key_name(resource, name, "fkey"),
        refers_to: field.refers_to().unwrap_or_default().to_owned(),
        table,
        hidden,
        unique: field.unique,
        nullable: field.nullable,
        required: is_plain,
        required_in_patch,
        example,
        other_example: literal(&other_example),
        wrong: field.kind.row().wrong[0],
        detail: detail(&field.kind),
        default: literal(&default_json),
        spaced: spaced(name),
        name: name.clone(),
    }
}

/// Whether Flask-Scaffold 2.0 always set it to the present and ignored what was sent.
fn is_set_by_clock(field: &Field) -> bool {
    field.kind == Kind::DateTime
}

/// Its members of a row, of a new resource and of a change.
fn members(field: &Field, required_in_patch: bool) -> (Member, Member, Member) {
    let rust = field.kind.rust();
    let rust = rust.as_str();
    let option = |of: &str| format!("Option<{of}>");
    let nullable = option(&format!("Nullable<{rust}>"));
    let new = match (field.nullable, &field.default) {
        (true, _) => nullable.clone(),
        (false, Some(_)) => option(rust),
        (false, None) => rust.to_owned(),
    };
    let patch = match (field.nullable, required_in_patch) {
        (true, _) => nullable,
        (false, true) if is_set_by_clock(field) => format!("Changed<{rust}>"),
        (false, true) => rust.to_owned(),
        (false, false) => option(rust),
    };
    let mut words = words(field);
    if field.unique {
        words.push_str("; unique");
    }
    if field.nullable {
        words.push_str("; may be null");
    }
    let of_new = match field.default.as_ref().map(|default| default.text.as_str()) {
        None => format!("{words}."),
        Some(text) if text.len() <= 60 && !text.contains('`') => format!("{words}; `{text}` where absent."),
        Some(_) => format!("{words}; has a default."),
    };
    let validator = validator(field);
    let row = Member {
        words: format!("{words}."),
        // What is answered is not bound by what documents may say, but the docs name the choices.
        validator: match field.kind {
            Kind::Enum(_) | Kind::NativeEnum(_) => validator.clone(),
            _ => String::new(),
        },
        rust: if field.nullable { option(rust) } else { rust.to_owned() },
    };
    let new = Member {
        words: of_new,
        validator: validator.clone(),
        rust: new,
    };
    let patch = Member {
        words: format!("{words}."),
        validator,
        rust: patch,
    };
    (row, new, patch)
}

/// What the `insert` gets of a field.
fn inserted(field: &Field) -> String {
    let name = &field.name;
    let default = field.default.as_ref().map(|default| &default.value);
    match (field.nullable, default) {
        (true, None) => format!("new.{name}.and_then(|{name}| {name}.0)"),
        (true, Some(default)) => format!("new.{name}.map_or_else(|| Some({}), |{name}| {name}.0)", default.rust()),
        (false, None) => format!("new.{name}"),
        (false, Some(default)) => match default {
            DefaultValue::Now | DefaultValue::Today | DefaultValue::TimeNow => {
                format!("new.{name}.unwrap_or_else({})", default.rust().trim_end_matches("()"))
            }
            DefaultValue::Boolean(_) | DefaultValue::Constant(_) => format!("new.{name}.unwrap_or({})", default.rust()),
            DefaultValue::Text(_) | DefaultValue::Decimal(_) | DefaultValue::Numeric(_) | DefaultValue::Time(_) => {
                format!("new.{name}.unwrap_or_else(|| {})", default.rust())
            }
        },
    }
}

/// The part of the `update` that a field has, and what that gets.
fn assignment(field: &Field, required_in_patch: bool) -> (String, Vec<String>) {
    let name = &field.name;
    if field.nullable {
        let given = format!("patch.{name}.is_some()");
        let value = format!("patch.{name}.and_then(|{name}| {name}.0)");
        return (
            format!("{name} = case when ? then ? else {name} end"),
            vec![given, value],
        );
    }
    let where_given = format!("{name} = coalesce(?, {name})");
    match (required_in_patch, is_set_by_clock(field)) {
        (true, true) => (where_given, vec![format!("patch.{name}.0")]),
        (true, false) => (format!("{name} = ?"), vec![format!("patch.{name}")]),
        (false, _) => (where_given, vec![format!("patch.{name}")]),
    }
}

/// What reads a field from JSON: `fields::STRING`, or `fields::Line { min: 3, ..fields::STRING }`.
fn reader(field: &Field) -> String {
    let row = field.kind.row();
    if let Some(choices) = field.kind.choices() {
        return format!("fields::{}(&{choices:?})", row.reader);
    }
    if let Kind::Numeric { precision, scale } = field.kind {
        return format!("fields::{}::<{precision}, {scale}>", row.reader);
    }
    let bounds = match field.bounds.written() {
        [None, None] if row.limits == Limits::None => return format!("fields::{}", row.reader),
        [None, None] => return format!("fields::{}", row.unbounded),
        [Some(min), Some(max)] => format!("min: {min}, max: {max}"),
        [Some(min), None] => format!("min: {min}, ..fields::{}", row.unbounded),
        [None, Some(max)] => format!("max: {max}, ..fields::{}", row.unbounded),
    };
    format!("fields::{} {{ {bounds} }}", row.reader)
}

/// What a field is, for the API docs.
fn words(field: &Field) -> String {
    let row = field.kind.row();
    let words = row.words;
    match (&field.kind, row.limits, &field.bounds) {
        (Kind::Enum(choices) | Kind::NativeEnum(choices), ..) => format!("{words} {}", choices.join(", ")),
        (Kind::References(table), ..) => format!("{words} {}", spaced(table)),
        (Kind::Numeric { precision, scale }, ..) => {
            let whole = precision.saturating_sub(*scale);
            format!("{words} of at most {whole} digits before the point and {scale} after it")
        }
        (_, Limits::Items(_), bounds) => match bounds.written() {
            [Some(min), Some(max)] => format!("{words}, of {min} to {max} items"),
            [Some(min), None] => format!("{words}, of at least {min} items"),
            [None, Some(max)] => format!("{words}, of at most {max} items"),
            [None, None] => words.to_owned(),
        },
        (_, Limits::Length { most, .. }, Bounds::Length(length)) => match (length.min, length.max.or(most)) {
            (Some(min), Some(max)) => format!("{words} of {min} to {max} characters"),
            (Some(min), None) => format!("{words} of at least {min} characters"),
            (None, Some(max)) => format!("{words} of at most {max} characters"),
            (None, None) => words.to_owned(),
        },
        (.., bounds) => match bounds.written() {
            [Some(min), Some(max)] => format!("{words} from {min} to {max}"),
            [Some(min), None] => format!("{words}, at least {min}"),
            [None, Some(max)] => format!("{words}, at most {max}"),
            [None, None] => words.to_owned(),
        },
    }
}

fn validator(field: &Field) -> String {
    match (&field.kind, field.kind.row().limits) {
        (Kind::Enum(choices) | Kind::NativeEnum(choices), _) => {
            format!("validator(pattern = {:?})", format!("^({})$", choices.join("|")))
        }
        (Kind::Email | Kind::Url, _) => format!("validator(min_length = 1, max_length = {MAX_STRING_CHARS})"),
        (_, Limits::Items(_)) => {
            let bounds = ["min_items", "max_items"].into_iter().zip(field.bounds.written());
            let bounds: Vec<String> = bounds
                .filter_map(|(name, bound)| Some(format!("{name} = {}", bound?)))
                .collect();
            match bounds.is_empty() {
                true => String::new(),
                false => format!("validator({})", bounds.join(", ")),
            }
        }
        (_, Limits::Length { most, .. }) => {
            let length = field.bounds.length();
            let max = length.max.or(most).map(|max| format!(", max_length = {max}"));
            let min = length.min.unwrap_or(1);
            format!("validator(min_length = {min}{})", max.unwrap_or_default())
        }
        _ => String::new(),
    }
}

/// What is said of the value that a field refuses, as a Rust literal; empty where it refuses none.
fn detail(kind: &Kind) -> String {
    match (kind, kind.row().wrong) {
        (Kind::Enum(choices) | Kind::NativeEnum(choices), [_, detail]) => {
            format!("{:?}", format!("{detail} {}.", choices.join(", ")))
        }
        (_, ["", _]) => String::new(),
        (_, [_, detail]) => format!("{detail:?}"),
    }
}

/// JSON as `json!` takes it, in which a number beyond 32 bits needs its type.
fn literal(json: &str) -> String {
    match json.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_err() => format!("{json}_i64"),
        _ => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scaffold::{
        definition::shorthand::{Form, Settings, parse_settings},
        source::{Piece, Setting},
    };

    fn field(kind: &str, min: Option<&str>, max: Option<&str>) -> Field {
        let settings = Settings {
            kind: Some(Piece::unplaced(kind)),
            min: min.map(Setting::unplaced),
            max: max.map(Setting::unplaced),
            ..Settings::default()
        };
        parse_settings(Piece::unplaced("a"), settings, Form::Other).unwrap()
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
            assert_eq!(reader(&field(kind, Some(min), Some(max))), expected);
        }
        let view = of("things", &field("string", Some("05"), None), Table::default(), "");
        assert_eq!(view.new.validator, "validator(min_length = 5, max_length = 250)");
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
                examples::of(&field(kind, min, max)),
                expected.map(|number: i64| number.to_string())
            );
        }
    }
}
