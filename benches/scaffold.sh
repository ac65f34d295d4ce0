#!/usr/bin/env bash
# How long it takes from YAML to a served answer, and to build again after a change, at 1, 10 and 50 resources.
#
#   benches/scaffold.sh [COUNT...]   prints a row for each count; docs/build-times.md compares them with one crate for all
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CARGO_TARGET_DIR=$here/target/bench CARGO_TERM_COLOR=never

resource() { printf '%s:\n - title:string\n - body:text\n - author:string\n - made_on:date\n - is_open:boolean\n%s' "$1" "${2:-}"; }
now() { date +%s.%N; }
since() { echo "$1 $(now)" | awk '{ printf "%.1f s", $2 - $1 }'; }
build() { cargo build --offline --locked --quiet; }

(cd "$here" && CARGO_TARGET_DIR=$here/target cargo build --offline --locked --quiet -p poem-scaffold)
poem=$here/target/debug/poem-scaffold
# What is compiled of the dependencies is borrowed, and what is missing of them is compiled now.
mkdir -p "$CARGO_TARGET_DIR/debug"
[ -d "$CARGO_TARGET_DIR/debug/deps" ] || cp -al "$here"/target/debug/{deps,build,.fingerprint} "$CARGO_TARGET_DIR/debug/"
rm -rf "$CARGO_TARGET_DIR"/debug/{deps,.fingerprint}/{,lib}{poem_scaffold,poem-scaffold,app_,app-}*
(cd "$folder" && "$poem" new first >/dev/null && cd first && build)

echo "| resources | library and resources, cold | \`scaffold\` | a resource more | a handler edited | a field more | a second run |"
echo "|---|---|---|---|---|---|---|"
for count in ${*:-1 10 50}; do
    cd "$folder"
    "$poem" new "entries-$count" >/dev/null
    cd "entries-$count"
    for number in $(seq 1 "$count"); do resource "entry_$number"; done >blog.yaml
    start=$(now)
    "$poem" scaffold blog.yaml >/dev/null
    scaffolded=$(since "$start")

    rm -rf "$CARGO_TARGET_DIR"/debug/{deps,.fingerprint,incremental}/{,lib}{poem_scaffold,poem-scaffold,app_,app-}*
    start=$(now)
    build
    cold=$(since "$start")
    SECRET_KEY="a key of more than thirty-two bytes for a bench" "$CARGO_TARGET_DIR/debug/entries-$count" --port 5999 >log 2>&1 &
    server=$!
    until [ "$(curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:5999/api/v1/entry_1s.json)" = 401 ]; do sleep 0.05; done
    kill $server && wait $server || true

    resource one_more >>blog.yaml
    start=$(now)
    "$poem" scaffold blog.yaml >/dev/null
    build
    more=$(since "$start")

    sed -i 's/Gives every /Shows every /' src/app/entry_1s/views.rs
    start=$(now)
    build
    edit=$(since "$start")

    sed -i 's/^one_more:$/&\n - subtitle:string?/' blog.yaml
    start=$(now)
    "$poem" scaffold blog.yaml >/dev/null
    build
    field=$(since "$start")

    start=$(now)
    "$poem" scaffold blog.yaml >/dev/null
    echo "| $count | $cold | $scaffolded | $more | $edit | $field | $(since "$start") |"
done
