//! What is asked, of whom, and as whom.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use serde_json::{Value, json};

use super::super::{password, progress};
use crate::{
    config::{Profile, Settings, UpstreamUrl, token_carrier},
    error::{Error, Result},
    parity::{
        client::Peer,
        exchange::Requests,
        request::Request,
        source,
        template::{self, Templates},
    },
    project::App,
    routes,
};

/// Where the requests come from.
#[derive(Clone)]
pub enum Origin {
    /// The routes of this server.
    Profile,
    /// A log, a HAR file or a recording.
    File(PathBuf),
}

impl FromStr for Origin {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Ok(match text {
            "profile" => Self::Profile,
            path => Self::File(path.into()),
        })
    }
}

impl Origin {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Profile => None,
            Self::File(path) => Some(path),
        }
    }

    /// The requests, and what was left out.
    ///
    /// # Errors
    /// [`Error::Refused`] for a file that cannot be used.
    pub fn requests(&self, app: &App, settings: &Settings, asking: &Asking) -> Result<(Requests, Vec<String>)> {
        let profile = settings.compatibility.profile;
        let path = match self {
            Self::Profile => return Ok((Requests::of_profile(routes::paths_of_gets(app, profile)), Vec::new())),
            Self::File(path) => path,
        };
        let mut source = source::read(path, asking.writes)?;
        if let Some(per_route) = asking.per_route {
            let templates = Templates::new(routes::paths(app, profile));
            let left_out = template::limit(&mut source.requests, &templates, per_route);
            source
                .notes
                .push(format!("{left_out} requests were left out by --per-route {per_route}"));
        }
        if (asking.token.is_some() || asking.login.is_some()) && !asking.own_tokens {
            source.use_token();
        }
        Ok((Requests::of_file(source.requests), source.notes))
    }
}

/// As whom requests are sent, and which.
#[derive(clap::Args)]
pub struct Asking {
    /// Token to ask with; both servers must accept it
    #[arg(long, value_name = "TOKEN", conflicts_with = "login")]
    token: Option<String>,
    /// Log in with this mail address; prompts for the password, or reads it from standard input when piped
    #[arg(long, value_name = "EMAIL")]
    login: Option<String>,
    /// Send the tokens that a HAR file has, and not that of --token or --login
    #[arg(long)]
    own_tokens: bool,
    /// Seconds to wait for an answer
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,
    /// Ask at most so many safe requests of each route of a file
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    pub per_route: Option<u32>,
    /// Send requests that write, too; only to copies
    #[arg(long)]
    pub writes: bool,
}

impl Asking {
    /// Refuses to write where nobody has said that it is a copy.
    ///
    /// # Errors
    /// [`Error::Refused`] names the flag.
    pub fn check_copies(&self, flag: &str, is_copy: bool) -> Result<()> {
        match self.writes && !is_copy {
            false => Ok(()),
            true => Err(Error::Refused(format!(
                "--writes changes data: add {flag} if that server works on a copy; `parity rehearse` makes copies"
            ))),
        }
    }

    /// As whom to ask; reads the password.
    ///
    /// # Errors
    /// [`Error::Refused`] where there is no password.
    pub fn caller(&self) -> Result<Caller> {
        Ok(match (&self.login, &self.token) {
            (Some(email), _) => Caller::Login(email.clone(), password::read_once()?),
            (None, Some(token)) => Caller::Token(token.clone()),
            (None, None) => Caller::Nobody,
        })
    }

    /// The server at an address, which answers, with the token to ask it with.
    ///
    /// # Errors
    /// [`Error::Refused`] names the flag or the server.
    pub async fn peer(&self, caller: &Caller, settings: &Settings, flag: &str, url: &str) -> Result<Peer> {
        let mut peer = self.silent_peer(settings, UpstreamUrl::read_as(flag, url)?)?;
        progress::start(format!("Waiting for {}", peer.name));
        peer.check().await?;
        peer.token = caller.token(&peer, settings.compatibility.profile).await?;
        Ok(peer)
    }

    /// The server at an address, which may not answer yet.
    ///
    /// # Errors
    /// [`Error::Refused`] for settings of tokens that cannot be used.
    pub fn silent_peer(&self, settings: &Settings, url: UpstreamUrl) -> Result<Peer> {
        Ok(Peer::new(
            url,
            token_carrier(settings)?,
            Duration::from_secs(self.timeout),
        ))
    }
}

/// As whom requests are sent that need a token.
pub enum Caller {
    /// They are left out.
    Nobody,
    /// A token that both servers accept.
    Token(String),
    /// Address and password, for a token of each server's own.
    Login(String, String),
}

impl Caller {
    /// The token to ask a server with.
    ///
    /// # Errors
    /// [`Error::Refused`] where the login fails.
    pub async fn token(&self, peer: &Peer, profile: Profile) -> Result<Option<String>> {
        match self {
            Self::Nobody => Ok(None),
            Self::Token(token) => Ok(Some(token.clone())),
            Self::Login(email, password) => log_in(peer, profile, email, password).await.map(Some),
        }
    }
}

/// The token of a login.
async fn log_in(peer: &Peer, profile: Profile, email: &str, password: &str) -> Result<String> {
    let (path, body) = match profile {
        Profile::Tutorial => ("/api/login", json!({"email": email, "password": password})),
        Profile::Scaffold10 | Profile::Scaffold20 => {
            let attributes = json!({"email": email, "password": password});
            (
                "/api/v1/login.json",
                json!({"data": {"type": "users", "attributes": attributes}}),
            )
        }
    };
    let request = Request {
        method: "POST".to_owned(),
        headers: vec![("Content-Type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
        ..Request::get(path)
    };
    let answer = peer.ask(&request).await?.answer;
    let json = answer.json().unwrap_or_default();
    match json.get("token").and_then(Value::as_str) {
        Some(token) => Ok(token.to_owned()),
        None => Err(Error::Refused(format!(
            "the login at {}{path} was answered with {}: check address, password and FLASK_PROFILE, or use --token",
            peer.name, answer.status
        ))),
    }
}

/// Tells how many requests are left.
pub fn show_left(left: usize) {
    progress::update(format!("Asking; {left} requests are left"));
}
