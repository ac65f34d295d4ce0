//! `parity rehearse`: both servers on copies of the database, and whether to go.

use std::{net::TcpListener, path::Path};

use tempfile::TempDir;

use super::{
    super::{output::say, progress},
    asking::{Asking, Caller, Origin, show_left},
    judging::Judging,
    servers::Running,
};
use crate::{
    config::{Config, Settings, UpstreamUrl, database_url_text},
    db::copy::DatabaseCopy,
    error::{Error, Result},
    parity::{client::Peer, exchange, report::Report, request::Request},
    project::App,
    routes,
    web::server::stop_signal,
};

/// What stands for the port in the command of the old app.
const PORT: &str = "{port}";

#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  poem-scaffold parity rehearse --old-command 'gunicorn -b 127.0.0.1:{port} app:app' --login ann@example.com"
)]
pub struct Args {
    /// Command that starts the old app; {port} stands for a free port. It finds its copy of the database in
    /// DATABASE_URL and SQLALCHEMY_DATABASE_URI
    #[arg(long, value_name = "COMMAND")]
    old_command: String,
    /// Address where that command listens, if it has no {port}
    #[arg(long, value_name = "URL")]
    old: Option<String>,
    /// What to ask: an access log, a HAR file, a recording, or profile for the routes of this server
    #[arg(long, value_name = "FILE|profile", default_value = "profile")]
    from: Origin,
    /// Keep the copies of the database
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    judging: Judging,
}

/// Copies the database twice, starts both servers, compares their answers, and says whether to go.
///
/// # Errors
/// [`Error::Refused`] for what cannot be used, [`Error::Internal`] with the reasons not to go.
pub async fn run(app: &App, settings: &Settings, args: &Args) -> Result<()> {
    let port = free_port()?;
    let old_url = match &args.old {
        Some(url) => UpstreamUrl::read_as("--old", url)?,
        None if args.old_command.contains(PORT) => UpstreamUrl::Tcp("127.0.0.1".to_owned(), port),
        None => {
            return Err(Error::Refused(
                "--old-command: write {port} where the command names its port, or add --old URL".to_owned(),
            ));
        }
    };
    let text = database_url_text(settings, app.name)?;
    let config = Config::new(settings.clone(), app.name, app.shown_title())?;
    let caller = args.asking.caller()?;
    let (requests, notes) = args.from.requests(app, settings, &args.asking)?;
    let court = args.judging.court(app, settings, args.from.file())?;

    // From here on a signal has to leave nothing behind.
    let stopped = tokio::spawn(stop_signal());
    let folder = tempfile::Builder::new()
        .prefix("poem-scaffold-rehearsal-")
        .tempdir()
        .map_err(|error| Error::Io("cannot make a temporary folder".to_owned(), error))?;
    let mut copies = Copies {
        all: Vec::new(),
        folder: Some(folder),
        is_kept: args.keep,
    };
    if args.asking.writes {
        let none = DatabaseCopy::url_of_none(&config.database_url, &text, copies.folder())?;
        let old = Old {
            command: args.old_command.replace(PORT, &port.to_string()),
            peer: args.asking.silent_peer(settings, old_url.clone())?,
            variables: old_variables(&none, port),
        };
        old.check_that_it_needs_its_copy(&caller, app, settings).await?;
    }
    progress::start(format!("Copying {}", config.database_url));
    let old_copy = copies.add(&config, &text, "old").await?;
    let new_copy = copies.add(&config, &text, "new").await?;
    let rehearsal = async {
        let command = args.old_command.replace(PORT, &port.to_string());
        let mut old_server = Running::start("the old app", &command, &old_variables(&old_copy, port))?;
        let new_port = free_port()?;
        let variables = new_variables(settings, &config, &new_copy, &old_url);
        let mut new_server = Running::start("the new server", &new_command(new_port)?, &variables)?;
        let mut old = args.asking.silent_peer(settings, old_url.clone())?;
        let new_url = UpstreamUrl::Tcp("127.0.0.1".to_owned(), new_port);
        let mut new = args.asking.silent_peer(settings, new_url)?;
        progress::start("Waiting for both servers");
        let probe = routes::paths_of_gets(app, settings.compatibility.profile);
        let probe = probe.first().map_or("/", String::as_str);
        old_server.wait_for(&old, probe).await?;
        new_server.wait_for(&new, probe).await?;
        log_in(&caller, settings, &mut old, &mut new).await?;
        let compared = exchange::compare(&old, &new, requests, court, &show_left).await;
        // One that has ended does not answer any more, and its own words say why.
        match [&mut old_server, &mut new_server].into_iter().find_map(Running::end) {
            Some(reason) => Err(Error::Internal(format!("NO GO: {reason}"))),
            None => compared,
        }
    };
    let outcome = tokio::select! {
        outcome = rehearsal => outcome,
        _ = stopped => Err(Error::Internal("stopped by a signal".to_owned())),
    };
    copies.remove()?;
    let mut report = outcome?;
    report.notes.splice(..0, notes);
    tell(&args.judging, &report)
}

