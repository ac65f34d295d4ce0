-- The [[ table.name ]] table.
create table [[ table.quoted ]] (
    [[ key.quoted ]] [[ key_column.sqlite ]]
[%- for field in stored -%]
[%- if not field.target.is_postponed -%]
    ,
    [[ field.identifier.quoted ]] [[ field.column.sqlite ]]
[%- endif -%]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer references users (id) on delete set null
[%- endif -%]
[%- for columns in unique.sqlite -%]
    ,
    unique ([[ columns ]])
[%- endfor %]
);
[%- for field in stored %]
[%- if field.has_index and not field.target.is_postponed %]
create index [[ field.lookup ]] on [[ table.quoted ]] ([[ field.identifier.quoted ]]);
[%- endif %]
[%- endfor %]
[%- for other in owed %]
alter table [[ other.table.quoted ]] add column [[ other.column.quoted ]] [[ other.definition ]];
[%- for index in other.indexes %]
create [% if index.is_unique %]unique [% endif %]index [[ index.name ]] on [[ other.table.quoted ]] ([[ index.columns ]]);
[%- endfor %]
[%- endfor %]
