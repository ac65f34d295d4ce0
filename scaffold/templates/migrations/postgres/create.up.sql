-- The [[ plural ]] table.
create table [[ plural ]] (
    id serial primary key
[%- for field in fields -%]
    ,
    [[ field.name ]] [[ field.columns[1] ]]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer references users (id) on delete set null
[%- endif %]
);
