-- The roles and users tables of Flask-Scaffold 1.0 (app/roles/models.py, app/users/models.py).
create table roles (
    id integer not null auto_increment primary key,
    name varchar(250) unique,
    description varchar(250)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;

create table users (
    id integer not null auto_increment primary key,
    email varchar(250) not null unique,
    password varchar(250) not null,
    name varchar(250) not null,
    active integer not null,
    creation_time datetime(6) not null default current_timestamp(6),
    role varchar(250),
    foreign key (role) references roles (name)
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
