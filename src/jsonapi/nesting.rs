//! Pages of lists whose rows show rows of other resources, which are read with one query per page and attribute.
//!
//! A page holds at most [`PAGE_BYTES`] of rows, as much of the nested rows of each attribute, and beyond that one row with
//! all that is nested in it. Rows that do not fit come with the next page.

use std::ops::{ControlFlow, Range};

use super::{
    members::Members,
    nested::{NestedAttribute, OUTER_KEY},
};
use crate::{
    db::{AnyKey, Arg, Pages, Row},
    error::{Error, Result},
    fields::attribute::Attribute,
};

/// Bytes of a page beyond which its other rows wait, which bounds what a list needs of memory.
pub const PAGE_BYTES: usize = 128 * 1024;
/// Nested rows that one query gives at most, unless they are those of one row.
const MAX_ROWS: i64 = 4000;

/// What the rows of a list are made of.
pub struct Nesting {
    /// The attributes of the row itself, as the nested ones divide them: one part more than there are nested ones.
    parts: Vec<Members>,
    nested: Vec<NestedMembers>,
}

/// A nested attribute, and what writes its rows.
struct NestedMembers {
    attribute: &'static NestedAttribute,
    members: Members,
}

/// A page with all that is nested in its rows.
#[derive(Default)]
pub struct NestingPage {
    rows: Vec<PageRow>,
    /// All parts of all rows.
    bytes: Vec<u8>,
    /// Where each of them ends.
    ends: Vec<usize>,
    /// The nested rows by attribute and row, without brackets.
    nested: Vec<Vec<Vec<u8>>>,
}

/// A row of a page.
struct PageRow {
    id: AnyKey,
    /// Its key as the database has it.
    key: Arg,
}

impl NestingPage {
    /// The keys of its rows.
    pub fn ids(&self) -> impl Iterator<Item = &AnyKey> {
        self.rows.iter().map(|row| &row.id)
    }

    fn part(&self, number: usize) -> &[u8] {
        let start = number.checked_sub(1).and_then(|before| self.ends.get(before));
        let range: Range<usize> = start.copied().unwrap_or(0)..self.ends.get(number).copied().unwrap_or(0);
        self.bytes.get(range).unwrap_or_default()
    }
}

impl Nesting {
    /// Rows with these attributes, each in any order.
    pub fn new(attributes: impl IntoIterator<Item = &'static Attribute>, nested: &'static [NestedAttribute]) -> Self {
        let mut rest: Vec<&Attribute> = attributes.into_iter().collect();
        let mut nested: Vec<&NestedAttribute> = nested.iter().collect();
        nested.sort_by_key(|attribute| attribute.name);
        let mut parts = Vec::new();
        for attribute in &nested {
            let (before, after): (Vec<_>, _) = rest.into_iter().partition(|other| other.name() < attribute.name);
            parts.push(Members::new(before));
            rest = after;
        }
        parts.push(Members::new(rest));
        let with_members = nested.into_iter().map(|attribute| NestedMembers {
            attribute,
            members: Members::new(attribute.attributes),
        });
        Self {
            parts,
            nested: with_members.collect(),
        }
    }

