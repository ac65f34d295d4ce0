//! What differs on the wire between the originals.

use std::time::Duration;

use poem::http::StatusCode;

use super::{
    profile::{Fidelity, Profile},
    tables::UsersTable,
};

/// The wire dialect of a profile.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    profile: Profile,
    /// How long a token lasts.
    pub token_lifetime: Duration,
    /// Whether a token tells its user's role.
    pub token_has_scope: bool,
    /// What the users table makes of users' attributes.
    pub users: UsersTable,
    fidelity: Fidelity,
}

impl Dialect {
    /// The dialect that the clients of `profile` speak.
    ///
    /// Source: `create_token` in `app/users/views.py` of the tutorial and `app/baseviews.py` of Flask-Scaffold:
    /// one day, in 1.0 with `scope`, in 2.0 thirty days.
    pub fn of(profile: Profile) -> Self {
        let days = if profile == Profile::Scaffold20 { 30 } else { 1 };
        Self {
            profile,
            token_lifetime: Duration::from_secs(days * 86_400),
            token_has_scope: profile == Profile::Scaffold10,
            users: UsersTable::default(),
            fidelity: Fidelity::Safe,
        }
    }

    /// The dialect under a fidelity; without it, `safe`.
    pub fn under(self, fidelity: Fidelity) -> Self {
        Self { fidelity, ..self }
    }

    /// Whether values of attributes are read as the original read them.
    pub fn reads_as_flask(&self) -> bool {
        self.fidelity == Fidelity::Flask
    }

    /// The dialect with the users table that was found in the database.
    pub fn with_users(self, users: UsersTable) -> Self {
        Self { users, ..self }
    }

    /// The member of an error answer that the profile's clients read.
    ///
    /// Source: the tutorial and Flask-Scaffold 1.0 wrote `message`. 2.0's own answers were under `error`, while
    /// those of its framework kept `message`; answers that no original gave are under `error` there too,
    /// because that is what its front end shows.
    pub fn error_key(&self, status: StatusCode) -> &'static str {
        let from_the_framework = [
            StatusCode::BAD_REQUEST,
            StatusCode::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED,
            StatusCode::INTERNAL_SERVER_ERROR,
        ];
        if self.profile == Profile::Scaffold20 && !from_the_framework.contains(&status) {
            "error"
        } else {
            "message"
        }
    }

    /// The member of an answer that something is done.
    ///
    /// Source: `ForgotPassword.post`, `app/baseviews.py`, where 2.0 has `error` for a success too.
    pub fn notice_key(&self) -> &'static str {
        if self.profile == Profile::Scaffold20 {
            "error"
        } else {
            "message"
        }
    }

    /// Whether the errors of a scaffolded resource's document go out as the text that Python writes for them.
    ///
    /// Source: `scaffold/app/views.py` of 2.0, `jsonify({"error": str(err)})`.
    pub fn document_errors_are_text(&self) -> bool {
        self.profile == Profile::Scaffold20
    }

    /// Whether a new resource gets the present for each of its times, whatever it was sent.
    ///
    /// Source: `scaffold/app/models.py` of 2.0, whose constructor leaves times to their column's default.
    pub fn clock_sets_times(&self) -> bool {
        self.profile == Profile::Scaffold20
    }
}
