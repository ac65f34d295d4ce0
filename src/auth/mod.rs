//! Who is calling: tokens, password hashes, the guard of protected handlers, and logging in.

mod costs;
pub mod guard;
mod identity;
pub(crate) mod models;
pub(crate) mod outbox;
pub(crate) mod passwords;
mod queue;
pub(crate) mod reset;
pub(crate) mod throttle;
pub(crate) mod tokens;

use std::{sync::Arc, time::Duration};

use chrono::Utc;

use crate::{
    config::{Config, Fidelity, Permission, Signup, UserWrites},
    db::Db,
    error::{Constraint, Error, Fault, Refusal, Result},
    flask::{dialect::Dialect, tables::UsersTable},
    text::is_invisible,
};
use models::{Account, Accounts, Addresses};
use passwords::{HASH_SHAPED, PLACEHOLDER, Passwords, looks_like_hash};
use queue::{Lane, Queue, Turn};
use throttle::{Attempt, Kind, Origin, Throttle};
use tokens::{ACCOUNT_IS_GONE, Claims, TOKEN_IS_INVALID, TokenRules, Tokens};

/// The answer to wrong credentials, whatever was wrong with them (all originals, `app/users/views.py`).
pub const INVALID_CREDENTIALS: &str = "invalid username/password";

/// How long a login waits for the second of a change to be over, with clocks that differ a little.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Everything that decides who is calling, shared by guard and handlers.
#[derive(Debug)]
pub struct Auth {
    accounts: Accounts,
    tokens: Tokens,
    passwords: Passwords,
    queue: Queue,
    throttle: Throttle,
    disabled_users: Permission,
    stale_tokens: Permission,
    user_writes: UserWrites,
    strict_addresses: bool,
    signup: Signup,
    rehash: bool,
}

/// Who is calling, and what the caller may do.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The caller's id; `None` for a subject that can be nobody's, which only `flask` lets in.
    pub id: Option<i64>,
    /// Whether the caller may change users and roles that are not the caller's own.
    pub is_privileged: bool,
}

impl Caller {
    /// Lets only those pass who may change everything.
    ///
    /// # Errors
    /// [`Error::AdminRequired`].
    pub fn require_admin(&self) -> Result<()> {
        if self.is_privileged {
            Ok(())
        } else {
            Err(Error::AdminRequired)
        }
    }

    /// Lets also those pass whose own account it is.
    ///
    /// # Errors
    /// [`Error::AdminRequired`].
    pub fn require_owner_or_admin(&self, id: i64) -> Result<()> {
        if self.id == Some(id) {
            Ok(())
        } else {
            self.require_admin()
        }
    }
}

impl Auth {
    /// Puts the parts together; `table` and `adopted` tell what the users table is like, and whether it is a Flask app's
    /// own.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no SECRET_KEY.
    pub fn new(config: &Config, db: Db, table: UsersTable, adopted: bool) -> Result<Arc<Self>> {
        let secret_key = config.require_secret_key()?;
        let dialect = Dialect::of(config.profile);
        Ok(Arc::new(Self {
            throttle: Throttle::new(db.clone(), config.login_throttle),
            queue: Queue::new(),
            accounts: Accounts::new(db, config.profile, table),
            tokens: Tokens::new(
                secret_key,
                TokenRules {
                    fidelity: config.fidelity,
                    without_exp: config.tokens_without_exp,
                    sub: config.token_sub,
                    lifetime: dialect.token_lifetime,
                    with_scope: dialect.token_has_scope,
                },
            ),
            passwords: Passwords::new(config),
            disabled_users: config.disabled_users,
            stale_tokens: config.stale_tokens,
            user_writes: config.user_writes,
            strict_addresses: config.fidelity == Fidelity::Safe,
            signup: config.signup,
            rehash: config.password_rehash.unwrap_or(!adopted),
        }))
    }

    /// Checks a mail address and a password and issues a token.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] with [`INVALID_CREDENTIALS`] for an unknown address, a wrong password, or a
    /// disabled user unless `DISABLED_USERS=allow`; [`Error::TooManyAttempts`]; [`Error::Busy`] if too many logins
    /// wait.
    pub async fn log_in(&self, email: &str, password: &str, origin: &Origin) -> Result<String> {
        let mut attempt = self.throttle.admit(email, origin, now_in_milliseconds()).await?;
        let lane = if attempt.is_known() {
            Lane::Known
        } else {
            Lane::Stranger
        };
        let turn = self.queue.turn(lane).await?;
        let now = now_in_milliseconds();
        self.throttle.count(&mut attempt, turn.has_waited, now).await?;
        self.check_credentials(email, password, turn, attempt).await
    }

