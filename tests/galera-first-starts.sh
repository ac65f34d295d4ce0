#!/usr/bin/env bash
# First starts on both nodes of a Galera cluster at once: all must succeed, each time.
#
#   tests/galera-first-starts.sh [ROUNDS] [PROGRAM]
#
# Two MariaDB servers on this machine, in a folder that is removed at the end. Without MariaDB or galera-4 it is left out,
# loudly, and fails if REQUIRE_SERVICES=1.
set -euo pipefail
rounds=${1:-2}
program=$(realpath "${2:-target/debug/poem-scaffold}")
provider=/usr/lib/galera/libgalera_smm.so
PATH=$PATH:/usr/sbin

if ! command -v mariadbd >/dev/null || [ ! -e "$provider" ]; then
    echo "*** mariadbd or galera-4 not found: first starts on Galera ARE LEFT OUT ***" >&2
    [ "${REQUIRE_SERVICES:-0}" != 1 ]
    exit
fi

folder=$(mktemp -d)
nodes=()
stop() {
    [ ${#nodes[@]} -eq 0 ] || kill -9 "${nodes[@]}" 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT

as_nobody=()
if [ "$(id -u)" = 0 ]; then
    chown nobody "$folder"
    as_nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
fi
base=$((20000 + RANDOM % 10000))
port() { echo $((base + 10 * $1)); }
cluster="gcomm://127.0.0.1:$((base + 11)),127.0.0.1:$((base + 21))"

start_node() {
    local data=$folder/$1 first=$2
    "${as_nobody[@]}" mariadb-install-db --no-defaults --datadir="$data" --auth-root-authentication-method=normal \
        --skip-test-db --skip-name-resolve >"$folder/install$1" 2>&1
    "${as_nobody[@]}" mariadbd --no-defaults $first --datadir="$data" --socket="$data/socket" --pid-file="$data/pid" \
        --bind-address=127.0.0.1 --port="$(port "$1")" --skip-name-resolve --binlog-format=ROW \
        --innodb-autoinc-lock-mode=2 --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=32M \
        --wsrep-on=ON --wsrep-provider="$provider" --wsrep-cluster-address="$cluster" \
        --wsrep-node-address="127.0.0.1:$((base + 10 * $1 + 1))" --wsrep-sst-method=rsync \
        --wsrep-sst-receive-address="127.0.0.1:$((base + 10 * $1 + 3))" \
        --wsrep-provider-options="base_port=$((base + 10 * $1 + 1));gmcast.listen_addr=tcp://127.0.0.1:$((base + 10 * $1 + 1));ist.recv_addr=127.0.0.1:$((base + 10 * $1 + 2));gcache.size=32M" \
        >"$folder/log$1" 2>&1 &
    nodes+=($!)
}
on() { mariadb --no-defaults -h 127.0.0.1 -P "$(port "$1")" -u root -N -e "$2"; }
until_synced() {
    for _ in $(seq 300); do
        [ "$(on "$1" "show status like 'wsrep_local_state_comment'" 2>/dev/null | cut -f2)" = Synced ] && return
        sleep 0.2
    done
    tail -40 "$folder/log$1" >&2
    return 1
}

start_node 1 --wsrep-new-cluster
until_synced 1
start_node 2 ""
until_synced 2

export SECRET_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d " \n")
for round in $(seq "$rounds"); do
    on 1 "create database first_$round character set utf8mb4"
    pids=()
    for start in 1 2 3 4; do
        node=$((1 + start % 2))
        (cd "$folder" && DATABASE_URL="mysql://root@127.0.0.1:$(port $node)/first_$round" \
            "$program" user list >"$folder/start$start" 2>&1) &
        pids+=($!)
    done
    for start in 1 2 3 4; do
        wait "${pids[start - 1]}" || { cat "$folder/start$start"; echo "round $round: a start failed" >&2; exit 1; }
    done
    count=$(on 2 "select count(*) from first_$round.poem_scaffold_migrations where success")
    [ "$count" -ge 2 ] || { echo "round $round: $count migrations" >&2; exit 1; }
done
echo "$rounds of $rounds rounds of first starts on two nodes passed ($SECONDS s)"
