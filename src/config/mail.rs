//! The settings of outgoing mail, under the names that Flask-Mail reads.

use std::net::Ipv6Addr;

use clap::{Args, Command, builder::BoolishValueParser};
use percent_encoding::percent_decode_str;

use super::environment::{self, named};
use crate::error::{Error, Result};

/// The settings as given.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Mail")]
pub struct MailSettings {
    /// Address that links in mails begin with, https://HOST or https://HOST/PATH; required with MAIL_SERVER
    #[arg(long, env = "PUBLIC_URL", hide_short_help = true)]
    pub public_url: Option<String>,

    /// Mail server: HOST or HOST:PORT, or either after smtp:// or smtps:// [default: mails are printed instead of sent]
    #[arg(long, env = "MAIL_SERVER", hide_short_help = true)]
    pub mail_server: Option<String>,

    /// Port of the mail server [default: 25, with MAIL_USE_SSL 465]
    #[arg(long, env = "MAIL_PORT", hide_short_help = true)]
    pub mail_port: Option<u16>,

    /// Encrypt the connection with STARTTLS
    #[arg(long, env = "MAIL_USE_TLS", default_value = "false", value_parser = BoolishValueParser::new(), action = clap::ArgAction::Set, hide_short_help = true)]
    pub mail_use_tls: bool,

    /// Encrypt the connection from the start
    #[arg(long, env = "MAIL_USE_SSL", default_value = "false", value_parser = BoolishValueParser::new(), action = clap::ArgAction::Set, hide_short_help = true)]
    pub mail_use_ssl: bool,

    /// User name at the mail server
    #[arg(long, env = "MAIL_USERNAME", hide_short_help = true)]
    pub mail_username: Option<String>,

    /// Password of MAIL_USERNAME
    #[arg(long, env = "MAIL_PASSWORD", hide_env_values = true, hide_short_help = true)]
    pub mail_password: Option<String>,

    /// Print mails instead of sending them
    #[arg(long, env = "MAIL_SUPPRESS_SEND", default_value = "false", value_parser = BoolishValueParser::new(), action = clap::ArgAction::Set, hide_short_help = true)]
    pub mail_suppress_send: bool,

    /// Sender of the mails, e.g. "My app <no-reply@example.com>" [default: the title and no-reply@localhost]
    #[arg(long, env = "MAIL_DEFAULT_SENDER", hide_short_help = true)]
    pub mail_default_sender: Option<String>,
}

/// The mail settings in force.
#[derive(Clone)]
pub struct MailConfig {
    /// What links in mails begin with, without a slash at the end; `None` for the address listened on.
    pub public_url: Option<String>,
    /// The sender, as an address with or without a name; `None` for the app itself.
    pub sender: Option<String>,
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

impl std::fmt::Display for MailServer {
    /// Where mails go and how, without the login.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let security = match self.security {
            MailSecurity::None => "unencrypted",
            MailSecurity::StartTls => "STARTTLS",
            MailSecurity::Tls => "TLS",
        };
        write!(f, "{} port {} ({security})", self.host, self.port)
    }
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
        let setting = settings
            .mail_server
            .as_deref()
            .map(MailServerSetting::read)
            .transpose()?;
        let scheme = setting.as_ref().and_then(|setting| setting.is_smtps);
        let security = match (settings.mail_use_tls, settings.mail_use_ssl, scheme) {
            (true, true, _) => {
                return refuse("MAIL_USE_TLS and MAIL_USE_SSL are both on: set only the one that the server supports");
            }
            (true, _, Some(true)) => {
                return refuse("MAIL_SERVER begins with smtps:// but MAIL_USE_TLS is on: remove one");
            }
            (_, true, Some(false)) => {
                return refuse("MAIL_SERVER begins with smtp:// but MAIL_USE_SSL is on: remove one");
            }
            (true, false, _) => MailSecurity::StartTls,
            (false, true, _) | (_, _, Some(true)) => MailSecurity::Tls,
            (false, false, _) => MailSecurity::None,
        };
        let login = match (settings.mail_username, settings.mail_password) {
            (Some(username), Some(password)) => Some((username, password)),
            (None, None) => None,
            _ => return refuse("MAIL_USERNAME and MAIL_PASSWORD belong together: set both or none"),
        };
        // smtplib reads port 0 as no port.
        let port = settings.mail_port.filter(|port| *port != 0);
        let server = setting
            .filter(|_| !settings.mail_suppress_send)
            .map(|setting| setting.server(port, security, login))
            .transpose()?;
        if server.is_some() && public_url.is_none() {
            return refuse(
                "MAIL_SERVER is set but PUBLIC_URL is not: links in mails need the public address of the app, e.g. \
                 PUBLIC_URL=https://app.example.com",
            );
        }
        Ok(Self {
            public_url: public_url.map(|url| url.trim_end_matches('/').to_owned()),
            sender: settings.mail_default_sender,
            server,
        })
    }
}

/// What `MAIL_SERVER` says: Flask-Mail took a name, others write the port or a whole URL.
struct MailServerSetting {
    host: String,
    port: Option<u16>,
    is_smtps: Option<bool>,
    login: Option<(String, String)>,
}

