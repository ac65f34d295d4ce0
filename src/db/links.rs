//! The links of a row to others: the rows of a join table.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;

use super::{
    arg::Arg,
    column::{FromRow, Row},
    database::Db,
    key::Key,
};
use crate::error::Result;

/// The statements on a join table.
pub struct Links {
    /// Finds what a row is linked to: `select tag_id as id from posts_tags where post_id = ?`.
    pub find: &'static str,
    /// Adds a link: `insert into posts_tags (post_id, tag_id) values (?, ?)`.
    pub add: &'static str,
    /// Removes a link: `delete from posts_tags where post_id = ? and tag_id = ?`.
    pub remove: &'static str,
}

/// The other end of a link, as clients see it and as the database has it.
struct Link<K> {
    shown: Option<K>,
    stored: Option<Arg>,
}

impl<K: Key> FromRow for Link<K> {
    fn from_row(row: &Row) -> Result<Self> {
        let cell = row.cell(row.position("id")?)?;
        Ok(Self {
            shown: K::from_cell(&cell),
            stored: K::stored(&cell),
        })
    }
}

impl Links {
    /// Links the row `id` to these others and to nothing else, in the transaction that has changed it.
    ///
    /// Links that stay are left alone: a Flask app's table may have more columns.
    ///
    /// # Errors
    /// [`crate::error::Error::Constraint`] if one of the others does not exist.
    pub fn set<'w, K: Key + Ord + Sync>(
        &'w self,
        db: &'w Db,
        id: impl Into<Arg>,
        others: &'w [K],
    ) -> BoxFuture<'w, Result<()>> {
        let id = id.into();
        Box::pin(async move {
            let before: Vec<Link<K>> = db.fetch_all(self.find, vec![id.clone()]).await?;
            let wanted: BTreeSet<&K> = others.iter().collect();
            let present: BTreeSet<&K> = before.iter().filter_map(|link| link.shown.as_ref()).collect();
            for link in &before {
                let stays = link.shown.as_ref().is_some_and(|key| wanted.contains(key));
                if let Some(stored) = link.stored.clone().filter(|_| !stays) {
                    db.execute(self.remove, vec![id.clone(), stored]).await?;
                }
            }
            for key in wanted.difference(&present) {
                db.execute(self.add, vec![id.clone(), (*key).clone().into()]).await?;
            }
            Ok(())
        })
    }
}
