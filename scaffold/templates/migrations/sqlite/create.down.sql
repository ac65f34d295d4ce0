drop table [[ table.quoted ]];
