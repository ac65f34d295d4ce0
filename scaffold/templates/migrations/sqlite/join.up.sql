-- The [[ join.table.name ]] table, which links [[ join.own.table.name ]] to [[ join.other.table.name ]].
create table [[ join.table.quoted ]] (
    [[ join.own.name.quoted ]] [[ join.own.kind.sqlite ]] not null references [[ join.own.table.quoted ]] ([[ join.own.key.quoted ]])[[ join.own.on_delete ]],
    [[ join.other.name.quoted ]] [[ join.other.kind.sqlite ]] not null references [[ join.other.table.quoted ]] ([[ join.other.key.quoted ]])[[ join.other.on_delete ]],
    primary key ([[ join.own.name.quoted ]], [[ join.other.name.quoted ]])
);
create index [[ join.index ]] on [[ join.table.quoted ]] ([[ join.other.name.quoted ]]);
