-- Adds to the [[ plural ]] table: [[ added_names ]].
[%- for field in added %]
alter table [[ plural ]] add column [[ field.name ]] [[ field.added[2] ]];
[%- if field.unique %]
create unique index [[ field.keys[0] ]] on [[ plural ]] ([[ field.name ]]);
[%- endif %]
[%- if field.table %]
alter table [[ plural ]]
    add constraint [[ field.keys[1] ]] foreign key ([[ field.name ]]) references [[ field.table ]] (id);
[%- endif %]
[%- endfor %]
[%- if adds_owner %]
alter table [[ plural ]] add column owner_id integer;
alter table [[ plural ]]
    add constraint [[ plural ]]_owner_id_fkey foreign key (owner_id) references users (id) on delete set null;
[%- endif %]
