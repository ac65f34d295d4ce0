[% if adds_owner -%]
alter table [[ table.quoted ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
[%- if field.unique -%]
drop index [[ field.index ]];
[% endif -%]
alter table [[ table.quoted ]] drop column [[ field.name ]];
[% endfor -%]
