//! [[ Many ]]: their attributes, their rows and the queries on them.

use poem_scaffold::{
    args,
[%- if masks.new or masks.patch %]
    auth::guard::AccountRequired,
[%- endif %]
    db::{Db, FromRow, [% if masks.new or masks.patch %]NO_ROW, [% endif %]Pages, Row},
    error::{Error, Result},
    jsonapi::{
        attribute,
        document::{Attributes, FromAttributes},
        fields,
[%- if needs.absence %]
        nullable::{[[ needs.absence ]]},
[%- endif %]
        resource::{Identified, Resource, attributes_of},
[%- if needs.values %]
        values,
[%- endif %]
    },
    poem_openapi::{self, Object},
    serde_json::Value,
[%- if needs.uuid %]
    uuid::Uuid,
[%- endif %]
};

/// [[ A ]] [[ one ]] as it is stored and shown.
#[derive(Clone, Debug, Object)]
pub struct [[ Type ]] {
[%- for field in fields %]
    /// [[ field.row.words ]]
[%- if field.row.validator %]
    #[oai([[ field.row.validator ]])]
[%- endif %]
    pub [[ field.name ]]: [[ field.row.type ]],
[%- endfor %]
[%- if has_owner %]
    /// The id of the user who made it; null if that user is gone.
    pub owner_id: Option<i64>,
[%- endif %]
}

impl Resource for [[ Type ]] {
    const TYPE: &'static str = "[[ plural ]]";
    const IS_SCAFFOLDED: bool = true;
    const ATTRIBUTES: &'static [attribute::Attribute] = &[
[%- for field in fields %]
        attribute::of::<[[ field.row.type ]]>("[[ field.name ]]"),
[%- endfor %]
[%- if has_owner %]
        attribute::of::<Option<i64>>("owner_id"),
[%- endif %]
    ];

    fn example() -> Value {
        attributes_of(include_str!("example.json"))
    }
}

impl FromRow for [[ Type ]] {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
[%- for field in fields %]
            [[ field.name ]]: row.[[ field.get ]]("[[ field.name ]]")?,
[%- endfor %]
[%- if has_owner %]
            owner_id: row.get_nullable("owner_id")?,
[%- endif %]
        })
    }
}

/// [[ A ]] [[ one ]] to be added.
#[derive(Object)]
pub struct New[[ Type ]] {
[%- for field in fields %]
    /// [[ field.new.words ]]
[%- if field.new.validator %]
    #[oai([[ field.new.validator ]])]
[%- endif %]
    pub [[ field.name ]]: [[ field.new.type ]],
[%- endfor %]
}

impl FromAttributes for New[[ Type ]] {
    type Resource = [[ Type ]];

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
[%- for field in fields %]
            [[ field.name ]]: [[ field.new_reader ]],
[%- endfor %]
        }
    }
}

[%- if masks.new %]

impl New[[ Type ]] {
    /// Has references to rows that the caller may not see refer to none, which the table refuses.
[%- if masks.query %]
    pub async fn mask_references(&mut self, db: &Db, account: &AccountRequired) -> Result<()> {
[%- else %]
    pub fn mask_references(&mut self, account: &AccountRequired) {
[%- endif %]
[%- for field in fields %]
[%- if field.hidden == "owner" and field.nullable %]
        if let Some(Nullable(Some(id))) = &mut self.[[ field.name ]] {
            mask_[[ field.name ]](db, account, id).await?;
        }
[%- elif field.hidden == "owner" %]
        mask_[[ field.name ]](db, account, &mut self.[[ field.name ]]).await?;
[%- elif field.hidden == "admin" and field.nullable %]
        if let Some(Nullable(Some(id))) = &mut self.[[ field.name ]]
            && !account.is_admin
        {
            *id = NO_ROW;
        }
[%- elif field.hidden == "admin" %]
        if !account.is_admin {
            self.[[ field.name ]] = NO_ROW;
        }
[%- endif %]
[%- endfor %]
[%- if masks.query %]
        Ok(())
[%- endif %]
    }
}
[%- endif %]

/// What of [[ a ]] [[ one ]] is to be changed.
#[derive(Object)]
pub struct [[ Type ]]Patch {
[%- for field in fields %]
    /// [[ field.patch.words ]]
[%- if field.patch.validator %]
    #[oai([[ field.patch.validator ]])]
[%- endif %]
    pub [[ field.name ]]: [[ field.patch.type ]],
[%- endfor %]
}

impl FromAttributes for [[ Type ]]Patch {
    type Resource = [[ Type ]];

    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
[%- for field in fields %]
            [[ field.name ]]: [[ field.patch_reader ]],
[%- endfor %]
        }
    }
}

[%- if masks.patch %]

