//! Keeps the statements on one table from taking all connections while another program has locked it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};

/// A queue for each table; a statement waits in it before it waits for a connection.
#[derive(Debug)]
pub(super) struct TableQueues {
    /// Statements on one table at a time.
    width: usize,
    queues: Mutex<HashMap<&'static str, Arc<Semaphore>>>,
}

impl TableQueues {
    pub(super) fn new(width: usize) -> Arc<Self> {
        let queues = Mutex::default();
        Arc::new(Self { width, queues })
    }

    /// Waits for the turn of a statement, which lasts until the permit is dropped.
    ///
    /// # Errors
    /// [`Error::Busy`] if it takes longer than `patience`.
    pub(super) async fn enter(&self, sql: &'static str, patience: Duration) -> Result<OwnedSemaphorePermit> {
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            let queue = queues.entry(table_of(sql));
            queue.or_insert_with(|| Arc::new(Semaphore::new(self.width))).clone()
        };
        match tokio::time::timeout(patience, queue.acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            // The semaphore is never closed.
            Ok(Err(_)) | Err(_) => Err(Error::Busy),
        }
    }
}

/// The first table that a statement names, outside of parentheses.
fn table_of(sql: &'static str) -> &'static str {
    let mut words = sql.split_whitespace();
    let mut depth = 0_i32;
    while let Some(word) = words.next() {
        if depth == 0 && matches!(word, "from" | "into" | "update") {
            return words.next().unwrap_or_default();
        }
        depth += word.matches('(').count() as i32 - word.matches(')').count() as i32;
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::table_of;

    #[test]
    fn the_table_of_a_statement_is_the_first_it_names() {
        for sql in [
            "select id from roles where id = ?",
            "select id, (select json_agg(a) from links where b = roles.id) as links from roles",
            "insert into roles (name)\n values (?)",
            "update roles set name = ?",
            "delete from roles where id = ?",
        ] {
            assert_eq!(table_of(sql), "roles", "{sql}");
        }
        assert_eq!(table_of("select 1"), "");
    }
}
