[% if adds_owner -%]
alter table [[ plural ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
[%- if field.unique -%]
drop index [[ plural ]]_[[ field.name ]]_key;
[% endif -%]
alter table [[ plural ]] drop column [[ field.name ]];
[% endfor -%]
