//! Fills the templates of `scaffold/templates/` for a resource; a project's own copies win over the embedded ones.

use std::{collections::BTreeMap, fs, io::ErrorKind, path::Path};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use tera::{Context, Tera};

use super::{
    context,
    engine::engine,
    join::JoinTable,
    model::{Field, Known, Resource, Users},
    names::rust_fields,
    owed::OwedKey,
    project::Project,
    record::ResourceRecord,
    rustfmt,
    target::Target,
    types::ENGINES,
    user_list,
};
use crate::{
    embedded::Files,
    error::{Error, Result},
    flask::hashlib::hex,
};

/// Where a project keeps its own copies.
const FOLDER: &str = "scaffold/templates";

#[derive(RustEmbed)]
#[folder = "scaffold/templates/"]
struct Embedded;

/// The embedded templates, by their names.
pub fn templates() -> BTreeMap<String, String> {
    Files::of::<Embedded>().texts()
}

/// The templates, read once.
pub struct ResourceTemplates {
    tera: Tera,
    /// Whether code is formatted; otherwise it stays as the templates give it.
    pub has_rustfmt: bool,
}

/// The foreign keys that a migration makes otherwise than with their columns.
pub struct ForeignKeys<'k> {
    /// The fields whose foreign keys are made later, with the tables that they lead to.
    pub postponed: &'k [&'k str],
    /// The foreign keys of other tables that are made now.
    pub owed: &'k [OwedKey],
}

/// What is added to a table.
pub struct Added<'f> {
    /// The names of the fields.
    pub names: Vec<&'f str>,
    /// Whether rows get an owner.
    pub has_owner: bool,
}

