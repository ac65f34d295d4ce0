//! Who a row of the users table is: the row compared with what was noted when its id was last seen.
//!
//! A Flask app beside us changes rows without telling, and a database may give the id of a deleted user to the next
//! one. Nothing here reads the database or the clock; times are Unix seconds.

use sha2::{Digest, Sha256};

use crate::flask::hashlib::hex;

/// The characters of an address that are noted, which is what the originals' columns hold.
const NOTED_CHARACTERS: usize = 250;

/// What a row is known by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Traits {
    /// The mail address, exactly as stored.
    email: String,
    /// A digest of the stored password hash; `None` where an older version made the note.
    password_digest: Option<String>,
    /// What the creation column holds; `None` for null, and in the tutorial's table, which has none.
    created: Option<String>,
}

impl Traits {
    /// Those of a row; `created` is its creation time as text.
    pub fn of(email: &str, password_hash: &str, created: Option<&str>) -> Self {
        Self {
            email: email.chars().take(NOTED_CHARACTERS).collect(),
            password_digest: Some(hex(&Sha256::digest(password_hash.as_bytes()))),
            created: created.map(without_zeros),
        }
    }

    /// Those that were noted.
    pub fn noted(email: String, password_digest: Option<String>, created: Option<String>) -> Self {
        Self {
            email,
            password_digest,
            created,
        }
    }

    /// The mail address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The digest of the stored password hash.
    pub fn password_digest(&self) -> Option<&str> {
        self.password_digest.as_deref()
    }

    /// What the creation column holds.
    pub fn created(&self) -> Option<&str> {
        self.created.as_deref()
    }

    /// Whether both were created at the same time; `None` if that is not known of one of them.
    fn is_as_old_as(&self, other: &Self) -> Option<bool> {
        let (one, other) = (self.created.as_ref()?, other.created.as_ref()?);
        Some(one == other)
    }
}

/// The text of a time, which one engine writes with six digits and another without any.
fn without_zeros(time: &str) -> String {
    let is_fraction = time.contains('.');
    let shorter = if is_fraction { time.trim_end_matches('0') } else { time };
    shorter.trim_end_matches('.').to_owned()
}

/// What is noted of an id in `poem_scaffold_accounts`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mark {
    /// What the row was when it was last seen or changed by us.
    pub traits: Traits,
    /// Tokens from before this second are void. Not moved by a change of the creation column.
    pub born_at: Option<i64>,
    /// Tokens of this second and before are void.
    pub void_until: Option<i64>,
    /// When we last issued a token for this id, to whomever it belonged.
    pub last_issued_at: Option<i64>,
    /// Whether the user administers, where the users table cannot say so.
    pub is_admin: bool,
    /// Whether the user may not log in, where the users table cannot say so.
    pub is_disabled: bool,
    /// Whether we deleted the user; whoever has the id now is another one.
    pub is_deleted: bool,
}

/// What has become of a row since it was noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Nothing.
    Unchanged,
    /// It is seen for the first time.
    First,
    /// Somebody else corrected the creation time of the same user.
    Redated,
    /// The same user has another password or address, which somebody else changed.
    Changed,
    /// It is another user, under the id of one who is gone.
    Another,
}

/// Compares a row with what was noted of its id.
///
/// The creation time decides where both have one; of a row that is the same otherwise it may be moved back, which no
/// new row's is. Elsewhere somebody else is who has neither the address nor the password of the one before.
pub fn compare(mark: Option<&Mark>, row: &Traits) -> Comparison {
    let Some(mark) = mark else { return Comparison::First };
    let noted = &mark.traits;
    let same_email = noted.email == row.email;
    let same_password = noted.password_digest == row.password_digest;
    let is_moved_back = same_email && same_password && row.created < noted.created;
    if mark.is_deleted {
        return Comparison::Another;
    }
    if noted.password_digest.is_none() {
        return if same_email {
            Comparison::First
        } else {
            Comparison::Changed
        };
    }
    let is_another = match noted.is_as_old_as(row) {
        Some(as_old) => !as_old && !is_moved_back,
        None => !same_email && !same_password,
    };
    if is_another {
        Comparison::Another
    } else if noted == row {
        Comparison::Unchanged
    } else if same_email && same_password {
        Comparison::Redated
    } else {
        Comparison::Changed
    }
}

impl Mark {
    /// Whether this mark makes the user of `row` an administrator.
    ///
    /// Where no creation time tells that the user is the same, the address must be.
    pub fn makes_admin(&self, row: &Traits) -> bool {
        let is_known = self.traits.email == row.email || self.traits.is_as_old_as(row) == Some(true);
        self.is_admin && is_known && compare(Some(self), row) != Comparison::Another
    }

