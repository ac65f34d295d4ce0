//! Who may do what with a resource.

use serde::{Deserialize, Serialize};

/// Who may do what with a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Access {
    /// See all of them.
    pub list: Who,
    /// See one.
    pub get: Who,
    /// Add one.
    pub create: Who,
    /// Change one.
    pub update: Who,
    /// Remove one.
    pub delete: Who,
}

impl Access {
    /// What may be done.
    pub const VERBS: [&'static str; 5] = ["list", "get", "create", "update", "delete"];

    /// The same for each verb.
    pub fn all(who: Who) -> Self {
        Self {
            list: who,
            get: who,
            create: who,
            update: who,
            delete: who,
        }
    }

    /// Each verb with who may.
    pub fn verbs(&self) -> [(&'static str, Who); 5] {
        let who = [self.list, self.get, self.create, self.update, self.delete];
        std::array::from_fn(|index| (Self::VERBS[index], who[index]))
    }

    /// Who may do what a verb says.
    pub fn of_verb(&mut self, verb: &str) -> Option<&mut Who> {
        Some(match verb {
            "list" => &mut self.list,
            "get" => &mut self.get,
            "create" => &mut self.create,
            "update" => &mut self.update,
            "delete" => &mut self.delete,
            _ => return None,
        })
    }
}

/// A kind of caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Who {
    /// Anybody, without a token.
    Public,
    /// Every user.
    User,
    /// The user who made the row, and administrators.
    Owner,
    /// Administrators.
    Admin,
}

impl Who {
    /// What definitions call them.
    pub const NAMES: [&'static str; 4] = ["public", "user", "owner", "admin"];

    /// Reads what a definition says.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "public" => Who::Public,
            "user" => Who::User,
            "owner" => Who::Owner,
            "admin" => Who::Admin,
            _ => return None,
        })
    }
}
