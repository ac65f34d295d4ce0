[% for other in owed -%]
update [[ other.table.mysql ]] set [[ other.column.mysql ]] = null;
alter table [[ other.table.mysql ]] drop foreign key [[ other.name ]];
[% endfor -%]
drop table [[ table.mysql ]];
