//! Who is calling: a token's claims, and the account that they name.

use std::sync::Arc;

use chrono::Utc;
use poem::Request;
use tokio::sync::OnceCell;

use super::{
    bearer::token_of,
    claims::Claims,
    dialects::{AppTokens, Reason},
    models::{Account, Accounts},
    passwords::Passwords,
    queue::Queue,
    throttle::Throttle,
    tokens::{ACCOUNT_IS_GONE, TOKEN_IS_INVALID, TokenRules, Tokens},
};
use crate::{
    config::{Config, Fidelity, Permission, SignupPolicy, UserWrites},
    db::Db,
    error::{Constraint, ConstraintViolation, Error, Result},
    flask::dialect::Dialect,
};

/// Everything that decides who is calling, shared by guard and handlers.
#[derive(Debug)]
pub struct Auth {
    pub(super) accounts: Accounts,
    pub(super) tokens: Tokens,
    app_tokens: Option<AppTokens>,
    pub(super) passwords: Passwords,
    pub(super) queue: Queue,
    pub(super) throttle: Throttle,
    pub(super) stale_tokens: Permission,
    pub(super) strict_addresses: bool,
    pub(super) signup: SignupPolicy,
    pub(super) rehash: bool,
    disabled_users: Permission,
    user_writes: UserWrites,
}