/// The old app without a database.
struct Old {
    command: String,
    peer: Peer,
    variables: Vec<(&'static str, String)>,
}

impl Old {
    /// Refuses an app that answers as well without the database that it is given: it would write into the original.
    async fn check_that_it_needs_its_copy(mut self, caller: &Caller, app: &App, settings: &Settings) -> Result<()> {
        let profile = settings.compatibility.profile;
        if matches!(caller, Caller::Nobody) {
            return Err(Error::Refused(
                "--writes needs --login or --token here, to prove that the old app works on its copy".to_owned(),
            ));
        }
        progress::start("Starting the old app without a database");
        let mut server = Running::start("the old app", &self.command, &self.variables)?;
        let paths = routes::paths_of_gets(app, profile);
        let path = paths.first().map_or("/", String::as_str);
        if !server.is_soon_ready(&self.peer, path).await {
            return Ok(());
        }
        let Ok(token) = caller.token(&self.peer, profile).await else {
            return Ok(());
        };
        self.peer.token = token;
        let list = Request {
            uses_token: true,
            ..Request::get(path)
        };
        let asked = self.peer.ask(&list).await;
        let is_served = asked.is_ok_and(|timed| (200..300).contains(&timed.answer.status));
        match is_served || matches!(caller, Caller::Login(..)) {
            false => Ok(()),
            true => Err(Error::Refused(
                "--old-command: the old app does not use the database of DATABASE_URL or SQLALCHEMY_DATABASE_URI, and would \
                 write into the original; nothing was written"
                    .to_owned(),
            )),
        }
    }
}

async fn log_in(caller: &Caller, settings: &Settings, old: &mut Peer, new: &mut Peer) -> Result<()> {
    let profile = settings.compatibility.profile;
    old.token = caller.token(old, profile).await?;
    new.token = caller.token(new, profile).await?;
    Ok(())
}

/// Shows the report, and then whether to go.
fn tell(judging: &Judging, report: &Report) -> Result<()> {
    match judging.tell(report) {
        Ok(()) if judging.json => Ok(()),
        Ok(()) => say(format!(
            "\nGO: {} requests were answered as expected",
            report.counts().calls
        )),
        Err(Error::Internal(reason)) => Err(Error::Internal(format!("NO GO: {reason}"))),
        Err(error) => Err(error),
    }
}

/// The copies, which go when this is dropped unless they are kept.
struct Copies {
    all: Vec<DatabaseCopy>,
    folder: Option<TempDir>,
    is_kept: bool,
}

impl Copies {
    /// Makes one more, and gives its URL.
    async fn add(&mut self, config: &Config, text: &str, label: &str) -> Result<String> {
        let copy = DatabaseCopy::of(&config.database_url, text, self.folder(), label).await?;
        let url = copy.url.clone();
        self.all.push(copy);
        Ok(url)
    }

    fn folder(&self) -> &Path {
        self.folder.as_ref().map_or(Path::new("."), TempDir::path)
    }

    fn remove(mut self) -> Result<()> {
        if self.is_kept {
            // It stays, with its files.
            let _ = self.folder.take().map(TempDir::keep);
            return self
                .all
                .drain(..)
                .try_for_each(|copy| say(format!("kept {}", copy.name())));
        }
        let outcomes: Vec<Result<()>> = self.all.drain(..).map(|copy| copy.remove()).collect();
        outcomes.into_iter().collect()
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        // Where something else has failed already, that is told.
        self.all.drain(..).for_each(|copy| drop(copy.remove()));
    }
}

fn old_variables(database: &str, port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("DATABASE_URL", database.to_owned()),
        ("SQLALCHEMY_DATABASE_URI", database.to_owned()),
        ("PORT", port.to_string()),
        ("MAIL_SUPPRESS_SEND", "true".to_owned()),
    ]
}

/// All other settings are those of this process.
fn new_variables(
    settings: &Settings,
    config: &Config,
    database: &str,
    old: &UpstreamUrl,
) -> Vec<(&'static str, String)> {
    let mut variables = vec![
        ("DATABASE_URL", database.to_owned()),
        ("DATABASE_DIRECT_URL", database.to_owned()),
        ("FLASK_PROFILE", config.profile.name().to_owned()),
        ("FLASK_FIDELITY", config.fidelity.name().to_owned()),
        ("MAIL_SUPPRESS_SEND", "true".to_owned()),
    ];
    variables.extend(settings.server.secret_key.clone().map(|key| ("SECRET_KEY", key)));
    // What is handed on goes to the app on the copy, and not to the one that is in use.
    let upstream = config.upstream.as_ref().map(|_| ("UPSTREAM", old.to_string()));
    variables.extend(upstream);
    // What is asked here is nobody's traffic.
    let recording = config.recording.as_ref().map(|_| ("RECORDING", "/dev/null".to_owned()));
    variables.extend(recording);
    variables
}

fn new_command(port: u16) -> Result<String> {
    let program = std::env::current_exe().map_err(|error| Error::Io("cannot find this program".to_owned(), error))?;
    let program = program.display().to_string().replace('\'', r"'\''");
    Ok(format!("exec '{program}' serve --host 127.0.0.1 --port {port}"))
}

fn free_port() -> Result<u16> {
    let failed = |error| Error::Io("cannot find a free port".to_owned(), error);
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(failed)?;
    Ok(listener.local_addr().map_err(failed)?.port())
}