    async fn check_credentials(&self, email: &str, password: &str, turn: Turn, attempt: Attempt) -> Result<String> {
        // Before the hash is read: every change from this second on voids the token.
        let now = Utc::now().timestamp();
        // Who may not log in is nobody here, and takes as long.
        let found = self.accounts.find_by_email(email).await?;
        let account = found.filter(|account| !self.is_shut_out(account));
        let stored = account.as_ref().map(|account| account.password_hash.as_str());
        let verdict = self.passwords.verify(password, stored).await?;
        let Some(account) = account.filter(|_| verdict.is_right) else {
            // Others hash while this one waits, and must find it counted.
            self.throttle.failed(attempt, now_in_milliseconds()).await?;
            drop(turn);
            verdict.wait().await;
            return Err(Error::Unauthorized(INVALID_CREDENTIALS));
        };
        let renew = self.rehash && self.passwords.is_old(&account.password_hash) && self.passwords.can_hash(password);
        let renewed = match renew {
            true => Some(self.passwords.hash(password).await?),
            false => None,
        };
        drop(turn);
        let token = self.admit(&account, renewed.as_deref(), now).await?;
        self.throttle.succeeded(attempt, now_in_milliseconds()).await?;
        Ok(token)
    }

    /// The token of a user whose password was found right, unless the user was changed since `seen` was read.
    async fn admit(&self, seen: &Account, renewed_hash: Option<&str>, mut now: i64) -> Result<String> {
        loop {
            let admitted = self.accounts.admit(seen, renewed_hash, now).await?;
            let account = admitted
                .filter(|account| !self.is_shut_out(account))
                .ok_or(Error::Unauthorized(INVALID_CREDENTIALS))?;
            if self.stale_tokens == Permission::Allow || !account.voids(now) {
                return self.tokens.issue(account.id, account.role.as_deref(), now);
            }
            wait_past(account.tokens_void_until()).await?;
            now = Utc::now().timestamp();
        }
    }

    /// Finds out how long failed logins take, for a task beside the server: the users table may be large.
    pub async fn measure_passwords(&self) {
        let measured = match self.accounts.costly_formats().await {
            Ok(formats) => self.passwords.measure(&formats).await,
            Err(error) => self.passwords.measure(&[]).await.and(Err(error)),
        };
        if let Err(error) = measured {
            tracing::warn!(error = %error.with_causes(), "the formats of stored passwords are not known yet");
        }
    }

    /// Checks a token and, unless the settings let any signed token do anything, its user.
    async fn authenticate(&self, token: &str) -> Result<Caller> {
        let claims = self.tokens.parse(token, Utc::now().timestamp())?;
        let anyone = self.user_writes == UserWrites::Any;
        if anyone && self.disabled_users == Permission::Allow && self.stale_tokens == Permission::Allow {
            // The originals never look the user up.
            return Ok(Caller {
                id: claims.user_id(),
                is_privileged: true,
            });
        }
        let account = match claims.user_id() {
            Some(id) => self.accounts.find(id).await?,
            None => None,
        };
        self.check_account(&claims, account.as_ref())?;
        Ok(Caller {
            id: claims.user_id(),
            // The token's scope is what the user was when it was issued.
            is_privileged: anyone || account.is_some_and(|account| account.is_admin),
        })
    }

    /// The user whom a token names.
    async fn authenticate_account(&self, token: &str) -> Result<Account> {
        let claims = self.tokens.parse(token, Utc::now().timestamp())?;
        let account = match claims.user_id() {
            Some(id) => self.accounts.find(id).await?,
            None => None,
        };
        self.check_account(&claims, account.as_ref())?;
        account.ok_or(Error::Unauthorized(ACCOUNT_IS_GONE))
    }

    /// Whether the settings let a token in whose user this is.
    fn check_account(&self, claims: &Claims, account: Option<&Account>) -> Result<()> {
        let stale = match account {
            None => true,
            Some(account) => {
                claims.is_from_before(account.tokens_void_until()) || claims.is_older_than(account.born_at())
            }
        };
        let shut_out = account.is_some_and(|account| self.is_shut_out(account));
        if shut_out || (stale && self.stale_tokens == Permission::Deny) {
            let is_gone = account.is_none() && claims.user_id().is_some();
            let text = if is_gone { ACCOUNT_IS_GONE } else { TOKEN_IS_INVALID };
            return Err(Error::Unauthorized(text));
        }
        Ok(())
    }

    /// The hash of a new user's password, if both address and password can be taken.
    ///
    /// # Errors
    /// [`Error::Document`] with all that is wrong with them; [`Error::Busy`] if too many wait to be hashed.
    pub async fn hash_new(&self, email: &str, password: &str) -> Result<String> {
        refuse([self.wrong_email(email), self.wrong_password(password)])?;
        self.hash_in(Lane::Known, password).await
    }

    /// The hash of the password of somebody who signs up.
    ///
    /// # Errors
    /// As [`Auth::hash_new`]; [`Error::TooManyAttempts`] if too many sign up from there.
    pub async fn hash_signup(&self, email: &str, password: &str, origin: &Origin) -> Result<String> {
        refuse([self.wrong_email(email), self.wrong_password(password)])?;
        let now = now_in_milliseconds();
        self.throttle.count_request(Kind::SignUp, origin, now).await?;
        self.hash_in(Lane::Stranger, password).await
    }

