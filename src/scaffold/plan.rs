//! What a run changes in a project; found out in memory, before anything is written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    blueprint::{Field, Kind, Resource, Source, in_order, nearest},
    changes::Change,
    lists::{self, CRATES, Registration, registrations},
    lockfile,
    merge::merge,
    names::{self, package_name},
    notes,
    project::{Project, STATE, State, record_text},
    render::{Known, Rendered, Templates},
    skeleton::{RECORD, Record},
};
use crate::error::{Error, Result};

/// Texts of files by their paths.
type Texts = BTreeMap<String, String>;

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
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
    pub changes: Vec<Change>,
    /// What becomes of each file, the ones that stay as they were edited among them.
    pub actions: BTreeMap<String, Action>,
    /// The resources that are new, by plural.
    pub created: Vec<String>,
    /// The resources that were there and change.
    pub changed: Vec<String>,
    /// Whether there are new migrations.
    pub has_migrations: bool,
    /// Whether code is as the templates give it, because there is no rustfmt.
    pub is_unformatted: bool,
    /// The lines that registered resources and were taken out by hand, each with its file.
    pub left_out: Vec<(&'static str, String)>,
    /// The resources that keep a plural from before plurals were the originals'.
    pub former: Vec<Former>,
    /// What changed in generated code since the project's version.
    pub notes: String,
}

/// A resource whose plural is another than the originals' would be.
#[derive(Debug, serde::Serialize)]
pub struct Former {
    /// What the file or the command line calls it.
    pub name: String,
    /// The plural that it has and keeps.
    pub plural: String,
    /// The originals' plural.
    pub original: String,
}

/// What a run works on.
pub struct Planner<'p> {
    project: &'p Project,
    templates: Templates,
    states: BTreeMap<String, State>,
    /// The files as they are to be, as far as they change.
    files: BTreeMap<String, Option<String>>,
    actions: BTreeMap<String, Action>,
    left_out: Vec<(&'static str, String)>,
    former: Vec<Former>,
    force: bool,
}

impl<'p> Planner<'p> {
    /// Reads the project; with `force` edits are overwritten where they are in the way.
    ///
    /// # Errors
    /// [`Error::Refused`] for templates or records that cannot be read.
    pub fn new(project: &'p Project, force: bool) -> Result<Self> {
        project.check_library()?;
        Ok(Self {
            templates: Templates::load(&project.root)?,
            states: project.states()?,
            project,
            files: BTreeMap::new(),
            actions: BTreeMap::new(),
            left_out: Vec::new(),
            former: Vec::new(),
            force,
        })
    }

    /// Whether there is a resource of this plural.
    pub fn has(&self, plural: &str) -> bool {
        self.states.contains_key(plural)
    }

    /// The plan for these resources, some of which may be there already.
    ///
    /// `now` is the least version of new migrations, as `YYYYMMDDhhmmss`.
    ///
    /// # Errors
    /// [`Error::Refused`] with the place of what cannot be done, and why.
    pub fn scaffold(mut self, source: &Source, mut resources: Vec<Resource>, now: DateTime<Utc>) -> Result<Plan> {
        self.project.check_generated()?;
        resources.iter_mut().for_each(|resource| self.keep_names(resource));
        self.check_together(source, &mut resources)?;
        resources.extend(self.affected_by(&resources));
        let known = self.known_with(&resources);
        let now: i64 = now.format("%Y%m%d%H%M%S").to_string().parse().unwrap_or_default();
        let mut version = now.max(next_version(self.project.newest_migration()?)?);
        let mut plan = Plan::default();
        for resource in resources {
            let plural = resource.plural.clone();
            let before = self.files.len();
            let state = self.states.get(&plural).cloned();
            let rendered = self.templates.files(&resource, &known, self.project, state.as_ref())?;
            let files = &rendered.files;
            let migrations = match &state {
                None => self.create(source, &resource, &known, files, version)?,
                Some(state) => self.change(source, state, &resource, &known, files, version)?,
            };
            if !migrations.is_empty() {
                plan.has_migrations = true;
                version = next_version(version)?;
            }
            self.write_state(resource, rendered, migrations)?;
            if state.is_none() {
                plan.created.push(plural);
            } else if self.files.len() > before {
                plan.changed.push(plural);
            }
        }
        self.lock_all(&plan.created)?;
        plan.is_unformatted = !self.templates.has_rustfmt && !self.files.is_empty();
        self.finish(plan)
    }

