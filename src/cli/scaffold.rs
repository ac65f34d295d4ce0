//! `scaffold` and `destroy`: add resources to a project and remove them.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{
    database::{open_database, require_existing},
    output::{say, say_exactly},
    progress,
};
use crate::{
    config::{self, Config},
    error::{Error, Result},
    project::App,
    scaffold::{
        changes::{self, FileChange},
        definition::{
            arguments::{self, Arguments},
            blueprint::{self, Blueprint},
        },
        lists, names,
        plan::{Action, Former, Plan, Planner},
        project::Project,
        record::RECORDS,
        types,
    },
};

#[derive(clap::Args)]
#[command(
    after_help = format!(
        "Types: {}. After a type: ? makes the field nullable, ^ unique, =x sets the default.\n\n\
         Examples:\n  poem-scaffold scaffold blog.yaml\n  \
         poem-scaffold scaffold post title:string 'body:text?' \\\n      'status:enum(draft,public)=draft'",
        types::list()
    )
)]
pub struct ScaffoldArgs {
    /// YAML file of resources and of what users have besides, or the name of one resource
    #[arg(value_name = "FILE|NAME")]
    what: String,
    /// Fields of the resource NAME, each as name:type or in YAML, such as 'age: {type: integer, min: 0}'
    #[arg(value_name = "FIELD:TYPE")]
    fields: Vec<String>,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    resource: ResourceOptions,
}

/// What a definition says of a resource beside its fields.
#[derive(clap::Args)]
#[command(next_help_heading = "Options of the resource NAME")]
struct ResourceOptions {
    /// Who may use it: public, user, owner or admin, or for single verbs list=public,delete=admin
    #[arg(long, value_name = "WHO")]
    auth: Option<String>,
    /// Its plural, of which module, route and table are made
    #[arg(long, value_name = "NAME")]
    plural: Option<String>,
    /// Its singular, of which Rust types are made
    #[arg(long, value_name = "NAME")]
    singular: Option<String>,
    /// Its table
    #[arg(long, value_name = "NAME")]
    table: Option<String>,
    /// Its name in routes and links
    #[arg(long, value_name = "NAME")]
    route: Option<String>,
    /// Its JSON:API type
    #[arg(long = "type", value_name = "NAME")]
    json_type: Option<String>,
    /// Beginning of its routes, such as /api; '' for none [default: /api/v1]
    #[arg(long, value_name = "PATH")]
    prefix: Option<String>,
    /// Routes without .json at the end
    #[arg(long)]
    no_json: bool,
    /// Key of its table, such as id_user, code:string or uid:string=uuid [default: id:integer]
    #[arg(long, value_name = "NAME[:TYPE]")]
    key: Option<String>,
    /// Fields that are unique together; can be repeated
    #[arg(long, value_name = "FIELD,FIELD")]
    unique: Vec<String>,
}

impl ResourceOptions {
    /// Those that were given, with their values.
    fn given(&self) -> Vec<(&'static str, String)> {
        let texts = [
            ("auth", &self.auth),
            ("plural", &self.plural),
            ("singular", &self.singular),
            ("table", &self.table),
            ("route", &self.route),
            ("type", &self.json_type),
            ("prefix", &self.prefix),
            ("key", &self.key),
        ];
        let texts = texts
            .into_iter()
            .filter_map(|(option, value)| Some((option, value.clone()?)));
        let flag = self.no_json.then(|| (arguments::NO_JSON, String::new()));
        let groups = self.unique.iter().map(|group| ("unique", group.clone()));
        texts.chain(flag).chain(groups).collect()
    }
}

