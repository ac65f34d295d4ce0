-- Adds to the [[ table.name ]] table: [[ added_names ]].
[%- for field in added %]
alter table [[ table.mysql ]] add column [[ field.identifier.mysql ]] [[ field.added_column.mysql ]];
[%- if field.distinct.mysql %]
update [[ table.mysql ]] set [[ field.identifier.mysql ]] = [[ field.distinct.mysql ]];
[%- endif %]
[%- if field.has_index %]
create index [[ field.lookup ]] on [[ table.mysql ]] ([[ field.identifier.mysql ]]);
[%- endif %]
[%- if field.unique %]
create unique index [[ field.index ]] on [[ table.mysql ]] ([[ field.identifier.mysql ]]);
[%- endif %]
[%- if field.refers_to and not field.target.is_postponed %]
alter table [[ table.mysql ]]
    add constraint [[ field.foreign_key ]] foreign key ([[ field.identifier.mysql ]]) references [[ field.target.table.mysql ]] ([[ field.target.key.mysql ]])[[ field.on_delete ]];
[%- endif %]
[%- endfor %]
[%- if adds_owner %]
alter table [[ table.mysql ]] add column owner_id integer;
alter table [[ table.mysql ]]
    add constraint [[ plural ]]_owner_id_fkey foreign key (owner_id) references users (id) on delete set null;
[%- endif %]
