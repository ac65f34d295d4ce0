drop table [[ table.quoted ]];
[% for field in fields -%]
[%- if field.enum_type -%]
drop type [[ field.enum_type ]];
[% endif -%]
[%- endfor -%]
