-- The [[ table.name ]] table.
create table [[ table.quoted ]] (
    id integer primary key autoincrement
[%- for field in fields -%]
    ,
    [[ field.name ]] [[ field.columns[0] ]]
[%- endfor -%]
[%- if has_owner -%]
    ,
    owner_id integer references users (id) on delete set null
[%- endif %]
);
