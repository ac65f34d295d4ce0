//! `openapi`: writes the OpenAPI document, or checks the one that is there.

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
    /// Compare with the file instead of writing it; exit code 1 if they differ
    #[arg(long)]
    check: bool,
    /// Do it for all profiles, not only for that of this server
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
        "{} differs from what the server answers; `{} --profile {} openapi` writes it anew",
        path.display(),
        app.name,
        profile.name()
    )))
}
