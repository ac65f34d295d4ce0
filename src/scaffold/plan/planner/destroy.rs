//! The run that takes resources out, with all that was generated for them.

use super::{Planner, registrations};
use crate::{
    error::{Error, Result},
    scaffold::{
        lockfile,
        model::{Aliases, USERS},
        names::package_name,
        plan::{
            checks::still_needed,
            nesting::nests_none,
            outcome::{Action, Plan},
        },
        record::{RECORDS, ResourceRecord},
    },
};

impl Planner<'_> {
    /// The plan that undoes [`Planner::scaffold`] for the resources that have these names.
    ///
    /// # Errors
    /// As [`Planner::scaffold`].
    pub fn destroy(mut self, names: &[String]) -> Result<Plan> {
        self.project().check_generated()?;
        let all: Vec<Aliases> = self.records.values().map(|record| record.resource.aliases()).collect();
        let mut records: Vec<ResourceRecord> = Vec::new();
        let takes_users = self.users.is_some() && names.iter().any(|name| name == USERS);
        for name in names.iter().filter(|name| !takes_users || *name != USERS) {
            let named = Aliases::find(&all, name).and_then(|plural| self.records.get(plural));
            let Some(record) = named else {
                let known: Vec<&str> = self.records.keys().map(String::as_str).collect();
                let known = match known.is_empty() {
                    true => "no resource was scaffolded here".to_owned(),
                    false => format!("scaffolded here: {}", known.join(", ")),
                };
                return Err(Error::Refused(format!("unknown resource `{name}`; {known}")));
            };
            if !records
                .iter()
                .any(|other| other.resource.plural == record.resource.plural)
            {
                records.push(record.clone());
            }
        }
        if let Some(message) = still_needed(&records, &self.records) {
            return Err(Error::Refused(message));
        }
        let goes = |plural: &str| records.iter().any(|record| record.resource.plural == plural);
        for other in self.records.values().filter(|other| !goes(&other.resource.plural)) {
            nests_none(&other.resource, goes)?;
        }
        if takes_users {
            self.take_users_out()?;
        }
        self.check_users_stay(goes)?;
        records.iter().try_for_each(|record| self.take_out(record))?;
        self.finish(Plan::default())
    }

    /// Takes the files and the registrations of a resource out.
    fn take_out(&mut self, record: &ResourceRecord) -> Result<()> {
        self.take_files_out(record)?;
        let plural = &record.resource.plural;
        for registration in registrations(&record.resource) {
            self.draft.unregister(&registration)?;
        }
        self.draft
            .lock(|text, project| lockfile::without(text, project, &package_name(plural)))?;
        self.draft
            .set(&format!("{RECORDS}/{plural}.json"), None, Action::Removed);
        Ok(())
    }

    pub(super) fn take_files_out(&mut self, record: &ResourceRecord) -> Result<()> {
        for (path, generated) in record.files.iter().chain(&record.migrations) {
            match self.project().read(path)? {
                None => {}
                Some(text) if text == *generated || self.draft.force => self.draft.set(path, None, Action::Removed),
                Some(_) => {
                    return Err(Error::Refused(format!(
                        "{path}: was edited since it was generated; --force deletes it with your edits"
                    )));
                }
            }
        }
        Ok(())
    }
}
