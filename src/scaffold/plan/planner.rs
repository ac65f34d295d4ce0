//! The runs: what is planned for new and changed resources, for an upgrade, and for a resource that goes.

mod destroy;
mod users;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{
    checks::{added_fields, check_together, not_creatable, wrong_changes},
    draft::Draft,
    joins,
    nesting::nests_changed,
    outcome::{Action, Former, Plan},
};
use crate::{
    error::{Diagnostics, Error, Result},
    scaffold::{
        context,
        definition::blueprint::Blueprint,
        lists::registrations,
        model::{Field, Known, Resource, USERS, Users},
        names, notes,
        order::{in_order, with_needed},
        owed::OwedKey,
        project::Project,
        record::{RECORDS, Records, ResourceRecord, record_text},
        render::{Added, ForeignKeys, Rendered, ResourceTemplates},
        skeleton::{RECORD, Record},
        users::UsersRecord,
    },
};

/// Texts of files by their paths.
type Texts = BTreeMap<String, String>;

/// What a run works on.
pub struct Planner<'p> {
    draft: Draft<'p>,
    templates: ResourceTemplates,
    records: Records,
    users: Option<UsersRecord>,
    former: Vec<Former>,
    /// The foreign keys that wait for the resources of these plurals.
    postponed: Vec<(String, OwedKey)>,
    /// The resources whose tables this run makes, so far.
    made: Vec<String>,
    /// The join tables that it makes, so far.
    made_joins: Vec<String>,
}

/// A resource whose files are in the draft, and whose record is not.
struct Drafted {
    resource: Resource,
    rendered: Rendered,
    migrations: Texts,
    is_changed: bool,
}

impl<'p> Planner<'p> {
    /// Reads the project; with `force` edits are overwritten where they are in the way.
    ///
    /// # Errors
    /// [`Error::Refused`] for templates or records that cannot be read.
    pub fn new(project: &'p Project, force: bool) -> Result<Self> {
        project.check_library()?;
        Ok(Self {
            templates: ResourceTemplates::load(&project.root)?,
            records: project.records()?,
            users: project.users_record()?,
            draft: Draft::new(project, force),
            former: Vec::new(),
            postponed: Vec::new(),
            made: Vec::new(),
            made_joins: Vec::new(),
        })
    }

