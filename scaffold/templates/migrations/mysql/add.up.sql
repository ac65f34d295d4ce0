-- Adds to the [[ table.name ]] table: [[ added_names ]].
[%- for field in added %]
alter table [[ table.name ]] add column [[ field.name ]] [[ field.added_column.mysql ]];
[%- if field.unique %]
create unique index [[ field.index ]] on [[ table.name ]] ([[ field.name ]]);
[%- endif %]
[%- if field.refers_to %]
alter table [[ table.name ]]
    add constraint [[ field.foreign_key ]] foreign key ([[ field.name ]]) references [[ field.table.name ]] (id);
[%- endif %]
[%- endfor %]
[%- if adds_owner %]
alter table [[ table.name ]] add column owner_id integer;
alter table [[ table.name ]]
    add constraint [[ plural ]]_owner_id_fkey foreign key (owner_id) references users (id) on delete set null;
[%- endif %]