#[derive(clap::Args)]
pub struct DestroyArgs {
    /// Resources to remove, singular or plural
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
pub struct UpgradeArgs {
    #[command(flatten)]
    options: Options,
}

#[derive(clap::Args)]
struct Options {
    /// List the changes without making them
    #[arg(long)]
    dry_run: bool,
    /// Show the changes in each file without making them
    #[arg(long)]
    diff: bool,
    /// Overwrite or delete files even if they were edited by hand
    #[arg(long)]
    force: bool,
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
    /// Folder of the project [default: the nearest one that contains the current folder]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl ScaffoldArgs {
    /// Whether programs read what the command prints, errors among it.
    pub fn is_json(&self) -> bool {
        self.options.json
    }
}

impl UpgradeArgs {
    /// As [`ScaffoldArgs::is_json`].
    pub fn is_json(&self) -> bool {
        self.options.json
    }
}

impl DestroyArgs {
    /// As [`ScaffoldArgs::is_json`].
    pub fn is_json(&self) -> bool {
        self.options.json
    }
}

impl Options {
    /// The project that is meant.
    ///
    /// # Errors
    /// As [`Project::find`].
    fn project(&self) -> Result<Project> {
        Project::find(self.root.as_deref())
    }
}

pub fn scaffold(args: &ScaffoldArgs) -> Result<()> {
    // Without a project, that is what to know first.
    let project = args.options.project()?;
    let blueprint = read(args)?;
    let now = config::now()?;
    let plan = |planner: Planner<'_>, _: &[String]| planner.scaffold(blueprint, now);
    run(&project, &args.options, plan, report_scaffold)
}

pub fn upgrade(args: &UpgradeArgs) -> Result<()> {
    let plan = |planner: Planner<'_>, _: &[String]| planner.upgrade();
    run(&args.options.project()?, &args.options, plan, report_upgrade)
}

/// The folder of the project from which a resource is removed; its settings and database apply.
///
/// # Errors
/// As [`Project::find`].
pub fn folder(args: &DestroyArgs) -> Result<PathBuf> {
    Ok(args.options.project()?.settings_folder())
}

/// The name of the project from which a resource is removed.
///
/// # Errors
/// As [`Project::find`] and [`Project::package`].
pub fn package(args: &DestroyArgs) -> Result<String> {
    args.options.project()?.package()
}

pub async fn destroy(app: &App, config: &Config, args: &DestroyArgs) -> Result<()> {
    let taken = if args.options.force {
        Vec::new()
    } else {
        taken(app, config, &folder(args)?).await?
    };
    let plan = |planner: Planner<'_>, finished: &[String]| {
        // An interrupted run has removed the resource already.
        let is_gone = |name: &String| finished.contains(&format!("{RECORDS}/{name}.json")) && !planner.has(name);
        let is_done = |name: &String| {
            let (_, plural, _) = names::from_key(name);
            [name.clone(), plural, names::former_plural(name)].iter().any(is_gone)
        };
        if args.names.iter().all(is_done) {
            return Ok(Plan::default());
        }
        let plan = planner.destroy(&args.names)?;
        check_not_taken(&plan, &taken)?;
        Ok(plan)
    };
    run(&args.options.project()?, &args.options, plan, report_destroy)
}

/// The versions of the migrations that the database has, if there is one.
async fn taken(app: &App, config: &Config, folder: &Path) -> Result<Vec<i64>> {
    let config = &Config {
        database_url: config.database_url.within(folder),
        ..config.clone()
    };
    if require_existing(&config.database_url).is_err() {
        return Ok(Vec::new());
    }
    progress::start(format!("Waiting for {}", config.database_url));
    let (db, survey) = open_database(app, config).await?;
    // Not by their state: this may be the installed program, which does not have the project's own.
    let taken = survey.taken();
    db.close().await;
    Ok(taken)
}

/// Refuses to delete a migration that the database still has: the program would not know its tables.
fn check_not_taken(plan: &Plan, taken: &[i64]) -> Result<()> {
    let version = |path: &str| path.rsplit('/').next()?.split('_').next()?.parse::<i64>().ok();
    let removed = plan.actions.keys().filter(|path| path.starts_with("migrations/"));
    match removed
        .filter_map(|path| version(path))
        .find(|version| taken.contains(version))
    {
        None => Ok(()),
        Some(version) => Err(Error::Refused(format!(
            "migration {version} is applied to the database; revert it first with `{} db downgrade`, which reverts the \
             newest one each time, or keep its tables with --force",
            config::program()
        ))),
    }
}

fn read(args: &ScaffoldArgs) -> Result<Blueprint> {
    let given = args.resource.given();
    let is_file = [".yaml", ".yml"].iter().any(|end| args.what.ends_with(end)) || args.what.contains('/');
    if is_file || (args.fields.is_empty() && Path::new(&args.what).is_file()) {
        if let Some(field) = args.fields.first() {
            return Err(Error::Refused(format!(
                "argument 2: `{field}` follows the file {}, which defines the fields; remove one of them",
                args.what
            )));
        }
        if let Some((option, _)) = given.first() {
            return Err(Error::Refused(format!(
                "--{option}: follows the file {}, which defines the options; remove one of them",
                args.what
            )));
        }
        return blueprint::read(Path::new(&args.what));
    }
    Ok(arguments::read(&Arguments {
        name: &args.what,
        fields: &args.fields,
        options: &given,
    }))
}

