[% if adds_owner -%]
alter table [[ plural ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
[%- if field.unique -%]
drop index [[ field.keys[0] ]];
[% endif -%]
alter table [[ plural ]] drop column [[ field.name ]];
[% endfor -%]
