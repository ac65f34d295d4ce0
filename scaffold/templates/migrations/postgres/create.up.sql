-- The [[ table.name ]] table.
create table [[ table.quoted ]] (
    id serial primary key
[%- for field in fields -%]
    ,
    [[ field.name ]] [[ field.column.postgres ]]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer references users (id) on delete set null
[%- endif %]
);
