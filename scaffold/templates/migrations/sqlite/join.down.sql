drop table [[ join.table.quoted ]];
