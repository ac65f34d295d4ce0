//! `parity record | replay | compare | rehearse`: whether this server answers as the old app does.

mod asking;
mod judging;
mod rehearse;
mod servers;

use std::{
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
};

use clap::Subcommand;

use self::{
    asking::{Asking, Origin, show_left},
    judging::Judging,
};
use super::output::say;
use crate::{
    config::Settings,
    error::{Error, Result},
    parity::{exchange, source},
    project::App,
};

#[derive(Subcommand)]
pub enum Command {
    /// Ask the old app, and record its answers without secrets
    Record(RecordArgs),
    /// Ask another server what was recorded, and compare the answers
    Replay(ReplayArgs),
    /// Ask the old app and this server alternately, and compare the answers
    Compare(CompareArgs),
    /// Start both on copies of the database, compare them, and print GO or NO GO
    Rehearse(Box<rehearse::Args>),
}

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  poem-scaffold parity record --from access.log --against http://127.0.0.1:5001 --to old.jsonl"
)]
pub struct RecordArgs {
    /// What to ask: an access log, a HAR file, a recording, or profile for the routes of this server
    #[arg(long, value_name = "FILE|profile", default_value = "profile")]
    from: Origin,
    /// Address of the old app, as http://HOST:PORT or unix:/PATH
    #[arg(long, value_name = "URL")]
    against: String,
    /// File to write
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// The old app works on a copy of the data
    #[arg(long)]
    old_is_copy: bool,
    #[command(flatten)]
    asking: Asking,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  poem-scaffold parity replay old.jsonl --against http://127.0.0.1:5000")]
pub struct ReplayArgs {
    /// The recording
    #[arg(value_name = "FILE")]
    recording: PathBuf,
    /// Address of the server to ask, as http://HOST:PORT or unix:/PATH
    #[arg(long, value_name = "URL")]
    against: String,
    /// The new server works on a copy of the data
    #[arg(long)]
    new_is_copy: bool,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    judging: Judging,
}

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  poem-scaffold parity compare --old http://127.0.0.1:5001 --new http://127.0.0.1:5000"
)]
pub struct CompareArgs {
    /// Address of the old app, as http://HOST:PORT or unix:/PATH
    #[arg(long, value_name = "URL")]
    old: String,
    /// Address of the new server, likewise
    #[arg(long, value_name = "URL")]
    new: String,
    /// What to ask: an access log, a HAR file, a recording, or profile for the routes of this server
    #[arg(long, value_name = "FILE|profile", default_value = "profile")]
    from: Origin,
    /// The old app works on a copy of the data
    #[arg(long)]
    old_is_copy: bool,
    /// The new server works on a copy of the data
    #[arg(long)]
    new_is_copy: bool,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    judging: Judging,
}

/// Runs a command on its own threads.
///
/// # Errors
/// [`Error::Refused`] for what cannot be used, [`Error::Internal`] where the answers differ.
pub fn run(app: &App, settings: &Settings, command: Command) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Io("cannot start threads".to_owned(), error))?;
    runtime.block_on(async {
        match command {
            Command::Record(args) => record(app, settings, &args).await,
            Command::Replay(args) => replay(app, settings, &args).await,
            Command::Compare(args) => compare(app, settings, &args).await,
            Command::Rehearse(args) => rehearse::run(app, settings, &args).await,
        }
    })
}

async fn record(app: &App, settings: &Settings, args: &RecordArgs) -> Result<()> {
    let asking = &args.asking;
    asking.check_copies("--old-is-copy", args.old_is_copy)?;
    let (requests, notes) = args.from.requests(app, settings, asking)?;
    let caller = asking.caller()?;
    let old = asking.peer(&caller, settings, "--against", &args.against).await?;
    let path = args.to.display();
    let file = private_file(&args.to).map_err(|error| Error::Refused(format!("{path}: {error}")))?;
    let (count, left_out) = exchange::record(&old, requests, &mut BufWriter::new(file), &show_left).await?;
    for note in notes.iter().chain(&left_out) {
        say(format!("note: {note}"))?;
    }
    say(format!("wrote {path}: {count} requests and their answers"))
}

async fn replay(app: &App, settings: &Settings, args: &ReplayArgs) -> Result<()> {
    let asking = &args.asking;
    asking.check_copies("--new-is-copy", args.new_is_copy)?;
    let source = source::read(&args.recording, asking.writes)?;
    let Some(recorded) = source.recording else {
        let path = args.recording.display();
        return Err(Error::Refused(format!(
            "{path}: not a recording; `parity record` makes one"
        )));
    };
    let court = args.judging.court(app, settings, Some(&args.recording))?;
    let caller = asking.caller()?;
    let peer = asking.peer(&caller, settings, "--against", &args.against).await?;
    let mut report = exchange::replay(recorded, &peer, court, &show_left).await?;
    report.notes.splice(..0, source.notes);
    args.judging.tell(&report)
}

async fn compare(app: &App, settings: &Settings, args: &CompareArgs) -> Result<()> {
    let asking = &args.asking;
    asking.check_copies("--old-is-copy", args.old_is_copy)?;
    asking.check_copies("--new-is-copy", args.new_is_copy)?;
    let (requests, notes) = args.from.requests(app, settings, asking)?;
    let court = args.judging.court(app, settings, args.from.file())?;
    let caller = asking.caller()?;
    let old = asking.peer(&caller, settings, "--old", &args.old).await?;
    let new = asking.peer(&caller, settings, "--new", &args.new).await?;
    let mut report = exchange::compare(&old, &new, requests, court, &show_left).await?;
    report.notes.splice(..0, notes);
    args.judging.tell(&report)
}

/// An empty file that nobody else can read: answers may have what only the one who asks may see.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.create(true).write(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
