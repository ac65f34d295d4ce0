//! A rule of the table: what becomes of parameters that are treated alike.

use super::driver::PythonDriver;

/// What becomes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has the effect that it had in Python.
    Honoured,
    /// It has no effect here, and needs none; the start says so.
    Ignored,
    /// Ignored with one of these values, refused with any other.
    OnlyAs(&'static [&'static str]),
    /// It is refused.
    Refused,
}

/// Parameters that are treated alike.
#[derive(Debug)]
pub struct Rule {
    /// The drivers that have them.
    pub drivers: &'static [PythonDriver],
    /// Their names.
    pub names: &'static [&'static str],
    /// What becomes of them.
    pub fate: Fate,
    /// Why, or how.
    pub note: &'static str,
}

/// A rule as a row of the table.
pub(super) const fn rule(
    drivers: &'static [PythonDriver],
    names: &'static [&'static str],
    fate: Fate,
    note: &'static str,
) -> Rule {
    Rule {
        drivers,
        names,
        fate,
        note,
    }
}
