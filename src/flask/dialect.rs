//! What differs on the wire between the originals.

use std::time::Duration;

use crate::config::Profile;

/// The wire dialect of a profile.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The member of an error answer that the profile's clients read.
    pub error_key: &'static str,
    /// How long a token lasts.
    pub token_lifetime: Duration,
    /// Whether a token tells its user's role.
    pub token_has_scope: bool,
}

impl Dialect {
    /// The dialect that the clients of `profile` speak.
    ///
    /// Source: tutorial and Flask-Scaffold 1.0, `app/users/views.py` and `app/baseviews.py`: errors under
    /// `message`, tokens for one day, in 1.0 with `scope`.
    pub fn of(profile: Profile) -> Self {
        Self {
            error_key: "message",
            token_lifetime: Duration::from_secs(86_400),
            token_has_scope: profile == Profile::Scaffold10,
        }
    }
}
