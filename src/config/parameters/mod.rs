//! The parameters of the drivers that SQLAlchemy hands the rest of a database URL to, and what becomes of each.
//!
//! `docs/database-urls.md` shows this table; a test compares them.

mod driver;
mod mysql;
mod postgres;
mod row;
mod sqlite;

pub use driver::Driver;
pub use postgres::LIBPQ_VARIABLES;
pub use row::{Fate, Row};

use std::collections::BTreeMap;

/// Parameters by their names in this table, which are not those of every driver.
pub(super) type Values = BTreeMap<&'static str, String>;

/// Every parameter that one of the drivers takes.
pub fn table() -> impl Iterator<Item = &'static Row> {
    [postgres::TABLE, mysql::TABLE, sqlite::TABLE].into_iter().flatten()
}

/// What becomes of a driver's parameter; `None` if the driver has no such parameter.
pub fn row_of(driver: Driver, name: &str) -> Option<&'static Row> {
    let has = |row: &&Row| row.drivers.contains(&driver) && row.names.contains(&name);
    table().find(has)
}

/// What becomes of a parameter.
///
/// # Errors
/// The reason why it is refused.
pub(super) fn check(driver: Driver, name: &str, value: &str) -> Result<Fate, String> {
    let driver_name = driver.name();
    let Some(row) = row_of(driver, name) else {
        return Err(format!(
            "{driver_name} has no parameter `{name}`; docs/database-urls.md lists the supported ones"
        ));
    };
    match row.fate {
        Fate::Refused => Err(format!(
            "the parameter `{name}` of {driver_name} is refused: {}",
            row.note
        )),
        Fate::OnlyAs(values) if !values.contains(&value) => Err(format!(
            "the parameter `{name}` of {driver_name} must be {}: {}",
            values.join(", "),
            row.note
        )),
        fate => Ok(fate),
    }
}
