//! The guard of protected handlers, and the project's Bearer JWT security scheme.

use std::{ops::Deref, sync::Arc};

use futures_util::future::BoxFuture;
use poem::{FromRequest, Request, RequestBody};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};

use super::callers::{Auth, Caller};
use crate::error::{Error, Result};

/// An id that no user has.
const NOBODY: i64 = 0;

/// The name of the security scheme in the OpenAPI document.
pub const SCHEME: &str = "JWT";

/// What a handler learns from the token of a request.
pub trait FromToken: Sized + Send {
    /// The scheme that its operations name in the OpenAPI document.
    const SCHEME: &'static str = SCHEME;

    /// Reads the request's token and looks up whom it names.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] without a token, or with one that is not good here.
    // Boxed: the queries are compiled here, and not in each crate whose handlers have a guard.
    fn from_token(request: &Request) -> BoxFuture<'_, Result<Self>>;
}

/// An argument of handlers that need a token.
///
/// The token is the header's second word after any scheme word, or its only word: `Bearer t`, `JWT t` and the
/// bare `t` are good in every profile, so that each original's client and Swagger UI work everywhere.
#[derive(Clone, Debug)]
pub struct Guard<T>(T);

/// An argument of every handler that only a logged-in user may call, as `@login_required` was.
pub type LoginRequired = Guard<Caller>;

/// As [`LoginRequired`], of handlers that change the user whom the only parameter of their path names.
pub type EditorRequired = Guard<Editor>;

/// An argument of handlers where it counts who calls: of resources that belong to their owners or to administrators.
///
/// Unlike [`LoginRequired`] it always looks the user up, and it knows real administrators only: the
/// settings that let everybody write are about users and roles.
pub type AccountRequired = Guard<User>;

impl<T> Deref for Guard<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'a, T: FromToken> ApiExtractor<'a> for Guard<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        register_scheme(registry);
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![T::SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        Ok(Self(T::from_token(request).await?))
    }
}

impl FromToken for Caller {
    fn from_token(request: &Request) -> BoxFuture<'_, Result<Self>> {
        Box::pin(async move { auth_of(request)?.authenticate(request, None).await })
    }
}

/// A caller whose account was read by one query with that of the user to be changed.
#[derive(Clone, Debug)]
pub struct Editor(Caller);

impl Deref for Editor {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl FromToken for Editor {
    fn from_token(request: &Request) -> BoxFuture<'_, Result<Self>> {
        Box::pin(async move {
            // Anything but an id names nobody, and the handler's own argument refuses it.
            let other = request.path_params().ok();
            Ok(Self(auth_of(request)?.authenticate(request, other).await?))
        })
    }
}

/// The user who calls.
#[derive(Clone, Debug)]
pub struct User {
    /// The caller's id.
    pub id: i64,
    /// Whether the caller is an administrator.
    pub is_admin: bool,
}

impl FromToken for User {
    fn from_token(request: &Request) -> BoxFuture<'_, Result<Self>> {
        Box::pin(async move {
            let account = auth_of(request)?.authenticate_account(request).await?;
            Ok(Self {
                id: account.id,
                is_admin: account.is_admin,
            })
        })
    }
}

impl User {
    /// Lets only administrators pass.
    ///
    /// # Errors
    /// [`Error::AdminRequired`].
    pub fn require_admin(&self) -> Result<()> {
        if self.is_admin {
            Ok(())
        } else {
            Err(Error::AdminRequired)
        }
    }

    /// Lets also those pass whose own it is.
    ///
    /// # Errors
    /// [`Error::AdminRequired`].
    pub fn require_owner(&self, owner: Option<i64>) -> Result<()> {
        if owner == Some(self.id) {
            Ok(())
        } else {
            self.require_admin()
        }
    }

    /// As [`User::require_owner`], where others' rows are answered as if there were none.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn require_visible(&self, owner: Option<i64>) -> Result<()> {
        self.require_owner(owner).map_err(|_| Error::NotFound)
    }
}

/// An argument of handlers that anybody may call, and where it yet counts who does.
///
/// Whoever has no good token is nobody: no administrator, and no row's owner.
#[derive(Clone, Debug)]
pub struct Visitor(AccountRequired);

impl Deref for Visitor {
    type Target = AccountRequired;

    fn deref(&self) -> &AccountRequired {
        &self.0
    }
}

impl<'a> FromRequest<'a> for Visitor {
    async fn from_request(request: &'a Request, _body: &mut RequestBody) -> poem::Result<Self> {
        match User::from_token(request).await {
            Ok(user) => Ok(Self(Guard(user))),
            Err(Error::Unauthorized(_) | Error::Token(_)) => Ok(Self(Guard(User {
                id: NOBODY,
                is_admin: false,
            }))),
            Err(error) => Err(error.into()),
        }
    }
}

fn auth_of(request: &Request) -> Result<&Arc<Auth>> {
    let auth = request.data();
    auth.ok_or_else(|| Error::Internal("the guard was not given its data".to_owned()))
}

/// Describes the scheme in the OpenAPI document.
fn register_scheme(registry: &mut Registry) {
    registry.create_security_scheme(
        SCHEME,
        MetaSecurityScheme {
            ty: "http",
            description: Some("The token of a login, as `Authorization: Bearer <token>`."),
            name: None,
            key_in: None,
            scheme: Some("bearer"),
            bearer_format: Some("JWT"),
            flows: None,
            openid_connect_url: None,
        },
    );
}
