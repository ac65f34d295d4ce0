//! What only the fields of `users` have: who sees an attribute, who changes it, and what signing up does with it.

use serde::{Deserialize, Serialize};

/// Whose routes are the library's, and whose table every project has.
pub const USERS: &str = "users";

/// Who may see an attribute of a user, or change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// Whoever may see the user, or change it.
    Everyone,
    /// The user and administrators.
    Owner,
    /// Administrators.
    Admin,
    /// Nobody.
    Nobody,
}

impl Reach {
    /// What definitions call them.
    pub const NAMES: [&'static str; 4] = ["everyone", "owner", "admin", "nobody"];

    /// Reads what a definition says.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "everyone" => Self::Everyone,
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            "nobody" => Self::Nobody,
            _ => return None,
        })
    }

    /// The library's name of it.
    pub fn rust(self) -> &'static str {
        match self {
            Self::Everyone => "Who::Everyone",
            Self::Owner => "Who::Owner",
            Self::Admin => "Who::Admin",
            Self::Nobody => "Who::Nobody",
        }
    }
}

/// What adding a user, or signing up, does with an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Asked {
    /// It must be sent.
    Required,
    /// It may be sent.
    Optional,
    /// It is not looked at.
    Ignored,
}

impl Asked {
    /// What definitions call them.
    pub const NAMES: [&'static str; 3] = ["required", "optional", "ignored"];

    /// Reads what a definition says.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "required" => Self::Required,
            "optional" => Self::Optional,
            "ignored" => Self::Ignored,
            _ => return None,
        })
    }

    /// The library's name of it.
    pub fn rust(self) -> &'static str {
        match self {
            Self::Required => "SignUp::Required",
            Self::Optional => "SignUp::Optional",
            Self::Ignored => "SignUp::Ignored",
        }
    }
}

/// What is said of an attribute of users; none where nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserRules {
    /// `visible_to:`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_to: Option<Reach>,
    /// `changeable_by:`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changeable_by: Option<Reach>,
    /// `sign_up:`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_up: Option<Asked>,
}
