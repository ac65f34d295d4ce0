-- Who a user is, so that nobody inherits the tokens of a deleted user's id: what the row was when it was last seen,
-- and until when tokens are void (Unix seconds, inclusive). A row here outlives its user.
alter table poem_scaffold_accounts rename column password_changed_at to tokens_void_until;
alter table poem_scaffold_accounts add column password_digest text;
alter table poem_scaffold_accounts add column created text;
alter table poem_scaffold_accounts add column born_at bigint;
alter table poem_scaffold_accounts add column last_issued_at bigint;
alter table poem_scaffold_accounts add column is_deleted boolean not null default false;
