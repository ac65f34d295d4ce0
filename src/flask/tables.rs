//! Recognises the originals' tables by their columns.

use super::profile::Profile;

/// An original, or one of its older versions, whose users table was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginalApp {
    /// What it is called.
    pub name: &'static str,
    /// The profile that serves it; `None` where none does.
    pub profile: Option<Profile>,
}

/// The original whose users table has these columns; `None` if no original's has.
///
/// Source: `app/users/models.py` of each original, tags 0.2 to 2.0 of Flask-Scaffold.
pub fn recognise_users(has: impl Fn(&str) -> bool, active_is_boolean: bool) -> Option<OriginalApp> {
    let original = |name, profile| Some(OriginalApp { name, profile });
    if !(has("id") && has("email") && has("name")) {
        None
    } else if !has("password") || has("is_active") {
        // They had no logins.
        original("Flask-Scaffold 0.2 to 0.5", None)
    } else if has("is_enabled") {
        original("the tutorial app", Some(Profile::Tutorial))
    } else if has("createdby") && has("updatedby") {
        original("Flask-Scaffold 2.0", Some(Profile::Scaffold20))
    } else if !(has("active") && has("role")) {
        None
    } else if active_is_boolean {
        original("Flask-Scaffold 0.6", Some(Profile::Scaffold10))
    } else if has("modification_time") {
        original("Flask-Scaffold 0.6.3", Some(Profile::Scaffold10))
    } else {
        original("Flask-Scaffold 0.7 or 1.0", Some(Profile::Scaffold10))
    }
}

/// How the users table of a Flask-Scaffold before 1.0 differs from 1.0's, as far as clients see it.
///
/// | release | `active` | `modification_time` | unique address |
/// |---|---|---|---|
/// | 0.6 to 0.6.2 | truth value | not null, filled by the database | yes |
/// | 0.6.3 | number | null | yes |
/// | 0.7 | number | none | no |
/// | 1.0 | number | none | yes |
///
/// Source: `app/users/models.py` of these tags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsersTable {
    /// Whether `active` is a truth value.
    pub active_is_boolean: bool,
    /// The column `modification_time`, where there is one.
    pub modification_time: Option<ModificationTime>,
}

/// A column that only 0.6 had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModificationTime {
    /// It may be NULL.
    Nullable,
    /// It may not.
    Required,
}

impl UsersTable {
    /// Whether 0.6 made it, which looked at addresses, and did not ask for `active` in a change.
    ///
    /// Source: `UsersSchema`, `app/users/models.py`.
    pub fn is_of_0_6(&self) -> bool {
        self.active_is_boolean || self.modification_time.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_originals_users_table_is_told_from_the_others() {
        for (columns, active_is_boolean, name, profile) in [
            (
                "id email name password is_enabled",
                false,
                "the tutorial app",
                Some(Profile::Tutorial),
            ),
            (
                "id email password name active creation_time role",
                false,
                "Flask-Scaffold 0.7 or 1.0",
                Some(Profile::Scaffold10),
            ),
            (
                "id email password name active creation_time modification_time role",
                false,
                "Flask-Scaffold 0.6.3",
                Some(Profile::Scaffold10),
            ),
            (
                "id email password name active creation_time modification_time role",
                true,
                "Flask-Scaffold 0.6",
                Some(Profile::Scaffold10),
            ),
            (
                "id email password name createddate createdby updateddate updatedby",
                false,
                "Flask-Scaffold 2.0",
                Some(Profile::Scaffold20),
            ),
            ("id email name", false, "Flask-Scaffold 0.2 to 0.5", None),
            (
                "id email name creation_time is_active",
                false,
                "Flask-Scaffold 0.2 to 0.5",
                None,
            ),
            (
                "id email name password is_active role",
                false,
                "Flask-Scaffold 0.2 to 0.5",
                None,
            ),
            ("id login secret", false, "", None),
            ("id email name password active", false, "", None),
            ("", false, "", None),
        ] {
            let has = |name: &str| columns.split(' ').any(|column| column == name);
            let expected = (!name.is_empty()).then_some(OriginalApp { name, profile });
            assert_eq!(recognise_users(has, active_is_boolean), expected, "{columns}");
        }
    }
}
