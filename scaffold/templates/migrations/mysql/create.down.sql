drop table [[ table.name ]];