    /// Whether this mark keeps the user of `row` from logging in.
    pub fn disables(&self, row: &Traits) -> bool {
        self.is_disabled && compare(Some(self), row) != Comparison::Another
    }

    /// Whether a token that is issued in the second `now` is void.
    pub fn voids(&self, now: i64) -> bool {
        self.void_until.is_some_and(|until| now <= until)
    }

    /// Voids the tokens up to `moment`, and all that we have issued for this id.
    fn void(&mut self, moment: i64) {
        self.void_until = self.void_until.max(self.last_issued_at).max(Some(moment));
    }
}

/// Whether rows that belong to the id are left from a deleted user.
///
/// Not where address and password are still the same: then only the creation time may have been edited.
pub fn leaves_rows(mark: Option<&Mark>, row: &Traits) -> bool {
    mark.is_some_and(|mark| {
        let (noted, is_another) = (&mark.traits, compare(Some(mark), row) == Comparison::Another);
        let is_same = noted.email == row.email && noted.password_digest == row.password_digest;
        is_another && (mark.is_deleted || !is_same)
    })
}

/// What is to be noted of a row that is seen at `now`, and what has become of it.
///
/// `created_at` is the creation time; a null or future one says nothing.
pub fn see(mark: Option<&Mark>, row: &Traits, created_at: Option<i64>, now: i64) -> (Mark, Comparison) {
    let comparison = compare(mark, row);
    let old = mark.cloned().unwrap_or_default();
    let created_at = created_at.filter(|moment| *moment <= now);
    let mut new = Mark {
        is_admin: old.makes_admin(row),
        is_disabled: old.disables(row),
        is_deleted: false,
        traits: row.clone(),
        ..old
    };
    match comparison {
        Comparison::Unchanged | Comparison::Redated => {}
        Comparison::First => new.born_at = created_at,
        Comparison::Changed => new.void(now),
        Comparison::Another => {
            new.born_at = created_at;
            // A token of the creation's own second may be the new user's first.
            new.void(created_at.map_or(now, |moment| moment - 1));
        }
    }
    (new, comparison)
}

/// What is to be noted of a row that we add at `now`; `mark` is of whoever had the id before.
pub fn add(mark: Option<&Mark>, row: &Traits, now: i64) -> Mark {
    let mut new = Mark {
        traits: row.clone(),
        void_until: mark.and_then(|mark| mark.void_until),
        last_issued_at: mark.and_then(|mark| mark.last_issued_at),
        ..Mark::default()
    };
    new.void(now - 1);
    new
}

/// What is to be noted of a row that we change at `now`; tokens are void where it has another password.
pub fn change(mark: Mark, row: &Traits, now: i64) -> Mark {
    let has_new_password = mark.traits.password_digest != row.password_digest;
    let mut new = Mark {
        traits: row.clone(),
        ..mark
    };
    if has_new_password {
        new.void(now);
    }
    new
}

