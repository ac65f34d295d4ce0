//! How the answers are judged, and how the report is shown.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chrono::Utc;

use super::super::output::{say, say_exactly};
use crate::{
    config::Settings,
    error::{Error, Result},
    parity::{
        deviations::Deviations, exchange::Court, judge::Rules, page, report::Report, template::Templates, terminal,
    },
    project::App,
    routes,
};

/// Columns of what is written to a file or a pipe.
const USUAL_WIDTH: usize = 100;

/// The entries that explain differences, and the form of the report.
#[derive(clap::Args)]
pub struct Judging {
    /// File that names accepted differences; entries without a difference are errors
    #[arg(long, value_name = "FILE")]
    deviations: Option<PathBuf>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Write the report as an HTML page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Judging {
    /// What judges the answers to requests of this file.
    ///
    /// # Errors
    /// [`Error::Refused`] for a deviations file that cannot be used.
    pub fn court(&self, app: &App, settings: &Settings, file: Option<&Path>) -> Result<Court> {
        let deviations = self.deviations.as_deref().map(read_deviations).transpose()?;
        let recording = file.and_then(Path::file_stem).unwrap_or_default();
        Ok(Court {
            rules: Rules {
                deviations: deviations.unwrap_or_default(),
                recording: recording.to_string_lossy().into_owned(),
            },
            fidelity: settings.compatibility.fidelity,
            templates: Templates::new(routes::paths(app, settings.compatibility.profile)),
        })
    }

    /// Shows the report.
    ///
    /// # Errors
    /// [`Error::Internal`] where the answers differ, [`Error::Refused`] where the page cannot be written or nothing was asked.
    pub fn tell(&self, report: &Report) -> Result<()> {
        if let Some(path) = &self.html {
            let page = page::html(report, &Utc::now().format("%Y-%m-%d %H:%M UTC").to_string())?;
            fs::write(path, page).map_err(|error| Error::Refused(format!("{}: {error}", path.display())))?;
        }
        match self.json {
            true => say_exactly(format!("{:#}", report.to_json()))?,
            false => say(terminal::text(report, width()))?,
        }
        if report.counts().calls == 0 {
            return Err(Error::Refused("no request could be asked".to_owned()));
        }
        if report.is_equal() {
            return Ok(());
        }
        let unneeded = report.unneeded.len();
        let mut reasons = vec![format!(
            "{} of {} answers differ",
            report.counts().different,
            report.counts().calls
        )];
        if unneeded > 0 {
            reasons.push(format!("{unneeded} deviations are not needed any more"));
        }
        Err(Error::Internal(reasons.join(", ")))
    }
}

fn read_deviations(path: &Path) -> Result<Deviations> {
    let refused = |reason: String| Error::Refused(format!("{}: {reason}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let deviations = Deviations::parse(&text).map_err(refused)?;
    let mistakes = deviations.mistakes();
    match mistakes.is_empty() {
        true => Ok(deviations),
        false => Err(refused(mistakes.join("; "))),
    }
}

/// The columns of the terminal.
fn width() -> usize {
    let size = rustix::termios::tcgetwinsize(std::io::stdout());
    size.map_or(USUAL_WIDTH, |size| usize::from(size.ws_col)).max(1)
}
