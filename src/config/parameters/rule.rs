//! A row of the table: parameters that share a fate.

use super::driver::PythonDriver;

/// What becomes of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It has the effect that it had in Python.
    Honoured,
    /// It has none, and nobody will miss it; the start says so.
    Ignored,
    /// As ignored with one of these values, refused with any other.
    OnlyAs(&'static [&'static str]),
    /// It is refused.
    Refused,
}

/// Parameters that share a fate.
#[derive(Debug)]
pub struct Rule {
    /// Who takes them.
    pub drivers: &'static [PythonDriver],
    /// Their names.
    pub names: &'static [&'static str],
    /// What becomes of them.
    pub fate: Fate,
    /// Why, or how.
    pub note: &'static str,
}

/// A row as the table has it written.
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
