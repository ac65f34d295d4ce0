//! The constraints that a row can violate, and the attributes at fault, in our own words.
//!
//! The databases' own texts have statements, constraints and values in them; `db/violation` finds the names.

use sqlx::error::{DatabaseError, ErrorKind};

/// Why a table cannot hold the values; the originals sent the database's own text with the statement in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Constraint {
    /// Another row has the value already.
    #[error("A value that must be unique is taken already.")]
    Unique,
    /// A row that is referred to does not exist, or one that others refer to would go.
    #[error("A value refers to something that does not exist, or is still referred to.")]
    Reference,
    /// Rows of the named tables refer to one that would go.
    #[error("Other rows still refer to it. Delete or change them first.")]
    Referred,
    /// A value that the table needs is null.
    #[error("A value that the table needs is missing.")]
    Missing,
    /// A text is longer than the columns that we make.
    #[error("A text is longer than the 250 characters that its column holds.")]
    TooLong,
    /// A text is longer than its column, which is not ours.
    #[error("A text is longer than its column holds.")]
    TooLongForColumn,
    /// A value is not one of those that an attribute holds, which are these.
    #[error("A value does not fit its column, which holds {0}.")]
    Misfit(&'static str),
    /// A decimal number has more digits than its column.
    #[error(
        "A value does not fit its column, which holds numbers of at most {whole} digits before the point and {scale} after it."
    )]
    Digits {
        /// The digits before the point.
        whole: u32,
        /// Those after it.
        scale: u32,
    },
    /// A value is not one of its column's type, as far as the database says.
    #[error("A value is out of range or of another type than its column.")]
    Range,
}

impl Constraint {
    /// The constraint that an error is about; `None` for all other errors.
    pub fn of(error: &dyn DatabaseError) -> Option<Self> {
        let code = error.code();
        match (error.kind(), code.as_deref()) {
            (ErrorKind::UniqueViolation, _) => Some(Self::Unique),
            (ErrorKind::ForeignKeyViolation, _) => Some(Self::Reference),
            (ErrorKind::NotNullViolation, _) => Some(Self::Missing),
            (ErrorKind::CheckViolation, _) => Some(Self::Range),
            // SQLSTATE class 22 is "data exception", on PostgreSQL and on MySQL.
            (_, Some("22001")) => Some(Self::TooLongForColumn),
            (_, Some(code)) if code.len() == 5 && code.starts_with("22") => Some(Self::Range),
            // MySQL's strict mode makes an error of the warning that a value was cut off, such as one that an enumeration lacks.
            (_, Some("01000")) => Some(Self::Range),
            _ => None,
        }
    }
}

/// A constraint and the attributes at fault: none if unknown; several if it is one of them, or if they must be unique
/// together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConstraintViolation {
    /// What is wrong.
    pub constraint: Constraint,
    /// With what; for [`Constraint::Referred`] the tables whose rows refer to it.
    pub names: Vec<String>,
}

impl ConstraintViolation {
    /// A violation by one attribute.
    pub fn of(constraint: Constraint, name: &str) -> Self {
        Self {
            constraint,
            names: vec![name.to_owned()],
        }
    }
}

impl ConstraintViolation {
    /// The violation with attributes in the place of columns, given as pairs of both.
    pub(super) fn renamed(mut self, attributes: &[(&str, &str)]) -> Self {
        // Of a deleted row it is tables that are named.
        if self.constraint == Constraint::Referred {
            return self;
        }
        for name in &mut self.names {
            let of_name = |(column, _): &&(&str, &str)| column.eq_ignore_ascii_case(name);
            if let Some((_, attribute)) = attributes.iter().find(of_name) {
                *name = (*attribute).to_owned();
            }
        }
        self
    }
}

impl From<Constraint> for ConstraintViolation {
    fn from(constraint: Constraint) -> Self {
        Self {
            constraint,
            names: Vec::new(),
        }
    }
}

impl std::fmt::Display for ConstraintViolation {
    /// The attribute comes first: pages read it back and mark the field (`templates/static/js/api.js`).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let listed = |word: &str| {
            let quoted: Vec<_> = self.names.iter().map(|name| format!("`{name}`")).collect();
            quoted.join(word)
        };
        let one_of = listed(" or ");
        match (self.constraint, self.names.len()) {
            (constraint, 0) => write!(f, "{constraint}"),
            (Constraint::Unique, 1) => write!(f, "{one_of} is taken already: it must be unique."),
            (Constraint::Unique, _) => {
                let all = listed(" and ");
                write!(f, "{all} are taken already: together they must be unique.")
            }
            (Constraint::Reference, _) => write!(f, "{one_of} refers to a row that does not exist."),
            (Constraint::Referred, _) => write!(
                f,
                "Rows of {} still refer to it. Delete or change them first.",
                listed(" and ")
            ),
            (Constraint::Missing, _) => write!(f, "{one_of} needs a value: the table does not take null."),
            (Constraint::TooLong, _) => write!(f, "{one_of} is longer than the 250 characters that its column holds."),
            (Constraint::TooLongForColumn, _) => write!(f, "{one_of} is longer than its column holds."),
            (Constraint::Misfit(held), _) => write!(f, "{one_of} does not fit its column, which holds {held}."),
            (Constraint::Digits { whole, scale }, _) => write!(
                f,
                "{one_of} does not fit its column, which holds numbers of at most {whole} digits before the point and {scale} \
                 after it."
            ),
            (Constraint::Range, _) => write!(f, "{one_of} is out of range or of another type than its column."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attributes_come_first_and_without_them_the_text_stays_general() {
        let said = |constraint, names: &[&str]| {
            let names = names.iter().map(ToString::to_string).collect();
            ConstraintViolation { constraint, names }.to_string()
        };
        assert_eq!(
            said(Constraint::Unique, &[]),
            "A value that must be unique is taken already."
        );
        assert_eq!(
            said(Constraint::Unique, &["a"]),
            "`a` is taken already: it must be unique."
        );
        assert_eq!(
            said(Constraint::Unique, &["a", "b"]),
            "`a` and `b` are taken already: together they must be unique."
        );
        assert_eq!(
            said(Constraint::Range, &["a", "b"]),
            "`a` or `b` is out of range or of another type than its column."
        );
        assert_eq!(
            said(Constraint::Referred, &["posts"]),
            "Rows of `posts` still refer to it. Delete or change them first."
        );
    }
}
