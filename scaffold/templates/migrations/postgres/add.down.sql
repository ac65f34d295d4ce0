[% if adds_owner -%]
alter table [[ table.quoted ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
alter table [[ table.quoted ]] drop column [[ field.name ]];
[% endfor -%]