    /// The plan that brings all that was generated, the project's own files and its resources, to this version.
    ///
    /// # Errors
    /// [`Error::Refused`] for a project that `new` has not made, and for an edit where the new version differs.
    pub fn upgrade(mut self) -> Result<Plan> {
        let Some(old) = self.project.record()? else {
            return Err(Error::Refused(format!(
                "{RECORD}: is not there, so nothing is known of how the project was made; restore it from version control"
            )));
        };
        let new = Record::new(&old.name, old.framework.clone())?;
        for (path, text) in &new.files {
            let base = old.files.get(path).map(|text| self.with_lists(path, text));
            let there = self.project.read(path)?;
            if base.is_none() && there.is_some() {
                // The project had a file of its own where there is one of ours now.
                self.actions.insert(path.clone(), Action::Kept);
                continue;
            }
            self.update_file(path, base.as_deref(), there, self.with_lists(path, text))?;
        }
        let known = self.known_with(&[]);
        for state in self.states.values().cloned().collect::<Vec<_>>() {
            let rendered = self
                .templates
                .files(&state.resource, &known, self.project, Some(&state))?;
            self.change(&Source::Arguments, &state, &state.resource, &known, &rendered.files, 0)?;
            self.write_state(state.resource, rendered, Texts::new())?;
        }
        self.lock_all(&[])?;
        let record = new.to_text()?;
        if new != old {
            self.set(RECORD, Some(record), Action::Updated);
        }
        let plan = Plan {
            notes: notes::since(&old.version),
            is_unformatted: !self.templates.has_rustfmt && !self.files.is_empty(),
            ..Plan::default()
        };
        self.finish(plan)
    }

    /// A file of the skeleton with the lines of all resources in its list; as it is where it has none.
    fn with_lists(&self, path: &str, text: &str) -> String {
        let all = self.states.keys().flat_map(|plural| registrations(plural));
        all.filter(|registration| registration.path == path)
            .fold(text.to_owned(), |text, registration| {
                registration.add_to(&text).unwrap_or(text)
            })
    }

    /// The plan that undoes [`Planner::scaffold`] for the resource of this name, singular or plural.
    ///
    /// # Errors
    /// As [`Planner::scaffold`].
    pub fn destroy(mut self, name: &str) -> Result<Plan> {
        self.project.check_generated()?;
        let is_named = |state: &&State| state.resource.singular == name;
        let named = self.states.get(name).or_else(|| self.states.values().find(is_named));
        let Some(state) = named.cloned() else {
            let known: Vec<&str> = self.states.keys().map(String::as_str).collect();
            let known = match known.is_empty() {
                true => "no resource was scaffolded here".to_owned(),
                false => format!("scaffolded here: {}", known.join(", ")),
            };
            return Err(Error::Refused(format!("there is no resource `{name}`; {known}")));
        };
        let plural = &state.resource.plural;
        let refers = |other: &&State| {
            other.resource.plural != *plural && other.resource.references().any(|(_, table)| table == plural)
        };
        if let Some(other) = self.states.values().find(refers) {
            return Err(Error::Refused(format!(
                "`{}` refers to `{plural}`; destroy it first",
                other.resource.plural
            )));
        }
        for (path, generated) in state.files.iter().chain(&state.migrations) {
            match self.project.read(path)? {
                None => {}
                Some(text) if text == *generated || self.force => self.set(path, None, Action::Removed),
                Some(_) => {
                    return Err(Error::Refused(format!(
                        "{path}: was edited since it was generated; --force deletes it with the edits"
                    )));
                }
            }
        }
        for registration in registrations(plural) {
            self.unregister(&registration)?;
        }
        self.lock(|text, project| lockfile::without(text, project, &package_name(plural)))?;
        self.set(&format!("{STATE}/{plural}.json"), None, Action::Removed);
        self.finish(Plan::default())
    }

    /// The project's resources that are to be generated anew because they refer to one whose access changes.
    fn affected_by(&self, resources: &[Resource]) -> Vec<Resource> {
        let is_changed = |table: &str| {
            let new = resources.iter().find(|resource| resource.plural == table);
            let old = self.states.get(table);
            new.zip(old).is_some_and(|(new, old)| new.access != old.resource.access)
        };
        let others = self.states.values().map(|state| &state.resource);
        others
            .filter(|other| !resources.iter().any(|resource| resource.plural == other.plural))
            .filter(|other| other.references().any(|(_, table)| is_changed(table)))
            .cloned()
            .collect()
    }

    /// The project's resources as they will be.
    fn known_with(&self, resources: &[Resource]) -> Known {
        let old = self.states.values().map(|state| &state.resource);
        let all = old.chain(resources);
        all.map(|resource| (resource.plural.clone(), resource.clone()))
            .collect()
    }