/// What is to be noted of a row that we delete at `now`: it outlives the row.
pub fn delete(mark: Mark, now: i64) -> Mark {
    let mut new = Mark {
        is_deleted: true,
        is_admin: false,
        is_disabled: false,
        ..mark
    };
    new.void(now);
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000_000;

    fn traits(email: &str, hash: &str, created: Option<&str>) -> Traits {
        Traits::of(email, hash, created)
    }

    fn ann() -> Traits {
        traits("ann", "hash", Some("2026-01-02 03:04:05.600000"))
    }

    fn mark_of(traits: Traits) -> Mark {
        Mark {
            traits,
            is_admin: true,
            is_disabled: true,
            last_issued_at: Some(NOW - 50),
            ..Mark::default()
        }
    }

    #[test]
    fn the_creation_time_tells_who_a_row_is_and_elsewhere_address_and_password_do() {
        let other = Some("2026-01-02 03:04:06");
        for (row, expected) in [
            (ann(), Comparison::Unchanged),
            (
                traits("ann", "hash", Some("2026-01-02 03:04:05.6")),
                Comparison::Unchanged,
            ),
            (
                traits("bob", "other", Some("2026-01-02 03:04:05.6")),
                Comparison::Changed,
            ),
            (traits("ann", "hash", other), Comparison::Another),
            (traits("ann", "hash", Some("2016-01-01 00:00:00")), Comparison::Redated),
            (traits("ann", "hash", None), Comparison::Redated),
            (traits("bob", "hash", other), Comparison::Another),
            (traits("bob", "other", other), Comparison::Another),
            (traits("ann", "other", None), Comparison::Changed),
            (traits("bob", "hash", None), Comparison::Changed),
            (traits("bob", "other", None), Comparison::Another),
        ] {
            assert_eq!(compare(Some(&mark_of(ann())), &row), expected, "{row:?}");
        }
        assert_eq!(compare(None, &ann()), Comparison::First);
        let deleted = delete(mark_of(ann()), NOW);
        assert_eq!(compare(Some(&deleted), &ann()), Comparison::Another);
        let of_older_version = |email: &str| mark_of(Traits::noted(email.to_owned(), None, None));
        assert_eq!(compare(Some(&of_older_version("ann")), &ann()), Comparison::First);
        assert_eq!(compare(Some(&of_older_version("bob")), &ann()), Comparison::Changed);
    }

    #[test]
    fn the_first_sight_voids_what_is_older_than_the_row_and_nothing_else() {
        let (mark, _) = see(None, &ann(), Some(NOW - 10), NOW);
        assert_eq!((mark.born_at, mark.void_until), (Some(NOW - 10), None));
        for unknown in [None, Some(NOW + 1)] {
            let (mark, _) = see(None, &ann(), unknown, NOW);
            assert_eq!((mark.born_at, mark.void_until), (None, None));
        }
    }

    #[test]
    fn a_change_beside_us_voids_tokens_and_keeps_what_the_user_is() {
        let row = traits("ann", "other", Some("2026-01-02 03:04:05.6"));
        let (mark, _) = see(Some(&mark_of(ann())), &row, Some(NOW - 99), NOW);
        assert_eq!((mark.void_until, mark.born_at), (Some(NOW), None));
        assert!(mark.is_admin && mark.is_disabled && mark.traits == row);
        // Without a creation time another address may be another user's: no rights, and no way around a ban.
        let (before, after) = (traits("ann", "hash", None), traits("bob", "hash", None));
        let (mark, comparison) = see(Some(&mark_of(before)), &after, None, NOW);
        assert_eq!(comparison, Comparison::Changed);
        assert!(!mark.is_admin && mark.is_disabled);
    }

    #[test]
    fn another_user_inherits_nothing_and_the_first_token_is_good() {
        let row = traits("ann", "hash", Some("2026-05-05 05:05:05"));
        assert!(!leaves_rows(Some(&mark_of(ann())), &row) && leaves_rows(Some(&delete(mark_of(ann()), NOW)), &row));
        assert!(leaves_rows(
            Some(&mark_of(traits("bob", "hash", Some("2026-01-01")))),
            &row
        ));
        let (mark, _) = see(Some(&mark_of(ann())), &row, Some(NOW - 10), NOW);
        assert!(!mark.is_admin && !mark.is_disabled && !mark.is_deleted);
        assert_eq!((mark.born_at, mark.void_until), (Some(NOW - 10), Some(NOW - 11)));
        // What we have issued since belongs to the one before, whatever the database's clock says.
        let (mark, _) = see(Some(&mark_of(ann())), &row, Some(NOW - 60), NOW);
        assert_eq!(mark.void_until, Some(NOW - 50));
        let (mark, _) = see(Some(&mark_of(ann())), &row, Some(NOW + 60), NOW);
        assert_eq!((mark.born_at, mark.void_until), (None, Some(NOW)));
    }

    #[test]
    fn our_own_changes_void_what_they_must() {
        let patched = traits("bob", "hash", Some("2001-02-03"));
        let mark = change(mark_of(ann()), &patched, NOW);
        assert_eq!((mark.void_until, &mark.traits), (None, &patched));
        assert_eq!(compare(Some(&mark), &patched), Comparison::Unchanged);
        let mark = change(mark_of(ann()), &traits("ann", "other", None), NOW);
        assert_eq!((mark.void_until, mark.is_admin), (Some(NOW), true));

        let tombstone = delete(mark, NOW + 5);
        assert!(!tombstone.is_admin && !tombstone.is_disabled);
        let heir = add(Some(&tombstone), &ann(), NOW + 5);
        assert_eq!((heir.void_until, heir.is_admin), (Some(NOW + 5), false));
        assert!(heir.voids(NOW + 5) && !heir.voids(NOW + 6));
        let new = add(None, &ann(), NOW);
        assert!(new.voids(NOW - 1) && !new.voids(NOW));
    }
}
