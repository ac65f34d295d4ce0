//! The tokens of a Flask app: accepted and issued as its package does.
//!
//! What makes a user of them is not decided here: disabled and deleted users and changed passwords count as for our own.

mod places;
mod pyjwt;
mod refusal;

use hmac::{Hmac, KeyInit};
use poem::Request;
use serde_json::{Map, Value, json};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use places::Found;
use pyjwt::{ClaimRules, Fault, Parts, Release, check_claims, missing};
pub use refusal::Reason;

use super::{
    claims::{Claims, Members},
    models::Account,
    tokens::{TokenRules, sign},
};
use crate::{
    config::{Fidelity, Permission, SecretKey, TokenConfig, TokenDialect, TokenIdentity, TokenPlace, TokenSub},
    error::{Error, Result},
};

/// Accepts and issues the tokens of a Flask app under one key.
pub struct AppTokens {
    config: TokenConfig,
    key: Hmac<Sha256>,
    rules: TokenRules,
}

impl std::fmt::Debug for AppTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppTokens")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

impl AppTokens {
    /// Tokens as `config` has them, under its key or `secret_key`.
    ///
    /// # Errors
    /// [`Error::Internal`] if the key has no usable length, which SHA-256 does not know.
    pub fn new(config: &TokenConfig, secret_key: &SecretKey, rules: TokenRules) -> Result<Self> {
        let key = config.key.as_ref().unwrap_or(secret_key);
        let key = Hmac::new_from_slice(key.as_bytes())
            .map_err(|error| Error::Internal(format!("the key cannot be used: {error}")))?;
        Ok(Self {
            config: config.clone(),
            key,
            rules,
        })
    }

    /// The claims of a request's token if it is good at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`Error::Token`].
    pub fn claims_of(&self, request: &Request, now: i64) -> Result<Claims> {
        let Found { token, csrf } = places::find(request, &self.config).map_err(|reason| self.refusal(reason))?;
        self.read(&token, csrf.as_deref(), now)
            .map_err(|reason| self.refusal(reason))
    }

    /// The claims of a token that came in no place of a request.
    ///
    /// # Errors
    /// As [`AppTokens::claims_of`].
    pub fn parse(&self, token: &str, now: i64) -> Result<Claims> {
        self.read(token, None, now).map_err(|reason| self.refusal(reason))
    }

    /// The package's answer to a request that is refused.
    pub fn refusal(&self, reason: Reason) -> Error {
        refusal::answer(reason, &self.config)
    }

    /// A token for this user, issued at `now` (Unix seconds).
    ///
    /// # Errors
    /// [`Error::Internal`] if it cannot be signed, which no input causes.
    pub fn issue(&self, account: &Account, now: i64) -> Result<String> {
        let identity = match (self.config.identity, self.config.sub) {
            (TokenIdentity::Email, _) => json!(account.email),
            (TokenIdentity::Id, TokenSub::Text) => json!(account.id.to_string()),
            (TokenIdentity::Id, TokenSub::Integer) => json!(account.id),
        };
        let lifetime = i64::try_from(self.rules.lifetime.as_secs()).unwrap_or(i64::MAX);
        let mut claims = Map::new();
        claims.insert(self.config.claim.clone(), identity);
        claims.insert("iat".to_owned(), json!(now));
        claims.insert("exp".to_owned(), json!(now.saturating_add(lifetime)));
        if self.config.dialect != TokenDialect::PyJwt {
            claims.insert("nbf".to_owned(), json!(now));
        } else if self.rules.with_scope {
            claims.insert("scope".to_owned(), json!(account.role));
        }
        if self.config.dialect.is_extended() {
            claims.insert("jti".to_owned(), json!(random_uuid()?));
            claims.insert("type".to_owned(), json!("access"));
            claims.insert("fresh".to_owned(), json!(false));
        }
        if self.config.reads(TokenPlace::Cookie) {
            claims.insert("csrf".to_owned(), json!(random_uuid()?));
        }
        sign(&claims, self.key.clone())
    }

    fn read(&self, token: &str, csrf: Option<&str>, now: i64) -> Result<Claims, Reason> {
        let release = match self.config.dialect {
            TokenDialect::FlaskJwt => Release::V1_4,
            TokenDialect::Extended3 => Release::V1_7,
            _ => Release::V2,
        };
        let now = i128::from(now);
        let (claims, is_expired) = self.verified(token, release, now).map_err(|fault| match fault {
            Fault::Expired => Reason::Expired,
            Fault::Invalid(text) => Reason::Invalid(text),
        })?;
        self.check_package_claims(&claims, csrf)?;
        // The packages do not ask for it.
        if self.rules.without_exp == Permission::Deny && claims.get("exp").is_none() {
            return Err(Reason::Invalid(missing("exp")));
        }
        if is_expired {
            return Err(Reason::Expired);
        }
        self.check_type(&claims)?;
        self.named(&claims)
    }

