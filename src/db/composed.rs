//! Statements that a project's users table makes of fixed ones: composed once per process, and kept.

use std::{
    collections::HashMap,
    sync::{LazyLock, PoisonError, RwLock},
};

use super::{database::Db, engine::Engine};

/// A statement's engine, what is done to it, and its text.
type Key = (&'static str, &'static str, &'static str);

static COMPOSED: LazyLock<RwLock<HashMap<Key, &'static str>>> = LazyLock::new(RwLock::default);

impl Db {
    /// The statement that `compose` makes of a fixed text for this engine, made when it is first asked for.
    ///
    /// `how` names what is done to it. Values never come into a text: they are arguments.
    pub fn composed(
        &self,
        how: &'static str,
        sql: &'static str,
        compose: impl FnOnce(Engine, &str) -> String,
    ) -> &'static str {
        let key = (self.engine().name(), how, sql);
        let known = COMPOSED
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .copied();
        known.unwrap_or_else(|| {
            let mut all = COMPOSED.write().unwrap_or_else(PoisonError::into_inner);
            all.entry(key)
                .or_insert_with(|| Box::leak(compose(self.engine(), sql).into_boxed_str()))
        })
    }
}

impl Engine {
    /// A name as its statements quote one; the name itself has no quotes.
    pub fn quoted(self, name: &str) -> String {
        match self {
            Engine::MySql => format!("`{name}`"),
            Engine::Sqlite | Engine::Postgres => format!("\"{name}\""),
        }
    }
}
