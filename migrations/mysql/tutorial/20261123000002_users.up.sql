-- The users table of the tutorial app (app/users/models.py).
create table users (
    id integer not null auto_increment primary key,
    email varchar(250) not null unique,
    name varchar(250) not null,
    password varchar(250) not null,
    is_enabled boolean not null default false
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
