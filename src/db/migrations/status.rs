//! The state of each migration, and the table that keeps it.

/// The table of the migrations that were applied.
pub(super) const TABLE: &str = "poem_scaffold_migrations";

/// The state of a migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// Not applied yet.
    Pending,
    /// Applied by us.
    Applied,
    /// Its tables existed before us, so it was recorded without being run.
    Adopted,
}

/// A migration as `db status` shows it.
#[derive(Clone, Debug)]
pub struct Status {
    /// The number that its files begin with; migrations are applied in this order.
    pub version: i64,
    /// The name of its files after the number.
    pub name: String,
    /// Its state.
    pub state: MigrationState,
}
