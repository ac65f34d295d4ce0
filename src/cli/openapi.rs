//! `openapi`: writes the OpenAPI document, or checks the one that is there.

use std::{fs, path::Path};

use super::say;
use crate::{
    app,
    config::Config,
    error::{Error, Result},
};

#[derive(clap::Args)]
pub struct Args {
    /// Compare with the file instead of writing it; exit code 1 if they differ
    #[arg(long)]
    check: bool,
}

pub fn run(config: &Config, args: &Args) -> Result<()> {
    let path = Path::new("openapi").join(format!("{}.json", config.profile.name()));
    let document = serde_json::to_string_pretty(&app::specification(config.profile))
        .map_err(|error| Error::Internal(error.to_string()))?
        + "\n";
    let failed = |error| Error::Io(format!("cannot use {}", path.display()), error);
    if !args.check {
        fs::create_dir_all("openapi")
            .and_then(|()| fs::write(&path, &document))
            .map_err(failed)?;
        say(format!("wrote {}", path.display()));
        return Ok(());
    }
    if fs::read_to_string(&path).map_err(failed)? == document {
        say(format!("{} is up to date", path.display()));
        return Ok(());
    }
    Err(Error::Internal(format!(
        "{} differs from what the server answers; `poem-scaffold --profile {} openapi` writes it anew",
        path.display(),
        config.profile.name()
    )))
}
