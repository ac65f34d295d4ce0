drop table [[ join.table.mysql ]];