    /// The hash of the password that a reset sets.
    ///
    /// # Errors
    /// As [`Auth::hash_new`].
    async fn hash_reset(&self, password: &str) -> Result<String> {
        refuse([self.wrong_password(password)])?;
        self.hash_in(Lane::Known, password).await
    }

    async fn hash_in(&self, lane: Lane, password: &str) -> Result<String> {
        let _turn = self.queue.turn(lane).await?;
        self.passwords.hash(password).await
    }

    /// The hash of a user's changed password; `None` for no password, or one that means "unchanged".
    ///
    /// An address that is the user's already may be sent back, whatever is in it. Flask-Scaffold 1.0 stored the
    /// password that it was given, which a client could make a hash of its choice.
    ///
    /// # Errors
    /// As [`Auth::hash_new`]; also for a password that looks like a hash.
    pub async fn hash_changed(&self, email: Option<&str>, password: Option<&str>, id: i64) -> Result<Option<String>> {
        let password = password.filter(|password| *password != PLACEHOLDER);
        let wrong_email = email.and_then(|email| self.wrong_email(email));
        if password.is_none() && wrong_email.is_none() {
            return Ok(None);
        }
        let account = self.accounts.find(id).await?.ok_or(Error::NotFound)?;
        let wrong_email = wrong_email.filter(|_| email != Some(account.email.as_str()));
        let password = password.filter(|password| *password != account.password_hash);
        let wrong_password = password.and_then(|password| match looks_like_hash(password) {
            true => Some(Fault::of("password", HASH_SHAPED)),
            false => self.wrong_password(password),
        });
        refuse([wrong_email, wrong_password])?;
        match password {
            Some(password) => self.hash_in(Lane::Known, password).await.map(Some),
            None => Ok(None),
        }
    }

    /// What is not seen in an address makes it look like another one; the originals looked at no address.
    fn wrong_email(&self, email: &str) -> Option<Fault> {
        let is_wrong = self.strict_addresses && email.contains(|c| c == ' ' || is_invisible(c));
        is_wrong.then(|| Fault::of("email", "Not a valid email address."))
    }

    fn wrong_password(&self, password: &str) -> Option<Fault> {
        let objection = self.passwords.objection(password)?;
        Some(Fault::of("password", &objection))
    }

    /// Whether users may share an address.
    pub fn addresses(&self) -> Addresses {
        match self.strict_addresses {
            true => Addresses::Unique,
            false => Addresses::AsInTable,
        }
    }

    /// Whether those who sign up may log in at once.
    ///
    /// # Errors
    /// [`Error::SignupClosed`] if nobody may sign up.
    pub fn enables_signups(&self) -> Result<bool> {
        match self.signup {
            Signup::Open => Ok(true),
            Signup::Approval => Ok(false),
            Signup::Off => Err(Error::SignupClosed),
        }
    }

    /// The display name of the caller, which Flask-Scaffold 2.0 notes in the rows that the caller makes; `None`
    /// for a caller without.
    ///
    /// # Errors
    /// [`Error::Constraint`] if the caller is gone, as far as the settings let such a token in.
    pub async fn name_of(&self, caller: &Caller) -> Result<Option<String>> {
        let account = match caller.id {
            Some(id) => self.accounts.find(id).await?,
            None => None,
        };
        let account = account.ok_or(Error::Constraint(Refusal::of(Constraint::Missing, "createdby")))?;
        Ok(account.name)
    }

    fn is_shut_out(&self, account: &Account) -> bool {
        !account.is_enabled && self.disabled_users == Permission::Deny
    }
}

/// The time in Unix milliseconds.
fn now_in_milliseconds() -> i64 {
    Utc::now().timestamp_millis()
}

/// Refuses a document that has these faults, unless there are none.
fn refuse(faults: impl IntoIterator<Item = Option<Fault>>) -> Result<()> {
    let faults: Vec<Fault> = faults.into_iter().flatten().collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Document {
            faults,
            is_scaffolded: false,
        })
    }
}

/// Waits until tokens are no longer void that are issued now.
///
/// Token times are whole seconds: a token of the second of a password change could be from before the change or after
/// it, so all of them are void, and none is issued.
///
/// # Errors
/// [`Error::Busy`] if that takes longer than clocks may differ by.
async fn wait_past(void_until: Option<i64>) -> Result<()> {
    let Some(void_until) = void_until else { return Ok(()) };
    let left = (void_until + 1) * 1000 - Utc::now().timestamp_millis();
    let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
    if left > MAX_WAIT {
        tracing::warn!(
            void_until,
            "a user's tokens are void until a time to come: compare the servers' clocks"
        );
        return Err(Error::Busy);
    }
    tokio::time::sleep(left).await;
    Ok(())
}
