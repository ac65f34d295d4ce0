//! Renders and sends mail through SMTP, or prints it where no mail server is configured.

use std::{io::Write, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, MultiPart},
    transport::smtp::authentication::Credentials,
};
use tera::{Context, Tera};

use crate::{
    config::{MailConfig, MailSecurity, MailServer, named},
    embedded::Layers,
    error::{Error, Result},
    text::visible,
};

/// The subject of the reset mail (Flask-Scaffold, `ForgotPassword.post`, `app/baseviews.py`).
const RESET_SUBJECT: &str = "Here's your Password Reset Link :)";
/// The address of mails from the app itself.
const USUAL_ADDRESS: &str = "no-reply@localhost";
/// How long a mail server may take for each answer.
const SMTP_TIMEOUT: Duration = Duration::from_secs(15);

/// A mail with a link that lets its reader choose a new password.
pub struct ResetMail<'a> {
    /// The stored address of the user.
    pub to: &'a str,
    /// The user's display name, if there is one.
    pub name: Option<&'a str>,
    /// The token that the link carries.
    pub token: &'a str,
    /// How long it is good.
    pub lifetime: Duration,
}

/// What became of a mail.
#[derive(Debug)]
pub enum Delivery {
    /// The mail server has it, or it was printed.
    Done,
    /// The mail server could not be reached or asked to come back, for this reason.
    Later(String),
    /// It will not be taken, for this reason.
    Never(String),
}

/// Sends mails, or prints them.
pub struct Mailer {
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
    sender: Mailbox,
    templates: Tera,
    title: String,
    public_url: String,
}

impl Mailer {
    /// Checks sender and templates; nothing is sent yet. The app is called `title`.
    ///
    /// Links begin with `PUBLIC_URL`, never with what a request calls its host; without the setting, and so
    /// without a mail server, with the address listened on.
    ///
    /// # Errors
    /// [`Error::Refused`] for a sender, a server name or a template that cannot be used.
    pub fn new(config: &MailConfig, title: &str, files: &Layers, address: &str) -> Result<Self> {
        let mailer = Self {
            transport: config.server.as_ref().map(transport).transpose()?,
            sender: match &config.sender {
                Some(text) => sender(text)?,
                None => Mailbox::new(Some(title.to_owned()), USUAL_ADDRESS.parse().map_err(Error::of_mail)?),
            },
            templates: templates(files)?,
            title: title.to_owned(),
            public_url: config.public_url.clone().unwrap_or_else(|| address.to_owned()),
        };
        // A template of the project's that asks for more than it gets would otherwise fail where nobody looks.
        let sample = ResetMail {
            to: USUAL_ADDRESS,
            name: Some("Ann"),
            token: "",
            lifetime: Duration::from_secs(60),
        };
        let refused = |error: Error| Error::Refused(error.with_causes());
        mailer.render(&sample).map_err(refused)?;
        Ok(mailer)
    }

    /// Tries once to send the link of a password reset.
    pub async fn send_reset(&self, mail: &ResetMail<'_>) -> Delivery {
        let (text, html) = match self.render(mail) {
            Ok(texts) => texts,
            Err(error) => return Delivery::Never(error.with_causes()),
        };
        let Some(transport) = &self.transport else {
            return match print(mail.to, RESET_SUBJECT, &text) {
                Ok(()) => Delivery::Done,
                Err(error) => Delivery::Never(error.with_causes()),
            };
        };
        let message = mail.to.parse().map_err(Error::of_mail).and_then(|to| {
            Message::builder()
                .from(self.sender.clone())
                .to(Mailbox::new(None, to))
                .subject(RESET_SUBJECT)
                .multipart(MultiPart::alternative_plain_html(text, html))
                .map_err(Error::of_mail)
        });
        let message = match message {
            Ok(message) => message,
            Err(error) => return Delivery::Never(error.with_causes()),
        };
        match transport.send(message).await {
            Ok(_) => Delivery::Done,
            Err(error) if error.is_permanent() => Delivery::Never(Error::of_mail(error).with_causes()),
            Err(error) => Delivery::Later(Error::of_mail(error).with_causes()),
        }
    }

    /// The mail as plain text and as HTML.
    fn render(&self, mail: &ResetMail<'_>) -> Result<(String, String)> {
        let mut context = Context::new();
        // Whoever signs up chooses it: it must not begin a line of its own.
        context.insert("name", &mail.name.map(visible));
        context.insert("title", &self.title);
        // In the fragment, so that it reaches neither a server's log nor another site.
        let link = format!("{}/#/forgotpassword/{}", self.public_url, mail.token);
        context.insert("link", &link);
        context.insert("lifetime", &in_words(mail.lifetime));
        let render = |name| {
            let rendered = self.templates.render(name, &context);
            rendered.map_err(|error| Error::Internal(format!("templates/mail/{name}: {error}")))
        };
        Ok((render("reset_password.txt")?, render("reset_password.html")?))
    }
}

/// The sender that `MAIL_DEFAULT_SENDER` names, as an address with or without a name, or as the tuple of config.py.
///
/// # Errors
/// [`Error::Refused`] shows what is expected.
pub fn sender(text: &str) -> Result<Mailbox> {
    let refused = |_| {
        Error::Refused(format!(
            "{}: expected ann@example.com or \"Ann <ann@example.com>\"",
            named("MAIL_DEFAULT_SENDER")
        ))
    };
    let Some((name, address)) = pair(text) else {
        return text.parse().map_err(refused);
    };
    let address = address.parse().map_err(refused)?;
    Ok(Mailbox::new((!name.is_empty()).then(|| name.to_owned()), address))
}

