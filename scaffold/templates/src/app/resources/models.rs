//! [[ Many ]]: their attributes, their rows and the queries on them, each of which may fail with [`Error::Database`].

use poem_scaffold::{
    args,
[%- if masks.new or masks.patch %]
    auth::guard::AccountRequired,
[%- endif %]
    db::{Db, FromRow, [% if linked %]Links, [% endif %][% if masks.no_row %]NO_ROW, [% endif %]Pages, Row[% if own_key and own_key.is_made %], new_uuid[% endif %]},
    error::{Error, Result},
    jsonapi::{Attributes, [% if needs.changed %]Changed, [% endif %][% if own_key %]ClientId, [% endif %]FromAttributes, Identified, [% if needs.nullable %]Nullable, [% endif %]Resource, attribute, fields[% if nested %], nested[% endif %][% if needs.values %], values[% endif %]},
    poem_openapi::{self, Object},
[%- if needs.json %]
    serde_json::Value,
[%- endif %]
[%- if needs.uuid %]
    uuid::Uuid,
[%- endif %]
};

/// [[ A ]] [[ one ]] as it is stored and shown.
#[derive(Clone, Debug, Object)]
pub struct [[ Type ]] {
[%- for field in shown %]
    /// [[ field.row.words ]]
[%- if field.row.validator %]
    #[oai([[ field.row.validator ]])]
[%- endif %]
    pub [[ field.rust ]]: [[ field.row.type ]],
[%- endfor %]
[%- if has_owner %]
    /// The id of the user who made it; null if that user is gone.
    pub owner_id: Option<i64>,
[%- endif %]
[%- for nest in nested %]
    /// [[ nest.words ]]
    #[oai([% if nest.rust != nest.name %]rename = "[[ nest.name ]]", [% endif %]read_only)]
    pub [[ nest.rust ]]: [% if nest.is_one %]Option[% else %]Vec[% endif %]<nested::Nested<[[ nest.type ]]>>,
[%- endfor %]
}

impl Resource for [[ Type ]] {
    const TYPE: &'static str = "[[ type ]]";
[%- if type != route %]
    const LINK: &'static str = "[[ route ]]";
[%- endif %]
    const EXAMPLE: &'static str = include_str!("example.json");
    const ATTRIBUTES: &'static [attribute::Attribute] = &[
[%- for field in shown %]
        attribute::of::<[[ field.row.type ]]>("[[ field.name ]]"),
[%- endfor %]
[%- if has_owner %]
        attribute::of::<Option<i64>>("owner_id"),
[%- endif %]
    ];
[%- if nested %]
    const NESTED: &'static [nested::NestedAttribute] = &[
[%- for nest in nested %]
        nested::NestedAttribute::[% if nest.is_one %]one[% else %]all[% endif %]::<[[ nest.type ]]>("[[ nest.name ]]"),
[%- endfor %]
    ];
[%- endif %]
}

impl FromRow for [[ Type ]] {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
[%- for field in shown %]
            [[ field.rust ]]: row.[[ field.get ]]("[[ field.name ]]")?,
[%- endfor %]
[%- if has_owner %]
            owner_id: row.get_nullable("owner_id")?,
[%- endif %]
[%- for nest in nested %]
            [[ nest.rust ]]: [% if nest.is_one %]None[% else %]Vec::new()[% endif %],
[%- endfor %]
        })
    }
}
[%- for nest in nested %]

/// [[ nest.one ]] as [[ a ]] [[ one ]] shows it.
#[derive(Clone, Debug, Object)]
#[oai(rename = "[[ nest.schema ]]")]
pub struct [[ nest.type ]] {
    /// Its id.
    pub id: [[ nest.key_type ]],
[%- for field in nest.fields %]
    /// [[ field.row.words ]]
[%- if field.row.validator %]
    #[oai([[ field.row.validator ]])]
[%- endif %]
    pub [[ field.rust ]]: [[ field.row.type ]],
[%- endfor %]
[%- if nest.has_owner %]
    /// The id of the user who made it; null if that user is gone.
    pub owner_id: Option<i64>,
[%- endif %]
}

impl nested::NestedRow for [[ nest.type ]] {
    type Key = [[ nest.key_type ]];
    const TABLE: &'static str = "[[ nest.of ]]";
    const SQL: &'static str = [% filter sql %]"select [[ nest.columns ]]
                         from [[ table.quoted ]] as this
                         join [[ nest.table.quoted ]] as other on [[ nest.on ]]
                         where this.[[ key.quoted ]] >= ? and this.[[ key.quoted ]] <= ?
                         order by this.[[ key.quoted ]][% if not nest.is_one %], other.[[ nest.key.quoted ]][% endif %]
                         limit ?"[% endfilter %];
    const ATTRIBUTES: &'static [attribute::Attribute] = &[
        attribute::of::<[[ nest.key_type ]]>("id"),
[%- for field in nest.fields %]
        attribute::of::<[[ field.row.type ]]>("[[ field.name ]]"),
[%- endfor %]
[%- if nest.has_owner %]
        attribute::of::<Option<i64>>("owner_id"),
[%- endif %]
    ];
}

