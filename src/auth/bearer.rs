//! The token of our own in a request: the header `Authorization`.

use poem::{Request, http::header::AUTHORIZATION};

use super::tokens::TOKEN_IS_INVALID;
use crate::error::{Error, Result};

/// The answer where no Authorization header came (all originals, `login_required`).
pub const MISSING_HEADER: &str = "Missing authorization header";

/// The token of the Authorization header.
///
/// # Errors
/// [`Error::Unauthorized`] with [`MISSING_HEADER`] or [`TOKEN_IS_INVALID`].
pub(super) fn token_of(request: &Request) -> Result<&str> {
    let mut headers = request.headers().get_all(AUTHORIZATION).iter();
    let header = headers.next().ok_or(Error::Unauthorized(MISSING_HEADER))?;
    // Two headers reached the originals joined by a comma, and no token has one.
    if headers.next().is_some() {
        return Err(Error::Unauthorized(TOKEN_IS_INVALID));
    }
    let text = header.to_str().map_err(|_| Error::Unauthorized(TOKEN_IS_INVALID))?;
    let mut words = text.split_ascii_whitespace();
    match (words.next(), words.next()) {
        (None, _) => Err(Error::Unauthorized(MISSING_HEADER)),
        (Some(token), None) | (Some(_), Some(token)) => Ok(token),
    }
}
