alter table poem_scaffold_resets drop column network;
drop table poem_scaffold_mails;
drop table poem_scaffold_networks;
drop table poem_scaffold_attempts;
