//! What statements get of a field.

use crate::scaffold::{defaults::DefaultValue, identifier::Identifier, model::Field, types::Kind};

/// Whether Flask-Scaffold 2.0 always set it to the present and ignored what was sent.
pub fn is_set_by_clock(field: &Field) -> bool {
    field.kind == Kind::DateTime
}

/// What the `insert` gets of a field.
pub fn inserted(field: &Field, name: &str) -> String {
    let default = field.own_default();
    if !field.is_sent() {
        let value = default.map(DefaultValue::rust).unwrap_or_default();
        return if field.nullable {
            format!("Some({value})")
        } else {
            value
        };
    }
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
pub fn assignment(field: &Field, name: &str, column: &Identifier, required_in_patch: bool) -> (String, Vec<String>) {
    let column = &column.quoted;
    if field.traffic.follows_changes {
        return (format!("{column} = ?"), vec![set_to_the_present(field, name)]);
    }
    if field.nullable {
        let given = format!("patch.{name}.is_some()");
        let value = format!("patch.{name}.and_then(|{name}| {name}.0)");
        return (
            format!("{column} = case when ? then ? else {column} end"),
            vec![given, value],
        );
    }
    let where_given = format!("{column} = coalesce(?, {column})");
    match (required_in_patch, is_set_by_clock(field)) {
        (true, true) => (where_given, vec![format!("patch.{name}.0")]),
        (true, false) => (format!("{column} = ?"), vec![format!("patch.{name}")]),
        (false, _) => (where_given, vec![format!("patch.{name}")]),
    }
}

/// What a field gets that the server sets with each change which does not name it.
fn set_to_the_present(field: &Field, name: &str) -> String {
    let present = match field.kind {
        Kind::Date => "values::Date::today",
        _ => "values::Timestamp::now",
    };
    match (field.is_changed(), field.nullable) {
        (false, false) => format!("{present}()"),
        (false, true) => format!("Some({present}())"),
        (true, false) => format!("patch.{name}.unwrap_or_else({present})"),
        (true, true) => format!("patch.{name}.map_or_else(|| Some({present}()), |{name}| {name}.0)"),
    }
}
