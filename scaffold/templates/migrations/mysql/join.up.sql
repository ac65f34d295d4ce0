-- The [[ join.table.name ]] table, which links [[ join.own.table.name ]] to [[ join.other.table.name ]].
create table [[ join.table.mysql ]] (
    [[ join.own.name.mysql ]] [[ join.own.kind.mysql ]] not null,
    [[ join.other.name.mysql ]] [[ join.other.kind.mysql ]] not null,
    primary key ([[ join.own.name.mysql ]], [[ join.other.name.mysql ]]),
    foreign key ([[ join.own.name.mysql ]]) references [[ join.own.table.mysql ]] ([[ join.own.key.mysql ]])[[ join.own.on_delete ]],
    foreign key ([[ join.other.name.mysql ]]) references [[ join.other.table.mysql ]] ([[ join.other.key.mysql ]])[[ join.other.on_delete ]]
) engine=InnoDB default charset=utf8mb4 collate=utf8mb4_bin;
create index [[ join.index ]] on [[ join.table.mysql ]] ([[ join.other.name.mysql ]]);
