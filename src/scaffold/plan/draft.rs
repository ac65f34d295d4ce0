//! The files of a project as they are to be after a run, as far as they change.

use std::collections::BTreeMap;

use super::outcome::{Action, Plan};
use crate::{
    error::{Error, Result},
    scaffold::{changes::FileChange, merge::merge, project::Project},
};

/// The files of a project, with what a run has made of them so far.
pub struct Draft<'p> {
    /// The project as it is.
    pub project: &'p Project,
    /// Whether edits are overwritten where they are in the way.
    pub force: bool,
    /// The lines that registered resources and were taken out by hand, each with its file.
    pub left_out: Vec<(&'static str, String)>,
    files: BTreeMap<String, Option<String>>,
    actions: BTreeMap<String, Action>,
}

impl<'p> Draft<'p> {
    /// The project as it is; with `force` edits are overwritten where they are in the way.
    pub fn new(project: &'p Project, force: bool) -> Self {
        Self {
            project,
            force,
            left_out: Vec::new(),
            files: BTreeMap::new(),
            actions: BTreeMap::new(),
        }
    }

    /// Whether nothing has changed so far.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// How many files have changed so far.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// A file as the plan has it so far.
    pub fn now(&self, path: &str) -> Result<Option<String>> {
        match self.files.get(path) {
            Some(text) => Ok(text.clone()),
            None => self.project.read(path),
        }
    }

    /// Has a file be as given, or removed.
    pub fn set(&mut self, path: &str, text: Option<String>, action: Action) {
        self.files.insert(path.to_owned(), text);
        self.actions.insert(path.to_owned(), action);
    }

    /// Reports that an edited file is kept.
    pub fn keep(&mut self, path: &str) {
        self.actions.insert(path.to_owned(), Action::Kept);
    }

    /// Makes a file that was not generated before.
    ///
    /// # Errors
    /// [`Error::Refused`] for another one in its place.
    pub fn create(&mut self, path: &str, new: &str) -> Result<()> {
        match self.project.read(path)? {
            None => self.set(path, Some(new.to_owned()), Action::Created),
            Some(there) if there == *new => {}
            Some(_) if self.force => self.set(path, Some(new.to_owned()), Action::Overwritten),
            Some(_) => {
                return Err(Error::Refused(format!(
                    "{path}: already exists and was not generated; move it out of the way, or overwrite it with --force"
                )));
            }
        }
        Ok(())
    }

    /// Brings a file from its state as last generated, `base`, to the `new` one, with what was edited in between.
    ///
    /// # Errors
    /// [`Error::Refused`] for an edit in a place that is new too.
    pub fn update(&mut self, path: &str, base: Option<&str>, there: Option<String>, new: String) -> Result<()> {
        let there = match (there, base) {
            (None, None) => {
                self.set(path, Some(new), Action::Created);
                return Ok(());
            }
            (None, Some(_)) if self.force => {
                self.set(path, Some(new), Action::Created);
                return Ok(());
            }
            (None, Some(_)) => {
                self.keep(path);
                return Ok(());
            }
            (Some(there), _) => there,
        };
        if there == new {
            return Ok(());
        }
        if base == Some(there.as_str()) {
            self.set(path, Some(new), Action::Updated);
            return Ok(());
        }
        if base == Some(new.as_str()) && !self.force {
            self.keep(path);
            return Ok(());
        }
        if self.force {
            self.set(path, Some(new), Action::Overwritten);
            return Ok(());
        }
        match merge(base.unwrap_or_default(), &there, &new) {
            Ok(merged) if merged == there => {
                self.keep(path);
            }
            Ok(merged) => self.set(path, Some(merged), Action::Merged),
            Err(line) => {
                return Err(Error::Refused(format!(
                    "{path}:{line}: conflicts with your edits; nothing was written. --diff --force shows the new \
                     version, --force takes it and discards your edits"
                )));
            }
        }
        Ok(())
    }

    /// Puts what has changed into the plan.
    ///
    /// # Errors
    /// [`Error::Refused`] for a file that cannot be read.
    pub fn finish(self, mut plan: Plan) -> Result<Plan> {
        for (path, after) in self.files {
            let before = self.project.read(&path)?;
            if before != after {
                plan.changes.push(FileChange { path, before, after });
            }
        }
        plan.actions = self.actions;
        plan.left_out = self.left_out;
        Ok(plan)
    }
}
