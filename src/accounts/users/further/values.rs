//! Further attributes of users whom the command line, or the first start, adds.

use serde_json::Value;

use super::{field::UserField, list::fields};
use crate::{
    config::program,
    db::Arg,
    error::{Error, Result},
    fields::FieldError,
};

/// The values of a new user: those given as `NAME=VALUE`, and defaults.
///
/// # Errors
/// [`Error::Refused`] with all attributes that are required and not given; for an unknown name, and for a value that its type
/// refuses.
pub fn given(settings: &[String]) -> Result<Vec<Arg>> {
    from_settings(fields(), settings)
}

fn from_settings(fields: &[UserField], settings: &[String]) -> Result<Vec<Arg>> {
    let mut values: Vec<Option<Arg>> = vec![None; fields.len()];
    for setting in settings {
        let (name, text) = setting
            .split_once('=')
            .ok_or_else(|| Error::Refused(format!("--set {setting:?} has no `=`; expected NAME=VALUE")))?;
        let place = fields.iter().position(|field| field.name == name);
        let place = place.ok_or_else(|| unknown(fields, name))?;
        values[place] = Some(read(&fields[place], text)?);
    }
    let pairs = fields.iter().zip(&values);
    let missing = pairs.filter(|(field, value)| value.is_none() && field.is_required());
    let missing: Vec<&UserField> = missing.map(|(field, _)| field).collect();
    if !missing.is_empty() {
        return Err(Error::Refused(format!(
            "a user of {} needs more attributes: {}",
            program(),
            options(&missing)
        )));
    }
    let values = fields.iter().zip(values);
    Ok(values
        .map(|(field, value)| value.unwrap_or_else(|| field.default_value()))
        .collect())
}

/// The options that the command line takes for these: `--set phone=VALUE --set badge=VALUE`.
fn options(fields: &[&UserField]) -> String {
    let options = fields.iter().map(|field| format!("--set {}=VALUE", field.name));
    options.collect::<Vec<_>>().join(" ")
}

/// The options that a new user needs, with a space before each.
pub fn required_options() -> String {
    let required = fields().iter().filter(|field| field.is_required());
    let options = required.map(|field| format!(" --set {}=VALUE", field.name));
    options.collect()
}

fn unknown(fields: &[UserField], name: &str) -> Error {
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    Error::Refused(match names.is_empty() {
        true => format!("unknown attribute {name:?}: users have no further attributes"),
        false => format!("unknown attribute {name:?}; --set takes: {}", names.join(", ")),
    })
}

/// A value as JSON has it, or as a text; nothing is null where that is allowed.
fn read(field: &UserField, text: &str) -> Result<Arg> {
    if text.is_empty() && field.is_nullable {
        return Ok(field.field.null());
    }
    let as_text = || field.field.read(&text.into());
    let json: Option<Value> = serde_json::from_str(text).ok();
    let as_json = || json.map_or_else(as_text, |value| field.field.read(&value));
    let read = match field.field.describe().kind {
        "json" => as_json(),
        _ => as_text().or_else(|error| as_json().map_err(|_| error)),
    };
    read.map_err(|error| {
        let what = match error {
            FieldError::Invalid(details) => details.join(" "),
            FieldError::Refused(constraint) => constraint.to_string(),
        };
        Error::Refused(format!("--set {}={text:?}: {what}", field.name))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fields::{Bool, INTEGER, Json, STRING};

    #[test]
    fn values_are_read_by_their_type_and_what_is_missing_is_listed() {
        let fields = [
            UserField::of("phone", &STRING),
            UserField::of("badge", &INTEGER),
            UserField::of("is_vip", &Bool).default(|| json!(false)),
            UserField::of("prefs", &Json).nullable(),
        ];
        let read = |settings: &[&str]| {
            let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
            from_settings(&fields, &settings)
                .map(|args| format!("{args:?}"))
                .map_err(|error| error.to_string())
        };
        assert_eq!(
            read(&["phone=5", "badge=7", "is_vip=true", "prefs={\"a\":1}"]).unwrap(),
            "[Text(Some(\"5\")), Integer(Some(7)), Boolean(Some(true)), Json(Some(Object {\"a\": Number(1)}))]"
        );
        assert_eq!(
            read(&["phone=a=b", "badge=7", "prefs="]).unwrap(),
            "[Text(Some(\"a=b\")), Integer(Some(7)), Boolean(Some(false)), Json(None)]"
        );
        for (settings, what) in [
            (&["is_vip=true"][..], "--set phone=VALUE --set badge=VALUE"),
            (&["phone"], "expected NAME=VALUE"),
            (&["fax=1"], "--set takes: phone, badge, is_vip, prefs"),
            (&["badge=x"], "Not a valid integer."),
        ] {
            let error = read(settings).unwrap_err();
            assert!(error.contains(what), "{error}");
        }
    }
}
