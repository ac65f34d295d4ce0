-- The [[ table.name ]] table.
[%- for field in fields %]
[%- if field.enum_type %]
create type [[ field.enum_type ]] as enum ([[ field.enum_values ]]);
[%- endif %]
[%- endfor %]
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
