-- The [[ table.name ]] table.
create table [[ table.mysql ]] (
    [[ key.mysql ]] [[ key_column.mysql ]]
[%- for field in stored -%]
    ,
    [[ field.identifier.mysql ]] [[ field.column.mysql ]]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer,
    foreign key (owner_id) references users (id) on delete set null
[%- endif -%]
[%- for field in stored -%]
[%- if field.refers_to and not field.target.is_postponed -%]
    ,
    foreign key ([[ field.identifier.mysql ]]) references [[ field.target.table.mysql ]] ([[ field.target.key.mysql ]])[[ field.on_delete ]]
[%- endif -%]
[%- endfor -%]
[%- for columns in unique.mysql -%]
    ,
    unique ([[ columns ]])
[%- endfor %]
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
[%- for field in stored %]
[%- if field.has_index %]
create index [[ field.lookup ]] on [[ table.mysql ]] ([[ field.identifier.mysql ]]);
[%- endif %]
[%- endfor %]
[%- for other in owed %]
alter table [[ other.table.mysql ]]
    add constraint [[ other.name ]] foreign key ([[ other.column.mysql ]]) references [[ table.mysql ]] ([[ key.mysql ]])[[ other.on_delete ]];
[%- endfor %]
