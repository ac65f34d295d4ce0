delete from poem_scaffold_accounts where is_deleted;
alter table poem_scaffold_accounts drop column is_deleted;
alter table poem_scaffold_accounts drop column last_issued_at;
alter table poem_scaffold_accounts drop column born_at;
alter table poem_scaffold_accounts drop column created;
alter table poem_scaffold_accounts drop column password_digest;
alter table poem_scaffold_accounts rename column tokens_void_until to password_changed_at;
