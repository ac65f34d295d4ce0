//! What a resource is called on the wire, and by those that refer to it.

use serde::{Deserialize, Serialize};

/// What routes begin with where nothing else is said.
pub const PREFIX: &str = "/api/v1";

/// What a resource is called on the wire, where that is not its plural under `/api/v1`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wire {
    /// Its name in routes and links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// Its JSON:API type, if not as its name in routes.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "type")]
    pub json_type: Option<String>,
    /// What stands before its name in routes; empty for nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Whether its routes do not end in `.json`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not", rename = "without_json")]
    pub is_plain: bool,
}

/// All that a resource is called.
pub struct Aliases {
    /// Its plural, as records and modules have it.
    pub plural: String,
    /// Other names.
    pub(super) names: [String; 5],
}

impl Aliases {
    /// Those of the users, whom no definition has.
    pub fn of_users() -> Self {
        Self {
            plural: "users".to_owned(),
            names: std::array::from_fn(|_| "user".to_owned()),
        }
    }

    /// The plural of the resource that has this name; one that is called so comes before others that are called so too.
    pub fn find<'a>(all: &'a [Self], name: &str) -> Option<&'a String> {
        let exact = all.iter().find(|aliases| aliases.plural == name);
        // Earlier names are more specific than later ones.
        let nth = |index: usize| all.iter().find(move |aliases| aliases.names[index] == name);
        exact.or_else(|| (0..5).find_map(nth)).map(|aliases| &aliases.plural)
    }
}
