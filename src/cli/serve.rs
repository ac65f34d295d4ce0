//! `serve`: from nothing to a running server, saying where to click.

use std::{
    fs,
    io::Write,
    path::Path,
    pin::pin,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use super::{
    database::{OpenDatabase, open_upgraded},
    output::say,
};
use crate::{
    accounts::{
        models::{NewAccount, Users},
        users::further::{pages, values},
    },
    auth::{callers::Auth, passwords::Passwords, reset::requests::Resets},
    config::{
        Config, Fidelity, Profile, TokenConfig, TokenPlace, UserWrites, create_secret_key, program, random_hex,
        unused_mail_settings, unused_token_settings,
    },
    db::{is_outage, migrations::MigrationState},
    error::{Constraint, Error, Result},
    mail::Mailer,
    project::App,
    routes::{Services, create_app},
    web::{
        pages::Site,
        server::{Bound, stop_signal},
        static_files,
    },
};

/// How long closing the connections of the database may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);
/// The address of the first administrator.
const ADMIN: &str = "admin@example.com";
/// The pause between two attempts to reach the database.
const RETRY_PAUSE: Duration = Duration::from_secs(1);
/// How long the log says nothing after the first attempt that failed; then twice as long, and so on.
const FIRST_SILENCE: Duration = Duration::from_secs(2);
const LONGEST_SILENCE: Duration = Duration::from_secs(300);

pub async fn run(app: &App, mut config: Config) -> Result<()> {
    if let Some(folder) = &config.static_dir {
        static_files::check(folder, &config.database_url)?;
    }
    // The port comes first: a second start must fail before it changes anything.
    let bound = Bound::new(&config.host, config.port).await?;
    if let Some(upstream) = &config.upstream {
        bound.check_upstream(upstream).await?;
    }
    announce(format!(
        "{} {} (profile {}, fidelity {})",
        app.name,
        app.version,
        config.profile.name(),
        config.fidelity.name()
    ));
    let templates = app.all_templates();
    let site = Arc::new(Site::new(templates.clone(), &config, pages::described())?);
    ensure_secret_key(&mut config)?;
    let (address, services) = (BoundAddress::of(&bound), Arc::new(OnceLock::new()));
    let mailer = Mailer::new(&config.mail, &config.pages.title, &templates, &address.link)?;
    announce_mail(&config);
    if let Some(upstream) = &config.upstream {
        announce(format!("  upstream: {upstream} (all other routes)"));
        if let Some(file) = &config.recording {
            announce(format!("  recorded: its answers, in {}", file.display()));
        }
    }
    let endpoint = create_app(app, &config, site, services.clone())?;
    let mut serving = pin!(bound.serve(endpoint, config.trusted_proxies.clone()));
    let opened = tokio::select! {
        _ = &mut serving => return Ok(()),
        opened = open_when_reachable(app, &config, &address) => opened?,
    };
    let (db, adopted, table) = (opened.db, opened.has_adopted_users, opened.users_table);
    let users = Users::new(db.clone(), config.profile, table);
    if adopted && config.user_writes == UserWrites::Owner && !users.accounts.has_administrator().await? {
        announce(format!(
            "  note:     no user is an administrator yet; appoint one with `{} user grant-admin MAIL`",
            app.name
        ));
    }
    let auth = Auth::new(&config, db.clone(), adopted)?;
    let measured = auth.clone();
    tokio::spawn(async move { measured.measure_passwords().await });
    let (resets, postman) = Resets::start(&config, db.clone(), auth.clone(), mailer)?;
    // Last, because the password is lost if it cannot be shown.
    let password = if adopted {
        None
    } else {
        ensure_admin(&config, &users).await?
    };
    // Nobody else sets it.
    let _ = services.set(Services {
        db: db.clone(),
        auth,
        resets,
        users: table,
    });
    greet(&address, &config, password.as_deref());
    let deadline = serving.await;
    // All that is left to do shares the deadline, and a second signal ends it too.
    tokio::select! {
        () = postman.finish(deadline) => {}
        () = stop_signal() => {}
    }
    // A connection that is lost or stuck cannot be closed in good order.
    let _ = tokio::time::timeout(CLOSE_TIMEOUT, db.close()).await;
    Ok(())
}

/// Opens the database and applies migrations.
///
/// A database that cannot be reached is waited for: a server and its database often start together, in any order.
async fn open_when_reachable(app: &App, config: &Config, address: &BoundAddress) -> Result<OpenDatabase> {
    let mut silence = FIRST_SILENCE;
    let mut spoken: Option<Instant> = None;
    loop {
        match open(app, config).await {
            Err(error) if is_outage(&error) => {
                if spoken.is_none() {
                    announce(format!(
                        "  database: {} is not reachable yet; the API answers 503 until it is",
                        config.database_url
                    ));
                    greet(address, config, None);
                }
                if spoken.is_none_or(|spoken| spoken.elapsed() >= silence) {
                    tracing::error!("waiting for the database: {}", error.with_causes());
                    silence = spoken.map_or(silence, |_| (2 * silence).min(LONGEST_SILENCE));
                    spoken = Some(Instant::now());
                }
                tokio::time::sleep(RETRY_PAUSE).await;
            }
            outcome => {
                if spoken.is_some() && outcome.is_ok() {
                    tracing::info!("the database is reachable");
                }
                return outcome;
            }
        }
    }
}

async fn open(app: &App, config: &Config) -> Result<OpenDatabase> {
    let opened = open_upgraded(app, config, false).await?;
    announce(format!("  database: {}", config.database_url));
    if !config.ignored_parameters.is_empty() {
        announce(format!(
            "  ignored:  database URL parameters without effect: {}",
            config.ignored_parameters.join(", ")
        ));
    }
    for status in opened
        .taken
        .iter()
        .filter(|status| status.state == MigrationState::Adopted)
    {
        announce(format!(
            "  adopted:  the existing tables of {}, left unchanged",
            status.name
        ));
    }
    for note in &opened.notes {
        announce(format!("  note:     {note}"));
    }
    Ok(opened)
}

/// Says where mails go, and which settings of Flask-Mail and of JWT packages, or misspelled ones, do nothing here.
fn announce_mail(config: &Config) {
    if let Some(server) = &config.mail.server {
        announce(format!("  mail:     {server}"));
    }
    let reads_header = |tokens: &TokenConfig| tokens.reads(TokenPlace::Header);
    if config.pages.are_on && config.static_dir.is_none() && !config.tokens.as_ref().is_none_or(reads_header) {
        announce("  note:     the built-in pages need headers in JWT_TOKEN_LOCATION");
    }
    for name in unused_mail_settings()
        .into_iter()
        .chain(unused_token_settings(config.tokens.is_some()))
    {
        announce(format!("  note:     {name} has no effect here"));
    }
}

/// What is listened on, and how it is reached from here.
struct BoundAddress {
    name: String,
    link: String,
}

impl BoundAddress {
    fn of(bound: &Bound) -> Self {
        Self {
            name: bound.name(),
            link: bound.link(),
        }
    }
}

fn ensure_secret_key(config: &mut Config) -> Result<()> {
    if config.secret_key.is_some() {
        return Ok(());
    }
    if let Some(tokens) = config.tokens.as_ref().filter(|tokens| tokens.key.is_none()) {
        return Err(Error::Refused(format!(
            "neither JWT_SECRET_KEY nor SECRET_KEY is set: TOKEN_DIALECT={} requires the Flask app's own key (config.py)",
            tokens.dialect.name()
        )));
    }
    // Under a key of their own, the Flask app's tokens do not need this one.
    if config.fidelity == Fidelity::Flask && config.tokens.is_none() {
        return Err(Error::Refused(
            "SECRET_KEY is not set: FLASK_FIDELITY=flask requires the Flask app's own key (config.py), because tokens \
             signed with another one are rejected"
                .to_owned(),
        ));
    }
    config.secret_key = Some(create_secret_key(Path::new("."))?);
    announce("  secret:   a random SECRET_KEY was written to .env");
    Ok(())
}

/// Creates the first administrator if there are no users; returns the password, which is not stored.
///
/// The password is shown before the user is committed: a user whose password cannot be shown must not be created, and
/// of several processes that start at once only one shows a password.
async fn ensure_admin(config: &Config, users: &Users) -> Result<Option<String>> {
    if users.has_any().await? {
        return Ok(None);
    }
    let needed = values::required_options();
    if !needed.is_empty() {
        announce(format!(
            "  note:     no administrator was created, because users need more attributes; create one with \
             `{} user create --admin MAIL{needed}`",
            program()
        ));
        return Ok(None);
    }
    let further = values::given(&[])?;
    let password = random_hex(10)?;
    let password_hash = Passwords::new(config, false).hash(&password).await?;
    let new = NewAccount {
        email: ADMIN,
        name: "Admin",
        password_hash: &password_hash,
        is_admin: true,
        further: &further,
    };
    let text = format!(
        "\nThe first administrator; the password is shown only now:\n  e-mail:   {ADMIN}\n  password: {password}"
    );
    match users.create_if(new, || show(&text)).await {
        Ok(_) => Ok(Some(password)),
        // Another process started on the same database at the same moment.
        Err(error) if error.is_unique_violation() => Ok(None),
        Err(Error::Denied(error)) => {
            warn(&format!(
                "no administrator was created, because this database account may not insert users ({error}); create \
                 one with `{} user create --admin MAIL` and a DATABASE_URL whose account may",
                program()
            ));
            Ok(None)
        }
        // A column that the project does not know.
        Err(Error::Constraint(violation)) if violation.constraint == Constraint::Missing => {
            warn(&format!("no administrator was created: {violation}"));
            Ok(None)
        }
        Err(Error::Output(error)) => {
            warn(&format!(
                "no administrator was created, because the password cannot be shown ({error}); create one with \
                 `{} user create --admin MAIL`",
                program()
            ));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Prints text that must not be lost.
fn show(text: &str) -> Result<()> {
    if is_discarded() {
        return Err(Error::Output(std::io::Error::other(
            "standard output is closed, or /dev/null",
        )));
    }
    say(text)
}

/// Whether standard output is the null device, which Rust also opens in place of a closed one.
#[cfg(unix)]
fn is_discarded() -> bool {
    use std::os::{
        fd::AsFd,
        unix::fs::{FileTypeExt, MetadataExt},
    };
    let output = std::io::stdout().as_fd().try_clone_to_owned();
    let output = output.and_then(|output| fs::File::from(output).metadata());
    match (output, fs::metadata("/dev/null")) {
        (Ok(output), Ok(null)) => output.file_type().is_char_device() && output.rdev() == null.rdev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_discarded() -> bool {
    false
}

/// Prints text; the server goes on if standard output cannot be written.
fn announce(text: impl std::fmt::Display) {
    let _ = say(text);
}

fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "warning: {text}");
}

/// Printed as one text: a reader that waits for the last line has the others too.
fn greet(address: &BoundAddress, config: &Config, password: Option<&str>) {
    let BoundAddress { name, link: url } = address;
    let curl = match name.strip_prefix("unix:") {
        Some(path) => format!("curl -s --unix-socket '{path}'"),
        None => "curl -s".to_owned(),
    };
    let email = password.map_or("YOU@EXAMPLE.COM", |_| ADMIN);
    let password = password.unwrap_or("YOUR-PASSWORD");
    let credentials = format!("{{\"email\": \"{email}\", \"password\": \"{password}\"}}");
    let (login, body, list) = match config.profile {
        Profile::Tutorial | Profile::Scaffold10 => ("/api/login", credentials, "/api/users"),
        Profile::Scaffold20 => (
            "/api/v1/login.json",
            format!("{{\"data\": {{\"type\": \"users\", \"attributes\": {credentials}}}}}"),
            "/api/v1/users.json",
        ),
    };
    let mut front = match &config.static_dir {
        Some(folder) => format!("Front end: {url}/ (from {})\n", folder.display()),
        None if config.pages.are_on => format!("Pages: {url}/\n"),
        None => String::new(),
    };
    if config.upstream.is_some() {
        front += &format!("Routes of both: {url}/poem-scaffold/routes\n");
    }
    let list = format!("{url}{list}");
    let carrier = config.tokens.as_ref().map(TokenConfig::carrier).unwrap_or_default();
    let asked = carrier.curl_arguments(&list);
    announce(format!(
        "
Try it:
  TOKEN=$({curl} {url}{login} -d '{body}' | cut -d'\"' -f4)
  {curl} {asked}

{front}API docs: {url}/docs
listening on {name} (Ctrl-C stops)"
    ));
}