fn run(
    project: &Project,
    options: &Options,
    plan: impl FnOnce(Planner<'_>, &[String]) -> Result<Plan>,
    report: impl FnOnce(&Plan, &Project) -> Result<()>,
) -> Result<()> {
    progress::start("Waiting for another run in this project");
    let lock = changes::lock(project)?;
    progress::update("Generating code");
    let is_applied = !options.dry_run && !options.diff;
    let finished = if is_applied {
        changes::finish(project, &lock)?
    } else {
        changes::check_finished(project, &lock)?;
        None
    };
    if finished.is_some() && !options.json {
        say("Finished an earlier run that was interrupted")?;
    }
    let finished = finished.unwrap_or_default();
    let plan = plan(Planner::new(project, options.force)?, &finished)?;
    if is_applied {
        changes::apply(project, &lock, &plan.changes)?;
    }
    if options.json {
        return say_exactly(json!({
            "applied": is_applied,
            "created": plan.created,
            "changed": plan.changed,
            "files": plan.actions,
            "left_out": plan.left_out,
            "former_plurals": plan.former,
            "notes": plan.notes,
            "next": next_steps(&plan, project),
        }));
    }
    if plan.is_unformatted {
        say(
            "rustfmt not found: the generated code is unformatted; install it with `rustup component add rustfmt`, \
             then run this again",
        )?;
    }
    for Former { name, plural, original } in &plan.former {
        say(format!(
            "Kept `{plural}` as the plural of `{name}`, under which it was scaffolded; Flask-Scaffold's is \
             `{original}`: to use it, run `destroy {plural}`, then `scaffold` again"
        ))?;
    }
    for (path, line) in &plan.left_out {
        say(format!(
            "Kept {path} without `{line}`, which you removed; --force adds it again"
        ))?;
    }
    if plan.changes.is_empty() && plan.left_out.is_empty() {
        say("nothing to do, everything is up to date")?;
    }
    if options.diff {
        plan.changes.iter().try_for_each(say_diff)?;
    } else if !options.dry_run {
        report(&plan, project)?;
    } else if !plan.actions.is_empty() {
        say("nothing was written; the changes would be:")?;
        let say_action = |(path, action): (&String, &Action)| say(format!("{:<11} {path}", word(*action)));
        plan.actions.iter().try_for_each(say_action)?;
    }
    Ok(())
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Created => "Created",
        Action::Updated => "Updated",
        Action::Merged => "Merged",
        Action::Overwritten => "Overwritten",
        Action::Kept => "Kept",
        Action::Removed => "Removed",
    }
}

/// Exact for a program that applies it; on a terminal, a file of somebody else's must not act.
fn say_diff(change: &FileChange) -> Result<()> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let (before, after) = (text(&change.before), text(&change.after));
    let patch = diffy::DiffOptions::new()
        .set_original_filename(format!("a/{}", change.path))
        .set_modified_filename(format!("b/{}", change.path))
        .create_patch(&before, &after)
        .to_string();
    if std::io::stdout().is_terminal() {
        return say(patch.trim_end());
    }
    say_exactly(patch.trim_end())
}

/// The lines of the original, and those for what it did not have.
fn report_scaffold(plan: &Plan, project: &Project) -> Result<()> {
    for plural in &plan.created {
        say(format!("src/app/{plural} created successfully"))?;
        say(format!("Registered Blueprints for {plural}"))?;
    }
    let lists = &lists::PATHS[1..];
    for (path, action) in &plan.actions {
        let is_of_new = |plural: &String| path.contains(&format!("/app/{plural}/"));
        let is_told = path.starts_with(".scaffold/") || plan.created.iter().any(is_of_new);
        if !is_told || lists.contains(&path.as_str()) || *action == Action::Overwritten {
            say(format!("{} {path}{}", word(*action), note(*action)))?;
        }
    }
    let steps = next_steps(plan, project);
    if !steps.is_empty() {
        say("\nNext:")?;
        steps.iter().try_for_each(|step| say(format!("  {step}")))?;
    }
    Ok(())
}

fn report_upgrade(plan: &Plan, _: &Project) -> Result<()> {
    let mut told = plan.actions.iter().filter(|(path, _)| !path.starts_with(".scaffold/"));
    told.try_for_each(|(path, action)| say(format!("{} {path}{}", word(*action), note(*action))))?;
    match plan.notes.as_str() {
        "" => Ok(()),
        notes => say(format!("\nChanges in generated code:\n{notes}")),
    }
}

fn report_destroy(plan: &Plan, _: &Project) -> Result<()> {
    let mut told = plan.actions.iter().filter(|(path, _)| !path.starts_with(".scaffold/"));
    told.try_for_each(|(path, action)| say(format!("{} {path}", word(*action))))
}

fn note(action: Action) -> &'static str {
    match action {
        Action::Merged => " (your edits are kept)",
        Action::Kept => " (unchanged: you edited it)",
        _ => "",
    }
}

fn next_steps(plan: &Plan, project: &Project) -> Vec<String> {
    let mut steps = Vec::new();
    if plan.has_migrations {
        steps.push("cargo run -- db upgrade      creates the tables".to_owned());
    }
    if !plan.changes.is_empty() && plan.actions.values().any(|action| *action != Action::Removed) {
        steps.push("cargo run -- openapi --all   updates the API docs".to_owned());
        steps.push("cargo test --test resources  runs the new tests".to_owned());
        steps.push("cargo run                    starts the server".to_owned());
    }
    let here = std::env::current_dir().unwrap_or_default();
    let folder = project.root.strip_prefix(here).unwrap_or(&project.root);
    let folder = match folder.as_os_str().is_empty() {
        true => String::new(),
        false => format!("{}/", folder.display()),
    };
    for (path, plural) in &plan.examples {
        steps.push(format!(
            "curl http://127.0.0.1:5000{path} -H \"Authorization: Bearer $TOKEN\" \
             -d @{folder}src/app/{plural}/example.json"
        ));
    }
    steps
}
