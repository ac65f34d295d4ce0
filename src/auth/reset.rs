//! Forgotten passwords: a link by mail, and a new password for its token.
//!
//! Answers never wait for mail: addresses go into a table, and what becomes of one shows in the mailbox only.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use poem::{Request, RequestBody};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};

use super::{
    Auth,
    guard::{MISSING_HEADER, register_scheme, token_of},
    models::{Account, RESET_WINDOW_SECONDS},
    now_in_milliseconds,
    outbox::{Outbox, Postman, Waiting},
    throttle::{Kind, Origin},
    tokens::{Claims, TOKEN_HAS_EXPIRED, TOKEN_IS_INVALID, Tokens},
    wait_past,
};
use crate::{
    config::{Config, ForgotUnknown, ResetToken},
    db::Db,
    error::{Error, Result},
    mail::{Delivery, Mailer, ResetMail},
};

/// Marks the operation whose guard is a [`Reset`], until `web/openapi/answers.rs` has it in the scheme of all guards.
pub const RESET_SCHEME: &str = "Reset";
/// What is said when a mail is on its way.
pub const MAIL_QUEUED: &str = "Password reset mail sent successfully";

/// Takes requests for resets, and the new passwords.
pub struct Resets {
    desk: Arc<Desk>,
    unknown: ForgotUnknown,
    outbox: Outbox,
}

/// What requests and the sending of mails share.
pub(super) struct Desk {
    auth: Arc<Auth>,
    tokens: Tokens,
    kind: ResetToken,
    mailer: Mailer,
}

/// A mail that is ready to be sent. Its token is nowhere else.
pub(super) struct Prepared {
    account: Account,
    token: String,
}

impl Resets {
    /// Puts the parts together and starts sending.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no SECRET_KEY.
    pub fn start(config: &Config, db: Db, auth: Arc<Auth>, mailer: Mailer) -> Result<(Arc<Self>, Postman)> {
        let secret_key = config.require_secret_key()?;
        let lifetime = Duration::from_secs(RESET_WINDOW_SECONDS.unsigned_abs());
        let desk = Arc::new(Desk {
            auth,
            tokens: Tokens::for_resets(secret_key, lifetime)?,
            kind: config.reset_token,
            mailer,
        });
        let (outbox, postman) = Outbox::start(db, desk.clone());
        let resets = Self {
            desk,
            unknown: config.forgot_unknown,
            outbox,
        };
        Ok((Arc::new(resets), postman))
    }

    /// Has a link sent to the user with this address.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`], whoever was asked for; [`Error::UnknownAddress`] with `FORGOT_UNKNOWN=404`.
    pub async fn request(&self, email: &str, origin: &Origin) -> Result<()> {
        let throttle = &self.desk.auth.throttle;
        throttle
            .count_request(Kind::Reset, origin, now_in_milliseconds())
            .await?;
        if self.unknown == ForgotUnknown::NotFound && self.desk.find(email).await?.is_none() {
            return Err(Error::UnknownAddress);
        }
        self.outbox.leave(email, &origin.network).await
    }

    /// Sets the password of whoever the reset belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if the reset was used meanwhile; as [`Auth::hash_new`].
    pub async fn set_password(&self, reset: &Reset, password: &str, origin: &Origin) -> Result<()> {
        let auth = &self.desk.auth;
        let hash = auth.hash_reset(password).await?;
        match &reset.id {
            None => auth.accounts.set_password(&reset.account, &hash).await?,
            Some(id) => {
                if !auth.accounts.use_reset(id, &reset.account, &hash).await? {
                    return Err(Error::Unauthorized(TOKEN_IS_INVALID));
                }
            }
        }
        let now = now_in_milliseconds();
        if let Err(error) = auth.throttle.remember(&reset.account.email, origin, now).await {
            // The password is set, and that is what the answer must say.
            tracing::warn!(error = %error.with_causes(), "the network of a reset was not noted");
        }
        Ok(())
    }
}

impl Desk {
    async fn find(&self, email: &str) -> Result<Option<Account>> {
        self.auth.accounts.find_by_email(email).await
    }

    /// Finds out whose password a token resets.
    async fn authorize(&self, token: &str) -> Result<Reset> {
        let tokens = match self.kind {
            ResetToken::SingleUse => &self.tokens,
            ResetToken::Login => &self.auth.tokens,
        };
        let claims = tokens.parse(token, Utc::now().timestamp())?;
        let account = match claims.user_id() {
            Some(id) => self.auth.accounts.find(id).await?,
            None => None,
        };
        match self.kind {
            ResetToken::SingleUse => self.check_single_use(&claims, account.as_ref())?,
            ResetToken::Login => self.auth.check_account(&claims, account.as_ref())?,
        }
        Ok(Reset {
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
    pub(super) async fn prepare(&self, waiting: &Waiting) -> Result<Option<Prepared>> {
        let Some(account) = self.find(&waiting.email).await? else {
            return Ok(None);
        };
        if self.auth.is_shut_out(&account) {
            return Ok(None);
        }
        wait_past(account.tokens_void_until()).await?;
        let (id, now) = (waiting.id.as_str(), Utc::now().timestamp());
        let accounts = &self.auth.accounts;
        if !accounts.record_reset(id, &account, &waiting.network, now).await? {
            tracing::warn!(
                user = account.id,
                "no more reset mails for this user for now, or it was changed just now"
            );
            return Ok(None);
        }
        let token = match self.kind {
            ResetToken::SingleUse => self.tokens.issue_once(account.id, id, now)?,
            ResetToken::Login => self.auth.tokens.issue(account.id, account.role.as_deref(), now)?,
        };
        Ok(Some(Prepared { account, token }))
    }

    /// Removes attempts that count no more.
    pub(super) async fn tidy(&self) {
        if let Err(error) = self.auth.throttle.sweep(now_in_milliseconds()).await {
            tracing::debug!(error = %error.with_causes(), "old attempts were not removed");
        }
    }

    /// Tries once to send a mail.
    pub(super) async fn hand_in(&self, mail: &Prepared) -> Delivery {
        let mail = ResetMail {
            // The stored address, whatever spelling of it was asked for.
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

/// The argument of the handler that sets a new password: a token that allows it.
pub struct Reset {
    account: Account,
    /// The token's own id, where it is good only once.
    id: Option<String>,
}

impl<'a> ApiExtractor<'a> for Reset {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![RESET_SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let resets: &Arc<Resets> = request
            .data()
            .ok_or_else(|| Error::Internal("the reset guard was not given its data".to_owned()))?;
        let outcome = match token_of(request) {
            Ok(token) => resets.desk.authorize(token).await,
            Err(error) => Err(error),
        };
        outcome.map_err(|error| match error {
            Error::Unauthorized(text @ (MISSING_HEADER | TOKEN_HAS_EXPIRED)) => Error::ResetToken(text).into(),
            error => error.into(),
        })
    }
}
