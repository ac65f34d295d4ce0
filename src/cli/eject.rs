//! `eject`: copies files of the library into the project, where they may be changed.

use std::path::PathBuf;

use super::output::say;
use crate::{
    error::{Error, Result},
    project::App,
    scaffold::{changes, project::Project, source::nearest},
};

#[derive(clap::Subcommand)]
pub enum Command {
    /// Copy a page into templates/, where it overrides the library's; without NAME, list all pages
    Pages(PagesArgs),
}

#[derive(clap::Args)]
pub struct PagesArgs {
    /// Path of the page, e.g. login.html or users/index.html
    name: Option<String>,
    /// Folder of the project [default: the nearest one that contains the current folder]
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
            "unknown page `{name}`; {hint}`eject pages` without a name lists all pages"
        )));
    };
    let project = Project::find(args.root.as_deref())?;
    let path = format!("templates/{name}");
    match project.read(&path)? {
        Some(_) => Err(Error::Refused(format!(
            "{path}: already exists and overrides the library's page; delete it to use the library's again"
        ))),
        None => {
            changes::create(&project, &path, &text)?;
            say(format!(
                "Created {path}; it overrides the library's page from the next build on"
            ))
        }
    }
}
