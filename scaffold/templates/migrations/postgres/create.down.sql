[% for other in owed -%]
update [[ other.table.quoted ]] set [[ other.column.quoted ]] = null;
alter table [[ other.table.quoted ]] drop constraint [[ other.name ]];
[% endfor -%]
drop table [[ table.quoted ]];
[% for field in fields -%]
[%- if field.enum_type -%]
drop type [[ field.enum_type ]];
[% endif -%]
[%- endfor -%]
