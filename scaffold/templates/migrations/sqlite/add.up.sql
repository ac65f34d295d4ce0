-- Adds to the [[ plural ]] table: [[ added_names ]].
[%- for field in added %]
alter table [[ plural ]] add column [[ field.name ]] [[ field.added[0] ]];
[%- if field.unique %]
create unique index [[ field.keys[0] ]] on [[ plural ]] ([[ field.name ]]);
[%- endif %]
[%- endfor %]
[%- if adds_owner %]
alter table [[ plural ]] add column owner_id integer references users (id) on delete set null;
[%- endif %]
