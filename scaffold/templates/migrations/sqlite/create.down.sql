[% for other in owed -%]
[%- for index in other.indexes -%]
drop index [[ index.name ]];
[% endfor -%]
alter table [[ other.table.quoted ]] drop column [[ other.column.quoted ]];
[% endfor -%]
drop table [[ table.quoted ]];