impl MailServerSetting {
    fn read(text: &str) -> Result<Self> {
        if text.contains("://") {
            return Self::read_url(text);
        }
        // What is written before an @ may be a password.
        let is_name =
            |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || "/@:[]".contains(c));
        let unbracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match (unbracketed, text.split_once(':')) {
            _ if text.parse::<Ipv6Addr>().is_ok() => (text, None),
            (Some((host, "")), _) if host.parse::<Ipv6Addr>().is_ok() => (host, None),
            (Some((host, rest)), _) if host.parse::<Ipv6Addr>().is_ok() => (host, rest.strip_prefix(':').or(Some(""))),
            (None, Some((host, port))) if is_name(host) => (host, Some(port)),
            (None, None) if is_name(text) => (text, None),
            _ => return Err(not_a_server()),
        };
        let port = match port.map(str::parse) {
            Some(Ok(0) | Err(_)) => return Err(not_a_server()),
            Some(Ok(port)) => Some(port),
            None => None,
        };
        Ok(Self {
            host: host.to_owned(),
            port,
            is_smtps: None,
            login: None,
        })
    }

    fn read_url(text: &str) -> Result<Self> {
        let url = url::Url::parse(text).map_err(|_| not_a_server())?;
        let is_smtps = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            _ => return Err(not_a_server()),
        };
        let has_more = !["", "/"].contains(&url.path()) || url.query().is_some() || url.fragment().is_some();
        let host = url.host_str().filter(|host| !host.is_empty() && !has_more);
        let host = host.ok_or_else(not_a_server)?.trim_matches(['[', ']']);
        let decoded = |text: &str| {
            let text = percent_decode_str(text).decode_utf8().map_err(|_| not_a_server());
            text.map(std::borrow::Cow::into_owned)
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            (username, Some(password)) if !username.is_empty() => Some((decoded(username)?, decoded(password)?)),
            _ => {
                return Err(Error::Refused(format!(
                    "{} has only one of user name and password: write both, or use MAIL_USERNAME and MAIL_PASSWORD",
                    named("MAIL_SERVER")
                )));
            }
        };
        Ok(Self {
            host: host.to_owned(),
            port: url.port().filter(|port| *port != 0),
            is_smtps: Some(is_smtps),
            login,
        })
    }

    /// The server, where no other setting contradicts.
    fn server(self, port: Option<u16>, security: MailSecurity, login: Option<(String, String)>) -> Result<MailServer> {
        if let (Some(own), Some(port)) = (self.port, port)
            && own != port
        {
            return Err(Error::Refused(format!(
                "{} names another port than {}: remove one",
                named("MAIL_SERVER"),
                named("MAIL_PORT")
            )));
        }
        if self.login.is_some() && login.is_some() && self.login != login {
            return Err(Error::Refused(
                "MAIL_SERVER has another login than MAIL_USERNAME and MAIL_PASSWORD: remove one".to_owned(),
            ));
        }
        let usual = if security == MailSecurity::Tls { 465 } else { 25 };
        Ok(MailServer {
            host: self.host,
            port: self.port.or(port).unwrap_or(usual),
            security,
            credentials: self.login.or(login),
        })
    }
}

fn not_a_server() -> Error {
    Error::Refused(format!(
        "{} is not a mail server: expected a host such as smtp.example.com, or with its port smtp.example.com:587, or \
         either after smtp:// or smtps://",
        named("MAIL_SERVER")
    ))
}

/// The settings in the environment that look like mail's and that nothing here reads.
pub fn unused_mail_settings() -> Vec<String> {
    let command = MailSettings::augment_args(Command::new("settings"));
    let is_known = |name: &str| {
        command
            .get_arguments()
            .any(|arg| arg.get_env().is_some_and(|known| known == name))
    };
    let mut names = environment::names();
    names.retain(|name| name.starts_with("MAIL_") && !is_known(name));
    names
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
    Err(Error::Refused(format!(
        "{}: expected http:// or https://, a host and at most a path, and no user name, e.g. https://app.example.com",
        named("PUBLIC_URL")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_SETTINGS: MailSettings = MailSettings {
        public_url: None,
        mail_server: None,
        mail_port: None,
        mail_use_tls: false,
        mail_use_ssl: false,
        mail_username: None,
        mail_password: None,
        mail_suppress_send: false,
        mail_default_sender: None,
    };

    #[test]
    fn a_mail_server_needs_the_address_that_links_begin_with() {
        let settings = |server: &str, url: Option<&str>| MailSettings {
            mail_server: Some(server.to_owned()),
            public_url: url.map(str::to_owned),
            ..NO_SETTINGS
        };
        let error = MailConfig::new(settings("localhost", None)).unwrap_err().to_string();
        assert!(error.contains("PUBLIC_URL=https://"), "{error}");
        for (url, expected) in [
            ("https://example.org/app/", "https://example.org/app"),
            ("https://example.org", "https://example.org"),
        ] {
            let config = MailConfig::new(settings("localhost", Some(url))).unwrap();
            assert_eq!(config.public_url.as_deref(), Some(expected));
        }
    }
}
