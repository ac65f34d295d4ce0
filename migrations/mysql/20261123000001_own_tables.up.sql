-- What poem-scaffold needs beyond the originals' tables. The mail address is kept beside the id because a
-- database may give the id of a deleted user to the next one.
create table poem_scaffold_accounts (
    user_id bigint not null primary key,
    email varchar(250) not null,
    is_admin boolean not null default false,
    is_disabled boolean not null default false,
    password_changed_at bigint
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;

-- Migrations whose tables were there before us; they are never reverted.
create table poem_scaffold_adopted (
    version bigint not null primary key
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;

-- Password resets that were asked for, in Unix seconds; a row is used once.
create table poem_scaffold_resets (
    id varchar(32) not null primary key,
    user_id bigint not null,
    issued_at bigint not null,
    used_at bigint
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