    /// Reads the next page; `table` is for the log.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub async fn read(&mut self, table: &str, pages: &mut Pages) -> Result<NestingPage> {
        let mut page = NestingPage::default();
        let (key_in, parts) = (pages.stored_key(), &mut self.parts);
        pages
            .next(|id, row| {
                for part in parts.iter_mut() {
                    part.write(table, id, row, &mut page.bytes)?;
                    page.ends.push(page.bytes.len());
                }
                page.rows.push(PageRow {
                    id: id.clone(),
                    key: key_in(row, "id")?.ok_or_else(|| Error::Internal("a row lost its key".to_owned()))?,
                });
                Ok(match page.bytes.len() < PAGE_BYTES {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                })
            })
            .await?;
        let found = page.rows.len();
        for nested in &mut self.nested {
            let values = nested.read(pages, &page.rows).await?;
            page.rows.truncate(values.len());
            page.nested.push(values);
        }
        if let Some(last) = page.rows.last().filter(|_| page.rows.len() < found) {
            pages.go_back(last.key.clone(), page.rows.len());
        }
        Ok(page)
    }

    /// Writes the attributes of one of the page's rows, without braces.
    pub fn write(&self, page: &NestingPage, index: usize, out: &mut Vec<u8>) {
        let first = index * self.parts.len();
        let before = out.len();
        let separate = |out: &mut Vec<u8>| {
            if out.len() > before {
                out.push(b',');
            }
        };
        for number in 0..self.parts.len() {
            let part = page.part(first + number);
            if !part.is_empty() {
                separate(out);
                out.extend_from_slice(part);
            }
            let rows = page.nested.get(number).and_then(|rows| rows.get(index));
            if let (Some(NestedMembers { attribute, .. }), Some(rows)) = (self.nested.get(number), rows) {
                separate(out);
                out.push(b'"');
                out.extend_from_slice(attribute.name.as_bytes());
                out.extend_from_slice(b"\":");
                write_value(attribute.is_one, rows, out);
            }
        }
    }
}

fn write_value(is_one: bool, rows: &[u8], out: &mut Vec<u8>) {
    match (is_one, rows.is_empty()) {
        (true, true) => out.extend_from_slice(b"null"),
        (true, false) => out.extend_from_slice(rows),
        (false, _) => {
            out.push(b'[');
            out.extend_from_slice(rows);
            out.push(b']');
        }
    }
}

impl NestedMembers {
    /// What is nested in the first of these rows; in all of them if there is room.
    async fn read(&mut self, pages: &Pages, rows: &[PageRow]) -> Result<Vec<Vec<u8>>> {
        let mut rows = rows;
        loop {
            let values = self.read_some(pages, rows).await?;
            if !values.is_empty() || rows.is_empty() {
                return Ok(values);
            }
            // Not even one of them: the first comes by itself.
            rows = &rows[..1];
        }
    }

    async fn read_some(&mut self, pages: &Pages, rows: &[PageRow]) -> Result<Vec<Vec<u8>>> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(Vec::new());
        };
        let Self { attribute, members } = self;
        let limit = if rows.len() == 1 { i64::MAX } else { MAX_ROWS };
        let key_in = pages.stored_key();
        let mut values = vec![Vec::new(); rows.len()];
        // The rows before `at` have all of theirs.
        let (mut at, mut found, mut bytes, mut is_full) = (0, 0, 0, false);
        let range = [first.key.clone(), last.key.clone()];
        let take = |row: &Row| {
            found += 1;
            // Rows that came between this query and that of the page are not on it.
            let outer = key_in(row, OUTER_KEY)?;
            let steps = rows[at..].iter().position(|of| Some(&of.key) == outer.as_ref());
            let Some(steps) = steps else {
                return Ok(ControlFlow::Continue(()));
            };
            at += steps;
            if steps > 0 && bytes >= PAGE_BYTES {
                is_full = true;
                return Ok(ControlFlow::Break(()));
            }
            let out: &mut Vec<u8> = &mut values[at];
            let before = out.len();
            write_row(attribute, members, row, out)?;
            bytes += out.len() - before;
            Ok(ControlFlow::Continue(()))
        };
        pages.rows_within(attribute.sql, range, limit, take).await?;
        if is_full || found >= limit {
            values.truncate(at);
        }
        Ok(values)
    }
}

fn write_row(attribute: &NestedAttribute, members: &mut Members, row: &Row, out: &mut Vec<u8>) -> Result<()> {
    let Some(id) = (attribute.key)(&row.cell(row.position("id")?)?) else {
        return Ok(());
    };
    if !out.is_empty() {
        out.push(b',');
    }
    out.push(b'{');
    members.write(attribute.table, &id, row, out)?;
    out.push(b'}');
    Ok(())
}