/// Filled templates with their names, by the paths of the files.
type Filled = BTreeMap<String, (&'static str, String)>;

/// The files of a resource but its migrations.
pub struct Rendered {
    /// Their texts by their paths.
    pub files: BTreeMap<String, String>,
    /// What they came from, to know the next time whether they would be the same.
    pub digest: Option<String>,
}

impl ResourceTemplates {
    /// Reads the project's copies, and the embedded templates where it has none.
    ///
    /// # Errors
    /// [`Error::Refused`] for a template that cannot be read, with its line.
    pub fn load(root: &Path) -> Result<Self> {
        let mut tera = engine()?;
        for (name, embedded) in templates() {
            let text = match fs::read_to_string(root.join(FOLDER).join(&name)) {
                Ok(text) => text,
                Err(error) if error.kind() == ErrorKind::NotFound => embedded,
                Err(error) => return Err(Error::Refused(format!("{FOLDER}/{name}: cannot be read: {error}"))),
            };
            tera.add_raw_template(&name, &text)
                .map_err(|error| refused(&name, &error))?;
        }
        Ok(Self {
            tera,
            has_rustfmt: rustfmt::is_installed()?,
        })
    }

    /// The files of a resource but its migrations; `known` has those it refers to, and `before` is what was generated last.
    ///
    /// # Errors
    /// [`Error::Refused`] for a template of the project that cannot be filled, or does not give Rust.
    pub fn files(
        &self,
        resource: &Resource,
        known: &Known,
        project: &Project,
        before: Option<&ResourceRecord>,
    ) -> Result<Rendered> {
        self.rendered(self.filled(resource, known, project)?, project, before)
    }

    /// The list of users' attributes, and its tests; `known` has the resources that they refer to.
    ///
    /// # Errors
    /// As [`ResourceTemplates::files`].
    pub fn users_files(
        &self,
        users: &Users,
        known: &Known,
        project: &Project,
        before: Option<&ResourceRecord>,
    ) -> Result<Rendered> {
        let context = user_list::of(users, known);
        let mut filled = Filled::new();
        for template in ["src/users.rs", "tests/resources/users.rs"] {
            filled.insert(template.to_owned(), (template, self.render(template, &context)?));
        }
        self.rendered(filled, project, before)
    }

    fn rendered(&self, filled: Filled, project: &Project, before: Option<&ResourceRecord>) -> Result<Rendered> {
        let settings = rustfmt::settings(&project.root);
        let digest = |files: &BTreeMap<String, String>, is_formatted| digest(&filled, &settings, files, is_formatted);
        // rustfmt takes most of the time of a run, and gives the same of the same.
        let is_same = |record: &&ResourceRecord| {
            let is = |is_formatted| record.digest == Some(digest(&record.files, is_formatted));
            is(true) || (!self.has_rustfmt && is(false))
        };
        if let Some(record) = before.filter(is_same) {
            return Ok(Rendered {
                files: record.files.clone(),
                digest: record.digest.clone(),
            });
        }
        let mut files = BTreeMap::new();
        for (path, (template, text)) in &filled {
            let text = match self.has_rustfmt && path.ends_with(".rs") {
                true => formatted(template, text, &project.root)?,
                false => text.clone(),
            };
            files.insert(path.clone(), text);
        }
        Ok(Rendered {
            digest: Some(digest(&files, self.has_rustfmt)),
            files,
        })
    }

    /// The files as the templates give them, by their paths.
    fn filled(&self, resource: &Resource, known: &Known, project: &Project) -> Result<Filled> {
        let mut context = context::of(resource, known, &[]);
        // Cargo would take crates of the same name, at the same place in two projects, for one if all else is equal too.
        context.insert("project", &project.package()?);
        let plural = &resource.plural;
        let mut filled = Filled::new();
        for (template, path) in [
            (
                "src/app/resources/Cargo.toml.in",
                format!("src/app/{plural}/Cargo.toml"),
            ),
            ("src/app/resources/lib.rs", format!("src/app/{plural}/lib.rs")),
            ("src/app/resources/models.rs", format!("src/app/{plural}/models.rs")),
            ("src/app/resources/views.rs", format!("src/app/{plural}/views.rs")),
            (
                "src/app/resources/example.json",
                format!("src/app/{plural}/example.json"),
            ),
            (
                "templates/resources/index.html",
                format!("templates/{plural}/index.html"),
            ),
            ("templates/resources/show.html", format!("templates/{plural}/show.html")),
            ("templates/resources/form.html", format!("templates/{plural}/form.html")),
            ("tests/resources/resource.rs", format!("tests/resources/{plural}.rs")),
        ] {
            filled.insert(path, (template, self.render(template, &context)?));
        }
        Ok(filled)
    }

    /// The migration that makes the table, by the paths of its files; `known` as in [`ResourceTemplates::files`].
    ///
    /// # Errors
    /// As [`ResourceTemplates::files`].
    pub fn create_migration(
        &self,
        resource: &Resource,
        known: &Known,
        keys: &ForeignKeys<'_>,
        version: i64,
    ) -> Result<BTreeMap<String, String>> {
        let mut context = context::of(resource, known, keys.postponed);
        context.insert("owed", keys.owed);
        self.migration("create", &context, &format!("{version}_{}", resource.plural))
    }

    /// The migration that adds the fields named `added` to the table, and `owner_id` too where it `adds_owner`.
    ///
    /// # Errors
    /// As [`ResourceTemplates::files`].
    pub fn add_migration(
        &self,
        resource: &Resource,
        known: &Known,
        keys: &ForeignKeys<'_>,
        added: &Added<'_>,
        version: i64,
    ) -> Result<BTreeMap<String, String>> {
        let mut context = context::of(resource, known, keys.postponed);
        let mut fields = context::fields(resource, known, keys.postponed);
        fields.retain(|field| added.names.contains(&field.name.as_str()));
        let first = fields.first().map(|field| field.rust.clone());
        context.insert("added", &fields);
        context.insert("adds_owner", &added.has_owner);
        let mut names: Vec<&str> = added.names.clone();
        names.extend(added.has_owner.then_some("owner_id"));
        context.insert("added_names", &names.join(", "));
        let first = first.unwrap_or_else(|| "owner_id".to_owned());
        self.migration("add", &context, &format!("{version}_{}_{first}", resource.plural))
    }

    /// The migration that makes the join table of a field.
    ///
    /// # Errors
    /// As [`ResourceTemplates::files`].
    pub fn join_migration(
        &self,
        resource: &Resource,
        field: &Field,
        known: &Known,
        version: i64,
    ) -> Result<BTreeMap<String, String>> {
        let target = Target::of(&resource.plural, field, known);
        let Some(join) = JoinTable::of(resource, field, &target, known) else {
            return Ok(BTreeMap::new());
        };
        let names = rust_fields(resource);
        let of_field = resource
            .fields
            .iter()
            .zip(names)
            .find(|(other, _)| other.name == field.name);
        let rust = of_field.map(|(_, rust)| rust).unwrap_or_default();
        let name = format!("{version}_{}_{rust}", resource.plural);
        let mut context = Context::new();
        context.insert("join", &join);
        self.migration("join", &context, &name)
    }

    fn migration(&self, kind: &str, context: &Context, name: &str) -> Result<BTreeMap<String, String>> {
        let mut files = BTreeMap::new();
        for engine in ENGINES {
            for direction in ["up", "down"] {
                let text = self.render(&format!("migrations/{engine}/{kind}.{direction}.sql"), context)?;
                files.insert(format!("migrations/{engine}/{name}.{direction}.sql"), text);
            }
        }
        Ok(files)
    }

    fn render(&self, template: &str, context: &Context) -> Result<String> {
        self.tera
            .render(template, context)
            .map_err(|error| refused(template, &error))
    }
}

fn refused(template: &str, error: &tera::Error) -> Error {
    Error::Refused(format!("{FOLDER}/{template}: {error}"))
}

fn digest(filled: &Filled, settings: &str, files: &BTreeMap<String, String>, is_formatted: bool) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text.len().to_le_bytes());
        hash.update(text);
    };
    add(if is_formatted { settings } else { "" });
    filled.values().for_each(|(_, text)| add(text));
    for (path, text) in files {
        add(path);
        add(text);
    }
    hex(&hash.finalize())
}

/// The text as rustfmt writes it with the project's settings.
fn formatted(template: &str, text: &str, root: &Path) -> Result<String> {
    rustfmt::format(text, root)?.map_err(|message| {
        // What refuses even nothing is not the template.
        Error::Refused(match rustfmt::format("", root) {
            Ok(Err(message)) => format!("rustfmt.toml: {message}"),
            _ => format!("{FOLDER}/{template}: does not render to valid Rust: {message}"),
        })
    })
}