    /// The claims of a token that PyJWT accepts, and whether it has expired.
    fn verified(&self, token: &str, release: Release, now: i128) -> Result<(Members, bool), Fault> {
        let dialect = self.config.dialect;
        let parts = Parts::of(token, release)?;
        if release == Release::V2 {
            parts.check_header()?;
        }
        parts.check_extensions()?;
        // Flask-JWT-Extended reads a token before it looks for the key.
        if dialect.is_extended() {
            parts.claims(release)?;
            parts.check_header()?;
        }
        parts.check_signature(&self.key, release)?;
        let claims = parts.claims(release)?;
        let rules = ClaimRules {
            requires_times: dialect == TokenDialect::FlaskJwt,
            verifies_aud: dialect != TokenDialect::Extended4,
            verifies_sub: self.config.verifies_sub,
            expires_last: dialect.is_extended(),
            leeway: i128::from(self.config.leeway),
        };
        let is_expired = check_claims(&claims, rules, release, now)?;
        Ok((claims, is_expired))
    }

    /// Checks the claims that the package itself looks at before it tells of an expired token.
    fn check_package_claims(&self, claims: &Members, csrf: Option<&str>) -> Result<(), Reason> {
        let name = &self.config.claim;
        if self.config.dialect != TokenDialect::FlaskJwt && claims.get(name).is_none() {
            return Err(Reason::Invalid(format!("Missing claim: {name}")));
        }
        let kind = claims.get("type");
        let is_known = kind.is_none_or(|kind| ["access", "refresh"].map(Value::from).contains(kind));
        if self.config.dialect == TokenDialect::Extended3 && !is_known {
            return Err(Reason::Invalid("Missing or invalid claim: type".to_owned()));
        }
        let Some(csrf) = csrf else { return Ok(()) };
        let claim = claims.get("csrf");
        let claim = claim.ok_or_else(|| Reason::Invalid("Missing claim: csrf".to_owned()))?;
        let is_same = claim
            .as_str()
            .is_some_and(|claim| bool::from(claim.as_bytes().ct_eq(csrf.as_bytes())));
        match is_same {
            true => Ok(()),
            false => Err(Reason::Csrf("CSRF double submit tokens do not match")),
        }
    }

