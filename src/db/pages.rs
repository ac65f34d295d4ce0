//! Reads a whole table page by page, and returns the connection to the pool in between.

use std::{ops::ControlFlow, time::Duration};

use tokio::time::Instant;

use super::{
    any_key::AnyKey,
    arg::Arg,
    cell::Cell,
    column::{FromRow, Row},
    database::Db,
    key::Key,
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
    /// Where the next page begins; `None` after the last.
    from: Option<Start>,
    rows: i64,
    read: fn(&Cell<'_>) -> Option<PageKey>,
}

/// Where a page begins.
#[derive(Clone)]
enum Start {
    /// With the first row; the key is the least.
    First(Arg),
    /// After the row with this key, as it is stored.
    After(Arg),
}

/// The key of a row.
struct PageKey {
    /// As clients see it; `None` if what is stored is of another type.
    shown: Option<AnyKey>,
    /// As the database has it.
    stored: Arg,
}

/// What was read of a page.
#[derive(Default)]
struct ReadPage {
    /// Rows that the database gave.
    found: i64,
    /// Rows that were passed on.
    taken: i64,
    /// The key of the last row.
    last: Option<Arg>,
    has_enough: bool,
}

impl Db {
    /// All rows of a query by their `id`, read page by page.
    ///
    /// The query's last two `?` are the least id and the number of rows of a page:
    /// `… where id >= ? order by id limit ?`.
    pub fn pages(&self, sql: &'static str, args: Vec<Arg>) -> Pages {
        self.pages_by::<i64>(sql, args)
    }

    /// As [`Db::pages`], by a key of another type or name: `select uid as id, … where uid >= ? order by uid limit ?`.
    ///
    /// Both places must name the column alone: they have its own collation then, and texts come in the order in which
    /// they are compared, on each engine.
    pub fn pages_by<K: Key>(&self, sql: &'static str, args: Vec<Arg>) -> Pages {
        Pages {
            db: self.clone(),
            sql,
            args,
            from: Some(Start::First(K::least().into())),
            rows: PAGE_ROWS,
            read: |cell| {
                let stored = K::stored(cell)?;
                let shown = K::from_cell(cell).map(Into::into);
                Some(PageKey { shown, stored })
            },
        }
    }
}

impl Pages {
    /// Whether all rows have been read.
    pub fn is_over(&self) -> bool {
        self.from.is_none()
    }

    /// Passes the rows of the next page with their keys to `take`, until it breaks; the next page has the others.
    ///
    /// # Errors
    /// [`crate::error::Error::Busy`] if too many lists are read, [`crate::error::Error::Database`] as for every query.
    pub async fn next(&mut self, mut take: impl FnMut(&AnyKey, &Row) -> Result<ControlFlow<()>> + Send) -> Result<()> {
        let Some(from) = self.from.clone() else {
            return Ok(());
        };
        // A list that has begun waits longer, because it would be cut off. Its pages begin with the last row of the page
        // before: no key can be named that comes right after a text.
        let (least, before, patience) = match from {
            Start::First(least) => (least, None, FIRST_TURN_TIMEOUT),
            Start::After(last) => (last.clone(), Some(last), TURN_TIMEOUT),
        };
        let limit = self.rows + i64::from(before.is_some());
        let _turn = self.db.list_queues.enter(self.sql, patience).await?;
        let mut args = self.args.clone();
        args.extend([least, limit.into()]);
        let read_key = self.read;
        let started = Instant::now();
        let page = loop {
            let mut page = ReadPage::default();
            let read = self.db.each(self.sql, &args, |row| {
                page.found += 1;
                // A row without a key has no URL, and SQLite sorts it after all others.
                let Some(key) = read_key(&row.cell(row.position("id")?)?) else {
                    return Ok(ControlFlow::Break(()));
                };
                if before.as_ref() == Some(&key.stored) {
                    return Ok(ControlFlow::Continue(()));
                }
                page.last = Some(key.stored);
                let Some(shown) = key.shown else {
                    return Ok(ControlFlow::Continue(()));
                };
                page.taken += 1;
                let flow = take(&shown, row)?;
                page.has_enough = flow.is_break();
                Ok(flow)
            });
            match read.await {
                Err(Error::Conflict(error))
                    if page.taken == 0 && is_outdated(&error) && started.elapsed() < PATIENCE => {}
                read => {
                    read?;
                    break page;
                }
            }
        };
        let is_last = !page.has_enough && page.found < limit;
        self.from = page.last.filter(|_| !is_last).map(Start::After);
        self.rows = if page.has_enough {
            page.taken
        } else {
            (2 * self.rows).min(PAGE_ROWS)
        };
        Ok(())
    }

    /// What reads, from a column of this name, the key of a row as it is stored; nothing where it cannot be a key.
    pub(crate) fn stored_key(&self) -> impl Fn(&Row, &str) -> Result<Option<Arg>> + Send + use<> {
        let read = self.read;
        move |row, column| Ok(read(&row.cell(row.position(column)?)?).map(|key| key.stored))
    }

    /// Passes the rows of another query, which belong to the rows of a page, to `take` until it breaks. Its `?` are the
    /// first and the last key of the page as they are stored, and the most rows.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub(crate) async fn rows_within(
        &self,
        sql: &'static str,
        [first, last]: [Arg; 2],
        limit: i64,
        mut take: impl FnMut(&Row) -> Result<ControlFlow<()>> + Send,
    ) -> Result<()> {
        let _turn = self.db.list_queues.enter(sql, TURN_TIMEOUT).await?;
        let args = [first, last, limit.into()];
        let started = Instant::now();
        loop {
            let mut is_begun = false;
            let read = self.db.each(sql, &args, |row| {
                is_begun = true;
                take(row)
            });
            match read.await {
                Err(Error::Conflict(error)) if !is_begun && is_outdated(&error) && started.elapsed() < PATIENCE => {}
                read => return read,
            }
        }
    }

    /// Has the next page begin after the row with this key, as it is stored, and be of so many rows.
    pub(crate) fn go_back(&mut self, last: Arg, rows: usize) {
        self.from = Some(Start::After(last));
        self.rows = i64::try_from(rows).unwrap_or(PAGE_ROWS);
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
