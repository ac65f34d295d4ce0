//! The runs for the attributes of users: their list, their migrations, and the lines that hand them to the library.

use super::{Planner, Texts, added_fields, wrong_changes};
use crate::{
    error::{Diagnostic, Error, Result},
    scaffold::{
        codes, lists,
        model::{Aliases, Known, Resource, USERS, Users},
        plan::{
            checks::wrong_references,
            outcome::{Action, Plan},
        },
        program,
        record::{ResourceRecord, record_text},
        render::{Added, ForeignKeys},
        users::{RECORD, UsersRecord},
    },
};

impl Planner<'_> {
    /// What is wrong with attributes of users in this project; `resources` are those of the same definition.
    pub(super) fn wrong_users(&self, users: &mut Users, resources: &[Resource]) -> Vec<Diagnostic> {
        let known = self.records.values().map(|record| &record.resource);
        let known: Vec<Aliases> = known
            .chain(resources)
            .map(Resource::aliases)
            .chain([Aliases::of_users()])
            .collect();
        users.resource.resolve(&known);
        let tables: Vec<&str> = known.iter().map(|aliases| aliases.plural.as_str()).collect();
        let mut problems = wrong_references(&users.resource, &tables);
        // There are users already: a reference to one has to be nullable for a reason that is told below.
        problems.retain(|problem| problem.code != codes::SELF_REFERENCE);
        let before = match &self.users {
            Some(before) => before.record.clone(),
            None => UsersRecord::without_fields(users),
        };
        problems.extend(wrong_changes(&before, &users.resource));
        problems
    }

    /// Adds attributes to users, or brings those that are there to what the project's resources are now.
    pub(super) fn scaffold_users(
        &mut self,
        users: Option<Users>,
        changed: &[String],
        known: &Known,
        version: i64,
        plan: &mut Plan,
    ) -> Result<()> {
        let concerns = |before: &&UsersRecord| {
            let mut references = before.record.resource.references();
            references.any(|(_, table)| changed.iter().any(|plural| plural == table))
        };
        let Some(users) = users.or_else(|| self.users.as_ref().filter(concerns).map(UsersRecord::users)) else {
            return Ok(());
        };
        let before = self.draft.len();
        let migrations = self.bring_users(&users, known, version)?;
        plan.has_migrations |= !migrations.is_empty();
        if self.draft.len() > before {
            plan.changed.push(USERS.to_owned());
        }
        Ok(())
    }

    /// Generates what attributes of users need; gives their new migrations.
    fn bring_users(&mut self, users: &Users, known: &Known, version: i64) -> Result<Texts> {
        let before = self.users.clone();
        let record = before.as_ref().map(|before| &before.record);
        let rendered = self.templates.users_files(users, known, self.project(), record)?;
        for (path, new) in &rendered.files {
            match record.and_then(|record| record.files.get(path)) {
                None => self.draft.create(path, new)?,
                Some(base) => {
                    let there = self.project().read(path)?;
                    self.draft.update(path, Some(base), there, new.clone())?;
                }
            }
        }
        match &before {
            None => self.draft.register(&lists::of_users())?,
            Some(_) => self.draft.keep_registered(lists::of_users())?,
        }
        self.hand_over(before.as_ref(), users)?;
        let migrations = self.users_migrations(record, users, known, version)?;
        for (path, text) in &migrations {
            self.draft.set(path, Some(text.clone()), Action::Created);
        }
        let mut new = UsersRecord {
            active: users.active.clone(),
            record: ResourceRecord {
                files: rendered.files,
                digest: rendered.digest,
                ..record.cloned().unwrap_or_else(|| UsersRecord::without_fields(users))
            },
        };
        new.record.resource = users.resource.clone();
        new.record.migrations.extend(migrations.clone());
        let (text, there) = (record_text(&new)?, self.project().read(RECORD)?);
        if there.as_deref() != Some(text.as_str()) {
            let action = if there.is_none() {
                Action::Created
            } else {
                Action::Updated
            };
            self.draft.set(RECORD, Some(text), action);
        }
        Ok(migrations)
    }

    /// Brings the lines into the program; those that were taken out by hand stay out.
    fn hand_over(&mut self, before: Option<&UsersRecord>, users: &Users) -> Result<()> {
        let text = self.draft.now(program::PATH)?.unwrap_or_default();
        let former = before.map(UsersRecord::users);
        let new = match &former {
            Some(former) if former.active == users.active && !self.draft.force => {
                let missing = program::lines(users)
                    .into_iter()
                    .filter(|line| line.found_in(&text).is_none());
                let missing = missing.map(|line| (program::PATH, line.line));
                self.draft.left_out.extend(missing);
                return Ok(());
            }
            Some(former) => program::with(&program::without(&text, former), users)?,
            None => program::with(&text, users)?,
        };
        if new != text {
            self.draft.set(program::PATH, Some(new), Action::Updated);
        }
        Ok(())
    }

    /// The migration that adds the columns which the table does not have yet.
    fn users_migrations(
        &self,
        record: Option<&ResourceRecord>,
        users: &Users,
        known: &Known,
        version: i64,
    ) -> Result<Texts> {
        let resource = &users.resource;
        let without = UsersRecord::without_fields(users);
        let fields = added_fields(record.unwrap_or(&without), resource);
        if fields.is_empty() {
            return Ok(Texts::new());
        }
        let keys = ForeignKeys {
            postponed: &[],
            owed: &[],
        };
        let added = Added {
            names: fields.iter().map(|field| field.name.as_str()).collect(),
            has_owner: false,
        };
        self.templates.add_migration(resource, known, &keys, &added, version)
    }

    /// A file of the skeleton with the lines of users in it, if it has any.
    pub(super) fn with_lines_of_users(&self, path: &str, text: String) -> String {
        let Some(users) = &self.users else { return text };
        match path {
            program::PATH => program::with(&text, &users.users()).unwrap_or(text),
            _ if path == lists::of_users().path => lists::of_users().add_to(&text).unwrap_or(text),
            _ => text,
        }
    }

    /// Brings what was generated for users to this version.
    pub(super) fn upgrade_users(&mut self, known: &Known) -> Result<()> {
        if let Some(users) = self.users.as_ref().map(UsersRecord::users) {
            self.bring_users(&users, known, 0)?;
        }
        Ok(())
    }

    /// Refuses to take out resources that users refer to.
    pub(super) fn check_users_stay(&self, goes: impl Fn(&str) -> bool) -> Result<()> {
        let mut references = self.users.iter().flat_map(|users| users.record.resource.references());
        match references.find(|(_, table)| goes(table)) {
            None => Ok(()),
            Some((_, table)) => Err(Error::Refused(format!(
                "`{USERS}` refer to `{table}`; destroy their attributes first: destroy {USERS}"
            ))),
        }
    }

    /// Takes the attributes of users out.
    pub(super) fn take_users_out(&mut self) -> Result<()> {
        let Some(users) = self.users.take() else { return Ok(()) };
        self.take_files_out(&users.record)?;
        self.draft.unregister(&lists::of_users())?;
        let (text, lines) = (
            self.draft.now(program::PATH)?.unwrap_or_default(),
            program::lines(&users.users()),
        );
        let edited = lines
            .iter()
            .filter_map(|line| line.found_in(&text).filter(|(_, found)| *found != line.line));
        if let Some((number, line)) = edited.into_iter().next() {
            return Err(Error::Refused(format!(
                "{}:{number}: `{line}` was edited since it was generated; remove what it has of users, then try again",
                program::PATH
            )));
        }
        let without = program::without(&text, &users.users());
        if without != text {
            self.draft.set(program::PATH, Some(without), Action::Updated);
        }
        self.draft.set(RECORD, None, Action::Removed);
        Ok(())
    }
}
