#!/usr/bin/env bash
# How long it takes from YAML to a served answer, and to build again after a change, at 1, 10 and 50 resources.
#
#   benches/scaffold.sh        prints the rows of the table in README.md; the dependencies must be built
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

resource() { printf '%s:\n - title:string\n - body:text\n - author:string\n - made_on:date\n - is_open:boolean\n%s' "$1" "${2:-}"; }
now() { date +%s.%N; }
since() { echo "$1 $(now)" | awk '{ printf "%.1f s", $2 - $1 }'; }

echo "| resources | \`scaffold\` | to a served answer | build after a resource more | build after a field more | a second run |"
echo "|---|---|---|---|---|---|"
for count in 1 10 50; do
    project=$folder/$count
    mkdir "$project"
    (cd "$here" && tar cf - --exclude=./target --exclude=./.git --exclude=recordings --exclude=./.env .) | tar xf - -C "$project"
    cd "$project"
    # What is compiled of the dependencies is borrowed, so that only the project itself is built.
    mkdir -p target/debug
    cp -al "$here"/target/debug/{deps,build,.fingerprint} target/debug/
    rm -rf target/debug/deps/*poem_scaffold* target/debug/deps/poem_scaffold* target/debug/.fingerprint/poem-scaffold-*
    cargo build --offline --quiet
    program=$project/program
    cp target/debug/poem-scaffold "$program"
    for number in $(seq 1 "$count"); do resource "entry_$number"; done >blog.yaml

    start=$(now)
    "$program" scaffold blog.yaml >/dev/null
    scaffolded=$(since "$start")
    cargo build --offline --quiet
    SECRET_KEY="a key of more than thirty-two bytes for a bench" BCRYPT_COST=4 target/debug/poem-scaffold --port 5999 >log 2>&1 &
    server=$!
    until [ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:5999/api/v1/entry_1s.json)" = 401 ]; do sleep 0.05; done
    served=$(since "$start")
    kill $server && wait $server || true

    resource one_more >>blog.yaml
    start=$(now)
    "$program" scaffold blog.yaml >/dev/null
    cargo build --offline --quiet
    more=$(since "$start")

    sed -i 's/^one_more:$/&\n - subtitle:string?/' blog.yaml
    start=$(now)
    "$program" scaffold blog.yaml >/dev/null
    cargo build --offline --quiet
    field=$(since "$start")

    start=$(now)
    "$program" scaffold blog.yaml >/dev/null
    echo "| $count | $scaffolded | $served | $more | $field | $(since "$start") |"
    cd "$here"
done
