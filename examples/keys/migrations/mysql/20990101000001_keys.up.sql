-- Tables with keys of each type.
create table tags (
    uid varchar(250) not null primary key,
    `update` varchar(250) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
create table gadgets (
    uid char(36) not null primary key,
    name varchar(250) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
create table people (
    id_user integer not null auto_increment primary key,
    name varchar(250) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
create table notes (
    id varchar(20) not null primary key,
    tag varchar(250),
    foreign key (tag) references tags (uid)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
