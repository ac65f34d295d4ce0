//! The further attributes of this process's users.

use std::sync::OnceLock;

use super::field::UserField;
use crate::{
    auth::active_column,
    error::{Error, Result},
};

/// They are kept where types without parameters find them: rows and documents are made by type.
static FIELDS: OnceLock<&'static [UserField]> = OnceLock::new();

/// Names that the originals' attributes have, in any profile.
const CORE: [&str; 14] = [
    "id",
    "type",
    "email",
    "name",
    "password",
    "active",
    "role",
    "creation_time",
    "modification_time",
    "is_enabled",
    "createddate",
    "createdby",
    "updateddate",
    "updatedby",
];

/// Sets the further attributes, and the column that `active` stands in, once.
///
/// # Errors
/// [`Error::Internal`] if they cannot be served, which is the project's mistake.
pub fn install(fields: &'static [UserField], active: &'static str) -> Result<()> {
    check(fields)?;
    if !is_plain(active) || fields.iter().any(|field| field.column.eq_ignore_ascii_case(active)) {
        return Err(Error::Internal(format!(
            "`active` cannot stand in the column {active:?} of users; correct the project's `active_in`"
        )));
    }
    active_column::install(active);
    FIELDS.get_or_init(|| fields);
    Ok(())
}

/// The further attributes.
pub fn fields() -> &'static [UserField] {
    FIELDS.get().copied().unwrap_or_default()
}

fn check(fields: &[UserField]) -> Result<()> {
    let wrong = |field: &UserField, what: &str| {
        Err(Error::Internal(format!(
            "the attribute `{}` of users {what}; correct the project's list of them",
            field.name
        )))
    };
    for (index, field) in fields.iter().enumerate() {
        let is_same = |other: &UserField| {
            let names = [(other.name, field.name), (other.column, field.column)];
            names.iter().any(|(one, other)| one.eq_ignore_ascii_case(other))
        };
        let is_of_core = |name: &str| CORE.iter().any(|core| core.eq_ignore_ascii_case(name));
        if is_of_core(field.name) || is_of_core(field.column) {
            return wrong(field, "has the name or the column of one that all users have");
        }
        if fields[..index].iter().any(is_same) {
            return wrong(field, "has the name or the column of another one");
        }
        if ![field.name, field.column].iter().all(|name| is_plain(name)) {
            return wrong(
                field,
                "has a name or a column of other characters than letters, digits, `_`, `-` and `$`",
            );
        }
        if field
            .default
            .is_some_and(|default| field.field.read(&default()).is_err())
        {
            return wrong(field, "has a default that its type refuses");
        }
    }
    Ok(())
}

/// Whether a name can be quoted on every engine.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|character| character.is_alphanumeric() || "_-$".contains(character))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fields::{Bool, STRING};

    #[test]
    fn a_list_that_cannot_be_served_is_refused() {
        let refused = |fields: &[UserField]| check(fields).map_err(|error| error.to_string());
        assert!(refused(&[UserField::of("phone", &STRING), UserField::of("lastSeen", &STRING)]).is_ok());
        for (fields, what) in [
            (vec![UserField::of("email", &STRING)], "that all users have"),
            (
                vec![UserField::of("mail", &STRING).column("Email")],
                "that all users have",
            ),
            (
                vec![UserField::of("a", &STRING), UserField::of("b", &STRING).column("a")],
                "of another one",
            ),
            (vec![UserField::of("a", &STRING).column("a\"b")], "other characters"),
            (
                vec![UserField::of("a", &Bool).default(|| json!("yes"))],
                "that its type refuses",
            ),
        ] {
            assert!(refused(&fields).unwrap_err().contains(what), "{what}");
        }
    }
}
