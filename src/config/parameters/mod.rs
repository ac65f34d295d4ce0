//! The parameters of the drivers that SQLAlchemy hands the rest of a database URL to, and what becomes of each.
//!
//! `docs/database-urls.md` shows this table; a test compares them.

mod driver;
mod mysql;
mod postgres;
mod rule;
mod sqlite;

pub use driver::PythonDriver;
pub use postgres::LIBPQ_VARIABLES;
pub use rule::{Fate, Rule};

use std::collections::BTreeMap;

/// Parameters by their names in this table, which are not those of every driver.
pub(super) type Values = BTreeMap<&'static str, String>;

/// Every parameter that one of the drivers takes.
pub fn table() -> impl Iterator<Item = &'static Rule> {
    [postgres::TABLE, mysql::TABLE, sqlite::TABLE].into_iter().flatten()
}

/// What becomes of a driver's parameter; `None` if the driver has no such parameter.
pub fn rule_of(driver: PythonDriver, name: &str) -> Option<&'static Rule> {
    let has = |rule: &&Rule| rule.drivers.contains(&driver) && rule.names.contains(&name);
    table().find(has)
}

/// What becomes of a parameter.
///
/// # Errors
/// The reason why it is refused.
pub(super) fn check(driver: PythonDriver, name: &str, value: &str) -> Result<Fate, String> {
    let driver_name = driver.name();
    let Some(rule) = rule_of(driver, name) else {
        return Err(format!(
            "{driver_name} has no parameter `{name}`; docs/database-urls.md lists the supported ones"
        ));
    };
    match rule.fate {
        Fate::Refused => Err(format!(
            "the parameter `{name}` of {driver_name} is refused: {}",
            rule.note
        )),
        Fate::OnlyAs(values) if !values.contains(&value) => Err(format!(
            "the parameter `{name}` of {driver_name} must be {}: {}",
            values.join(", "),
            rule.note
        )),
        fate => Ok(fate),
    }
}
