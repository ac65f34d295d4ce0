-- The users table of Flask-Scaffold 2.0 (app/users/models.py).
create table users (
    id integer not null auto_increment primary key,
    email varchar(250) not null unique,
    password varchar(250) not null,
    name varchar(250) unique,
    createddate datetime(6),
    createdby varchar(250) not null,
    updateddate datetime(6) not null,
    updatedby varchar(250) not null
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
