//! Recognises the originals' tables by their columns.

use crate::config::Profile;

/// Which original's `users` table has these columns; `None` for none of them, or no table.
///
/// Source: `app/users/models.py` of each original. Flask-Scaffold 2.0's is told apart so that it is not
/// taken for another's.
pub fn recognise_users(columns: &[String]) -> Option<Recognised> {
    let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    if !(has("id") && has("email") && has("password") && has("name")) {
        None
    } else if has("is_enabled") {
        Some(Recognised::Served(Profile::Tutorial))
    } else if has("active") && has("role") {
        Some(Recognised::Served(Profile::Scaffold10))
    } else if has("createdby") && has("updatedby") {
        Some(Recognised::Scaffold20)
    } else {
        None
    }
}

/// The outcome of [`recognise_users`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// Tables that this profile serves.
    Served(Profile),
    /// Tables of Flask-Scaffold 2.0, which no profile serves yet.
    Scaffold20,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognise(columns: &str) -> Option<Recognised> {
        recognise_users(&columns.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn each_originals_users_table_is_told_from_the_others() {
        assert_eq!(
            recognise("id email name password is_enabled"),
            Some(Recognised::Served(Profile::Tutorial))
        );
        assert_eq!(
            recognise("id email password name active creation_time role"),
            Some(Recognised::Served(Profile::Scaffold10))
        );
        assert_eq!(
            recognise("id email password name createddate createdby updateddate updatedby"),
            Some(Recognised::Scaffold20)
        );
        assert_eq!(recognise("id login secret"), None);
        assert_eq!(recognise(""), None);
    }
}
