-- Tables with keys of each type.
create table tags (
    uid varchar(250) not null primary key,
    "update" varchar(250) not null
);
create table gadgets (
    uid char(36) not null primary key,
    name varchar(250) not null
);
create table people (
    id_user integer primary key autoincrement,
    name varchar(250) not null
);
create table notes (
    id varchar(20) not null primary key,
    tag varchar(250),
    foreign key (tag) references tags (uid)
);