impl FromRow for [[ nest.type ]] {
    fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get("id")?,
[%- for field in nest.fields %]
            [[ field.rust ]]: row.[[ field.get ]]("[[ field.name ]]")?,
[%- endfor %]
[%- if nest.has_owner %]
            owner_id: row.get_nullable("owner_id")?,
[%- endif %]
        })
    }
}
[%- endfor %]

/// [[ A ]] [[ one ]] to be added.
#[derive(Object)]
pub struct New[[ Type ]] {
[%- if own_key %]
    /// Its id, which is sent beside the attributes.
    #[oai(skip)]
    pub id: [% if own_key.is_made %]Option<[[ own_key.rust ]]>[% else %][[ own_key.rust ]][% endif %],
[%- endif %]
[%- for field in sent %]
    /// [[ field.new.words ]]
[%- if field.new.validator %]
    #[oai([[ field.new.validator ]])]
[%- endif %]
    pub [[ field.rust ]]: [[ field.new.type ]],
[%- endfor %]
}

impl FromAttributes for New[[ Type ]] {
    type Resource = [[ Type ]];
[%- if own_key %]
    const ID: Option<ClientId> = Some(ClientId::[% if own_key.rust == "Uuid" %]uuid[% else %]text[% endif %]()[% if own_key.is_made %].optional()[% endif %]);
[%- endif %]
    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
[%- if own_key %]
            id: attributes.[% if own_key.is_made %]optional_id[% else %]id[% endif %](&fields::[[ own_key.reader ]]),
[%- endif %]
[%- for field in sent %]
            [[ field.rust ]]: [[ field.new_reader ]],
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
[%- for field in sent %]
[%- if field.target.hidden == "owner" and field.join %]
        for id in [% if field.required %]&mut self.[[ field.rust ]].0[% else %]self.[[ field.rust ]].iter_mut().flat_map(|ids| &mut ids.0)[% endif %] {
            mask_[[ field.rust ]](db, account, id).await?;
        }
[%- elif field.target.hidden == "admin" and field.join %]
        if !account.is_admin {
            let ids = [% if field.required %]self.[[ field.rust ]].0.iter_mut()[% else %]self.[[ field.rust ]].iter_mut().flat_map(|ids| &mut ids.0)[% endif %];
            ids.for_each(|id| *id = [[ field.no_row ]]);
        }
[%- elif field.target.hidden == "owner" and field.nullable %]
        if let Some(Nullable(Some(id))) = &mut self.[[ field.rust ]] {
            mask_[[ field.rust ]](db, account, id).await?;
        }
[%- elif field.target.hidden == "owner" %]
        mask_[[ field.rust ]](db, account, &mut self.[[ field.rust ]]).await?;
[%- elif field.target.hidden == "admin" and field.nullable %]
        if let Some(Nullable(Some(id))) = &mut self.[[ field.rust ]]
            && !account.is_admin
        {
            *id = [[ field.no_row ]];
        }
[%- elif field.target.hidden == "admin" %]
        if !account.is_admin {
            self.[[ field.rust ]] = [[ field.no_row ]];
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
[%- for field in changed %]
    /// [[ field.patch.words ]]
[%- if field.patch.validator %]
    #[oai([[ field.patch.validator ]])]
[%- endif %]
    pub [[ field.rust ]]: [[ field.patch.type ]],
[%- endfor %]
}

impl FromAttributes for [[ Type ]]Patch {
    type Resource = [[ Type ]];
    fn from_attributes(attributes: &mut Attributes) -> Self {
        Self {
[%- for field in changed %]
            [[ field.rust ]]: [[ field.patch_reader ]],
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
[%- for field in changed %]
[%- if field.target.hidden == "owner" and field.join %]
        for id in self.[[ field.rust ]].iter_mut().flat_map(|ids| &mut ids.0) {
            mask_[[ field.rust ]](db, account, id).await?;
        }
[%- elif field.target.hidden == "admin" and field.join %]
        if !account.is_admin {
            let ids = self.[[ field.rust ]].iter_mut().flat_map(|ids| &mut ids.0);
            ids.for_each(|id| *id = [[ field.no_row ]]);
        }
[%- elif field.target.hidden == "owner" %]
        if let Some([% if field.nullable %]Nullable(Some(id))[% else %]id[% endif %]) = &mut self.[[ field.rust ]] {
            mask_[[ field.rust ]](db, account, id).await?;
        }
[%- elif field.target.hidden == "admin" %]
        if let Some([% if field.nullable %]Nullable(Some(id))[% else %]id[% endif %]) = &mut self.[[ field.rust ]]
            && !account.is_admin
        {
            *id = [[ field.no_row ]];
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
[%- for field in sent %]
[%- if field.target.hidden == "owner" %]

/// Makes `id` that of no row where the caller may not see the one it names: the table refuses both in the same way.
async fn mask_[[ field.rust ]](db: &Db, account: &AccountRequired, id: &mut [[ field.id_type ]]) -> Result<()> {
    let sql = [% filter sql %]"select [% if field.id_type != "i64" %]owner_id as id[% elif field.target.key.name == "id" %]id[% else %][[ field.target.key.quoted ]] as id[% endif %] from [[ field.target.table.quoted ]] where [[ field.target.key.quoted ]] = ? and owner_id = ?"[% endfilter %];
    if !account.is_admin && db.fetch_optional::<i64>(sql, args![ [% if field.id_type == "String" %]id.as_str()[% else %]*id[% endif %], account.id]).await?.is_none() {
        *id = [[ field.no_row ]];
    }
    Ok(())
}
[%- endif %]
[%- endfor %]
[%- endif %]

const FIND: &str = [% filter sql %]"select [[ find_columns ]]
                    from [[ table.quoted ]] where [[ key.quoted ]] = ?"[% endfilter %];

/// All [[ many ]] by id.
pub fn list(db: &Db) -> Pages {
    let sql = [% filter sql %]"select [[ columns ]]
               from [[ table.quoted ]]
               where [[ key.quoted ]] >= ? order by [[ key.quoted ]] limit ?"[% endfilter %];
    [% if own_key %]db.pages_by::<[[ own_key.rust ]]>[% else %]db.pages[% endif %](sql, args![])
}
[%- if access.list == "owner" %]

/// The [[ many ]] of one user by id.
pub fn list_of(db: &Db, owner: i64) -> Pages {
    let sql = [% filter sql %]"select [[ columns ]]
               from [[ table.quoted ]]
               where owner_id = ? and [[ key.quoted ]] >= ? order by [[ key.quoted ]] limit ?"[% endfilter %];
    [% if own_key %]db.pages_by::<[[ own_key.rust ]]>[% else %]db.pages[% endif %](sql, args![owner])
}
[%- endif %]

/// The [[ one ]] with this id; [`Error::NotFound`] if there is none.
pub async fn find(db: &Db, id: [[ id_type ]]) -> Result<Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
[%- if nested %]
    let found = db.fetch_optional(FIND, args![id]).await?.ok_or(Error::NotFound)?;
    with_nested(db, found).await
}

/// Adds the rows of other resources that answers show.
async fn with_nested(db: &Db, mut row: Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>) -> Result<Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
[%- for nest in nested %]
    row.attributes.[[ nest.rust ]] = nested::[% if nest.is_one %]one[% else %]all[% endif %](db, row.id[% if own_key and own_key.rust == "String" %].clone()[% endif %]).await?;
[%- endfor %]
    Ok(row)
}
[%- else %]
    db.fetch_optional(FIND, args![id]).await?.ok_or(Error::NotFound)
}
[%- endif %]

/// As [`find`], of [[ a ]] [[ one ]] that nobody else changes until the transaction ends[% if nested %], without rows of others[% endif %].
pub async fn lock(db: &Db, id: [[ id_type ]]) -> Result<Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
    db.fetch_locked(FIND, args![id]).await?.ok_or(Error::NotFound)
}

/// Adds [[ a ]] [[ one ]][% if has_owner %] of the user `owner`[% endif %]; [`Error::Constraint`] if the table does not take it.
pub async fn create(db: &Db, new: New[[ Type ]][% if has_owner %], owner: i64[% endif %]) -> Result<Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
    let sql = [% filter sql %]"insert into [[ table.quoted ]] ([[ inserted ]])
               values ([[ placeholders ]])
               returning [[ returned ]]"[% endfilter %];
    let values = args![
[%- if own_key %]
        [[ own_key.inserted ]],
[%- endif %]
[%- for field in inserted_fields %]
        [[ field.inserted ]][% if not loop.last or has_owner %],[% endif %]
[%- endfor %]
[%- if has_owner %]
        owner
[%- endif %]
    ];
[%- if linked %]
    db.transaction(async |db| {
[%- if renamed %]
        let inserted = db.insert_returning(sql, values.clone()).await;
        let created: Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]> = inserted.map_err(in_attributes)?;
[%- else %]
        let created: Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]> = db.insert_returning(sql, values.clone()).await?;
[%- endif %]
[%- for field in linked %]
[%- if field.required %]
        set_[[ field.rust ]](&db, [[ created_id ]], &new.[[ field.rust ]]).await?;
[%- else %]
        if let Some(ids) = &new.[[ field.rust ]] {
            set_[[ field.rust ]](&db, [[ created_id ]], ids).await?;
        }
[%- endif %]
[%- endfor %]
        find(&db, [[ created_id ]]).await
    })
    .await
