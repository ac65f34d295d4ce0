//! What a transaction notes of the users whom it adds, changes and deletes.
//!
//! Each of these users was locked first, see [`super::models::lock`].

use chrono::Utc;

use super::{
    identity::{
        comparison::{self, Mark, Traits},
        models::{close_resets, release_rows, write_mark},
    },
    models::{Account, read, require_locked, store_hash},
};
use crate::{
    config::Profile,
    db::Db,
    error::{Error, Result},
};

/// Notes a user whom the transaction has added; nothing of whoever had the id before is left.
pub async fn note_new(db: &Db, profile: Profile, id: i64, is_enabled: bool) -> Result<Account> {
    let account = read(db, profile, id).await?.ok_or(Error::NotFound)?;
    let mark = Mark {
        is_disabled: !is_enabled,
        ..comparison::add(account.mark.as_ref(), &account.traits, Utc::now().timestamp())
    };
    close_resets(db, id).await?;
    release_rows(db, id).await?;
    write_mark(db, id, &mark).await?;
    Ok(account.with_mark(Some(mark)))
}

/// Notes what the transaction has changed of a user since it was locked as `before`; `after` is what the row is
/// known by now.
pub async fn note_change(db: &Db, before: Account, after: &Traits) -> Result<()> {
    let noted = before.mark.unwrap_or_default();
    if noted.traits.email() != after.email() {
        close_resets(db, before.id).await?;
    }
    let mark = comparison::change(noted.clone(), after, Utc::now().timestamp());
    if mark == noted {
        return Ok(());
    }
    write_mark(db, before.id, &mark).await
}

/// Notes at `now` that the user of a transaction got a token.
pub async fn note_issue(db: &Db, account: &Account, now: i64) -> Result<()> {
    write_mark(db, account.id, &account.issued(now)).await
}

/// Notes whether the user of a transaction administers, where the users table cannot say so.
pub async fn note_admin(db: &Db, account: Account, is_admin: bool) -> Result<()> {
    let mark = account.mark.unwrap_or_default();
    write_mark(db, account.id, &Mark { is_admin, ..mark }).await
}

/// Notes whether the user of a transaction may log in, where the users table cannot say so.
pub async fn note_enabled(db: &Db, account: Account, is_enabled: bool) -> Result<()> {
    let mark = Mark {
        is_disabled: !is_enabled,
        ..account.mark.unwrap_or_default()
    };
    write_mark(db, account.id, &mark).await
}

/// Notes that the transaction has deleted a user who was locked as `before`.
pub async fn note_deletion(db: &Db, before: Account) -> Result<()> {
    close_resets(db, before.id).await?;
    let mark = comparison::delete(before.mark.unwrap_or_default(), Utc::now().timestamp());
    write_mark(db, before.id, &mark).await
}

/// Stores a new hash for a user who was locked as `before`, which voids older tokens.
pub async fn write_password(db: &Db, before: Account, hash: &str) -> Result<()> {
    store_hash(db, before.id, hash).await?;
    let after = Traits::of(&before.email, hash, before.traits.created());
    note_change(db, before, &after).await
}

/// As [`write_password`], in a transaction of its own.
///
/// # Errors
/// [`Error::NotFound`] if the user is gone.
pub async fn set_password(db: &Db, profile: Profile, id: i64, hash: &str) -> Result<()> {
    db.transaction(async |db| {
        let before = require_locked(&db, profile, id).await?;
        write_password(&db, before, hash).await
    })
    .await
}
