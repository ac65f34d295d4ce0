//! Resources in the project's lists and in its lock file.

use std::collections::BTreeMap;

use super::{draft::Draft, outcome::Action};
use crate::{
    error::{Error, Result},
    scaffold::{
        lists::{self, CRATES, Registration},
        lockfile,
        names::package_name,
        record::ResourceRecord,
    },
};

impl Draft<'_> {
    /// Puts a line into its list, unless something else there does the same.
    ///
    /// # Errors
    /// [`Error::Refused`] where the list is missing, or something else does the same.
    pub fn register(&mut self, registration: &Registration) -> Result<()> {
        let path = registration.path;
        let text = self.now(path)?.unwrap_or_default();
        let with = registration.add_to(&text)?;
        if with == text {
            return Ok(());
        }
        let there = self.project.read(path)?.unwrap_or_default();
        if let Some((number, line)) = registration.found_in(&there).next() {
            return Err(Error::Refused(format!(
                "{path}:{number}: `{line}` already exists and was not generated; choose another name for the resource"
            )));
        }
        self.set(path, Some(with), Action::Updated);
        Ok(())
    }

    /// Brings the crates of all resources that `Cargo.toml` is to name into `Cargo.lock`, and checks that it names those that
    /// are new.
    ///
    /// Where an earlier run was interrupted, cargo has perhaps taken one out of its lock file again.
    ///
    /// # Errors
    /// [`Error::Refused`] where the manifest would not be TOML, or not name them.
    pub fn lock_all(&mut self, scaffolded: &BTreeMap<String, ResourceRecord>, created: &[String]) -> Result<()> {
        let text = self.now(CRATES)?.unwrap_or_default();
        let manifest = match (text.parse::<toml::Table>(), created.first()) {
            (Ok(manifest), _) => manifest,
            (Err(_), None) => return Ok(()),
            (Err(error), Some(plural)) => {
                return Err(Error::Refused(format!(
                    "{CRATES}: would not be valid TOML with the crate `{}` in the list ({})",
                    package_name(plural),
                    error.message()
                )));
            }
        };
        let is_named = |plural: &&String| {
            let dependencies = manifest.get("dependencies");
            let path = dependencies.and_then(|list| list.get(package_name(plural))?.get("path"));
            path.and_then(toml::Value::as_str) == Some(&format!("src/app/{plural}"))
        };
        if !created.iter().all(|plural| is_named(&plural)) {
            return Err(Error::Refused(format!(
                "{CRATES}: the list of resources is not in [dependencies]; move the line `{}` there",
                lists::CRATES_MARKER
            )));
        }
        let all = scaffolded.keys().chain(created).filter(is_named);
        let packages: Vec<String> = all.map(|plural| package_name(plural)).collect();
        self.lock(|text, project| lockfile::with(text, project, &packages))
    }

    /// Changes what `Cargo.lock`, where there is one, says of resources' crates and of the project's.
    ///
    /// # Errors
    /// [`Error::Refused`] for files that cannot be read.
    pub fn lock(&mut self, change: impl FnOnce(&str, &str) -> String) -> Result<()> {
        let Some(text) = self.now(lockfile::PATH)? else {
            return Ok(());
        };
        let changed = change(&text, &self.project.package()?);
        if changed != text {
            self.set(lockfile::PATH, Some(changed), Action::Updated);
        }
        Ok(())
    }

    /// Leaves a line out that was taken out by hand, unless told to overwrite what was edited.
    ///
    /// # Errors
    /// As [`Draft::register`].
    pub fn keep_registered(&mut self, registration: Registration) -> Result<()> {
        let text = self.now(registration.path)?.unwrap_or_default();
        if registration.found_in(&text).next().is_some() {
            return Ok(());
        }
        if self.force {
            return self.register(&registration);
        }
        self.left_out.push((registration.path, registration.line));
        Ok(())
    }

    /// Takes a line out of its list.
    ///
    /// # Errors
    /// [`Error::Refused`] for a line that was edited.
    pub fn unregister(&mut self, registration: &Registration) -> Result<()> {
        let path = registration.path;
        let there = self.project.read(path)?.unwrap_or_default();
        let edited = registration
            .found_in(&there)
            .find(|(_, line)| *line != registration.line);
        if let Some((number, line)) = edited.filter(|_| !self.force) {
            return Err(Error::Refused(format!(
                "{path}:{number}: `{line}` was edited since it was generated; remove it, or --force deletes the line"
            )));
        }
        let Some(text) = self.now(path)? else { return Ok(()) };
        let without = registration.remove_from(&text, self.force);
        if without != text {
            self.set(path, Some(without), Action::Updated);
        }
        Ok(())
    }
}
