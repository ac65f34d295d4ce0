-- The [[ table.name ]] table.
[%- for field in fields %]
[%- if field.enum_type %]
create type [[ field.enum_type ]] as enum ([[ field.enum_values ]]);
[%- endif %]
[%- endfor %]
create table [[ table.quoted ]] (
    [[ key.quoted ]] [[ key_column.postgres ]]
[%- for field in stored -%]
    ,
    [[ field.identifier.quoted ]] [[ field.column.postgres ]]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer references users (id) on delete set null
[%- endif -%]
[%- for columns in unique.quoted -%]
    ,
    unique ([[ columns ]])
[%- endfor %]
);
[%- for field in stored %]
[%- if field.has_index %]
create index [[ field.lookup ]] on [[ table.quoted ]] ([[ field.identifier.quoted ]]);
[%- endif %]
[%- endfor %]
[%- for other in owed %]
alter table [[ other.table.quoted ]]
    add constraint [[ other.name ]] foreign key ([[ other.column.quoted ]]) references [[ table.quoted ]] ([[ key.quoted ]])[[ other.on_delete ]];
[%- endfor %]
