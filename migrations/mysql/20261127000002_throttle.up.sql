-- Failed logins, sign-ups and requests for reset mails of the last hour, in Unix milliseconds. The account is a hash
-- of the mail address that was sent, whether anybody has it or not.
create table poem_scaffold_attempts (
    id varchar(32) not null primary key,
    kind varchar(8) not null,
    account varchar(32) not null,
    network varchar(64) not null,
    address varchar(64) not null,
    tried_at bigint not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
create index poem_scaffold_attempts_account on poem_scaffold_attempts (account, tried_at);
create index poem_scaffold_attempts_network on poem_scaffold_attempts (network, tried_at);
create index poem_scaffold_attempts_address on poem_scaffold_attempts (address, tried_at);
create index poem_scaffold_attempts_tried_at on poem_scaffold_attempts (tried_at);

-- Networks that somebody logged in from, in Unix milliseconds.
create table poem_scaffold_networks (
    account varchar(32) not null,
    network varchar(64) not null,
    seen_at bigint not null,
    primary key (account, network)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
create index poem_scaffold_networks_seen_at on poem_scaffold_networks (seen_at);

-- Reset mails that were not handed in yet, in Unix milliseconds. A process that sends one moves its next try ahead, and
-- again while it sends, so no other process sends it meanwhile. A token is made when its mail is sent.
create table poem_scaffold_mails (
    id varchar(32) not null primary key,
    email varchar(250) not null,
    network varchar(64) not null,
    asked_at bigint not null,
    tries bigint not null,
    next_try_at bigint not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
create index poem_scaffold_mails_next_try_at on poem_scaffold_mails (next_try_at);

-- The network that asked for the reset.
alter table poem_scaffold_resets add column network varchar(64);
