#!/usr/bin/env bash
# Has two servers, each on its own node of a Galera cluster, change the same row and add users at once, and checks that
# what was answered is what is stored.
#
#   tests/galera.sh [PROGRAM] [CLIENTS] [REQUESTS-PER-CLIENT]
#
# Needs MariaDB with galera-4 and rsync, and Python 3.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ $# -ge 1 ]; then
    program=$(realpath "$1")
else
    cargo build --locked --quiet
    program=$PWD/target/debug/poem-scaffold
fi
clients=${2:-20}
requests=${3:-25}
provider=$(find /usr/lib /usr/lib64 -name libgalera_smm.so 2>/dev/null | head -1)

# The database refuses to run as root.
as=()
folder=$(mktemp -d)
if [ "$(id -u)" = 0 ]; then
    as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
    chown nobody:nogroup "$folder"
fi
pids=()
trap 'kill "${pids[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT

sql() {
    mariadb --no-defaults --host=127.0.0.1 --user=root --skip-column-names --batch --port="$1" --execute="$2"
}

start_node() {
    local node=$1 address=$2
    shift 2
    "${as[@]}" mkdir "$folder/node$node"
    "${as[@]}" mariadb-install-db --no-defaults --datadir="$folder/node$node/data" --skip-test-db --skip-name-resolve \
        --auth-root-authentication-method=normal --force >"$folder/install$node" 2>&1
    "${as[@]}" mariadbd --no-defaults --datadir="$folder/node$node/data" --socket="$folder/node$node/socket" \
        --bind-address=127.0.0.1 --port="1331$node" --skip-name-resolve --binlog-format=ROW \
        --innodb-autoinc-lock-mode=2 --innodb-flush-log-at-trx-commit=0 --innodb-buffer-pool-size=64M \
        --wsrep-on=ON --wsrep-provider="$provider" --wsrep-cluster-name=poem-scaffold --wsrep-cluster-address="$address" \
        --wsrep-node-address="127.0.0.1:1431$node" --wsrep-sst-method=rsync \
        --wsrep-sst-receive-address="127.0.0.1:1531$node" \
        --wsrep-provider-options="base_port=1431$node;ist.recv_addr=127.0.0.1:1631$node;gcache.size=32M" \
        "$@" >"$folder/node$node.log" 2>&1 &
    pids+=($!)
    for _ in $(seq 120); do
        [ "$(sql "1331$node" "show status like 'wsrep_ready'" 2>/dev/null | cut -f2)" = ON ] && return
        sleep 0.5
    done
    tail -20 "$folder/node$node.log" >&2
    exit 1
}

start_node 1 gcomm:// --wsrep-new-cluster
start_node 2 gcomm://127.0.0.1:14311
sql 13311 "create database app character set utf8mb4"

cd "$folder"
export FLASK_PROFILE=scaffold-2.0 BCRYPT_COST=4 LOG=warn
SECRET_KEY=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')
export SECRET_KEY
for node in 1 2; do
    export DATABASE_URL=mysql://root@127.0.0.1:1331$node/app
    [ "$node" = 2 ] || echo "correct horse" | "$program" user create ann@example.com --admin
    "$program" serve --host 127.0.0.1 --port 0 >"output$node" 2>"log$node" &
    pids+=($!)
    for _ in $(seq 300); do
        grep -q '^listening on' "output$node" && break
        sleep 0.1
    done
done
urls=$(sed -n 's/^listening on \([^ ]*\).*/\1/p' output1 output2)

# shellcheck disable=SC2086
python3 - "$clients" "$requests" $urls <<'PYTHON'
import collections, json, subprocess, sys, threading, urllib.error, urllib.request

clients, requests, *bases = [int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:]]


def call(base, method, path, attributes, token=None):
    body = json.dumps({"data": {"type": "users", "attributes": attributes}}).encode()
    request = urllib.request.Request(base + path, method=method, data=body)
    if token:
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


credentials = {"email": "ann@example.com", "password": "correct horse"}
token = call(bases[0], "POST", "/api/v1/login.json", credentials)[1]["token"]
counts, added = collections.Counter(), []


def work(client):
    for number in range(requests):
        base = bases[(client + number) % len(bases)]
        name = f"name {client} {number}"
        if client % 4 == 0:
            new = {"email": f"{client}-{number}@example.com", "name": name, "password": "correct horse"}
            status, body = call(base, "POST", "/api/v1/signup.json", new)
            added.append((name, status))
        else:
            status, body = call(base, "PATCH", "/api/v1/users/1.json", {"name": name}, token)
        counts[status, str(body.get("error", ""))[:70]] += 1


threads = [threading.Thread(target=work, args=(client,)) for client in range(clients)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
for (status, text), count in sorted(counts.items()):
    print(count, status, text)
query = ["mariadb", "--no-defaults", "-h127.0.0.1", "-P13312", "-uroot", "-Ne", "select name from users", "app"]
stored = set(subprocess.run(query, check=True, capture_output=True, text=True).stdout.splitlines())
wrong = [(name, status) for name, status in added if (name in stored) != (status == 201)]
assert not wrong, f"answered otherwise than stored: {wrong}"
assert not any("not available" in text for _, text in counts), "a conflict was told as an outage"
PYTHON
