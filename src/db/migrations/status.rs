//! What became of the steps, and where that is kept.

/// Where it is kept which steps were taken.
pub(super) const TABLE: &str = "poem_scaffold_migrations";

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// Not yet taken.
    Pending,
    /// Taken by us.
    Applied,
    /// Its tables were there before us.
    Adopted,
}

/// A step as `db status` shows it.
#[derive(Clone, Debug)]
pub struct Status {
    /// The number its files begin with; steps are taken in its order.
    pub version: i64,
    /// What its files are called after the number.
    pub name: String,
    /// What became of it.
    pub state: MigrationState,
}
