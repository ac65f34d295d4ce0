-- Failed logins, sign-ups and requests for reset mails of the last hour, in Unix milliseconds. The account is a hash
-- of the mail address that was sent, whether anybody has it or not.
create table poem_scaffold_attempts (
    id text not null primary key,
    kind text not null,
    account text not null,
    network text not null,
    address text not null,
    tried_at bigint not null
);
create index poem_scaffold_attempts_account on poem_scaffold_attempts (account, tried_at);
create index poem_scaffold_attempts_network on poem_scaffold_attempts (network, tried_at);
create index poem_scaffold_attempts_address on poem_scaffold_attempts (address, tried_at);
create index poem_scaffold_attempts_tried_at on poem_scaffold_attempts (tried_at);

-- Networks that somebody logged in from, in Unix milliseconds.
create table poem_scaffold_networks (
    account text not null,
    network text not null,
    seen_at bigint not null,
    primary key (account, network)
);
create index poem_scaffold_networks_seen_at on poem_scaffold_networks (seen_at);

-- Reset mails that were not handed in yet, in Unix milliseconds. A process that sends one moves its next try ahead, and
-- again while it sends, so no other process sends it meanwhile. A token is made when its mail is sent.
create table poem_scaffold_mails (
    id text not null primary key,
    email text not null,
    network text not null,
    asked_at bigint not null,
    tries bigint not null,
    next_try_at bigint not null
);
create index poem_scaffold_mails_next_try_at on poem_scaffold_mails (next_try_at);

-- The network that asked for the reset.
alter table poem_scaffold_resets add column network text;