    /// Gives a resource the names that it has in the project already, where the definition does not choose others.
    fn keep_names(&mut self, resource: &mut Resource) {
        let former = names::former_plural(&resource.key);
        let is_former = |state: &State| state.key.is_none() && !resource.has_own_plural;
        if !self.states.contains_key(&resource.plural) && self.states.get(&former).is_some_and(is_former) {
            let original = std::mem::replace(&mut resource.plural, former);
            self.former.push(Former {
                name: resource.key.clone(),
                plural: resource.plural.clone(),
                original,
            });
        }
        if let Some(state) = self.states.get(&resource.plural) {
            resource.table.clone_from(&state.resource.table);
        }
        if resource.has_own_singular {
            return;
        }
        match self.states.get(&resource.plural) {
            Some(state) => resource.singular.clone_from(&state.resource.singular),
            None => names::avoid_clash(resource, self.states.values().map(|state| &state.resource)),
        }
    }

    /// Checks what needs all resources, those of the project among them.
    fn check_together(&self, source: &Source, resources: &mut [Resource]) -> Result<()> {
        let known: Vec<(String, String)> = self
            .states
            .values()
            .map(|state| &state.resource)
            .chain(resources.iter())
            .map(|resource| (resource.singular.clone(), resource.plural.clone()))
            .chain([("user".to_owned(), "users".to_owned())])
            .collect();
        let tables: Vec<&str> = known.iter().map(|(_, plural)| plural.as_str()).collect();
        let crates = self.project.crates()?;
        let taken = self
            .states
            .values()
            .map(|state| (&state.resource.plural, names::of(&state.resource)));
        let taken: Vec<(&String, Vec<String>)> = taken.collect();
        for resource in resources.iter_mut() {
            if crates.contains(&resource.plural) {
                return Err(source.refuse(resource.line, names::hides(&resource.plural)));
            }
            resource.resolve(&known);
            let own = names::of(resource);
            for (plural, names) in taken.iter().filter(|(plural, _)| **plural != resource.plural) {
                if let Some(name) = names::clash(names, &own) {
                    let text = format!("`{name}` is a name of the resource `{plural}` already");
                    return Err(source.refuse(resource.line, text));
                }
            }
            for (field, table) in resource.references() {
                if !tables.contains(&table) {
                    let hint = match nearest(table, &tables) {
                        Some(near) => format!("; did you mean `{near}`?"),
                        None => ".".to_owned(),
                    };
                    let text = format!(
                        "`{}` refers to `{table}`, which is no resource here{hint} There are: {}",
                        field.name,
                        tables.join(", ")
                    );
                    return Err(source.refuse(field.line, text));
                }
                if table == resource.plural && !field.nullable {
                    let text = format!(
                        "`{}` refers to its own table, so that there could be no first row; make it nullable: \
                         `{}:references({table})?`",
                        field.name, field.name
                    );
                    return Err(source.refuse(field.line, text));
                }
            }
        }
        self.check_circles(source, resources)
    }

    fn check_circles(&self, source: &Source, resources: &[Resource]) -> Result<()> {
        let is_old = |state: &&State| !resources.iter().any(|new| new.plural == state.resource.plural);
        let old = self.states.values().filter(is_old).map(|state| &state.resource);
        in_order(source, resources.iter().chain(old).cloned().collect()).map(drop)
    }

    /// A resource that is not there yet; gives its migrations.
    fn create(
        &mut self,
        source: &Source,
        resource: &Resource,
        known: &Known,
        files: &Texts,
        version: i64,
    ) -> Result<Texts> {
        let plural = &resource.plural;
        let table = resource.table_name();
        for name in [plural, table] {
            if let Some(path) = self.project.migration_of(name)? {
                let text = format!(
                    "the table `{name}` is made by {} already; choose another name",
                    path.display()
                );
                return Err(source.refuse(resource.line, text));
            }
        }
        if table.len() > names::MAX_TABLE_CHARS {
            let text = format!(
                "the table of `{plural}` would be called `{table}`, as Flask-Scaffold's was, and have more than {} \
                 characters; set another name, also for the table, with `plural:`",
                names::MAX_TABLE_CHARS
            );
            return Err(source.refuse(resource.line, text));
        }
        for (path, text) in files {
            match self.project.read(path)? {
                None => self.set(path, Some(text.clone()), Action::Created),
                Some(there) if there == *text => {}
                Some(_) if self.force => self.set(path, Some(text.clone()), Action::Overwritten),
                Some(_) => {
                    return Err(Error::Refused(format!(
                        "{path}: is there already and was not generated; move it away, or overwrite it with --force"
                    )));
                }
            }
        }
        for registration in registrations(plural) {
            self.register(&registration)?;
        }
        let migrations = self.templates.create_migration(resource, known, version)?;
        for (path, text) in &migrations {
            self.set(path, Some(text.clone()), Action::Created);
        }
        Ok(migrations)
    }