    fn project(&self) -> &'p Project {
        self.draft.project
    }

    /// Whether there is a resource of this plural.
    pub fn has(&self, plural: &str) -> bool {
        self.records.contains_key(plural) || plural == USERS && self.users.is_some()
    }

    /// The plan for these resources, some of which may be there already.
    ///
    /// `now` is the least version of new migrations, as `YYYYMMDDhhmmss`.
    ///
    /// # Errors
    /// [`Error::Definition`] with all that cannot be done, and why; [`Error::Refused`] for what is wrong with the project.
    pub fn scaffold(mut self, blueprint: Blueprint, now: DateTime<Utc>) -> Result<Plan> {
        self.project().check_generated()?;
        let (mut resources, users) = self.checked(blueprint)?;
        resources.extend(self.affected_by(&resources));
        let known = self.known_with(&resources);
        let now: i64 = now.format("%Y%m%d%H%M%S").to_string().parse().unwrap_or_default();
        let mut version = now.max(next_version(self.project().newest_migration()?)?);
        let mut plan = Plan::default();
        let plurals: Vec<String> = resources.iter().map(|resource| resource.plural.clone()).collect();
        let mut all_drafted = Vec::new();
        for resource in resources {
            let before = self.draft.len();
            let record = self.records.get(&resource.plural).cloned();
            let rendered = self
                .templates
                .files(&resource, &known, self.project(), record.as_ref())?;
            let files = &rendered.files;
            let migrations = match &record {
                None => self.create(&resource, &known, files, version)?,
                Some(record) => self.change(record, &resource, &known, files, version)?,
            };
            if !migrations.is_empty() {
                version = next_version(version)?;
            }
            all_drafted.push(Drafted {
                is_changed: self.draft.len() > before,
                resource,
                rendered,
                migrations,
            });
        }
        for drafted in all_drafted {
            self.complete(drafted, &known, &mut version, &mut plan)?;
        }
        self.scaffold_users(users, &plurals, &known, version, &mut plan)?;
        if let Some(first) = plan.created.first() {
            let resources = with_needed(first, &known).into_iter();
            let with_path = |plural: String| Some((known.get(&plural)?.list_path(), plural));
            plan.examples = resources.filter_map(with_path).collect();
        }
        self.draft.lock_all(&self.records, &plan.created)?;
        plan.is_unformatted = !self.templates.has_rustfmt && !self.draft.is_empty();
        self.finish(plan)
    }

    /// Adds the join tables of a resource, which come after the tables of all, and its record.
    fn complete(&mut self, drafted: Drafted, known: &Known, version: &mut i64, plan: &mut Plan) -> Result<()> {
        let Drafted {
            resource,
            rendered,
            mut migrations,
            is_changed,
        } = drafted;
        let (plural, before) = (resource.plural.clone(), self.draft.len());
        let missing = joins::missing(&resource, &self.records, &self.made_joins);
        self.made_joins.extend(joins::tables(&missing));
        for field in missing {
            let texts = self.templates.join_migration(&resource, field, known, *version)?;
            for (path, text) in &texts {
                self.draft.set(path, Some(text.clone()), Action::Created);
            }
            migrations.extend(texts);
            *version = next_version(*version)?;
        }
        plan.has_migrations |= !migrations.is_empty();
        self.write_record(resource, rendered, migrations)?;
        if !self.records.contains_key(&plural) {
            plan.created.push(plural);
        } else if is_changed || self.draft.len() > before {
            plan.changed.push(plural);
        }
        Ok(())
    }

    /// The resources of a definition with the names that they have in the project, in the order in which they are made.
    ///
    /// # Errors
    /// [`Error::Definition`] with all that is wrong with them, in themselves and in this project.
    fn checked(&mut self, blueprint: Blueprint) -> Result<(Vec<Resource>, Option<Users>)> {
        let Blueprint {
            source,
            mut resources,
            mut users,
            mut problems,
        } = blueprint;
        resources.iter_mut().for_each(|resource| self.keep_names(resource));
        let crates = self.project().crates()?;
        problems.extend(check_together(&mut resources, &self.records, &crates));
        problems.extend(users.iter_mut().flat_map(|users| self.wrong_users(users, &resources)));
        for resource in &resources {
            match self.records.get(&resource.plural) {
                Some(record) => problems.extend(wrong_changes(record, resource)),
                None => {
                    let mut migration = None;
                    for name in [resource.plural.as_str(), resource.table_name()] {
                        let path = self.project().migration_of(name)?;
                        migration = migration.or(path.map(|path| (name, path.display().to_string())));
                    }
                    problems.extend(not_creatable(resource, migration));
                }
            }
            problems.extend(joins::not_creatable(self.project(), resource, &self.records)?);
        }
        if let Some(diagnostics) = Diagnostics::of(&source, problems) {
            return Err(diagnostics.into());
        }
        // A circle was found above, among all resources of the project.
        let known = self.known_with(&resources);
        let resources = in_order(resources, &known).map_err(|problem| {
            let all = vec![problem];
            Error::from(Diagnostics { source, all })
        })?;
        Ok((resources, users))
    }

    /// The plan that brings all that was generated, the project's own files and its resources, to this version.
    ///
    /// # Errors
    /// [`Error::Refused`] for a project that `new` has not made, and for an edit where the new version differs.
    pub fn upgrade(mut self) -> Result<Plan> {
        let Some(old) = self.project().record()? else {
            return Err(Error::Refused(format!(
                "{RECORD}: not found; it records how the project was generated. Restore it from version control"
            )));
        };
        let new = Record::new(&old.name, old.framework.clone())?;
        for (path, text) in &new.files {
            let base = old.files.get(path).map(|text| self.with_lists(path, text));
            let there = self.project().read(path)?;
            if base.is_none() && there.is_some() {
                // The project had a file of its own where there is one of ours now.
                self.draft.keep(path);
                continue;
            }
            self.draft
                .update(path, base.as_deref(), there, self.with_lists(path, text))?;
        }
        let known = self.known_with(&[]);
        for record in self.records.values().cloned().collect::<Vec<_>>() {
            let rendered = self
                .templates
                .files(&record.resource, &known, self.project(), Some(&record))?;
            self.change(&record, &record.resource, &known, &rendered.files, 0)?;
            self.write_record(record.resource, rendered, Texts::new())?;
        }
        self.upgrade_users(&known)?;
        self.draft.lock_all(&self.records, &[])?;
        let record = new.to_text()?;
        if new != old {
            self.draft.set(RECORD, Some(record), Action::Updated);
        }
        let plan = Plan {
            notes: notes::since(&old.version),
            is_unformatted: !self.templates.has_rustfmt && !self.draft.is_empty(),
            ..Plan::default()
        };
        self.finish(plan)
    }

    /// A file of the skeleton with the lines of all resources in its list; as it is where it has none.
    fn with_lists(&self, path: &str, text: &str) -> String {
        let all = self.records.values().flat_map(|record| registrations(&record.resource));
        let text = all
            .filter(|registration| registration.path == path)
            .fold(text.to_owned(), |text, registration| {
                registration.add_to(&text).unwrap_or(text)
            });
        self.with_lines_of_users(path, text)
    }

    /// The project's resources that are to be generated anew because they refer to one whose access or path changes.
    fn affected_by(&self, resources: &[Resource]) -> Vec<Resource> {
        let is_changed = |table: &str| {
            let new = resources.iter().find(|resource| resource.plural == table);
            let old = self.records.get(table);
            let shown = |resource: &Resource| (resource.access, resource.list_path());
            new.zip(old)
                .is_some_and(|(new, old)| shown(new) != shown(&old.resource))
        };
        let others = self.records.values().map(|record| &record.resource);
        others
            .filter(|other| !resources.iter().any(|resource| resource.plural == other.plural))
            .filter(|other| {
                other.leads().any(|(_, table)| is_changed(table)) || nests_changed(other, resources, &self.records)
            })
            .cloned()
            .collect()
    }

    /// The project's resources as they will be.
    fn known_with(&self, resources: &[Resource]) -> Known {
        let old = self.records.values().map(|record| &record.resource);
        let all = old.chain(resources);
        all.map(|resource| (resource.plural.clone(), resource.clone()))
            .collect()
    }

    /// Gives a resource the names that it has in the project already, where the definition does not choose others.
    fn keep_names(&mut self, resource: &mut Resource) {
        let former = names::former_plural(&resource.key);
        let is_former = |record: &ResourceRecord| record.key.is_none() && !resource.has_own_plural;
        if !self.records.contains_key(&resource.plural) && self.records.get(&former).is_some_and(is_former) {
            let original = std::mem::replace(&mut resource.plural, former);
            self.former.push(Former {
                name: resource.key.clone(),
                plural: resource.plural.clone(),
                original,
            });
        }
        if let Some(record) = self.records.get(&resource.plural).filter(|_| !resource.has_own_table) {
            resource.table.clone_from(&record.resource.table);
        }
        if resource.has_own_singular {
            return;
        }
        match self.records.get(&resource.plural) {
            Some(record) => resource.singular.clone_from(&record.resource.singular),
            None => {
                let of_project = self.records.values().map(|record| names::of(&record.resource));
                names::avoid_clash(resource, of_project.collect::<Vec<_>>().iter());
            }
        }
    }

    /// A resource that is not there yet; gives its migrations.
    fn create(&mut self, resource: &Resource, known: &Known, files: &Texts, version: i64) -> Result<Texts> {
        for (path, text) in files {
            self.draft.create(path, text)?;
        }
        for registration in registrations(resource) {
            self.draft.register(&registration)?;
        }
        let (waiting, owed): (Vec<_>, Vec<_>) = std::mem::take(&mut self.postponed)
            .into_iter()
            .partition(|(plural, _)| *plural != resource.plural);
        self.postponed = waiting;
        let owed: Vec<OwedKey> = owed.into_iter().map(|(_, key)| key).collect();
        let postponed = self.postpone(resource, known, resource.fields.iter());
        let keys = ForeignKeys {
            postponed: &postponed,
            owed: &owed,
        };
        let migrations = self.templates.create_migration(resource, known, &keys, version)?;
        self.made.push(resource.plural.clone());
        for (path, text) in &migrations {
            self.draft.set(path, Some(text.clone()), Action::Created);
        }
        Ok(migrations)
    }

    /// A resource that is there and may have changed; gives its new migrations.
    fn change(
        &mut self,
        record: &ResourceRecord,
        resource: &Resource,
        known: &Known,
        files: &Texts,
        version: i64,
    ) -> Result<Texts> {
        let fields = added_fields(record, resource);
        let added = Added {
            names: fields.iter().map(|field| field.name.as_str()).collect(),
            has_owner: resource.has_owner() && !record.has_owner_column,
        };
        for (path, new) in files {
            let base = record.files.get(path).map(String::as_str);
            let there = self.project().read(path)?;
            self.draft.update(path, base, there, new.clone())?;
        }
        for registration in registrations(resource) {
            self.draft.keep_registered(registration)?;
        }
        if added.names.is_empty() && !added.has_owner {
            return Ok(Texts::new());
        }
        let postponed = self.postpone(resource, known, fields.into_iter());
        let keys = ForeignKeys {
            postponed: &postponed,
            owed: &[],
        };
        let migrations = self.templates.add_migration(resource, known, &keys, &added, version)?;
        for (path, text) in &migrations {
            self.draft.set(path, Some(text.clone()), Action::Created);
        }
        Ok(migrations)
    }

    /// The fields whose foreign keys wait for a table that this run makes later.
    fn postpone<'f>(
        &mut self,
        resource: &Resource,
        known: &Known,
        fields: impl Iterator<Item = &'f Field>,
    ) -> Vec<&'f str> {
        let views = context::fields(resource, known, &[]);
        let mut names = Vec::new();
        for field in fields {
            let Some(other) = field.refers_to() else { continue };
            let is_there = self.records.contains_key(other) || self.made.iter().any(|plural| plural == other);
            if is_there || [resource.plural.as_str(), "users"].contains(&other) {
                continue;
            }
            names.push(field.name.as_str());
            let view = views.iter().find(|view| view.name == field.name);
            let key = view.map(|view| (other.to_owned(), OwedKey::of(resource, view, &views)));
            self.postponed.extend(key);
        }
        names
    }

    fn write_record(&mut self, resource: Resource, rendered: Rendered, migrations: Texts) -> Result<()> {
        let plural = resource.plural.clone();
        let before = self.records.get(&plural);
        let mut record = ResourceRecord {
            files: rendered.files,
            digest: rendered.digest,
            migrations: before.map(|record| record.migrations.clone()).unwrap_or_default(),
            has_owner_column: resource.has_owner() || before.is_some_and(|record| record.has_owner_column),
            key: match before {
                Some(record) => record.key.clone(),
                None => Some(resource.key.clone()),
            },
            resource,
        };
        record.migrations.extend(migrations);
        let path = format!("{RECORDS}/{plural}.json");
        let text = record_text(&record)?;
        let Some(there) = self.project().read(&path)? else {
            self.draft.set(&path, Some(text), Action::Created);
            return Ok(());
        };
        // What files came from is worth nothing by itself: a run that changes nothing else writes nothing.
        let digest = before.and_then(|before| before.digest.clone());
        if there != text && there != record_text(&ResourceRecord { digest, ..record })? {
            self.draft.set(&path, Some(text), Action::Updated);
        }
        Ok(())
    }

    fn finish(self, mut plan: Plan) -> Result<Plan> {
        plan.former = self.former;
        self.draft.finish(plan)
    }
}

/// The version of the migration that comes next.
fn next_version(version: i64) -> Result<i64> {
    version.checked_add(1).ok_or_else(|| {
        Error::Refused(format!(
            "migrations: {version}_* has the highest possible number; rename it to its time of creation as \
             YYYYMMDDhhmmss"
        ))
    })
}
