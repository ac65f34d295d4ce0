//! Forgotten passwords: a link by mail, and a new password for its token.
//!
//! Answers never wait for mail: addresses go into a queue, and what becomes of one shows in the mailbox only.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use poem::{Request, RequestBody};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, registry::Registry};
use tokio::{
    sync::{Semaphore, mpsc},
    task::JoinHandle,
};

use super::{
    Auth,
    guard::{MISSING_HEADER, SCHEME, register_scheme, token_of},
    models::{Account, RESET_WINDOW_SECONDS},
    tokens::{Claims, TOKEN_HAS_EXPIRED, TOKEN_IS_INVALID, Tokens},
    wait_past,
};
use crate::{
    config::{Config, ForgotUnknown, ResetToken, random_hex},
    error::{Error, Result},
    mail::{Mailer, ResetMail},
};

/// Addresses that may wait; more are answered with 503 at once.
const MAX_WAITING: usize = 1024;
/// Mails that are handed in at the same time.
const MAX_SENDING: u32 = 4;
/// How long a stop waits for mails that are on their way.
const FAREWELL: Duration = Duration::from_secs(10);

/// Takes requests for resets, and the new passwords.
pub struct Resets {
    desk: Arc<Desk>,
    unknown: ForgotUnknown,
    queue: mpsc::Sender<String>,
}

/// What requests and the sending of mails share.
struct Desk {
    auth: Arc<Auth>,
    tokens: Tokens,
    kind: ResetToken,
    mailer: Mailer,
}

/// What sends the queued mails.
pub struct Postman(JoinHandle<()>);

impl Postman {
    /// Waits for mails on their way; call it when nothing can queue any more.
    pub async fn finish(self) {
        if tokio::time::timeout(FAREWELL, self.0).await.is_err() {
            tracing::warn!("stopped before all mails were handed in");
        }
    }
}

impl Resets {
    /// Puts the parts together and starts sending.
    ///
    /// # Errors
    /// [`Error::Refused`] if there is no SECRET_KEY.
    pub fn start(config: &Config, auth: Arc<Auth>, mailer: Mailer) -> Result<(Arc<Self>, Postman)> {
        let secret_key = config.require_secret_key()?;
        let lifetime = Duration::from_secs(RESET_WINDOW_SECONDS.unsigned_abs());
        let desk = Arc::new(Desk {
            auth,
            tokens: Tokens::for_resets(secret_key, lifetime)?,
            kind: config.reset_token,
            mailer,
        });
        let (queue, waiting) = mpsc::channel(MAX_WAITING);
        let postman = tokio::spawn(send_all(desk.clone(), waiting));
        let resets = Self {
            desk,
            unknown: config.forgot_unknown,
            queue,
        };
        Ok((Arc::new(resets), Postman(postman)))
    }

    /// Has a link sent to the user with this address.
    ///
    /// # Errors
    /// [`Error::UnknownAddress`] with `FORGOT_UNKNOWN=404`; [`Error::Busy`] if too many wait.
    pub async fn request(&self, email: &str) -> Result<()> {
        if self.unknown == ForgotUnknown::NotFound && self.desk.find(email).await?.is_none() {
            return Err(Error::UnknownAddress);
        }
        self.queue.try_send(email.to_owned()).map_err(|_| Error::Busy)
    }

    /// Sets the password of whoever the reset belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if the reset was used meanwhile; as [`Auth::hash_new`].
    pub async fn set_password(&self, reset: &Reset, password: &str) -> Result<()> {
        let auth = &self.desk.auth;
        let hash = auth.hash_new(password).await?;
        let now = Utc::now().timestamp();
        match &reset.id {
            None => auth.accounts.set_password(&reset.account, &hash, now).await,
            Some(id) => match auth.accounts.use_reset(id, &reset.account, &hash, now).await? {
                true => Ok(()),
                false => Err(Error::Unauthorized(TOKEN_IS_INVALID)),
            },
        }
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

    /// A reset from before the last change of the password is over, whichever way that was made.
    fn check_single_use(&self, claims: &Claims, account: Option<&Account>) -> Result<()> {
        let over = account.is_some_and(|account| {
            claims.is_from_before(account.password_changed_at) || self.auth.is_shut_out(account)
        });
        if over || claims.jti.is_none() {
            return Err(Error::Unauthorized(TOKEN_IS_INVALID));
        }
        Ok(())
    }

    /// Sends a link, if somebody who may log in has the address and has not asked too often.
    async fn send(&self, email: &str) -> Result<()> {
        let Some(account) = self.find(email).await? else {
            return Ok(());
        };
        if self.auth.is_shut_out(&account) {
            return Ok(());
        }
        wait_past(account.password_changed_at).await;
        let (id, now) = (random_hex(16)?, Utc::now().timestamp());
        if !self.auth.accounts.record_reset(&id, account.id, now).await? {
            tracing::warn!(user = account.id, "no more reset mails for this user within an hour");
            return Ok(());
        }
        let token = match self.kind {
            ResetToken::SingleUse => self.tokens.issue_once(account.id, &id, now)?,
            ResetToken::Login => self.auth.tokens.issue(account.id, account.role.as_deref(), now)?,
        };
        let mail = ResetMail {
            // The stored address, whatever spelling of it was asked for.
            to: &account.email,
            name: account.name.as_deref(),
            token: &token,
            lifetime: match self.kind {
                ResetToken::SingleUse => Duration::from_secs(RESET_WINDOW_SECONDS.unsigned_abs()),
                ResetToken::Login => self.auth.tokens.lifetime(),
            },
        };
        self.mailer.send_reset(&mail).await
    }
}

/// Ends when nothing can queue any more and all mails are done.
async fn send_all(desk: Arc<Desk>, mut waiting: mpsc::Receiver<String>) {
    let places = Arc::new(Semaphore::new(MAX_SENDING as usize));
    while let (Some(email), Ok(place)) = (waiting.recv().await, places.clone().acquire_owned().await) {
        let desk = desk.clone();
        tokio::spawn(async move {
            if let Err(error) = desk.send(&email).await {
                tracing::error!(error = %error.with_causes(), "a reset mail was not sent");
            }
            drop(place);
        });
    }
    let _ = places.acquire_many(MAX_SENDING).await;
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
        vec![SCHEME]
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
