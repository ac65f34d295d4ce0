[% if adds_owner -%]
alter table [[ table.quoted ]] drop column owner_id;
[% endif -%]
[%- for field in added -%]
[%- if not field.target.is_postponed -%]
[%- if field.unique -%]
drop index [[ field.index ]];
[% endif -%]
[%- if field.has_index -%]
drop index [[ field.lookup ]];
[% endif -%]
alter table [[ table.quoted ]] drop column [[ field.identifier.quoted ]];
[% endif -%]
[% endfor -%]
