[% if adds_owner -%]
alter table [[ table.quoted ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
alter table [[ table.quoted ]] drop column [[ field.identifier.quoted ]];
[% if field.enum_type -%]
drop type [[ field.enum_type ]];
[% endif -%]
[% endfor -%]
