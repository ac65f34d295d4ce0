//! Lists as bodies that are written while they are sent, page by page.

use std::{collections::VecDeque, ops::ControlFlow};

use futures_util::{future::BoxFuture, stream};
use poem::Body;
use serde_json::Value;

use super::{
    members::Members,
    nested::NestedAttribute,
    nesting::{Nesting, PAGE_BYTES},
};
use crate::{
    db::{AnyKey, Pages},
    error::{Error, Result},
    fields::attribute::Attribute,
};

/// Bytes that are handed over at a time; those of a page are given back as they are sent.
const CHUNK_BYTES: usize = 32 * 1024;

/// What stands around the rows of a list and around the attributes of a row.
pub enum Shape {
    /// A JSON:API document of resources.
    Document {
        /// Their `type` member.
        kind: &'static str,
        /// The first part of their links.
        link: &'static str,
    },
    /// An object with one member of this name, whose rows are plain objects.
    Member(&'static str),
}

impl Shape {
    fn head(&self) -> String {
        match self {
            Shape::Document { .. } => "{\"data\":[".to_owned(),
            Shape::Member(name) => format!("{{\"{name}\":["),
        }
    }

    fn row_head(&self) -> &'static str {
        match self {
            Shape::Document { .. } => "{\"attributes\":{",
            Shape::Member(_) => "{",
        }
    }

    fn row_tail(&self, id: &AnyKey) -> String {
        match self {
            Shape::Document { kind, .. } => format!("}},\"id\":{},\"type\":\"{kind}\"}}", json_of(id)),
            Shape::Member(_) => "}".to_owned(),
        }
    }

    fn tail(&self) -> String {
        match self {
            Shape::Document { link, .. } => format!("],\"links\":{{\"self\":\"/{link}/\"}}}}"),
            Shape::Member(_) => "]}".to_owned(),
        }
    }
}

fn json_of(id: &AnyKey) -> String {
    match id {
        AnyKey::Integer(number) => number.to_string(),
        AnyKey::Text(text) => Value::from(text.as_str()).to_string(),
        AnyKey::Uuid(uuid) => format!("\"{uuid}\""),
    }
}

/// A list on its way to a client.
pub struct List {
    shape: Shape,
    /// The table, for the log.
    table: &'static str,
    attributes: Members,
    /// The row with this id shows these attributes instead.
    exception: Option<(i64, Members)>,
    /// The attributes of rows that show rows of others.
    nesting: Option<Nesting>,
    is_first_row: bool,
    pages: Pages,
    chunks: VecDeque<Vec<u8>>,
    is_over: bool,
}

impl List {
    /// The list of all rows of `pages`.
    pub fn new(
        shape: Shape,
        table: &'static str,
        attributes: impl IntoIterator<Item = &'static Attribute>,
        pages: Pages,
    ) -> Self {
        Self {
            chunks: VecDeque::from([shape.head().into_bytes()]),
            shape,
            table,
            attributes: Members::new(attributes),
            exception: None,
            nesting: None,
            is_first_row: true,
            pages,
            is_over: false,
        }
    }

    /// The list in which the row `id` shows other attributes than all others.
    pub fn showing_of_row(self, id: i64, attributes: impl IntoIterator<Item = &'static Attribute>) -> Self {
        Self {
            exception: Some((id, Members::new(attributes))),
            ..self
        }
    }

    /// The list whose rows, which have these attributes, show rows of others too.
    pub fn nesting(
        self,
        attributes: impl IntoIterator<Item = &'static Attribute>,
        nested: &'static [NestedAttribute],
    ) -> Self {
        Self {
            nesting: (!nested.is_empty()).then(|| Nesting::new(attributes, nested)),
            ..self
        }
    }

    /// Reads the first page, so that an outage is told before anything is sent, and leaves the others to whoever
    /// takes the body.
    ///
    /// A list that fails later ends without its end: the connection is cut.
    ///
    /// # Errors
    /// As [`Pages::next`].
    pub fn into_body(self) -> BoxFuture<'static, Result<Body>> {
        // Boxed: it is compiled here, and not in each crate that has a list.
        Box::pin(self.read())
    }

    async fn read(mut self) -> Result<Body> {
        self.read_page().await?;
        if self.is_over {
            return Ok(Body::from_vec(Vec::from(self.chunks).concat()));
        }
        Ok(Body::from_bytes_stream(stream::try_unfold(self, |mut list| async {
            while list.chunks.is_empty() && !list.is_over {
                list = list.with_next_page().await.map_err(|error| {
                    tracing::error!(error = %error.with_causes(), "a list ended before its end");
                    std::io::Error::other(error)
                })?;
            }
            Ok::<_, std::io::Error>(list.chunks.pop_front().map(|chunk| (chunk, list)))
        })))
    }

    /// In a task of its own: whoever takes the body may leave, and no connection is left inside of a query.
    async fn with_next_page(mut self) -> Result<Self> {
        let task = tokio::spawn(async move { self.read_page().await.map(|()| self) });
        task.await
            .map_err(|failure| Error::Internal(format!("a list failed: {failure}")))?
    }

    async fn read_page(&mut self) -> Result<()> {
        match self.nesting.is_some() {
            true => self.read_nesting_page().await?,
            false => self.read_plain_page().await?,
        }
        if self.pages.is_over() {
            self.is_over = true;
            self.chunks.push_back(self.shape.tail().into_bytes());
        }
        Ok(())
    }

    async fn read_nesting_page(&mut self) -> Result<()> {
        let Some(nesting) = &mut self.nesting else {
            return Ok(());
        };
        let page = nesting.read(self.table, &mut self.pages).await?;
        for (index, id) in page.ids().enumerate() {
            let Some(out) = open_chunk(&mut self.chunks) else {
                break;
            };
            if !std::mem::take(&mut self.is_first_row) {
                out.push(b',');
            }
            out.extend_from_slice(self.shape.row_head().as_bytes());
            nesting.write(&page, index, out);
            out.extend_from_slice(self.shape.row_tail(id).as_bytes());
        }
        Ok(())
    }

    async fn read_plain_page(&mut self) -> Result<()> {
        let Self {
            shape,
            table,
            attributes,
            exception,
            is_first_row,
            pages,
            chunks,
            ..
        } = self;
        let mut bytes = 0;
        pages
            .next(|id, row| {
                let Some(out) = open_chunk(chunks) else {
                    return Ok(ControlFlow::Break(()));
                };
                let before = out.len();
                if !std::mem::take(is_first_row) {
                    out.push(b',');
                }
                out.extend_from_slice(shape.row_head().as_bytes());
                match exception {
                    Some((own, members)) if *id == AnyKey::Integer(*own) => members.write(table, id, row, out)?,
                    _ => attributes.write(table, id, row, out)?,
                }
                out.extend_from_slice(shape.row_tail(id).as_bytes());
                bytes += out.len() - before;
                Ok(if bytes < PAGE_BYTES {
                    ControlFlow::Continue(())
                } else {
                    ControlFlow::Break(())
                })
            })
            .await
    }
}

/// The chunk that is filled; a new one after one that is full.
fn open_chunk(chunks: &mut VecDeque<Vec<u8>>) -> Option<&mut Vec<u8>> {
    if chunks.back().is_none_or(|chunk| chunk.len() >= CHUNK_BYTES) {
        chunks.push_back(Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8));
    }
    chunks.back_mut()
}
