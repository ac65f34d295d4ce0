//! Violations on PostgreSQL: it names columns in a field of the error or as `Key (a, b)=(x, y)`, except where a value does
//! not fit its column.

use sqlx::postgres::PgDatabaseError;

use super::statement::Statement;
use crate::{
    db::arg::Arg,
    error::{Constraint, ConstraintViolation},
};

pub(super) fn find(
    statement: &Statement<'_>,
    constraint: Constraint,
    error: &PgDatabaseError,
) -> Option<ConstraintViolation> {
    let names = match constraint {
        Constraint::Missing => vec![error.column()?.to_owned()],
        // The table of the error is the one that refers.
        Constraint::Reference if statement.is_deletion() || error.table() != statement.table() => {
            return Some(ConstraintViolation::of(Constraint::Referred, error.table()?));
        }
        Constraint::Unique | Constraint::Reference => key(error.detail()?)?,
        _ => {
            let is_misfit = misfit(error.routine()?, error.message())?;
            let misfits = statement.values().filter(|(_, arg)| is_misfit(arg));
            misfits.map(|(column, _)| column.to_owned()).collect()
        }
    };
    Some(ConstraintViolation { constraint, names })
}

/// The columns in `Key (email)=(x) already exists.`, in any language; those of an index over an expression are not names.
fn key(detail: &str) -> Option<Vec<String>> {
    let (before, _) = detail.split_once(")=(")?;
    let (_, columns) = before.split_once('(')?;
    let names = columns.split(", ").map(|name| name.trim_matches('"').to_owned());
    Some(names.collect())
}

/// What distinguishes the values that may be meant.
type IsMisfit = Box<dyn Fn(&Arg) -> bool>;

/// Finds out what can be meant by the function that refused a value.
fn misfit(routine: &str, message: &str) -> Option<IsMisfit> {
    let beyond = |min: i64, max: i64| -> IsMisfit {
        Box::new(move |arg| matches!(arg, Arg::Integer(Some(number)) if !(min..=max).contains(number)))
    };
    match routine {
        "int84" => Some(beyond(i32::MIN.into(), i32::MAX.into())),
        "int82" => Some(beyond(i16::MIN.into(), i16::MAX.into())),
        "apply_typmod" => Some(Box::new(|arg| matches!(arg, Arg::Decimal(Some(_))))),
        "varchar" | "bpchar" => {
            // ... character varying(80)
            let (_, digits) = message.rsplit_once('(')?;
            let limit: usize = digits.split(')').next()?.parse().ok()?;
            Some(Box::new(
                move |arg| matches!(arg, Arg::Text(Some(text)) if text.chars().count() > limit),
            ))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_of_a_key_are_read_in_every_language_and_no_value_is() {
        for (detail, columns) in [
            ("Key (email)=(a)=(b) already exists.", Some("email")),
            (
                "Schlüssel »(\"first\", last)=(a, b)« existiert bereits.",
                Some("first+last"),
            ),
            (
                "Key (lower(email::text))=(x) already exists.",
                Some("lower(email::text)"),
            ),
            ("Failing row contains (1, a).", None),
        ] {
            assert_eq!(key(detail).map(|names| names.join("+")).as_deref(), columns, "{detail}");
        }
    }

    #[test]
    fn what_does_not_fit_is_told_from_what_does() {
        let text = |text: &str| Arg::Text(Some(text.to_owned()));
        let is_long = misfit("varchar", "value too long for type character varying(3)").unwrap();
        assert!(is_long(&text("four")) && !is_long(&text("äöü")) && !is_long(&Arg::Text(None)));
        let is_large = misfit("int84", "integer out of range").unwrap();
        assert!(is_large(&Arg::Integer(Some(1 << 31))) && !is_large(&Arg::Integer(Some(1))));
        assert!(misfit("other", "").is_none());
    }
}
