-- Adds to the [[ table.name ]] table: [[ added_names ]].
[%- for field in added %]
[%- if field.enum_type %]
create type [[ field.enum_type ]] as enum ([[ field.enum_values ]]);
[%- endif %]
alter table [[ table.quoted ]] add column [[ field.name ]] [[ field.added_column.postgres ]];
[%- if field.unique %]
create unique index [[ field.index ]] on [[ table.quoted ]] ([[ field.name ]]);
[%- endif %]
[%- endfor %]
[%- if adds_owner %]
alter table [[ table.quoted ]] add column owner_id integer references users (id) on delete set null;
[%- endif %]
