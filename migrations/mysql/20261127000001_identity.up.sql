-- Who a user is, so that nobody inherits the tokens of a deleted user's id: what the row was when it was last seen,
-- and until when tokens are void (Unix seconds, inclusive). A row here outlives its user.
-- One statement, because this engine cannot take back a migration that is interrupted.
alter table poem_scaffold_accounts
    change column password_changed_at tokens_void_until bigint,
    add column password_digest varchar(64),
    add column created varchar(40),
    add column born_at bigint,
    add column last_issued_at bigint,
    add column is_deleted boolean not null default false;
