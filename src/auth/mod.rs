//! Who is calling: tokens, password hashes, the guard of protected handlers, and logging in.

pub mod guard;
pub mod models;
pub mod passwords;
pub mod tokens;
pub mod views;

use std::{sync::Arc, time::Duration};

use chrono::Utc;

use crate::{
    config::{Config, Permission},
    db::Db,
    error::{Error, Result},
    flask::dialect::Dialect,
};
use models::{Account, Accounts};
use passwords::Passwords;
use tokens::{Claims, TOKEN_IS_INVALID, TokenRules, Tokens};

/// The answer to wrong credentials, whatever was wrong with them (all originals, `app/users/views.py`).
pub const INVALID_CREDENTIALS: &str = "invalid username/password";

/// Everything that decides who is calling, shared by guard and handlers.
#[derive(Debug)]
pub struct Auth {
    accounts: Accounts,
    tokens: Tokens,
    passwords: Passwords,
    disabled_users: Permission,
    stale_tokens: Permission,
    rehash: bool,
}

impl Auth {
    /// Puts the parts together; `adopted` tells whether the users table is a Flask app's own.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no SECRET_KEY.
    pub fn new(config: &Config, db: Db, adopted: bool) -> Result<Arc<Self>> {
        let secret_key = config.secret_key.as_ref().ok_or_else(|| {
            Error::Refused("SECRET_KEY is not set: put the Flask app's own key into the environment or .env".to_owned())
        })?;
        let dialect = Dialect::of(config.profile);
        Ok(Arc::new(Self {
            accounts: Accounts::new(db, config.profile),
            tokens: Tokens::new(
                secret_key,
                TokenRules {
                    fidelity: config.fidelity,
                    without_exp: config.tokens_without_exp,
                    lifetime: dialect.token_lifetime,
                    with_scope: dialect.token_has_scope,
                },
            ),
            passwords: Passwords::new(config),
            disabled_users: config.disabled_users,
            stale_tokens: config.stale_tokens,
            rehash: config.password_rehash.unwrap_or(!adopted),
        }))
    }

    /// Checks a mail address and a password and issues a token.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] with [`INVALID_CREDENTIALS`] for an unknown address, a wrong password, or a
    /// disabled user unless `DISABLED_USERS=allow`; [`Error::Busy`] if too many logins wait.
    pub async fn log_in(&self, email: &str, password: &str) -> Result<String> {
        let Some(account) = self.accounts.find_by_email(email).await? else {
            self.passwords.verify_nobody(password).await?;
            return Err(Error::Unauthorized(INVALID_CREDENTIALS));
        };
        let verified = self.passwords.verify(password, &account.password_hash).await?;
        if !verified || self.is_shut_out(&account) {
            return Err(Error::Unauthorized(INVALID_CREDENTIALS));
        }
        if self.rehash && self.passwords.is_old(&account.password_hash) && self.passwords.can_hash(password) {
            let renewed = self.passwords.hash(password).await?;
            self.accounts.replace_hash(&account, &renewed).await?;
        }
        wait_past(account.password_changed_at).await;
        self.tokens
            .issue(account.id, account.role.as_deref(), Utc::now().timestamp())
    }

    /// Checks a token and, unless the settings let any signed token in, its user.
    async fn authenticate(&self, token: &str) -> Result<Claims> {
        let claims = self.tokens.parse(token, Utc::now().timestamp())?;
        if self.disabled_users == Permission::Allow && self.stale_tokens == Permission::Allow {
            // The originals never look the user up.
            return Ok(claims);
        }
        let account = match claims.user_id() {
            Some(id) => self.accounts.find(id).await?,
            None => None,
        };
        let stale = match &account {
            None => true,
            Some(account) => claims.is_from_before(account.password_changed_at),
        };
        let shut_out = account.is_some_and(|account| self.is_shut_out(&account));
        if shut_out || (stale && self.stale_tokens == Permission::Deny) {
            return Err(Error::Unauthorized(TOKEN_IS_INVALID));
        }
        Ok(claims)
    }

    fn is_shut_out(&self, account: &Account) -> bool {
        !account.is_enabled && self.disabled_users == Permission::Deny
    }
}

/// Waits until the second of a password change is over.
///
/// Token times are whole seconds: a token of that second could be from before the change or after it, so all
/// of them are refused, and none is issued.
async fn wait_past(password_changed_at: Option<i64>) {
    if let Some(changed) = password_changed_at
        && changed == Utc::now().timestamp()
    {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
