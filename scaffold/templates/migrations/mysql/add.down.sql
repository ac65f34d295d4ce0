[% if adds_owner -%]
alter table [[ table.mysql ]] drop foreign key [[ plural ]]_owner_id_fkey;
alter table [[ table.mysql ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
[%- if field.refers_to and not field.target.is_postponed -%]
alter table [[ table.mysql ]] drop foreign key [[ field.foreign_key ]];
[% endif -%]
alter table [[ table.mysql ]] drop column [[ field.identifier.mysql ]];
[% endfor -%]
