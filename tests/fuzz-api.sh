#!/usr/bin/env bash
# Sends generated requests, good and bad, to a fresh server in a profile, and checks its answers against
# its own OpenAPI document.
#
#   tests/fuzz-api.sh [PROFILE] [EXAMPLES-PER-OPERATION] [PROGRAM]
#
# PROGRAM is another build, such as that of a project with scaffolded resources. SEED repeats a run.
# Needs Python 3.10 or later; schemathesis goes into a virtual environment below target/.
# Every check is on; no recorded case forbids one.
set -euo pipefail
cd "$(dirname "$0")/.."
profile=${1:-scaffold-1.0}
examples=${2:-300}

venv=target/fuzz-venv
if [ ! -x "$venv/bin/schemathesis" ]; then
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet 'schemathesis==4.32.5'
fi
if [ $# -ge 3 ]; then
    program=$(realpath "$3")
else
    cargo build --locked --quiet
    program=$PWD/target/debug/poem-scaffold
fi
folder=$(mktemp -d)
cd "$folder"
export FLASK_PROFILE=$profile BCRYPT_COST=4 LOG=warn
"$program" --port 0 >output 2>log &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$folder"' EXIT
for _ in $(seq 100); do
    grep -q '^listening on' output && break
    sleep 0.1
done
url=$(sed -n 's/^listening on \([^ ]*\).*/\1/p' output)
# The greeting's own command logs in, whatever the profile's login looks like.
token=$(eval "$(sed -n 's/^ *TOKEN=/echo /p' output)")

"$OLDPWD/$venv/bin/schemathesis" run "$url/openapi.json" \
    --header "Authorization: Bearer $token" \
    --checks all \
    --max-examples "$examples" --phases examples,coverage,fuzzing \
    --mode all --generation-database none --no-color ${SEED:+--seed "$SEED"}

if grep -E 'panicked|ERROR' log; then
    echo "the server logged an error" >&2
    exit 1
fi
