//! Recognises the originals' tables by their columns.

use crate::config::Profile;

/// Which original's `users` table has these columns; `None` for none of them, or no table.
///
/// Source: `app/users/models.py` of each original.
pub fn recognise_users(columns: &[String]) -> Option<Profile> {
    let has = |name: &str| columns.iter().any(|column| column.eq_ignore_ascii_case(name));
    if !(has("id") && has("email") && has("password") && has("name")) {
        None
    } else if has("is_enabled") {
        Some(Profile::Tutorial)
    } else if has("active") && has("role") {
        Some(Profile::Scaffold10)
    } else if has("createdby") && has("updatedby") {
        Some(Profile::Scaffold20)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognise(columns: &str) -> Option<Profile> {
        recognise_users(&columns.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn each_originals_users_table_is_told_from_the_others() {
        for (columns, profile) in [
            ("id email name password is_enabled", Some(Profile::Tutorial)),
            (
                "id email password name active creation_time role",
                Some(Profile::Scaffold10),
            ),
            (
                "id email password name createddate createdby updateddate updatedby",
                Some(Profile::Scaffold20),
            ),
            ("id login secret", None),
            ("", None),
        ] {
            assert_eq!(recognise(columns), profile, "{columns}");
        }
    }
}
