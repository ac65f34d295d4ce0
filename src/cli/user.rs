//! `user create | list | passwd | enable | disable | grant-admin | revoke-admin`.

use clap::Subcommand;

use super::{database::open_upgraded, output::say, password, progress};
use crate::{
    accounts::{
        models::{NewAccount, Users},
        users::further::values,
    },
    auth::{models::Account, passwords::Passwords},
    config::Config,
    db::{Arg, Pages},
    error::{Constraint, Error, Result},
    flask::email::is_address_for_marshmallow_1,
    project::App,
    text::{is_invisible, visible},
};

#[derive(Subcommand)]
pub enum Command {
    /// Create a user; prompts for the password, or reads it from standard input when piped
    Create {
        /// Mail address to log in with
        email: String,
        /// Display name [default: the address up to the @]
        #[arg(long)]
        name: Option<String>,
        /// Grant the user administrator rights
        #[arg(long)]
        admin: bool,
        /// Set an attribute that the project has added to users; may be repeated
        #[arg(long, value_name = "NAME=VALUE")]
        set: Vec<String>,
    },
    /// List all users
    List,
    /// Set a user's password; prompts for it, or reads it from standard input when piped
    Passwd {
        /// The user's mail address
        email: String,
    },
    /// Allow a user to log in again
    Enable {
        /// The user's mail address
        email: String,
    },
    /// Prevent a user from logging in and reject the user's tokens (unless DISABLED_USERS=allow)
    Disable {
        /// The user's mail address
        email: String,
    },
    /// Grant a user administrator rights
    GrantAdmin {
        /// The user's mail address
        email: String,
    },
    /// Revoke a user's administrator rights
    RevokeAdmin {
        /// The user's mail address
        email: String,
    },
}

pub async fn run(app: &App, config: &Config, command: Command) -> Result<()> {
    progress::start(format!("Waiting for {}", config.database_url));
    let opened = open_upgraded(app, config, false).await?;
    let db = opened.db;
    let users = Users::new(db.clone(), config.profile, opened.users_table);
    let passwords = Passwords::new(config, opened.has_adopted_users);
    match command {
        Command::Create {
            email,
            name,
            admin,
            set,
        } => {
            let new = Draft {
                email: &email,
                name,
                is_admin: admin,
                further: values::given(&set)?,
            };
            create(&users, &passwords, new).await?;
        }
        Command::List => list(users.accounts.list()).await?,
        Command::Passwd { email } => {
            let account = users.require(&email).await?;
            let hash = ask_and_hash(&passwords).await?;
            users.set_password(&account, &hash).await?;
            say(format!(
                "the password of {} was changed; the user's existing tokens are now rejected (unless \
                 STALE_TOKENS=allow)",
                visible(email)
            ))?;
        }
        Command::Enable { email } => {
            users.set_enabled(&users.require(&email).await?, true).await?;
            say(format!("{} may log in", visible(email)))?;
        }
        Command::Disable { email } => {
            users.set_enabled(&users.require(&email).await?, false).await?;
            say(format!("{} may no longer log in", visible(email)))?;
        }
        Command::GrantAdmin { email } => {
            users.set_admin(&users.require(&email).await?, true).await?;
            say(format!("{} is an administrator", visible(email)))?;
        }
        Command::RevokeAdmin { email } => {
            users.set_admin(&users.require(&email).await?, false).await?;
            say(format!("{} is an ordinary user", visible(email)))?;
        }
    }
    db.close().await;
    Ok(())
}

/// What the command line says of a new user.
struct Draft<'a> {
    email: &'a str,
    name: Option<String>,
    is_admin: bool,
    further: Vec<Arg>,
}

async fn create(users: &Users, passwords: &Passwords, draft: Draft<'_>) -> Result<()> {
    let Draft {
        email,
        name,
        is_admin,
        further,
    } = draft;
    let taken = || {
        Error::Refused(format!(
            "the user {email} already exists; `user passwd {email}` sets the password"
        ))
    };
    check_email(email)?;
    let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
    check_length("name", &name)?;
    if users.accounts.find_by_email(email).await?.is_some() {
        return Err(taken());
    }
    let password_hash = ask_and_hash(passwords).await?;
    let new = NewAccount {
        email,
        name: &name,
        password_hash: &password_hash,
        is_admin,
        further: &further,
    };
    match users.create(new).await {
        Ok(id) => say(format!(
            "created user {id}: {email}{}",
            if is_admin { ", an administrator" } else { "" }
        ))?,
        Err(Error::Constraint(violation)) if violation.constraint == Constraint::Unique => {
            // The column may take addresses for equal that differ in case; 2.0's names are unique as well.
            return Err(match violation.names.as_slice() {
                [attribute] if attribute == "name" => Error::Refused(format!(
                    "another user has the name {name:?}; choose another one with --name"
                )),
                [name] if name != "email" => Error::Refused(format!(
                    "another user has this `{name}`; choose another one with --set {name}=VALUE"
                )),
                _ => taken(),
            });
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

fn check_email(email: &str) -> Result<()> {
    check_length("mail address", email)?;
    if is_address_for_marshmallow_1(email) && !email.contains(|c| c == ' ' || is_invisible(c)) {
        return Ok(());
    }
    Err(Error::Refused(format!(
        "{email:?} is not a valid mail address; expected one such as ann@example.com"
    )))
}

/// The originals' columns hold this many characters.
fn check_length(what: &str, text: &str) -> Result<()> {
    let characters = text.chars().count();
    if characters == 0 || characters > 250 || text.contains('\0') {
        return Err(Error::Refused(format!(
            "the {what} has {characters} characters; expected 1 to 250, without NUL"
        )));
    }
    Ok(())
}

/// Prints page by page; the column of addresses grows with the first page that needs it.
async fn list(mut pages: Pages) -> Result<()> {
    let mut width = 6;
    let mut is_first = true;
    while !pages.is_over() {
        let accounts: Vec<Account> = pages.rows().await?;
        let emails: Vec<String> = accounts.iter().map(|account| visible(&account.email)).collect();
        width = emails.iter().map(|email| email.chars().count()).fold(width, usize::max);
        if std::mem::take(&mut is_first) {
            say(format!(
                "{:>6}  {:<width$}  {:<8}  {:<5}  name",
                "id", "e-mail", "enabled", "admin"
            ))?;
        }
        for (account, email) in accounts.iter().zip(emails) {
            let yes_no = |truth| if truth { "yes" } else { "no" };
            say(format!(
                "{:>6}  {email:<width$}  {:<8}  {:<5}  {}",
                account.id,
                yes_no(account.is_enabled),
                yes_no(account.is_admin),
                visible(account.name.as_deref().unwrap_or("-")),
            ))?;
        }
    }
    Ok(())
}

async fn ask_and_hash(passwords: &Passwords) -> Result<String> {
    let password = password::read_twice()?;
    passwords.check_new(&password)?;
    progress::start("Saving the password");
    passwords.hash(&password).await
}
