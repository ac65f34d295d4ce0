//! What the library's own tests look into; nothing of it is promised.

pub use crate::{
    accounts::roles::views::NewRole,
    auth::{
        throttle::{ClientAddress, Throttle},
        tokens::{TOKEN_HAS_EXPIRED, TOKEN_IS_INVALID, TokenRules, Tokens},
    },
    config::{
        DatabaseUrl, Fidelity, Permission, Settings, TokenSub,
        parameters::{self, Fate},
        replaceable_texts,
    },
    db::{
        Column, Decimal,
        catalogue::{Catalogue, Class},
    },
    flask::{dotenv, plural, sqlalchemy, werkzeug},
    jsonapi::list::{List, Shape},
};

/// Comparing two servers; see `src/parity/`.
pub mod parity {
    pub use crate::parity::{answer, deviations, headers, json, normal, order, secrets, token};
}