impl [[ Type ]]Patch {
    /// As [`New[[ Type ]]::mask_references`][% if not masks.new %], of what a new [[ one ]] would refer to[% endif %].
[%- if masks.query %]
    pub async fn mask_references(&mut self, db: &Db, account: &AccountRequired) -> Result<()> {
[%- else %]
    pub fn mask_references(&mut self, account: &AccountRequired) {
[%- endif %]
[%- for field in fields %]
[%- if field.hidden == "owner" %]
        if let Some([% if field.nullable %]Nullable(Some(id))[% else %]id[% endif %]) = &mut self.[[ field.name ]] {
            mask_[[ field.name ]](db, account, id).await?;
        }
[%- elif field.hidden == "admin" %]
        if let Some([% if field.nullable %]Nullable(Some(id))[% else %]id[% endif %]) = &mut self.[[ field.name ]]
            && !account.is_admin
        {
            *id = NO_ROW;
        }
[%- endif %]
[%- endfor %]
[%- if masks.query %]
        Ok(())
[%- endif %]
    }
}
[%- endif %]
[%- if masks.new or masks.patch %]
[%- for field in fields %]
[%- if field.hidden == "owner" %]

/// Makes `id` that of no row where the caller may not see the one it names: the table refuses both in the same way.
async fn mask_[[ field.name ]](db: &Db, account: &AccountRequired, id: &mut i64) -> Result<()> {
    let sql = "select id from [[ field.table.in_code ]] where id = ? and owner_id = ?";
    if !account.is_admin && db.fetch_optional::<i64>(sql, args![*id, account.id]).await?.is_none() {
        *id = NO_ROW;
    }
    Ok(())
}
[%- endif %]
[%- endfor %]
[%- endif %]

const FIND: &str = "select [[ find_columns ]]
                    from [[ table.in_code ]]
                    where id = ?";

/// All [[ many ]] by id.
pub fn list(db: &Db) -> Pages {
    let sql = "select [[ columns ]]
               from [[ table.in_code ]]
               where id >= ?
               order by id
               limit ?";
    db.pages(sql, args![])
}
[%- if access.list == "owner" %]

/// The [[ many ]] of one user by id.
pub fn list_of(db: &Db, owner: i64) -> Pages {
    let sql = "select [[ columns ]]
               from [[ table.in_code ]]
               where owner_id = ? and id >= ?
               order by id
               limit ?";
    db.pages(sql, args![owner])
}
[%- endif %]

/// The [[ one ]] with this id.
///
/// # Errors
/// [`Error::NotFound`] if there is none; [`Error::Database`], as for every query here.
pub async fn find(db: &Db, id: i64) -> Result<Identified<[[ Type ]]>> {
    db.fetch_optional(FIND, args![id]).await?.ok_or(Error::NotFound)
}

/// As [`find`], of [[ a ]] [[ one ]] that nobody else changes until the transaction ends.
pub async fn lock(db: &Db, id: i64) -> Result<Identified<[[ Type ]]>> {
    db.fetch_locked(FIND, args![id]).await?.ok_or(Error::NotFound)
}

/// Adds [[ a ]] [[ one ]][% if has_owner %] of the user `owner`[% endif %].
///
/// # Errors
/// [`Error::Constraint`] if the table does not take it.
pub async fn create(db: &Db, new: New[[ Type ]][% if has_owner %], owner: i64[% endif %]) -> Result<Identified<[[ Type ]]>> {
    let sql = "insert into [[ table.in_code ]] ([[ inserted ]])
               values ([[ placeholders ]])
               returning [[ returned ]]";
    let values = args![
[%- for field in fields %]
        [[ field.inserted ]][% if not loop.last or has_owner %],[% endif %]
[%- endfor %]
[%- if has_owner %]
        owner
[%- endif %]
    ];
    db.insert_returning(sql, values).await
}

/// Changes what is given, in the transaction that holds the [[ one ]]'s [`lock`].
///
/// # Errors
/// [`Error::NotFound`] if there is no such [[ one ]]; [`Error::Constraint`] as [`create`].
pub async fn update(db: &Db, id: i64, patch: [[ Type ]]Patch) -> Result<Identified<[[ Type ]]>> {
    let sql = "update [[ table.in_code ]]
               set [[ assignments ]]
               where id = ?";
    let values = args![
[%- for field in fields %]
[%- for value in field.assigned %]
        [[ value ]],
[%- endfor %]
[%- endfor %]
        id
    ];
    db.execute(sql, values).await?;
    find(db, id).await
}

/// Removes [[ a ]] [[ one ]].
///
/// # Errors
/// [`Error::NotFound`] if there is no such [[ one ]]; [`Error::Constraint`] if something refers to it.
pub async fn delete(db: &Db, id: i64) -> Result<()> {
[%- if refers_to_itself %]
    db.transaction(async |db| {
        // MariaDB does not delete a row that refers to itself.
[%- for field in fields %]
[%- if field.refers_to == plural %]
        let sql = "update [[ table.in_code ]] set [[ field.name ]] = null where id = ? and [[ field.name ]] = ?";
        db.execute(sql, args![id, id]).await?;
[%- endif %]
[%- endfor %]
        let removed = db.execute("delete from [[ table.in_code ]] where id = ?", args![id]).await?;
        if removed == 0 { Err(Error::NotFound) } else { Ok(()) }
    })
    .await
[%- else %]
    let removed = db.execute("delete from [[ table.in_code ]] where id = ?", args![id]).await?;
    if removed == 0 { Err(Error::NotFound) } else { Ok(()) }
[%- endif %]
}
