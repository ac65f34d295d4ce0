-- The [[ table.name ]] table.
create table [[ table.name ]] (
    id integer not null auto_increment primary key
[%- for field in fields -%]
    ,
    [[ field.name ]] [[ field.column.mysql ]]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer,
    foreign key (owner_id) references users (id) on delete set null
[%- endif -%]
[%- for field in fields -%]
[%- if field.refers_to -%]
    ,
    foreign key ([[ field.name ]]) references [[ field.table.name ]] (id)
[%- endif -%]
[%- endfor %]
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
