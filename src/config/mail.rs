//! The settings of outgoing mail, under the names that Flask-Mail reads.

use clap::{Args, builder::BoolishValueParser};

use crate::error::{Error, Result};

/// The settings as given.
#[derive(Args, Clone, Debug)]
pub struct MailSettings {
    /// Address that links in mails begin with, https://HOST or https://HOST/PATH; needed with MAIL_SERVER
    #[arg(
        long,
        env = "PUBLIC_URL",
        global = true,
        help_heading = "Mail",
        hide_short_help = true
    )]
    pub public_url: Option<String>,

    /// Mail server; without one, mails are printed instead of sent
    #[arg(
        long,
        env = "MAIL_SERVER",
        global = true,
        help_heading = "Mail",
        hide_short_help = true
    )]
    pub mail_server: Option<String>,

    /// Port of the mail server [default: 25, with MAIL_USE_TLS 587, with MAIL_USE_SSL 465]
    #[arg(
        long,
        env = "MAIL_PORT",
        global = true,
        help_heading = "Mail",
        hide_short_help = true
    )]
    pub mail_port: Option<u16>,

    /// Turn the connection into an encrypted one with STARTTLS?
    #[arg(long, env = "MAIL_USE_TLS", default_value = "false", value_parser = BoolishValueParser::new(),
          action = clap::ArgAction::Set, global = true, help_heading = "Mail", hide_short_help = true)]
    pub mail_use_tls: bool,

    /// Is the connection encrypted from the start?
    #[arg(long, env = "MAIL_USE_SSL", default_value = "false", value_parser = BoolishValueParser::new(),
          action = clap::ArgAction::Set, global = true, help_heading = "Mail", hide_short_help = true)]
    pub mail_use_ssl: bool,

    /// User to log in to the mail server as
    #[arg(
        long,
        env = "MAIL_USERNAME",
        global = true,
        help_heading = "Mail",
        hide_short_help = true
    )]
    pub mail_username: Option<String>,

    /// Password of MAIL_USERNAME
    #[arg(
        long,
        env = "MAIL_PASSWORD",
        hide_env_values = true,
        global = true,
        help_heading = "Mail",
        hide_short_help = true
    )]
    pub mail_password: Option<String>,

    /// Sender of the mails, e.g. "My app <no-reply@example.com>"
    #[arg(
        long,
        env = "MAIL_DEFAULT_SENDER",
        default_value = "poem-scaffold <no-reply@localhost>",
        global = true,
        help_heading = "Mail",
        hide_short_help = true
    )]
    pub mail_default_sender: String,
}

/// The mail settings in force.
#[derive(Clone)]
pub struct MailConfig {
    /// What links in mails begin with, without a slash at the end; `None` for the address listened on.
    pub public_url: Option<String>,
    /// The sender, as an address with or without a name.
    pub sender: String,
    /// Where mails are handed in; `None` prints them.
    pub server: Option<MailServer>,
}

/// A mail server and how to log in to it.
#[derive(Clone)]
pub struct MailServer {
    /// Its name, which its certificate must show.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// User name and password, where it wants them.
    pub credentials: Option<(String, String)>,
}

/// How a connection to a mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailSecurity {
    /// Not at all: for a relay on the same machine.
    None,
    /// Encrypted before anything is said that matters (`MAIL_USE_TLS`).
    StartTls,
    /// Encrypted from the start (`MAIL_USE_SSL`).
    Tls,
}

impl std::fmt::Debug for MailConfig {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailConfig")
            .field("public_url", &self.public_url)
            .field("sender", &self.sender)
            .field(
                "server",
                &self.server.as_ref().map(|server| (&server.host, server.port)),
            )
            .finish()
    }
}

impl MailConfig {
    /// Checks and completes `settings`.
    ///
    /// # Errors
    /// [`Error::Refused`] names the setting that is missing, contradicts another or cannot be read.
    pub fn new(settings: MailSettings) -> Result<Self> {
        let refuse = |text: &str| Err(Error::Refused(text.to_owned()));
        let public_url = settings.public_url;
        if let Some(url) = &public_url {
            check_public_url(url)?;
        }
        let security = match (settings.mail_use_tls, settings.mail_use_ssl) {
            (true, true) => return refuse("MAIL_USE_TLS and MAIL_USE_SSL are both on: set the one your server wants"),
            (true, false) => MailSecurity::StartTls,
            (false, true) => MailSecurity::Tls,
            (false, false) => MailSecurity::None,
        };
        let credentials = match (settings.mail_username, settings.mail_password) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            _ => return refuse("MAIL_USERNAME and MAIL_PASSWORD go together: set both or none"),
        };
        let server = settings.mail_server.map(|host| MailServer {
            host,
            port: settings.mail_port.unwrap_or(match security {
                MailSecurity::None => 25,
                MailSecurity::StartTls => 587,
                MailSecurity::Tls => 465,
            }),
            security,
            credentials,
        });
        if server.is_some() && public_url.is_none() {
            return refuse(
                "MAIL_SERVER is set but PUBLIC_URL is not: mails need the address under which users reach the app, \
                 e.g. PUBLIC_URL=https://app.example.com",
            );
        }
        Ok(Self {
            public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
            sender: settings.mail_default_sender,
            server,
        })
    }
}

fn check_public_url(text: &str) -> Result<()> {
    let usable = url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    });
    if usable {
        return Ok(());
    }
    // What stands before an @ may be a password.
    let shown = text.rsplit('@').next().unwrap_or_default();
    Err(Error::Refused(format!(
        "PUBLIC_URL={shown}: expected http:// or https://, a host and at most a path, and no user name, \
         e.g. https://app.example.com"
    )))
}
