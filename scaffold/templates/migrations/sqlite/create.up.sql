-- The [[ table.name ]] table.
create table [[ table.quoted ]] (
    id integer primary key autoincrement
[%- for field in fields -%]
    ,
    [[ field.name ]] [[ field.column.sqlite ]]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer references users (id) on delete set null
[%- endif %]
);