/// Who is calling, and what the caller may do.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The caller's id; `None` for a subject that can be nobody's, which only `flask` lets in.
    pub id: Option<i64>,
    /// Whether the caller may change users and roles that are not the caller's own.
    pub is_privileged: bool,
    /// The caller's account, once it was read; `None` inside if there is none.
    account: OnceCell<Option<Account>>,
    /// The account of another user that was read with the caller's own.
    other: Option<Account>,
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
    /// Puts the parts together; `adopted` tells whether the users table is a Flask app's own.
    ///
    /// # Errors
    /// [`Error::Refused`] if SECRET_KEY is not set.
    pub fn new(config: &Config, db: Db, adopted: bool) -> Result<Arc<Self>> {
        let secret_key = config.require_secret_key()?;
        let dialect = Dialect::of(config.profile);
        let app_tokens = config.tokens.as_ref();
        let lifetime = app_tokens.and_then(|tokens| tokens.lifetime);
        let rules = TokenRules {
            fidelity: config.fidelity,
            without_exp: config.tokens_without_exp,
            sub: config.token_sub,
            lifetime: lifetime.unwrap_or(dialect.token_lifetime),
            with_scope: dialect.token_has_scope,
        };
        Ok(Arc::new(Self {
            throttle: Throttle::new(db.clone(), config.login_throttle),
            queue: Queue::new(),
            accounts: Accounts::new(db, config.profile),
            tokens: Tokens::new(secret_key, rules),
            app_tokens: app_tokens
                .map(|tokens| AppTokens::new(tokens, secret_key, rules))
                .transpose()?,
            passwords: Passwords::new(config, adopted),
            disabled_users: config.disabled_users,
            stale_tokens: config.stale_tokens,
            user_writes: config.user_writes,
            strict_addresses: config.fidelity == Fidelity::Safe,
            signup: config.signup,
            rehash: config.password_rehash.unwrap_or(!adopted),
        }))
    }

    /// The claims of a request's token.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] or [`Error::Token`], without a token or with one that is not good here.
    fn claims_of(&self, request: &Request) -> Result<Claims> {
        let now = Utc::now().timestamp();
        match &self.app_tokens {
            Some(tokens) => tokens.claims_of(request, now),
            None => self.tokens.parse(token_of(request)?, now),
        }
    }

    /// The claims of a login's token.
    ///
    /// # Errors
    /// As for a request's.
    pub(super) fn claims_in(&self, token: &str) -> Result<Claims> {
        let now = Utc::now().timestamp();
        match &self.app_tokens {
            Some(tokens) => tokens.parse(token, now),
            None => self.tokens.parse(token, now),
        }
    }

    /// A token for this user, issued at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be signed, which no input causes.
    pub(super) fn issue(&self, account: &Account, now: i64) -> Result<String> {
        match &self.app_tokens {
            Some(tokens) => tokens.issue(account, now),
            None => self.tokens.issue(account.id, account.role.as_deref(), now),
        }
    }

    /// Checks a request's token and, unless the settings let any signed token do anything, its user.
    ///
    /// The account of the user `other` is read by the same query, for [`Auth::find`].
    pub(super) async fn authenticate(&self, request: &Request, other: Option<i64>) -> Result<Caller> {
        let claims = self.claims_of(request)?;
        let anyone = self.user_writes == UserWrites::Any;
        if anyone
            && claims.email.is_none()
            && self.disabled_users == Permission::Allow
            && self.stale_tokens == Permission::Allow
        {
            // The originals never look the user up.
            return Ok(Caller {
                id: claims.user_id(),
                is_privileged: true,
                account: OnceCell::new(),
                other: None,
            });
        }
        let (account, other) = match (claims.user_id(), other) {
            (Some(id), Some(other)) if id != other => self.accounts.find_two(id, other).await?,
            _ => (self.account_of(&claims).await?, None),
        };
        self.check_account(&claims, account.as_ref())?;
        Ok(Caller {
            id: account.as_ref().map(|account| account.id).or(claims.user_id()),
            // The token's scope is what the user was when it was issued.
            is_privileged: anyone || account.as_ref().is_some_and(|account| account.is_admin),
            account: OnceCell::new_with(Some(account)),
            other,
        })
    }

    /// The user whom a token names.
    pub(super) async fn authenticate_account(&self, request: &Request) -> Result<Account> {
        let claims = self.claims_of(request)?;
        let account = self.account_of(&claims).await?;
        self.check_account(&claims, account.as_ref())?;
        account.ok_or_else(|| self.nobody(&claims))
    }

    /// The account of a token's subject.
    pub(super) async fn account_of(&self, claims: &Claims) -> Result<Option<Account>> {
        match (&claims.email, claims.user_id()) {
            (Some(email), _) => self.accounts.find_by_email(email).await,
            (None, Some(id)) => self.accounts.find(id).await,
            (None, None) => Ok(None),
        }
    }

    /// The answer to a token of a user who is not there.
    fn nobody(&self, claims: &Claims) -> Error {
        match &self.app_tokens {
            Some(tokens) => tokens.refusal(Reason::NoUser(claims.sub.clone())),
            None => Error::Unauthorized(ACCOUNT_IS_GONE),
        }
    }

    /// The answer to a token of a user who may not call with it.
    fn voided(&self, claims: &Claims, is_shut_out: bool) -> Error {
        match &self.app_tokens {
            Some(tokens) if is_shut_out => tokens.refusal(Reason::NoUser(claims.sub.clone())),
            Some(tokens) => tokens.refusal(Reason::Revoked),
            None => Error::Unauthorized(TOKEN_IS_INVALID),
        }
    }

    /// Whether the settings let a token in whose user this is.
    pub(super) fn check_account(&self, claims: &Claims, account: Option<&Account>) -> Result<()> {
        let stale = match account {
            None => true,
            Some(account) => {
                claims.is_from_before(account.tokens_void_until()) || claims.is_older_than(account.born_at())
            }
        };
        let shut_out = account.is_some_and(|account| self.is_shut_out(account));
        if shut_out || (stale && self.stale_tokens == Permission::Deny) {
            let names_somebody = claims.user_id().is_some() || self.app_tokens.is_some();
            return Err(match account.is_none() && names_somebody {
                true => self.nobody(claims),
                false => self.voided(claims, shut_out),
            });
        }
        Ok(())
    }

    pub(super) fn is_shut_out(&self, account: &Account) -> bool {
        !account.is_enabled && self.disabled_users == Permission::Deny
    }

    /// The account that a caller asks for, which is not read again where the guard has read it.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is none.
    pub async fn find(&self, caller: &Caller, id: i64) -> Result<Account> {
        let account = match caller.id == Some(id) {
            true => self.own_account(caller).await?.cloned(),
            false => match caller.other.as_ref().filter(|other| other.id == id) {
                Some(other) => self.accounts.settled(Some(other.clone())).await?,
                None => self.accounts.find(id).await?,
            },
        };
        account.ok_or(Error::NotFound)
    }

    /// The display name of the caller, which Flask-Scaffold 2.0 notes in the rows that the caller makes; `None`
    /// for a caller without.
    ///
    /// # Errors
    /// [`Error::Constraint`] if the caller is gone, as far as the settings let such a token in.
    pub async fn name_of(&self, caller: &Caller) -> Result<Option<String>> {
        let account = self.own_account(caller).await?;
        let account = account.ok_or(Error::Constraint(ConstraintViolation::of(
            Constraint::Missing,
            "createdby",
        )))?;
        Ok(account.name.clone())
    }

    /// Whether the caller is an administrator. Settings that let others write do not count.
    ///
    /// # Errors
    /// As for every query.
    pub async fn is_admin(&self, caller: &Caller) -> Result<bool> {
        let account = self.own_account(caller).await?;
        Ok(account.is_some_and(|account| account.is_admin))
    }

    async fn own_account<'c>(&self, caller: &'c Caller) -> Result<Option<&'c Account>> {
        let read = async || match caller.id {
            Some(id) => self.accounts.find(id).await,
            None => Ok(None),
        };
        Ok(caller.account.get_or_try_init(read).await?.as_ref())
    }
}
