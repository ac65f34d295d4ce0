//! `openapi`: writes the OpenAPI document, or checks the existing one.

use std::{fs, path::Path};

use super::output::say;
use crate::{
    config::{Config, Profile},
    error::{Error, Result},
    project::App,
    routes::specification,
};

#[derive(clap::Args)]
pub struct Args {
    /// Check that the file is up to date instead of writing it; exit code 1 if it is not
    #[arg(long)]
    check: bool,
    /// Write or check the documents of all profiles
    #[arg(long)]
    all: bool,
}

pub fn run(app: &App, config: &Config, args: &Args) -> Result<()> {
    let all = [Profile::Scaffold10, Profile::Scaffold20, Profile::Tutorial];
    let profiles = if args.all { &all[..] } else { &[config.profile] };
    profiles
        .iter()
        .try_for_each(|profile| write_or_check(app, config, *profile, args.check))
}

fn write_or_check(app: &App, config: &Config, profile: Profile, check: bool) -> Result<()> {
    let path = Path::new("openapi").join(format!("{}.json", profile.name()));
    let document = serde_json::to_string_pretty(&specification(app, config, profile))
        .map_err(|error| Error::Internal(error.to_string()))?
        + "\n";
    let failed = |what: &str, error| Error::Io(format!("cannot {what} {}", path.display()), error);
    if !check {
        fs::create_dir_all("openapi")
            .and_then(|()| fs::write(&path, &document))
            .map_err(|error| failed("write", error))?;
        return say(format!("wrote {}", path.display()));
    }
    if fs::read_to_string(&path).map_err(|error| failed("read", error))? == document {
        return say(format!("{} is up to date", path.display()));
    }
    Err(Error::Internal(format!(
        "{} is out of date; `{} --profile {} openapi` updates it",
        path.display(),
        app.name,
        profile.name()
    )))
}