    /// A resource that is there and may have changed; gives its new migrations.
    fn change(
        &mut self,
        source: &Source,
        state: &State,
        resource: &Resource,
        known: &Known,
        files: &Texts,
        version: i64,
    ) -> Result<Texts> {
        let added = added_fields(source, state, resource)?;
        for (path, new) in files {
            let base = state.files.get(path).map(String::as_str);
            let there = self.project.read(path)?;
            self.update_file(path, base, there, new.clone())?;
        }
        for registration in registrations(&resource.plural) {
            self.keep_registered(registration)?;
        }
        let adds_owner = resource.has_owner() && !state.has_owner_column;
        if added.is_empty() && !adds_owner {
            return Ok(Texts::new());
        }
        let migrations = self
            .templates
            .add_migration(resource, known, &added, adds_owner, version)?;
        for (path, text) in &migrations {
            self.set(path, Some(text.clone()), Action::Created);
        }
        Ok(migrations)
    }

    /// Puts a line into its list, unless something else there does the same.
    fn register(&mut self, registration: &Registration) -> Result<()> {
        let path = registration.path;
        let text = self.now(path)?.unwrap_or_default();
        let with = registration.add_to(&text)?;
        if with == text {
            return Ok(());
        }
        let there = self.project.read(path)?.unwrap_or_default();
        if let Some((number, line)) = registration.found_in(&there).next() {
            return Err(Error::Refused(format!(
                "{path}:{number}: `{line}` is there already and was not generated; choose another name for the resource"
            )));
        }
        self.set(path, Some(with), Action::Updated);
        Ok(())
    }

