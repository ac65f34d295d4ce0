[% if adds_owner -%]
alter table [[ table.name ]] drop foreign key [[ plural ]]_owner_id_fkey;
alter table [[ table.name ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
[%- if field.refers_to -%]
alter table [[ table.name ]] drop foreign key [[ field.foreign_key ]];
[% endif -%]
alter table [[ table.name ]] drop column [[ field.name ]];
[% endfor -%]
