delete from poem_scaffold_accounts where is_deleted;
alter table poem_scaffold_accounts
    drop column is_deleted,
    drop column last_issued_at,
    drop column born_at,
    drop column created,
    drop column password_digest,
    change column tokens_void_until password_changed_at bigint;