    /// Brings the crates of all resources that `Cargo.toml` is to name into `Cargo.lock`, and checks that it names those that
    /// are new.
    ///
    /// Where an earlier run was interrupted, cargo has perhaps taken one out of its lock file again.
    fn lock_all(&mut self, created: &[String]) -> Result<()> {
        let text = self.now(CRATES)?.unwrap_or_default();
        let manifest = match (text.parse::<toml::Table>(), created.first()) {
            (Ok(manifest), _) => manifest,
            (Err(_), None) => return Ok(()),
            (Err(error), Some(plural)) => {
                return Err(Error::Refused(format!(
                    "{CRATES}: would not be TOML with the crate `{}` in the list ({})",
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
        let all = self.states.keys().chain(created).filter(is_named);
        let packages: Vec<String> = all.map(|plural| package_name(plural)).collect();
        self.lock(|text, project| lockfile::with(text, project, &packages))
    }

    /// Changes what `Cargo.lock`, where there is one, says of resources' crates and of the project's.
    fn lock(&mut self, change: impl FnOnce(&str, &str) -> String) -> Result<()> {
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
    fn keep_registered(&mut self, registration: Registration) -> Result<()> {
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
    fn unregister(&mut self, registration: &Registration) -> Result<()> {
        let path = registration.path;
        let there = self.project.read(path)?.unwrap_or_default();
        let edited = registration
            .found_in(&there)
            .find(|(_, line)| *line != registration.line);
        if let Some((number, line)) = edited.filter(|_| !self.force) {
            return Err(Error::Refused(format!(
                "{path}:{number}: `{line}` is not as it was generated; take it out, or --force deletes the line"
            )));
        }
        let Some(text) = self.now(path)? else { return Ok(()) };
        let without = registration.remove_from(&text, self.force);
        if without != text {
            self.set(path, Some(without), Action::Updated);
        }
        Ok(())
    }

    /// Brings a file from its state as last generated, `base`, to the `new` one, with what was edited in between.
    fn update_file(&mut self, path: &str, base: Option<&str>, there: Option<String>, new: String) -> Result<()> {
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
                self.actions.insert(path.to_owned(), Action::Kept);
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
            self.actions.insert(path.to_owned(), Action::Kept);
            return Ok(());
        }
        if self.force {
            self.set(path, Some(new), Action::Overwritten);
            return Ok(());
        }
        match merge(base.unwrap_or_default(), &there, &new) {
            Ok(merged) if merged == there => {
                self.actions.insert(path.to_owned(), Action::Kept);
            }
            Ok(merged) => self.set(path, Some(merged), Action::Merged),
            Err(line) => {
                return Err(Error::Refused(format!(
                    "{path}:{line}: was edited where the new version differs, so that nothing was written; --diff --force \
                     shows what is new, --force takes it and loses the edits"
                )));
            }
        }
        Ok(())
    }

    fn write_state(&mut self, resource: Resource, rendered: Rendered, migrations: Texts) -> Result<()> {
        let plural = resource.plural.clone();
        let before = self.states.get(&plural);
        let mut state = State {
            files: rendered.files,
            digest: rendered.digest,
            migrations: before.map(|state| state.migrations.clone()).unwrap_or_default(),
            has_owner_column: resource.has_owner() || before.is_some_and(|state| state.has_owner_column),
            key: match before {
                Some(state) => state.key.clone(),
                None => Some(resource.key.clone()),
            },
            resource,
        };
        state.migrations.extend(migrations);
        let path = format!("{STATE}/{plural}.json");
        let text = record_text(&state)?;
        let Some(there) = self.project.read(&path)? else {
            self.set(&path, Some(text), Action::Created);
            return Ok(());
        };
        // What files came from is worth nothing by itself: a run that changes nothing else writes nothing.
        let digest = before.and_then(|before| before.digest.clone());
        if there != text && there != record_text(&State { digest, ..state })? {
            self.set(&path, Some(text), Action::Updated);
        }
        Ok(())
    }

    /// A file as the plan has it so far.
    fn now(&self, path: &str) -> Result<Option<String>> {
        match self.files.get(path) {
            Some(text) => Ok(text.clone()),
            None => self.project.read(path),
        }
    }

    fn set(&mut self, path: &str, text: Option<String>, action: Action) {
        self.files.insert(path.to_owned(), text);
        self.actions.insert(path.to_owned(), action);
    }

    fn finish(self, mut plan: Plan) -> Result<Plan> {
        for (path, after) in self.files {
            let before = self.project.read(&path)?;
            if before != after {
                plan.changes.push(Change { path, before, after });
            }
        }
        plan.actions = self.actions;
        plan.left_out = self.left_out;
        plan.former = self.former;
        Ok(plan)
    }
}

/// The fields that are new; what else differs must need no change of the table.
fn added_fields<'r>(source: &Source, state: &State, new: &'r Resource) -> Result<Vec<&'r str>> {
    let old = &state.resource;
    let names =
        |resource: &Resource| -> BTreeSet<String> { resource.fields.iter().map(|field| field.name.clone()).collect() };
    if let Some(name) = names(old).difference(&names(new)).next() {
        return Err(source.refuse(
            new.line,
            format!(
                "`{name}` was a field of `{}` and is none now; its column may hold data, which scaffold does not drop. Keep \
                 the field, or destroy the resource and scaffold it anew",
                new.plural
            ),
        ));
    }
    let mut added = Vec::new();
    for field in &new.fields {
        match old.fields.iter().find(|other| other.name == field.name) {
            Some(other) => check_same_column(source, other, field)?,
            None => {
                check_addable(source, state, field)?;
                added.push(field.name.as_str());
            }
        }
    }
    Ok(added)
}

fn check_same_column(source: &Source, old: &Field, new: &Field) -> Result<()> {
    let is_same = match (&old.kind, &new.kind) {
        // The values of an enum are checked by the code only.
        (Kind::Enum(_), Kind::Enum(_)) => true,
        (old, new) => old == new,
    };
    if is_same && old.nullable == new.nullable && old.unique == new.unique {
        return Ok(());
    }
    Err(source.refuse(
        new.line,
        format!(
            "`{}` was defined otherwise, and its column may hold data, which scaffold does not convert; type, `?` and `^` of \
             a field stay. Add a field of another name",
            new.name
        ),
    ))
}

fn check_addable(source: &Source, state: &State, field: &Field) -> Result<()> {
    if state.has_owner_column && field.name == "owner_id" {
        let text = "the table has `owner_id` since it had `auth: owner`; name the field otherwise";
        return Err(source.refuse(field.line, text));
    }
    let needs_null = field.unique || matches!(field.kind, Kind::References(_));
    if needs_null && !field.nullable {
        return Err(source.refuse(
            field.line,
            format!(
                "`{}` is new in a table that may have rows, which would all need a value of their own; make it nullable",
                field.name
            ),
        ));
    }
    Ok(())
}

/// The version of the migration that comes next.
fn next_version(version: i64) -> Result<i64> {
    version.checked_add(1).ok_or_else(|| {
        Error::Refused(format!(
            "migrations: there is no number after that of {version}_*; rename it, to the time it was made \
             at as YYYYMMDDhhmmss"
        ))
    })
}
