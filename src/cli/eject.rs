//! `eject`: copies what the library has into the project, where it may be changed.

use std::path::PathBuf;

use super::output::say;
use crate::{
    error::{Error, Result},
    project::App,
    scaffold::{changes, project::Project, source::nearest},
};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Copy a page into templates/, where it takes the place of the library's; without a name, list the pages
    Pages(PagesArgs),
}

#[derive(clap::Args)]
pub struct PagesArgs {
    /// The page by its path, e.g. login.html or users/index.html
    name: Option<String>,
    /// The folder of the project; otherwise the nearest around this one
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

pub fn run(app: &App, command: &Command) -> Result<()> {
    let Command::Pages(args) = command;
    let files = app.librarys_templates();
    let is_page = |path: &str| !path.starts_with("static/") || path == "static/icon.svg" || path == "static/app.css";
    let paths = files.paths();
    let pages: Vec<&str> = paths.iter().map(AsRef::as_ref).filter(|path| is_page(path)).collect();
    let Some(name) = &args.name else {
        return pages.iter().try_for_each(say);
    };
    let Some(text) = files.text(name).filter(|_| pages.contains(&name.as_str())) else {
        let hint = match nearest(name, &pages) {
            Some(near) => format!("did you mean `{near}`? "),
            None => String::new(),
        };
        return Err(Error::Refused(format!(
            "there is no page `{name}`; {hint}`eject pages` without a name lists them"
        )));
    };
    let project = Project::find(args.root.as_deref())?;
    let path = format!("templates/{name}");
    match project.read(&path)? {
        Some(_) => Err(Error::Refused(format!(
            "{path}: is there already, and takes the place of the library's; delete it to get that one again"
        ))),
        None => {
            changes::create(&project, &path, &text)?;
            say(format!(
                "Created {path}; it takes the place of the library's from the next build on"
            ))
        }
    }
}
