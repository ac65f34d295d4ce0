//! Takes requests for resets, and the new passwords.
//!
//! Answers never wait for mail: addresses go into a table, and what becomes of one shows in the mailbox only.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use poem::Request;

use super::{
    issuer::{Issuer, ResetRight},
    models::ResetRecords,
};
use crate::{
    auth::{
        bearer::{MISSING_HEADER, token_of},
        callers::Auth,
        guard::{FromToken, Guard},
        login::now_in_milliseconds,
        outbox::rounds::{Outbox, Postman},
        throttle::{AttemptKind, ClientAddress},
        tokens::{TOKEN_HAS_EXPIRED, TOKEN_IS_INVALID},
    },
    config::{Config, ForgotUnknown},
    db::Db,
    error::{Error, Result},
    mail::Mailer,
};

/// Marks the operation whose guard is a [`Reset`], until `web/openapi/answers.rs` has it in the scheme of all guards.
pub const RESET_SCHEME: &str = "Reset";
/// What is said when a mail is on its way.
pub const MAIL_QUEUED: &str = "Password reset mail sent successfully";

/// Takes requests for resets, and the new passwords.
pub struct Resets {
    issuer: Arc<Issuer>,
    unknown: ForgotUnknown,
    outbox: Outbox,
}

impl Resets {
    /// Puts the parts together and starts sending.
    ///
    /// # Errors
    /// [`Error::Refused`] if SECRET_KEY is not set.
    pub fn start(config: &Config, db: Db, auth: Arc<Auth>, mailer: Mailer) -> Result<(Arc<Self>, Postman)> {
        let records = ResetRecords::new(db.clone(), config.profile);
        let issuer = Arc::new(Issuer::new(config, records, auth, mailer)?);
        let (outbox, postman) = Outbox::start(db, issuer.clone());
        let resets = Self {
            issuer,
            unknown: config.forgot_unknown,
            outbox,
        };
        Ok((Arc::new(resets), postman))
    }

    /// Has a link sent to the user with this address.
    ///
    /// # Errors
    /// [`Error::TooManyAttempts`], whoever was asked for; [`Error::UnknownAddress`] with `FORGOT_UNKNOWN=404`.
    pub async fn request(&self, email: &str, client: &ClientAddress) -> Result<()> {
        let throttle = &self.issuer.auth.throttle;
        throttle
            .count_request(AttemptKind::Reset, client, now_in_milliseconds())
            .await?;
        if self.unknown == ForgotUnknown::NotFound && self.issuer.find(email).await?.is_none() {
            return Err(Error::UnknownAddress);
        }
        self.outbox.leave(email, &client.network).await
    }

    /// Sets the password of whoever the reset belongs to.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] if the reset was used meanwhile; as [`Auth::hash_new`].
    pub async fn set_password(&self, reset: &Reset, password: &str, client: &ClientAddress) -> Result<()> {
        let (auth, records) = (&self.issuer.auth, &self.issuer.records);
        let hash = auth.hash_reset(password).await?;
        match &reset.id {
            None => records.set_password(&reset.account, &hash).await?,
            Some(id) => {
                if !records.spend(id, &reset.account, &hash).await? {
                    return Err(Error::Unauthorized(TOKEN_IS_INVALID));
                }
            }
        }
        let now = now_in_milliseconds();
        if let Err(error) = auth.throttle.remember(&reset.account.email, client, now).await {
            // The password is set, and that is what the answer must say.
            tracing::warn!(error = %error.with_causes(), "the network of a reset was not noted");
        }
        Ok(())
    }
}

/// The argument of the handler that sets a new password: a token that allows it.
pub type Reset = Guard<ResetRight>;

impl FromToken for ResetRight {
    const SCHEME: &'static str = RESET_SCHEME;

    fn from_token(request: &Request) -> BoxFuture<'_, Result<Self>> {
        Box::pin(async move {
            let resets: Option<&Arc<Resets>> = request.data();
            let resets = resets.ok_or_else(|| Error::Internal("the reset guard was not given its data".to_owned()))?;
            let outcome = match token_of(request) {
                Ok(token) => resets.issuer.authorize(token).await,
                Err(error) => Err(error),
            };
            outcome.map_err(|error| match error {
                Error::Unauthorized(text @ (MISSING_HEADER | TOKEN_HAS_EXPIRED)) => Error::ResetToken(text),
                error => error,
            })
        })
    }
}