[%- elif nested %]
    db.transaction(async |db| {
        let created = db.insert_returning(sql, values.clone()).await[% if renamed %].map_err(in_attributes)[% endif %]?;
        with_nested(&db, created).await
    })
    .await
[%- else %]
    db.insert_returning(sql, values).await[% if renamed %].map_err(in_attributes)[% endif %]
[%- endif %]
}

/// Changes what is given, in the transaction that holds the [[ one ]]'s [`lock`]; fails as [`create`], or as [`find`].
pub async fn update(db: &Db, id: [[ id_type ]], patch: [[ Type ]]Patch) -> Result<Identified<[[ Type ]][% if own_key %], [[ own_key.rust ]][% endif %]>> {
    let sql = [% filter sql %]"update [[ table.quoted ]]
               set [[ assignments ]]
               where [[ key.quoted ]] = ?"[% endfilter %];
    let values = args![
[%- for field in updated_fields %]
[%- for value in field.assigned %]
        [[ value ]],
[%- endfor %]
[%- endfor %]
        id
    ];
    db.execute(sql, values).await[% if renamed %].map_err(in_attributes)[% endif %]?;
[%- for field in linked %]
[%- if field.is_changed %]
    if let Some(ids) = &patch.[[ field.rust ]] {
        set_[[ field.rust ]](db, id, ids).await?;
    }
[%- endif %]
[%- endfor %]
    find(db, id).await
}
[%- for field in linked %]

