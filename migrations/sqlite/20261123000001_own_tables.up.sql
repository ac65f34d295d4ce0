-- What poem-scaffold needs beyond the originals' tables. The mail address is kept beside the id because a
-- database may give the id of a deleted user to the next one.
create table poem_scaffold_accounts (
    user_id bigint not null primary key,
    email text not null,
    is_admin boolean not null default false,
    is_disabled boolean not null default false,
    password_changed_at bigint
);

-- Migrations whose tables were there before us; they are never reverted.
create table poem_scaffold_adopted (
    version bigint not null primary key
);

-- Password resets that were asked for, in Unix seconds; a row is used once.
create table poem_scaffold_resets (
    id text not null primary key,
    user_id bigint not null,
    issued_at bigint not null,
    used_at bigint
);
