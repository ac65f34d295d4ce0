-- Adds to the [[ table.name ]] table: [[ added_names ]].
[%- for field in added %]
[%- if not field.target.is_postponed %]
alter table [[ table.quoted ]] add column [[ field.identifier.quoted ]] [[ field.added_column.sqlite ]];
[%- if field.distinct.sqlite %]
update [[ table.quoted ]] set [[ field.identifier.quoted ]] = [[ field.distinct.sqlite ]];
[%- endif %]
[%- if field.has_index %]
create index [[ field.lookup ]] on [[ table.quoted ]] ([[ field.identifier.quoted ]]);
[%- endif %]
[%- if field.unique %]
create unique index [[ field.index ]] on [[ table.quoted ]] ([[ field.identifier.quoted ]]);
[%- endif %]
[%- endif %]
[%- endfor %]
[%- if adds_owner %]
alter table [[ table.quoted ]] add column owner_id integer references users (id) on delete set null;
[%- endif %]
