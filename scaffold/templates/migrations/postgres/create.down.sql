drop table [[ plural ]];
