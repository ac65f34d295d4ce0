-- Adds to the [[ table.name ]] table: [[ added_names ]].
[%- for field in added %]
[%- if field.enum_type %]
create type [[ field.enum_type ]] as enum ([[ field.enum_values ]]);
[%- endif %]
alter table [[ table.quoted ]] add column [[ field.identifier.quoted ]] [[ field.added_column.postgres ]];
[%- if field.distinct.postgres %]
update [[ table.quoted ]] set [[ field.identifier.quoted ]] = [[ field.distinct.postgres ]];
[%- endif %]
[%- if field.has_index %]
create index [[ field.lookup ]] on [[ table.quoted ]] ([[ field.identifier.quoted ]]);
[%- endif %]
[%- if field.unique %]
create unique index [[ field.index ]] on [[ table.quoted ]] ([[ field.identifier.quoted ]]);
[%- endif %]
[%- endfor %]
[%- if adds_owner %]
alter table [[ table.quoted ]] add column owner_id integer references users (id) on delete set null;
[%- endif %]