/// Links [[ a ]] [[ one ]] to these [[ field.spaced ]] and to no others.
async fn set_[[ field.rust ]](db: &Db, id: [[ id_type ]], ids: &values::Ids<[[ field.id_type ]]>) -> Result<()> {
    let links = Links {
        find: [% filter sql %]"select [[ field.join.other.name.quoted ]] as id from [[ field.join.table.quoted ]] where [[ field.join.own.name.quoted ]] = ?"[% endfilter %],
        add: [% filter sql %]"insert into [[ field.join.table.quoted ]] ([[ field.join.own.name.quoted ]], [[ field.join.other.name.quoted ]]) values (?, ?)"[% endfilter %],
        remove: [% filter sql %]"delete from [[ field.join.table.quoted ]] where [[ field.join.own.name.quoted ]] = ? and [[ field.join.other.name.quoted ]] = ?"[% endfilter %],
    };
    let linked = links.set(db, id, &ids.0).await;
    linked.map_err(|error| error.renamed(&[("[[ field.join.other.name.name ]]", "[[ field.name ]]")]))
}
[%- endfor %]
[%- if renamed %]

/// Names the attributes that are at fault, whose columns have other names.
fn in_attributes(error: Error) -> Error {
    error.renamed(&[
[%- for pair in renamed %]
        ("[[ pair[0] ]]", "[[ pair[1] ]]"),
[%- endfor %]
    ])
}
[%- endif %]

/// Removes [[ a ]] [[ one ]]; fails as [`find`], or with [`Error::Constraint`] if something refers to it.
pub async fn delete(db: &Db, id: [[ id_type ]]) -> Result<()> {
[%- if refers_to_itself or joined %]
    db.transaction(async |db| {
[%- for field in joined %]
        db.execute([% filter sql %]"delete from [[ field.join.table.quoted ]] where [[ field.join.own.name.quoted ]] = ?"[% endfilter %], args![id]).await?;
[%- endfor %]
[%- if refers_to_itself %]
        // MariaDB does not delete a row that refers to itself.
[%- endif %]
[%- for field in stored %]
[%- if field.refers_to == plural and not field.on_delete %]
        let sql = [% filter sql %]"update [[ table.quoted ]] set [[ field.identifier.quoted ]] = null where [[ key.quoted ]] = ? and [[ field.identifier.quoted ]] = ?"[% endfilter %];
        db.execute(sql, args![id, id]).await?;
[%- endif %]
[%- endfor %]
        let removed = db.execute([% filter sql %]"delete from [[ table.quoted ]] where [[ key.quoted ]] = ?"[% endfilter %], args![id]).await?;
        if removed == 0 { Err(Error::NotFound) } else { Ok(()) }
    })
    .await
[%- else %]
    let removed = db.execute([% filter sql %]"delete from [[ table.quoted ]] where [[ key.quoted ]] = ?"[% endfilter %], args![id]).await?;
    if removed == 0 { Err(Error::NotFound) } else { Ok(()) }
[%- endif %]
}
