//! What pages need to show the further attributes of users, and to ask for them.

use serde_json::{Value, json};

use super::{
    field::{SignUp, UserField, Who},
    list::fields,
};
use crate::fields::Description;

/// The further attributes for templates, in the order of the project's list.
pub fn described() -> Value {
    fields().iter().map(describe).collect()
}

/// The default as the control of a new user shows it, where HTML can.
fn shown_default(field: &UserField, kind: &str) -> Option<String> {
    let is_moment = ["datetime", "date", "time"].contains(&kind);
    let default = field.default.filter(|_| !is_moment)?();
    Some(match default {
        Value::String(text) => text,
        Value::Bool(is_true) => u8::from(is_true).to_string(),
        Value::Array(_) if kind == "array" => return None,
        other => other.to_string(),
    })
}

fn describe(field: &UserField) -> Value {
    let Description {
        kind,
        min,
        max,
        choices,
        ..
    } = field.field.describe();
    let kind = match (field.refers_to, kind) {
        (Some(_), _) => "reference",
        // Nothing says of which resource a row could be chosen.
        (None, "reference") => "biginteger",
        (None, kind) => kind,
    };
    json!({
        "name": field.name,
        "label": field.shown_label(),
        "kind": kind,
        "of": field.refers_to.unwrap_or_default(),
        "min": min.unwrap_or_default(),
        "max": max.unwrap_or_default(),
        "choices": choices,
        // A default that is another each time is the server's to fill in.
        "value": shown_default(field, kind).unwrap_or_default(),
        "is_nullable": field.is_nullable,
        "is_required": field.is_required(),
        "is_unique": field.is_unique,
        // An empty control of one that may be null stands for the default, where there is one.
        "has_default": field.is_filled || field.default.is_some(),
        "is_shown": field.visible_to != Who::Nobody,
        "is_changeable": field.is_changeable(),
        "is_added": field.when_added() != SignUp::Ignored,
        "at_sign_up": field.at_sign_up() != SignUp::Ignored,
        "is_required_at_sign_up": field.at_sign_up() == SignUp::Required,
    })
}
