[% if adds_owner -%]
alter table [[ plural ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
alter table [[ plural ]] drop column [[ field.name ]];
[% endfor -%]
