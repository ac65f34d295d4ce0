//! Logs stored values that cannot be read, once for each column of a row.

use std::{
    collections::HashSet,
    hash::{BuildHasher, RandomState},
    sync::{LazyLock, Mutex, PoisonError},
};

use super::any_key::AnyKey;

/// A column of a row whose value could not be read.
#[derive(Clone, Debug)]
pub struct Unreadable {
    /// The column's name.
    pub column: String,
    /// The database's own text, where that is shown; null otherwise.
    pub text: Option<String>,
}

/// The most values that are logged: a whole column may have another type.
const MAX_NAMED: usize = 1000;

static NAMED: LazyLock<(RandomState, Mutex<HashSet<u64>>)> = LazyLock::new(Default::default);

/// Warns of a value, unless it was logged before or the limit is reached; never with the value, which may be secret.
pub fn name_once(table: &str, column: &str, id: &AnyKey) {
    let (state, named) = &*NAMED;
    let mut named = named.lock().unwrap_or_else(PoisonError::into_inner);
    if named.len() > MAX_NAMED || !named.insert(state.hash_one((table, column, id))) {
        return;
    }
    if named.len() > MAX_NAMED {
        tracing::warn!("more stored values cannot be read; they are not logged until the next start");
    } else {
        tracing::warn!(
            table,
            column,
            ?id,
            "a stored value cannot be read and is shown as null or as it is stored"
        );
    }
}
