//! The notes on ids in `poem_scaffold_accounts`, and what else hangs on a user's id.

use chrono::Utc;

use super::comparison::{Mark, Traits};
use crate::{
    args,
    config::Profile,
    db::{Db, Engine, FromRow, Row},
    error::Result,
};

/// A creation time as the text that users are known by: only whether two are the same counts, and no stored value must keep
/// anybody from logging in.
macro_rules! created_as_text {
    (Sqlite, $column:literal) => {
        concat!("cast(", $column, " as text)")
    };
    (Postgres, $column:literal) => {
        concat!("to_char(", $column, ", 'YYYY-MM-DD HH24:MI:SS.US')")
    };
    (MySql, $column:literal) => {
        concat!("date_format(", $column, ", '%Y-%m-%d %H:%i:%s.%f')")
    };
}
pub(crate) use created_as_text;

impl FromRow for Traits {
    fn from_row(row: &Row) -> Result<Self> {
        let (email, password_hash): (String, String) = (row.get("email")?, row.get("password")?);
        let created: Option<String> = row.get_nullable("created")?;
        Ok(Self::of(&email, &password_hash, created.as_deref()))
    }
}

/// A row of the users table with what its user is known by: the columns `email`, `password` and `created`.
pub struct Known<T> {
    /// The row.
    pub row: T,
    /// What its user is known by.
    pub traits: Traits,
}

impl<T: FromRow> FromRow for Known<T> {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            traits: Traits::from_row(row)?,
            row: T::from_row(row)?,
        })
    }
}

/// The columns of `poem_scaffold_accounts`; `None` where the left join found no row.
pub fn mark_of(row: &Row) -> Result<Option<Mark>> {
    let Some(email) = row.get_nullable("noted_email")? else {
        return Ok(None);
    };
    let (password_digest, created) = (row.get_nullable("password_digest")?, row.get_nullable("noted_created")?);
    Ok(Some(Mark {
        traits: Traits::noted(email, password_digest, created),
        born_at: row.get_nullable("born_at")?,
        void_until: row.get_nullable("tokens_void_until")?,
        last_issued_at: row.get_nullable("last_issued_at")?,
        is_admin: row.get("is_marked_admin")?,
        is_disabled: row.get("is_disabled")?,
        is_deleted: row.get("is_deleted")?,
    }))
}

/// Takes back the resets that were asked for; they still count as asked for.
pub async fn close_resets(db: &Db, user_id: i64) -> Result<()> {
    let sql = "update poem_scaffold_resets set used_at = ? where user_id = ? and used_at is null";
    db.execute(sql, args![Utc::now().timestamp(), user_id]).await.map(drop)
}

/// Takes the rows from a deleted user whose id somebody else has now.
///
/// The other engines do so at the deletion. SQLite leaves it to whoever deletes, and SQLAlchemy does not.
pub async fn release_rows(db: &Db, user_id: i64) -> Result<()> {
    match db.engine() {
        Engine::Sqlite => db.set_references_null("users", user_id).await,
        Engine::Postgres | Engine::MySql => Ok(()),
    }
}

/// Writes the note on an id.
pub async fn write_mark(db: &Db, id: i64, mark: &Mark) -> Result<()> {
    let sql = "update poem_scaffold_accounts
               set email = ?, password_digest = ?, created = ?, born_at = ?, tokens_void_until = ?, last_issued_at = ?,
                   is_admin = ?, is_disabled = ?, is_deleted = ?
               where user_id = ?";
    let values = args![
        mark.traits.email(),
        mark.traits.password_digest(),
        mark.traits.created(),
        mark.born_at,
        mark.void_until,
        mark.last_issued_at,
        mark.is_admin,
        mark.is_disabled,
        mark.is_deleted,
        id
    ];
    if db.execute(sql, values.clone()).await? > 0 {
        return Ok(());
    }
    let sql = "insert into poem_scaffold_accounts
               (email, password_digest, created, born_at, tokens_void_until, last_issued_at, is_admin, is_disabled,
                is_deleted, user_id)
               values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    db.execute(sql, values).await.map(drop)
}

/// The two times that a creation column can mean.
struct Creation {
    /// Read in the database's own time zone, which `current_timestamp` wrote.
    in_its_zone: Option<i64>,
    /// Read as UTC, which Python's `utcnow` wrote.
    in_utc: Option<i64>,
}

impl FromRow for Creation {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            in_its_zone: row.get_nullable("in_its_zone")?,
            in_utc: row.get_nullable("in_utc")?,
        })
    }
}

/// When the row was made (Unix seconds), as far as its creation column tells and that is not to come.
///
/// Flask-Scaffold 1.0 left it to the database (`server_default=current_timestamp`, `app/users/models.py`), 2.0 wrote
/// `utcnow`. In 2.0 the later of the two readings counts, because SQL beside the app writes the database's.
pub async fn creation_of(db: &Db, profile: Profile, id: i64, now: i64) -> Result<Option<i64>> {
    let sql = match (profile, db.engine()) {
        (Profile::Tutorial, _) => return Ok(None),
        (Profile::Scaffold10, Engine::Sqlite) => {
            "select cast(strftime('%s', creation_time) as integer) as in_its_zone, null as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold10, Engine::Postgres) => {
            "select case when isfinite(creation_time)
                         then floor(extract(epoch from creation_time::timestamptz))::bigint end as in_its_zone,
                    null::bigint as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold10, Engine::MySql) => {
            "select cast(floor(case when (select c.data_type from information_schema.columns c
                                          where c.table_schema = database() and c.table_name = 'users'
                                            and c.column_name = 'creation_time') = 'timestamp'
                                    then unix_timestamp(creation_time)
                                    else unix_timestamp(convert_tz(creation_time, @@global.time_zone, '+00:00'))
                               end) as signed) as in_its_zone,
                    null as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold20, Engine::Sqlite) => {
            "select null as in_its_zone, cast(strftime('%s', createddate) as integer) as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold20, Engine::Postgres) => {
            "select case when isfinite(createddate)
                         then floor(extract(epoch from createddate::timestamptz))::bigint end as in_its_zone,
                    case when isfinite(createddate)
                         then floor(extract(epoch from createddate::timestamp))::bigint end as in_utc
             from users where id = ?"
        }
        (Profile::Scaffold20, Engine::MySql) => {
            "select cast(floor(unix_timestamp(convert_tz(createddate, @@global.time_zone, '+00:00'))) as signed)
                        as in_its_zone,
                    cast(floor(unix_timestamp(createddate)) as signed) as in_utc
             from users where id = ?"
        }
    };
    db.use_own_time_zone().await?;
    let read: Option<Creation> = db.fetch_optional(sql, args![id]).await?;
    let readings = read.map_or([None, None], |creation| [creation.in_its_zone, creation.in_utc]);
    Ok(readings.into_iter().flatten().filter(|moment| *moment <= now).max())
}
