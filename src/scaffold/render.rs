//! Fills the templates of `scaffold/templates/` for a resource; a project's own copies win over the embedded ones.

use std::{
    collections::BTreeMap,
    fs,
    io::{ErrorKind, Write},
    path::Path,
    process::{Command, Stdio},
};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use tera::{Context, Delimiters, Tera};

use super::{
    blueprint::{Access, Kind, Resource, Who},
    controls::capitalised,
    kinds::{self, FieldView, spaced},
    names::{package_name, type_name},
    project::{Project, State},
    table::Table,
};
use crate::{
    embedded::Files,
    error::{Error, Result},
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

/// The project's resources, by plural.
pub type Known = BTreeMap<String, Resource>;

/// The templates, read once.
pub struct Templates {
    tera: Tera,
    /// Whether code is formatted; otherwise it stays as the templates give it.
    pub has_rustfmt: bool,
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

/// The engines, in the order of a field's columns.
pub const ENGINES: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// What fills templates: its delimiters are of its own, because what it makes are templates too.
///
/// # Errors
/// [`Error::Internal`].
pub fn engine() -> Result<Tera> {
    let mut tera = Tera::default();
    tera.autoescape_on(Vec::<&str>::new());
    let delimiters = Delimiters {
        block_start: "[%".into(),
        block_end: "%]".into(),
        variable_start: "[[".into(),
        variable_end: "]]".into(),
        comment_start: "[#".into(),
        comment_end: "#]".into(),
    };
    tera.set_delimiters(delimiters)
        .map_err(|error| Error::Internal(error.to_string()))?;
    Ok(tera)
}

impl Templates {
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
            has_rustfmt: has_rustfmt()?,
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
        before: Option<&State>,
    ) -> Result<Rendered> {
        let filled = self.filled(resource, known, project)?;
        let settings = rustfmt_settings(&project.root);
        let digest = |files: &BTreeMap<String, String>, is_formatted| digest(&filled, &settings, files, is_formatted);
        // rustfmt takes most of the time of a run, and gives the same of the same.
        let is_same = |state: &&State| {
            let is = |is_formatted| state.digest == Some(digest(&state.files, is_formatted));
            is(true) || (!self.has_rustfmt && is(false))
        };
        if let Some(state) = before.filter(is_same) {
            return Ok(Rendered {
                files: state.files.clone(),
                digest: state.digest.clone(),
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
        let mut context = context_of(resource, known)?;
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

    /// The migration that makes the table, by the paths of its files; `known` as in [`Templates::files`].
    ///
    /// # Errors
    /// As [`Templates::files`].
    pub fn create_migration(
        &self,
        resource: &Resource,
        known: &Known,
        version: i64,
    ) -> Result<BTreeMap<String, String>> {
        self.migration(
            "create",
            &context_of(resource, known)?,
            &format!("{version}_{}", resource.plural),
        )
    }

    /// The migration that adds the fields named `added` to the table, and `owner_id` too where it `adds_owner`.
    ///
    /// # Errors
    /// As [`Templates::files`].
    pub fn add_migration(
        &self,
        resource: &Resource,
        known: &Known,
        added: &[&str],
        adds_owner: bool,
        version: i64,
    ) -> Result<BTreeMap<String, String>> {
        let mut context = context_of(resource, known)?;
        let fields: Vec<FieldView> = views(resource, known)?
            .into_iter()
            .filter(|field| added.contains(&field.name.as_str()))
            .collect();
        context.insert("added", &fields);
        context.insert("adds_owner", &adds_owner);
        let mut names: Vec<&str> = added.to_vec();
        names.extend(adds_owner.then_some("owner_id"));
        context.insert("added_names", &names.join(", "));
        let first = names.first().copied().unwrap_or_default();
        self.migration("add", &context, &format!("{version}_{}_{first}", resource.plural))
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

fn views(resource: &Resource, known: &Known) -> Result<Vec<FieldView>> {
    let views = resource.fields.iter().map(|field| {
        let table = match &field.kind {
            Kind::References(plural) => Table::of(known.get(plural).map_or(plural, Resource::table_name)),
            _ => Table::default(),
        };
        let view = kinds::view(&resource.plural, field, table).map_err(Error::Internal)?;
        let hidden = known.get(&view.refers_to).map_or("", hidden);
        Ok(FieldView { hidden, ..view })
    });
    views.collect()
}

/// Who may see a row of a resource, where that is not every user.
fn hidden(resource: &Resource) -> &'static str {
    match resource.access.get {
        Who::Public | Who::User => "",
        Who::Owner => "owner",
        Who::Admin => "admin",
    }
}

/// Whether Ann may make a row, and one of each that it refers to as far as only its owner may see that.
fn is_made_by_ann(resource: &Resource, known: &Known) -> bool {
    let others = resource.references().filter(|(_, table)| *table != resource.plural);
    let mut hidden_ones = others.filter_map(|(_, table)| known.get(table).filter(|other| !hidden(other).is_empty()));
    matches!(resource.access.create, Who::User | Who::Owner)
        && hidden_ones.all(|other| hidden(other) == "owner" && is_made_by_ann(other, known))
}

/// Where references to rows that the caller may not see are masked.
#[derive(serde::Serialize)]
struct Masks {
    new: bool,
    patch: bool,
    /// Whether the database has to be asked.
    query: bool,
}

impl Masks {
    fn of(access: &Access, fields: &[FieldView]) -> Self {
        let has_hidden = fields.iter().any(|field| !field.hidden.is_empty());
        Self {
            // An administrator may see everything.
            new: has_hidden && access.create != Who::Admin,
            patch: has_hidden && access.update != Who::Admin,
            query: fields.iter().any(|field| field.hidden == "owner"),
        }
    }
}

/// Who changes a row in the test of a masked reference; nobody where it would need a second row that is unique.
fn patched_by(resource: &Resource, known: &Known) -> &'static str {
    let has_unique = |other: &Resource| other.fields.iter().any(|field| field.unique);
    let others = resource.references().filter(|(_, table)| *table != resource.plural);
    let mut others = others.filter_map(|(_, table)| known.get(table));
    match resource.access.update {
        Who::Public | Who::User => "admin",
        Who::Owner if is_made_by_ann(resource, known) && !others.any(has_unique) => "ann",
        Who::Owner | Who::Admin => "",
    }
}

/// Who may call a verb, as the templates need it.
#[derive(serde::Serialize)]
struct Expected {
    ann: u16,
    bob: u16,
}

fn context_of(resource: &Resource, known: &Known) -> Result<Context> {
    let fields = views(resource, known)?;
    let has_owner = resource.has_owner();
    let masks = Masks::of(&resource.access, &fields);
    let guard = |verb, who| guard(verb, who, has_owner, &masks);
    let (one, many) = (spaced(&resource.singular), spaced(&resource.plural));
    let article = article(&one);
    let verbs = resource.access.verbs();
    let mut context = Context::new();
    context.insert("singular", &resource.singular);
    context.insert("plural", &resource.plural);
    context.insert("package", &package_name(&resource.plural));
    context.insert("table", &Table::of(resource.table_name()));
    context.insert("Type", &type_name(&resource.singular));
    context.insert("Types", &type_name(&resource.plural));
    context.insert("a", article);
    context.insert("A", &capitalised(article));
    context.insert("Many", &capitalised(&many));
    context.insert("One", &capitalised(&one));
    context.insert("one", &one);
    context.insert("many", &many);
    context.insert("has_owner", &has_owner);
    let is_refusing = |field: &FieldView| !field.wrong.is_empty() || !field.nullable;
    context.insert("has_refusals", &fields.iter().any(is_refusing));
    context.insert("has_wrong", &fields.iter().any(|field| !field.wrong.is_empty()));
    context.insert("references", &fields.iter().any(|field| !field.refers_to.is_empty()));
    let needs_api = |field: &FieldView| !["", "users", &resource.plural].contains(&field.refers_to.as_str());
    context.insert("needs_api", &fields.iter().any(needs_api));
    context.insert("access", &BTreeMap::from(verbs));
    context.insert(
        "guard",
        &BTreeMap::from(verbs.map(|(verb, who)| (verb, guard(verb, who)))),
    );
    context.insert("guards", &guards(verbs.map(|(verb, who)| guard(verb, who))));
    let is_listed_by_owner = resource.access.list == Who::Owner;
    let may = verbs.map(|(verb, who)| (verb, may(verb, who, is_listed_by_owner)));
    context.insert("may", &BTreeMap::from(may));
    let require = if is_listed_by_owner {
        "require_visible"
    } else {
        "require_owner"
    };
    context.insert("require", require);
    context.insert(
        "refers_to_itself",
        &fields.iter().any(|field| field.refers_to == resource.plural),
    );
    let ann_makes = is_made_by_ann(resource, known);
    context.insert("ann_makes", &ann_makes);
    context.insert("patched_by", patched_by(resource, known));
    let refusal = if is_listed_by_owner { 404 } else { 401 };
    let expected = verbs.map(|(verb, who)| (verb, expected(verb, who, ann_makes, refusal)));
    context.insert("expected", &BTreeMap::from(expected));
    context.insert("needs", &needs(&fields));
    let mut columns: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    columns.extend(has_owner.then_some("owner_id"));
    let placeholders = vec!["?"; columns.len()];
    let assignments: Vec<&str> = fields.iter().map(|field| field.assignment.as_str()).collect();
    context.insert("inserted", &wrapped(&columns, 15));
    context.insert("placeholders", &wrapped(&placeholders, 15));
    context.insert("assignments", &wrapped(&assignments, 19));
    columns.insert(0, "id");
    context.insert("columns", &wrapped(&columns, 15));
    context.insert("returned", &wrapped(&columns, 15));
    context.insert("find_columns", &wrapped(&columns, 20));
    context.insert("masks", &masks);
    context.insert("fields", &fields);
    Ok(context)
}

/// `a` or `an`, by the sound that the words begin with.
fn article(words: &str) -> &'static str {
    let first = words.split(' ').next().unwrap_or_default();
    let is_vowel = |c: char| "aeiou".contains(c);
    let starts = |with: &[&str]| with.iter().any(|start| first.starts_with(start));
    let sounds_like_a_vowel = match first.chars().collect::<Vec<_>>().as_slice() {
        // A letter is read by its name.
        [letter] => "aefhilmnorsx".contains(*letter),
        _ if ["one", "ui", "uk", "url", "usb", "utc"].contains(&first) || starts(&["once", "eu", "ew"]) => false,
        ['u', second, third, ..] => !is_vowel(*second) && !is_vowel(*third),
        _ => starts(&["a", "e", "i", "o", "heir", "honest", "honor", "honour", "hour", "u"]),
    };
    if sounds_like_a_vowel { "an" } else { "a" }
}

/// What the imports of `models.rs` depend on.
fn needs(fields: &[FieldView]) -> BTreeMap<&'static str, String> {
    let any = |word: &str| {
        let texts = |field: &FieldView| format!("{} {}", field.types.join(" "), field.created);
        fields.iter().any(|field| texts(field).contains(word))
    };
    let absence = match (any("Changed<"), any("Nullable<")) {
        (true, true) => "{Changed, Nullable}",
        (true, false) => "Changed",
        (false, true) => "Nullable",
        (false, false) => "",
    };
    let flag = |is_needed: bool| if is_needed { "yes" } else { "" }.to_owned();
    BTreeMap::from([
        ("absence", absence.to_owned()),
        ("values", flag(any("values::"))),
        ("uuid", flag(any("Uuid"))),
    ])
}

/// The argument that lets a caller into the handler of a verb; empty where everybody may.
fn guard(verb: &str, who: Who, has_owner: bool, masks: &Masks) -> &'static str {
    let is_masking = (verb == "create" && masks.new) || (verb == "update" && masks.patch);
    match who {
        _ if verb == "create" && has_owner => "account: AccountRequired",
        Who::Public if is_masking => "account: Visitor",
        Who::Public => "",
        Who::User if is_masking => "account: AccountRequired",
        Who::User => "_login: LoginRequired",
        Who::Owner | Who::Admin => "account: AccountRequired",
    }
}

fn guards(used: [&str; 5]) -> String {
    let names = ["AccountRequired", "LoginRequired", "Visitor"];
    let names: Vec<&str> = names
        .into_iter()
        .filter(|name| used.iter().any(|guard| guard.ends_with(name)))
        .collect();
    names.join(", ")
}

fn may(verb: &str, who: Who, is_listed_by_owner: bool) -> &'static str {
    match who {
        Who::Public => "Needs no token.",
        Who::User => "Needs a login.",
        Who::Owner if verb == "list" || verb == "create" => "Needs a login.",
        Who::Owner if is_listed_by_owner => {
            "Needs the user who made it, or an administrator; to others it does not exist."
        }
        Who::Owner => "Needs the user who made it, or an administrator.",
        Who::Admin => "Needs an administrator.",
    }
}

/// The statuses that Ann, who made the row if she may make rows, and Bob get for a verb.
fn expected(verb: &str, who: Who, made_by_ann: bool, refusal: u16) -> Expected {
    let done = if verb == "delete" { 204 } else { 200 };
    let status = |may: bool| if may { done } else { refusal };
    match who {
        Who::Public | Who::User => Expected { ann: done, bob: done },
        Who::Owner if verb == "list" => Expected { ann: done, bob: done },
        Who::Owner => Expected {
            ann: status(made_by_ann),
            bob: refusal,
        },
        Who::Admin => Expected { ann: 401, bob: 401 },
    }
}

/// The words with commas, in lines of which all but the first begin with so many blanks.
fn wrapped(words: &[&str], indentation: usize) -> String {
    const WIDTH: usize = 90;
    let mut lines = vec![String::new()];
    for (index, word) in words.iter().enumerate() {
        let comma = if index + 1 < words.len() { "," } else { "" };
        match lines.last_mut() {
            Some(line) if line.is_empty() => *line = format!("{word}{comma}"),
            Some(line) if line.len() + word.len() + 2 <= WIDTH => line.push_str(&format!(" {word}{comma}")),
            _ => lines.push(format!("{word}{comma}")),
        }
    }
    lines.join(&format!("\n{}", " ".repeat(indentation)))
}

/// Whether rustfmt is installed; rustup has a program of that name even where the component is missing.
fn has_rustfmt() -> Result<bool> {
    match Command::new("rustfmt").arg("--version").output() {
        Ok(output) => Ok(output.status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(not_run(error)),
    }
}

/// The settings by which rustfmt formats what is in a folder.
fn rustfmt_settings(folder: &Path) -> String {
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let files = folder
        .ancestors()
        .flat_map(|folder| ["rustfmt.toml", ".rustfmt.toml"].map(|name| folder.join(name)));
    let mut settings = files.filter_map(|file| fs::read_to_string(file).ok());
    settings.next().unwrap_or_default()
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
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn not_run(error: std::io::Error) -> Error {
    Error::Io("cannot run rustfmt".to_owned(), error)
}

/// The text as rustfmt writes it with the project's settings.
fn formatted(template: &str, text: &str, root: &Path) -> Result<String> {
    rustfmt(text, root)?.map_err(|message| {
        // What refuses even nothing is not the template.
        Error::Refused(match rustfmt("", root) {
            Ok(Err(message)) => format!("rustfmt.toml: {message}"),
            _ => format!("{FOLDER}/{template}: what it gives is not Rust: {message}"),
        })
    })
}

/// What rustfmt makes of a text, or the first line of why it refuses.
fn rustfmt(text: &str, root: &Path) -> Result<std::result::Result<String, String>> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        // It looks for its settings from there.
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_run)?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(text.as_bytes()) {
            // One that refuses its settings ends before it has read the text.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(not_run(error)),
            _ => {}
        }
    }
    let output = child.wait_with_output().map_err(not_run)?;
    if output.status.success() {
        return Ok(Ok(String::from_utf8_lossy(&output.stdout).into_owned()));
    }
    let message = String::from_utf8_lossy(&output.stderr);
    Ok(Err(message.lines().next().unwrap_or("rustfmt refused it").to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_article_follows_the_sound() {
        for words in [
            "apple",
            "entry",
            "hour",
            "honor roll",
            "heir",
            "upload",
            "umbrella",
            "up vote",
            "x ray",
        ] {
            assert_eq!(article(words), "an", "{words}");
        }
        for words in [
            "post",
            "euro",
            "ewe",
            "one time code",
            "user",
            "unit",
            "uuid",
            "use case",
            "u turn",
            "house",
        ] {
            assert_eq!(article(words), "a", "{words}");
        }
    }
}
