//! A field as the templates see it: everything is decided before they are filled.

mod statements;
mod value;

use serde::Serialize;

use statements::{assignment, inserted, is_set_by_clock};
use value::Value;

use super::{
    bounds::Bounds,
    columns::{self, key_name},
    controls,
    defaults::DefaultValue,
    examples,
    identifier::Identifier,
    join::JoinTable,
    model::{Direction, Field},
    target::Target,
    types::{ByEngine, Kind, Limits},
    words::spaced,
};
use crate::fields::{MAX_STRING_CHARS, Presence};

/// A field in generated files.
#[derive(Clone, Debug, Serialize)]
pub struct FieldView {
    /// What the attribute is called.
    pub name: String,
    /// What it is called in Rust.
    pub rust: String,
    /// The same as a part of a longer name, without the `_` that keeps it apart from a word of Rust.
    pub word: String,
    /// What the column is called.
    pub identifier: Identifier,
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
    /// What reads its value from JSON.
    pub reader: String,
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
    /// What gives each row a value of its own where it is added to a table; empty for nothing.
    pub distinct: ByEngine<&'static str>,
    /// What its index is called where it is added to a table.
    pub index: String,
    /// What its index that does not make it unique is called.
    pub lookup: String,
    /// What its foreign key is called where it is added to a table.
    pub foreign_key: String,
    /// The resource it refers to, by plural; empty for none.
    pub refers_to: String,
    /// The resource that it refers or links to.
    pub target: Target,
    /// Its join table, if it has one.
    pub join: Option<JoinTable>,
    /// The Rust type of its id.
    pub id_type: String,
    /// An id that it has no row of, as Rust.
    pub no_row: &'static str,
    /// An id that it has no row of in a test, as `json!` takes it.
    pub absent: &'static str,
    /// What a test can see of that: `cascade` or `null`; empty for nothing.
    pub deleted_with: &'static str,
    /// What becomes of its row with the row that it refers to, as SQL with a blank before it; empty for nothing.
    pub on_delete: &'static str,
    /// Whether no two rows may have the same value.
    pub unique: bool,
    /// Whether it may be null.
    pub nullable: bool,
    /// Whether it has a column.
    pub is_stored: bool,
    /// Whether answers have it.
    pub is_shown: bool,
    /// Whether documents of new rows may have it.
    pub is_sent: bool,
    /// Whether documents of changed rows may have it.
    pub is_changed: bool,
    /// Whether the server sets it with each change.
    pub follows_changes: bool,
    /// Whether a test can see that it is set anew.
    pub is_seen_to_follow: bool,
    /// Whether its column has an index that does not make it unique.
    pub has_index: bool,
    /// Whether the insertion names its column.
    pub is_inserted: bool,
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

impl FieldView {
    /// Whether the `update` sets its column.
    pub fn is_updated(self: &&Self) -> bool {
        self.is_stored && (self.is_changed || self.follows_changes)
    }
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

/// A field of the resource `of`, which is called `rust` in its code and may refer to `target`.
pub fn of(resource: &str, field: &Field, rust: String, target: Target) -> FieldView {
    let name = &field.name;
    let default = field.default.as_ref().map(|default| &default.value);
    let default_json = default.map(DefaultValue::json).unwrap_or_default();
    let is_plain = field.is_required() && field.is_sent();
    let is_always = field.kind.row().presence == Presence::Always && !field.traffic.follows_changes;
    // Who gets a row and sends it back does not have what is only written.
    let required_in_patch = is_plain && is_always && field.is_changed() && field.is_shown();
    let [example, other_example] = examples::of(field);
    let columns = columns::of(resource, field, &target);
    let value = Value::of(field, &target);
    let (row, new, patch) = members(field, &rust, &value.rust, required_in_patch);
    let identifier = Identifier::of(field.column());
    let (assignment, assigned) = assignment(field, &rust, &identifier, required_in_patch);
    let read = |how: &str| format!("attributes.{how}({name:?}, &{})", value.reader);
    FieldView {
        label: controls::label(field),
        control: controls::control(field, &target, &default_json, required_in_patch),
        shown: controls::shown(field, &target),
        row,
        get: if field.nullable { "get_nullable" } else { "get" },
        new,
        new_reader: read(match field.nullable {
            true => "nullable",
            false if !field.is_required() => "optional",
            false => "required",
        }),
        inserted: inserted(field, &rust),
        patch,
        reader: value.reader.clone(),
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
        distinct: columns::distinct(resource, field),
        index: key_name(resource, &rust, "key"),
        lookup: key_name(resource, &rust, "idx"),
        foreign_key: key_name(resource, &rust, "fkey"),
        enum_type: columns.enum_type,
        enum_values: columns.enum_values,
        refers_to: field.refers_to().unwrap_or_default().to_owned(),
        id_type: value.id,
        no_row: target.no_row(),
        absent: target.absent(),
        target,
        join: None,
        deleted_with: "",
        on_delete: field.on_delete.sql(),
        unique: field.unique,
        nullable: field.nullable,
        is_stored: field.has_column(),
        is_shown: field.is_shown(),
        is_sent: field.is_sent(),
        is_changed: field.is_changed(),
        follows_changes: field.traffic.follows_changes,
        is_seen_to_follow: field.traffic.follows_changes
            && field.is_shown()
            && (field.is_sent() || field.kind == Kind::DateTime),
        has_index: field.traffic.has_index && !field.unique,
        is_inserted: field.has_column() && (field.is_sent() || field.own_default().is_some()),
        required: is_plain,
        required_in_patch,
        example,
        other_example: literal(&other_example),
        wrong: value.kind.row().wrong[0],
        detail: detail(&value.kind),
        default: literal(&default_json),
        spaced: spaced(&rust),
        name: name.clone(),
        identifier,
        word: rust.trim_end_matches('_').to_owned(),
        rust,
    }
}

/// Its members of a row, of a new resource and of a change.
fn members(field: &Field, name: &str, rust: &str, required_in_patch: bool) -> (Member, Member, Member) {
    let option = |of: &str| format!("Option<{of}>");
    let nullable = option(&format!("Nullable<{rust}>"));
    let new = match field.nullable {
        true => nullable.clone(),
        false if !field.is_required() => option(rust),
        false => rust.to_owned(),
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
    match field.traffic.direction {
        Direction::ReadOnly => words.push_str("; set by the server"),
        Direction::WriteOnly => words.push_str("; never shown"),
        Direction::Unstored => words.push_str("; checked, and not stored"),
        Direction::Both => {}
    }
    if field.traffic.follows_changes {
        words.push_str("; the time of the last change unless it is sent");
    }
    let immutable = if field.traffic.is_immutable {
        "; stays as it is afterwards"
    } else {
        ""
    };
    let of_new = match field.default.as_ref().map(|default| default.text.as_str()) {
        None => format!("{words}{immutable}."),
        Some(text) if text.len() <= 60 && !text.contains('`') => format!("{words}{immutable}; `{text}` where absent."),
        Some(_) => format!("{words}{immutable}; has a default."),
    };
    let validator = validator(field);
    let renamed = (name != field.name).then(|| format!("rename = {:?}", field.name));
    let attribute = |validator: &str| {
        let parts = renamed.iter().map(String::as_str).chain([validator]);
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        parts.join(", ")
    };
    let row = Member {
        words: format!("{words}."),
        // What is answered is not bound by what documents may say, but the docs name the choices.
        validator: attribute(match field.kind {
            Kind::Enum(_) | Kind::NativeEnum(_) => &validator,
            _ => "",
        }),
        rust: if field.nullable { option(rust) } else { rust.to_owned() },
    };
    let new = Member {
        words: of_new,
        validator: attribute(&validator),
        rust: new,
    };
    let patch = Member {
        words: format!("{words}."),
        validator: attribute(&validator),
        rust: patch,
    };
    (row, new, patch)
}

/// What a field is, for the API docs.
fn words(field: &Field) -> String {
    let row = field.kind.row();
    let words = match &field.kind {
        Kind::Many(others) => &format!("{} {}", row.words, spaced(others)),
        _ => row.words,
    };
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
pub fn literal(json: &str) -> String {
    match json.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_err() => format!("{json}_i64"),
        _ => json.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{value::reader, *};
    use crate::scaffold::{
        definition::{
            settings::Settings,
            shorthand::{Form, parse_settings},
        },
        model::Known,
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
        let field = field("string", Some("05"), None);
        let view = of(
            "things",
            &field,
            "a".to_owned(),
            Target::of("things", &field, &Known::new()),
        );
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
