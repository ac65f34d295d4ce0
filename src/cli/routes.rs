//! `routes`: who answers each route while an old app is behind the server, and what came of it.

use clap::Subcommand;

use super::output::{say, say_exactly};
use crate::{
    config::Config,
    error::{Error, Result},
    project::App,
    routes,
    web::upstream::{
        counts::Counts,
        modes::{self, Entries, Mode, Route},
        report::{self, Figures, Row},
    },
};

/// What a refused request is.
const REFUSED: &str = "the old app failed, and this server says what is wrong with the request";

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Subcommand)]
pub enum Command {
    /// Set who answers a route: old, new, or compare (the old app, and this server beside it)
    Set {
        /// A method and a path, such as 'GET /api/v1/posts/{id}.json', or several, such as '* /api/v1/posts*'
        route: String,
        /// old, new or compare
        mode: String,
    },
}

impl Args {
    /// Whether programs read what it prints.
    pub(super) fn is_json(&self) -> bool {
        self.json
    }
}

pub fn run(app: &App, config: &Config, args: Args) -> Result<()> {
    let all = routes::all(app, config);
    match args.command {
        Some(Command::Set { route, mode }) => set(config, &all, &route, &mode),
        None => list(config, &all, args.json),
    }
}

fn set(config: &Config, all: &[Route], route: &str, mode: &str) -> Result<()> {
    let mode = Mode::of(mode)
        .ok_or_else(|| Error::Refused(format!("`{mode}` is not a mode: expected old, new or compare")))?;
    let file = &config.routes_file;
    let (text, _) = read(config, all)?;
    let changed = modes::with_entry(&text, route, mode);
    // The line is the file's, which does not have it yet.
    let entries = modes::read(&changed, all).map_err(|problem| {
        Error::Refused(
            problem
                .split_once(": ")
                .map_or(problem.clone(), |(_, problem)| problem.to_owned()),
        )
    })?;
    modes::write(file, &changed, modes::FOR_ALL)?;
    for route in all.iter().filter(|one| modes::is_about(route, one)) {
        say(format!("{route}: {}", modes::mode_of(&entries, route).name()))?;
    }
    Ok(())
}

/// The text of the file, and its entries.
fn read(config: &Config, all: &[Route]) -> Result<(String, Entries)> {
    let named = |problem| Error::Refused(format!("{}: {problem}", config.routes_file.display()));
    let text = modes::text_of(&config.routes_file).map_err(named)?;
    let entries = modes::read(&text, all).map_err(named)?;
    Ok((text, entries))
}

fn list(config: &Config, all: &[Route], is_json: bool) -> Result<()> {
    let (_, entries) = read(config, all)?;
    let with_modes: Vec<_> = all
        .iter()
        .map(|route| (route.clone(), modes::mode_of(&entries, route)))
        .collect();
    let counts = Counts::read(&config.counts_file()).map_err(Error::Refused)?.all();
    let rows = report::rows(&with_modes, counts);
    if is_json {
        return say_exactly(serde_json::json!({"routes": rows}));
    }
    let width = rows
        .iter()
        .map(|row| row.route.chars().count())
        .max()
        .unwrap_or_default();
    say(format!(
        "{:<width$}  {:<8}  {:>15}  {:>15}  {:>8}  {:>9}",
        "ROUTE", "ANSWERS", "OLD MS (CALLS)", "NEW MS (CALLS)", "COMPARED", "DIFFERENT"
    ))?;
    for row in &rows {
        let Row {
            route,
            mode,
            compared,
            different,
            ..
        } = row;
        let (old, new) = (written(&row.old), written(&row.new));
        let compared = number(*compared);
        let different = if row.compared == 0 {
            String::new()
        } else {
            different.to_string()
        };
        let line = format!("{route:<width$}  {mode:<8}  {old:>15}  {new:>15}  {compared:>8}  {different:>9}");
        say(line.trim_end())?;
        if row.refused > 0 {
            say(format!("    refused ×{}: {REFUSED}", row.refused))?;
        }
        for difference in &row.differences {
            let [old, new] = &difference.values;
            say(format!(
                "    {} ×{}: {old} became {new}, first in {}",
                difference.what, difference.count, difference.request
            ))?;
        }
    }
    Ok(())
}

/// The median, and of how many.
fn written(figures: &Figures) -> String {
    figures
        .p50
        .map_or(String::new(), |p50| format!("{p50} ({})", figures.calls))
}

fn number(number: u64) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}
