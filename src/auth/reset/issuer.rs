//! Issues the tokens of resets by mail, and finds out whose password they reset.

use std::{sync::Arc, time::Duration};

use chrono::Utc;

use super::models::{RESET_WINDOW_SECONDS, ResetRecords};
use crate::{
    auth::{
        callers::Auth,
        claims::Claims,
        login::{now_in_milliseconds, wait_past},
        models::Account,
        outbox::models::Waiting,
        tokens::{TOKEN_IS_INVALID, Tokens},
    },
    config::{Config, ResetToken},
    error::{Error, Result},
    mail::{Delivery, Mailer, ResetMail},
};

/// Issues reset tokens, for requests and for the sending of mails.
pub struct Issuer {
    pub(super) auth: Arc<Auth>,
    pub(super) records: ResetRecords,
    tokens: Tokens,
    kind: ResetToken,
    mailer: Mailer,
}

/// A mail that is ready to be sent. Its token is nowhere else.
pub struct Prepared {
    account: Account,
    token: String,
}

/// A token's right to set a password.
pub struct ResetRight {
    pub(super) account: Account,
    /// The token's own id, where it is good only once.
    pub(super) id: Option<String>,
}

impl Issuer {
    /// Puts the parts together.
    ///
    /// # Errors
    /// [`Error::Refused`] if SECRET_KEY is not set.
    pub(super) fn new(config: &Config, records: ResetRecords, auth: Arc<Auth>, mailer: Mailer) -> Result<Self> {
        let secret_key = config.require_secret_key()?;
        let lifetime = Duration::from_secs(RESET_WINDOW_SECONDS.unsigned_abs());
        Ok(Self {
            auth,
            records,
            tokens: Tokens::for_resets(secret_key, lifetime)?,
            kind: config.reset_token,
            mailer,
        })
    }

    pub(super) async fn find(&self, email: &str) -> Result<Option<Account>> {
        self.auth.accounts.find_by_email(email).await
    }

    /// Finds out whose password a token resets.
    pub(super) async fn authorize(&self, token: &str) -> Result<ResetRight> {
        let claims = match self.kind {
            ResetToken::SingleUse => self.tokens.parse(token, Utc::now().timestamp())?,
            ResetToken::Login => self.auth.claims_in(token)?,
        };
        let account = self.auth.account_of(&claims).await?;
        match self.kind {
            ResetToken::SingleUse => self.check_single_use(&claims, account.as_ref())?,
            ResetToken::Login => self.auth.check_account(&claims, account.as_ref())?,
        }
        Ok(ResetRight {
            account: account.ok_or(Error::NotFound)?,
            id: claims.jti.filter(|_| self.kind == ResetToken::SingleUse),
        })
    }

    /// A reset from before the last change of the password is over, whichever way that was made. (One from before a
    /// change of the address is marked as used.)
    fn check_single_use(&self, claims: &Claims, account: Option<&Account>) -> Result<()> {
        let over = account.is_some_and(|account| {
            claims.is_from_before(account.tokens_void_until())
                || claims.is_older_than(account.born_at())
                || self.auth.is_shut_out(account)
        });
        if over || claims.jti.is_none() {
            return Err(Error::Unauthorized(TOKEN_IS_INVALID));
        }
        Ok(())
    }

    /// The mail for the user with the waiting address, if somebody who may log in has it and gets no more than is due.
    ///
    /// Only now is there a token: until then, nobody could read one in the table.
    pub async fn prepare(&self, waiting: &Waiting) -> Result<Option<Prepared>> {
        let Some(account) = self.find(&waiting.email).await? else {
            return Ok(None);
        };
        if self.auth.is_shut_out(&account) {
            return Ok(None);
        }
        wait_past(account.tokens_void_until()).await?;
        let (id, now) = (waiting.id.as_str(), Utc::now().timestamp());
        if !self.records.record(id, &account, &waiting.network, now).await? {
            tracing::warn!(
                user = account.id,
                "no more reset mails for this user for now, or it was changed just now"
            );
            return Ok(None);
        }
        let token = match self.kind {
            ResetToken::SingleUse => self.tokens.issue_once(account.id, id, now)?,
            ResetToken::Login => self.auth.issue(&account, now)?,
        };
        Ok(Some(Prepared { account, token }))
    }

    /// Removes attempts that count no more.
    pub async fn tidy(&self) {
        if let Err(error) = self.auth.throttle.sweep(now_in_milliseconds()).await {
            tracing::debug!(error = %error.with_causes(), "old attempts were not removed");
        }
    }

    /// Tries once to send a mail.
    pub async fn hand_in(&self, mail: &Prepared) -> Delivery {
        let mail = ResetMail {
            // The stored address, not the spelling that was asked for.
            to: &mail.account.email,
            name: mail.account.name.as_deref(),
            token: &mail.token,
            lifetime: match self.kind {
                ResetToken::SingleUse => Duration::from_secs(RESET_WINDOW_SECONDS.unsigned_abs()),
                ResetToken::Login => self.auth.tokens.lifetime(),
            },
        };
        self.mailer.send_reset(&mail).await
    }
}
