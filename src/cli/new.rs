//! `new`: a project of one's own.

use std::path::{Path, PathBuf};

use super::{output::say, progress};
use crate::{
    config::{self, DatabaseUrl, Profile, Settings, dotenv_value},
    error::{Error, Result},
    scaffold::{
        changes,
        definition::blueprint,
        new,
        plan::Planner,
        project::{Project, here},
        skeleton::{Framework, Record, is_library},
    },
};

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  poem-scaffold new blog\n  \
                        poem-scaffold new blog --from blog.yaml --profile scaffold-2.0\n  \
                        poem-scaffold new blog --framework git=https://example.com/poem-scaffold.git")]
pub struct Args {
    /// Folder to create; an existing empty folder is used
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Name of the project and its program [default: the name of the folder]
    #[arg(long)]
    name: Option<String>,
    /// YAML file of resources to scaffold into the project
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Source of the library: path=DIR, git=URL, version=VERSION, or workspace to inherit it from the Cargo workspace
    /// [default: the checkout in which this program was built]
    #[arg(long, value_name = "SOURCE")]
    framework: Option<String>,
}

pub fn run(args: &Args, settings: &Settings) -> Result<()> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None => name_of(&args.folder)?,
    };
    let framework = framework(args.framework.as_deref())?;
    new::check_name(&name, &framework.lock().unwrap_or_default())?;
    let record = Record::new(&name, framework)?;
    let blueprint = args.from.as_deref().map(blueprint::read).transpose()?;
    progress::start(format!("Creating {}", args.folder.display()));
    let draft = new::NewProject::write(&args.folder, &record, &settings_file(settings)?)?;
    if let Some(blueprint) = blueprint {
        let project = Project::at(draft.path())
            .ok_or_else(|| Error::Internal("the new folder is not that of a project".to_owned()))?;
        let plan = Planner::new(&project, false)?.scaffold(blueprint, config::now()?)?;
        changes::apply(&project, &changes::lock(&project)?, &plan.changes)?;
    }
    draft.finish()?;
    say(format!("Created the project `{name}` in {}", args.folder.display()))?;
    let second = match args.from {
        Some(_) => "cargo test                       runs its tests",
        None => "cargo run -- scaffold blog.yaml  adds posts and comments, or your own resources",
    };
    say(format!(
        "\nNext:\n  cd {}\n  {second}\n  cargo run                        starts the server",
        args.folder.display()
    ))
}

/// What the folder is called.
fn name_of(folder: &Path) -> Result<String> {
    let name = here()?
        .join(folder)
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.ok_or_else(|| {
        Error::Refused(format!(
            "{}: the folder has no name; name the project with --name",
            folder.display()
        ))
    })
}

fn framework(given: Option<&str>) -> Result<Framework> {
    const FORMS: &str = "path=DIR, git=URL, version=VERSION or workspace";
    let Some(given) = given else {
        return Framework::checkout().ok_or_else(|| {
            Error::Refused(format!(
                "the checkout in which this program was built no longer exists: set the source of the library \
                 poem_scaffold with --framework ({FORMS})"
            ))
        });
    };
    match given.split_once('=') {
        Some(("path", folder)) => {
            let folder = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
            if is_library(&folder) {
                return Ok(Framework::Path(folder));
            }
            Err(Error::Refused(format!(
                "--framework: {} does not contain the library; expected the folder with the Cargo.toml of \
                 poem_scaffold",
                folder.display()
            )))
        }
        Some(("git", address)) if !address.is_empty() => Ok(Framework::Git(address.to_owned())),
        Some(("version", version)) if is_version(version) => Ok(Framework::Version(version.to_owned())),
        None if given == "workspace" => Ok(Framework::Workspace),
        _ => Err(Error::Refused(format!("--framework: expected {FORMS}"))),
    }
}

/// Whether it is a version with at most three numbers, as cargo takes it for one that fits.
fn is_version(text: &str) -> bool {
    let numbers: Vec<&str> = text.split('.').collect();
    numbers.len() <= 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok())
}

/// The settings that were given, for `.env`.
fn settings_file(settings: &Settings) -> Result<String> {
    let mut text = String::new();
    if settings.compatibility.profile != Profile::Scaffold10 {
        text += &format!("FLASK_PROFILE={}\n", settings.compatibility.profile.name());
    }
    if let Some(url) = &settings.database.database_url {
        DatabaseUrl::read("--database-url", url)?;
        text += &format!("DATABASE_URL={}\n", dotenv_value(url));
    }
    Ok(text)
}
