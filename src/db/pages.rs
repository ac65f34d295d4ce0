//! Reads a whole table page by page, and returns the connection to the pool in between.

use std::{ops::ControlFlow, time::Duration};

use tokio::time::Instant;

use super::{
    arg::Arg,
    column::{FromRow, Row},
    database::Db,
    transaction::PATIENCE,
};
use crate::error::{Error, Result, is_outdated};

/// Rows of a page.
const PAGE_ROWS: i64 = 1000;
/// How long a page waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
const FIRST_TURN_TIMEOUT: Duration = Duration::from_secs(3);

/// All rows of a query by their `id`, a page at a time.
///
/// Rows that are added or deleted between two pages may be missed: a snapshot of all pages would hold a connection
/// for as long as a client reads.
pub struct Pages {
    db: Db,
    sql: &'static str,
    args: Vec<Arg>,
    /// The least id of the next page; `None` after the last.
    from: Option<i64>,
    rows: i64,
}

impl Db {
    /// All rows of a query by their `id`, read page by page.
    ///
    /// The query's last two `?` are the least id and the number of rows of a page:
    /// `… where id >= ? order by id limit ?`.
    pub fn pages(&self, sql: &'static str, args: Vec<Arg>) -> Pages {
        Pages {
            db: self.clone(),
            sql,
            args,
            from: Some(i64::MIN),
            rows: PAGE_ROWS,
        }
    }
}

impl Pages {
    /// Whether all rows have been read.
    pub fn is_over(&self) -> bool {
        self.from.is_none()
    }

    /// Passes the rows of the next page with their ids to `take`, until it breaks; the next page has the others.
    ///
    /// # Errors
    /// [`crate::error::Error::Busy`] if too many lists are read, [`crate::error::Error::Database`] as for every query.
    pub async fn next(&mut self, mut take: impl FnMut(i64, &Row) -> Result<ControlFlow<()>> + Send) -> Result<()> {
        let Some(from) = self.from else {
            return Ok(());
        };
        // A list that has begun waits longer, because it would be cut off.
        let patience = if from == i64::MIN {
            FIRST_TURN_TIMEOUT
        } else {
            TURN_TIMEOUT
        };
        let _turn = self.db.list_queues.enter(self.sql, patience).await?;
        let mut args = self.args.clone();
        args.extend(crate::args![from, self.rows]);
        let (mut taken, mut last, mut has_enough) = (0, None, false);
        let started = Instant::now();
        loop {
            let read = self.db.each(self.sql, &args, |row| {
                // A row without an id has no URL, and SQLite sorts it after all others.
                let Ok(id) = row.id() else {
                    return Ok(ControlFlow::Break(()));
                };
                (taken, last) = (taken + 1, Some(id));
                let flow = take(id, row)?;
                has_enough = flow.is_break();
                Ok(flow)
            });
            match read.await {
                Err(Error::Conflict(error)) if taken == 0 && is_outdated(&error) && started.elapsed() < PATIENCE => {}
                read => break read?,
            }
        }
        let is_last = !has_enough && taken < self.rows;
        self.from = last.filter(|_| !is_last).and_then(|id: i64| id.checked_add(1));
        self.rows = if has_enough {
            taken
        } else {
            (2 * self.rows).min(PAGE_ROWS)
        };
        Ok(())
    }

    /// The next page; empty after the last.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn rows<T: FromRow>(&mut self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.next(|_, row| {
            rows.push(T::from_row(row)?);
            Ok(ControlFlow::Continue(()))
        })
        .await?;
        Ok(rows)
    }
}