    /// Refuses a refresh token.
    fn check_type(&self, claims: &Members) -> Result<(), Reason> {
        let is_refresh = claims.get("type").is_some_and(|kind| kind == "refresh");
        match self.config.dialect {
            TokenDialect::Extended3 if is_refresh => Err(Reason::Invalid("Only access tokens are allowed".to_owned())),
            TokenDialect::Extended4 if is_refresh => {
                Err(Reason::Invalid("Only non-refresh tokens are allowed".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// Whom the claims name.
    fn named(&self, claims: &Members) -> Result<Claims, Reason> {
        let identity = claims.get(&self.config.claim).cloned().unwrap_or(Value::Null);
        let is_name = identity.is_string() || (identity.is_i64() && self.config.identity == TokenIdentity::Id);
        // PyJWT 2.10 and newer refuses the rest itself.
        if self.config.dialect == TokenDialect::PyJwt && !is_name {
            return Err(Reason::Invalid("Subject must be a string".to_owned()));
        }
        let email = match (self.config.identity, &identity) {
            (TokenIdentity::Id, _) => None,
            (TokenIdentity::Email, Value::String(email)) => Some(email.clone()),
            (TokenIdentity::Email, _) => return Err(Reason::NoUser(identity)),
        };
        let claims = Claims {
            sub: identity,
            email,
            iat: claims
                .get("iat")
                .and_then(super::claims::python_int)
                .and_then(|iat| i64::try_from(iat).ok()),
            jti: None,
        };
        // With `flask`, such a token is one of a user who is gone, which STALE_TOKENS decides about.
        let names_nobody = claims.email.is_none() && claims.user_id().is_none();
        if names_nobody && self.rules.fidelity == Fidelity::Safe {
            return Err(Reason::NoUser(claims.sub));
        }
        Ok(claims)
    }
}

/// Refusals of each kind that a request without a good token gets, for the OpenAPI document.
pub fn examples(config: &TokenConfig) -> Vec<Error> {
    let request = Request::default();
    let missing = places::find(&request, config).err();
    let invalid = Reason::Invalid("Signature verification failed".to_owned());
    let reasons = missing.into_iter().chain([invalid, Reason::Expired]);
    reasons.map(|reason| refusal::answer(reason, config)).collect()
}

/// A random UUID of version 4.
fn random_uuid() -> Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no random bytes: {error}")))?;
    Ok(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::{InvalidStatus, SchemeWord};

    const NOW: i64 = 1_800_000_000;

    fn tokens(dialect: TokenDialect, key: &str) -> AppTokens {
        let config = TokenConfig {
            dialect,
            key: Some(key.into()),
            claim: "sub".to_owned(),
            identity: TokenIdentity::Id,
            sub: TokenSub::Text,
            places: vec![TokenPlace::Cookie],
            header: "Authorization".to_owned(),
            scheme: SchemeWord::Any,
            query: "jwt".to_owned(),
            cookie: "access_token_cookie".to_owned(),
            csrf_header: "X-CSRF-TOKEN".to_owned(),
            leeway: 0,
            lifetime: None,
            verifies_sub: false,
            error_member: None,
            invalid_status: InvalidStatus::Unauthorized,
        };
        let rules = TokenRules {
            fidelity: Fidelity::Safe,
            without_exp: Permission::Deny,
            sub: TokenSub::Text,
            lifetime: Duration::from_secs(900),
            with_scope: false,
        };
        AppTokens::new(&config, &"another key".into(), rules).unwrap()
    }

    /// A token with these claims.
    fn token(of: &AppTokens, claims: &Value) -> String {
        sign(claims, of.key.clone()).unwrap()
    }

    const DIALECTS: [TokenDialect; 4] = [
        TokenDialect::PyJwt,
        TokenDialect::FlaskJwt,
        TokenDialect::Extended3,
        TokenDialect::Extended4,
    ];

    #[test]
    fn a_token_in_a_cookie_needs_its_own_csrf_claim_in_each_dialect() {
        for dialect in DIALECTS {
            let tokens = tokens(dialect, "a key");
            let claims = json!({"sub": "7", "iat": NOW, "nbf": NOW, "exp": NOW + 60, "csrf": "mine"});
            let good = token(&tokens, &claims);
            assert_eq!(tokens.read(&good, Some("mine"), NOW).unwrap().user_id(), Some(7));
            for other in ["", "min", "mine ", "yours"] {
                assert!(
                    matches!(tokens.read(&good, Some(other), NOW), Err(Reason::Csrf(_))),
                    "{dialect:?} {other}"
                );
            }
            for csrf in [Value::Null, json!(5), json!(["mine"]), json!("")] {
                let mut claims = claims.clone();
                claims["csrf"] = csrf;
                assert!(
                    tokens.read(&token(&tokens, &claims), Some("mine"), NOW).is_err(),
                    "{dialect:?}"
                );
            }
            let without = token(&tokens, &json!({"sub": "7", "iat": NOW, "nbf": NOW, "exp": NOW + 60}));
            assert!(tokens.read(&without, Some("mine"), NOW).is_err(), "{dialect:?}");
        }
    }

    #[test]
    fn a_subject_that_can_be_nobodys_is_refused_in_each_dialect() {
        for dialect in DIALECTS {
            let tokens = tokens(dialect, "a key");
            for sub in [
                json!(true),
                json!(1.5),
                json!({}),
                json!([7]),
                json!("x"),
                json!("-7"),
                json!(""),
                Value::Null,
            ] {
                let claims = json!({"sub": sub, "iat": NOW, "nbf": NOW, "exp": NOW + 60});
                assert!(
                    tokens.parse(&token(&tokens, &claims), NOW).is_err(),
                    "{dialect:?} {sub}"
                );
            }
        }
    }

    #[test]
    fn the_apps_key_signs_and_not_secret_key() {
        for dialect in DIALECTS {
            let (tokens, others) = (tokens(dialect, "a key"), tokens(dialect, "another key"));
            let claims = json!({"sub": "7", "iat": NOW, "nbf": NOW, "exp": NOW + 60});
            assert!(tokens.parse(&token(&tokens, &claims), NOW).is_ok(), "{dialect:?}");
            assert!(tokens.parse(&token(&others, &claims), NOW).is_err(), "{dialect:?}");
        }
    }
}
