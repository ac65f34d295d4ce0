[% if adds_owner -%]
alter table [[ plural ]] drop foreign key [[ plural ]]_owner_id_fkey;
alter table [[ plural ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
[%- if field.table -%]
alter table [[ plural ]] drop foreign key [[ field.keys[1] ]];
[% endif -%]
alter table [[ plural ]] drop column [[ field.name ]];
[% endfor -%]
