drop table poem_scaffold_resets;
drop table poem_scaffold_adopted;
drop table poem_scaffold_accounts;