/// The texts of `('Ann', 'ann@example.com')`; not of one with a backslash, which no name has.
fn pair(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim().strip_prefix('(')?.strip_suffix(')')?;
    let (first, rest) = quoted(inner)?;
    let (second, rest) = quoted(rest.trim_start().strip_prefix(',')?)?;
    let is_over = ["", ","].contains(&rest.trim());
    (is_over && !text.contains('\\')).then_some((first, second))
}

/// A text in quotes, and what comes after it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let quote = text.chars().next().filter(|quote| ['\'', '"'].contains(quote))?;
    text[1..].split_once(quote)
}

/// `60 minutes`, `1 day`, `30 days`.
fn in_words(lifetime: Duration) -> String {
    const DAY: u64 = 86_400;
    let (number, unit) = match lifetime.as_secs() {
        seconds if seconds >= DAY && seconds.is_multiple_of(DAY) => (seconds / DAY, "day"),
        seconds => (seconds / 60, "minute"),
    };
    format!("{number} {unit}{}", if number == 1 { "" } else { "s" })
}

fn transport(server: &MailServer) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let host = server.host.as_str();
    let builder = match server.security {
        MailSecurity::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)),
        MailSecurity::StartTls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host),
        MailSecurity::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host),
    };
    let mut builder = builder
        .map_err(|error| Error::Refused(format!("MAIL_SERVER={host}: {error}")))?
        .port(server.port)
        .timeout(Some(SMTP_TIMEOUT));
    if let Some((username, password)) = server.credentials.clone() {
        builder = builder.credentials(Credentials::new(username, password));
    }
    Ok(builder.build())
}

fn templates(files: &Layers) -> Result<Tera> {
    let mut tera = Tera::default();
    let paths = files.paths();
    let texts = paths
        .iter()
        .filter_map(|path| Some((path.strip_prefix("mail/")?.to_owned(), files.text(path)?)));
    tera.add_raw_templates(texts.collect::<Vec<_>>())
        .map_err(|error| Error::Refused(format!("templates/mail/: {error}")))?;
    Ok(tera)
}

/// One write, so that mails printed at once do not mix.
fn print(to: &str, subject: &str, text: &str) -> Result<()> {
    let to = visible(to);
    let mail = format!(
        "\n--- no MAIL_SERVER, or MAIL_SUPPRESS_SEND: this mail is only printed ---\nTo: {to}\nSubject: {subject}\n\n{text}---\n"
    );
    std::io::stdout()
        .write_all(mail.as_bytes())
        .map_err(|error| Error::Io("cannot print a mail".to_owned(), error))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::config::MailSettings;

    fn settings(row: &Value) -> MailSettings {
        // Where settings are read, an empty one is none.
        let given = |name: &str| row[name].as_str().filter(|text| !text.is_empty());
        let text = |name: &str| given(name).map(str::to_owned);
        let port = &row["MAIL_PORT"];
        MailSettings {
            public_url: Some("https://app.example.com".to_owned()),
            mail_server: text("MAIL_SERVER"),
            mail_port: port.as_str().map_or_else(
                || port.as_u64().map(|port| port.try_into().unwrap()),
                |port| port.parse().ok(),
            ),
            mail_use_tls: row["MAIL_USE_TLS"] == true,
            mail_use_ssl: row["MAIL_USE_SSL"] == true,
            mail_username: text("MAIL_USERNAME"),
            mail_password: text("MAIL_PASSWORD"),
            mail_suppress_send: row["MAIL_SUPPRESS_SEND"] == true,
            mail_default_sender: text("MAIL_DEFAULT_SENDER"),
        }
    }

    /// Host, port and the rest as Flask-Mail's row has them.
    fn shown(config: &MailConfig) -> Value {
        let from = sender(config.sender.as_deref().unwrap()).unwrap();
        let mut shown = json!({"from": [from.name.unwrap_or_default(), from.email.to_string()]});
        if let Some(server) = &config.server {
            shown["host"] = server.host.clone().into();
            shown["port"] = server.port.into();
            shown["security"] = match server.security {
                MailSecurity::None => "none",
                MailSecurity::StartTls => "starttls",
                MailSecurity::Tls => "ssl",
            }
            .into();
            if let Some((user, password)) = &server.credentials {
                shown["login"] = vec![user.as_str(), password.as_str()].into();
            }
        }
        shown
    }

    #[test]
    fn mails_go_where_flask_mail_sent_them_or_as_the_row_says() {
        let rows: Vec<Value> = serde_json::from_str(include_str!("../tests/vectors/flask_mail.json")).unwrap();
        assert!(rows.len() > 80);
        for row in &rows {
            let outcome = MailConfig::new(settings(&row["config"]))
                .and_then(|config| sender(config.sender.as_deref().unwrap()).map(|_| config));
            if let Some(part) = row["ours"]["refused"].as_str() {
                let error = outcome.map(|config| shown(&config)).unwrap_err().to_string();
                assert!(error.contains(part) && !error.contains("secret"), "{row}: {error}");
                continue;
            }
            let mut expected = row["flask"].clone();
            let ours = row["ours"].as_object();
            for (name, value) in ours.into_iter().flatten().filter(|(name, _)| *name != "why") {
                if name == "printed" {
                    expected = json!({"from": expected["from"]});
                } else {
                    expected[name] = value.clone();
                }
            }
            let config = outcome.unwrap_or_else(|error| panic!("{row}: {error}"));
            assert_eq!(shown(&config), expected, "{row}");
        }
    }
}
