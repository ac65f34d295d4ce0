//! What a run comes to: the files that change, and what is told of them.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::scaffold::changes::FileChange;

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// It is new.
    Created,
    /// It was as it had been generated, and is as it is generated now.
    Updated,
    /// It was edited, and has both the edits and what is new.
    Merged,
    /// It was edited, and the edits are lost.
    Overwritten,
    /// It was edited or deleted, and stays so, because nothing about it is new.
    Kept,
    /// It goes.
    Removed,
}

/// All that a run does.
#[derive(Debug, Default)]
pub struct Plan {
    /// The files that change.
    pub changes: Vec<FileChange>,
    /// What becomes of each file, the ones that stay as they were edited among them.
    pub actions: BTreeMap<String, Action>,
    /// The resources that are new, by plural.
    pub created: Vec<String>,
    /// The paths and the plurals of the resources whose examples can be sent one after the other to an empty database: the first that is new, after
    /// those that it needs.
    pub examples: Vec<(String, String)>,
    /// The resources that were there and change.
    pub changed: Vec<String>,
    /// Whether there are new migrations.
    pub has_migrations: bool,
    /// Whether code is as the templates give it, because rustfmt was not found.
    pub is_unformatted: bool,
    /// The lines that registered resources and were taken out by hand, each with its file.
    pub left_out: Vec<(&'static str, String)>,
    /// The resources that keep a plural from before plurals were the originals'.
    pub former: Vec<Former>,
    /// What changed in generated code since the project's version.
    pub notes: String,
}

/// A resource whose plural is another than the originals' would be.
#[derive(Debug, Serialize)]
pub struct Former {
    /// What the file or the command line calls it.
    pub name: String,
    /// The plural that it has and keeps.
    pub plural: String,
    /// The originals' plural.
    pub original: String,
}
