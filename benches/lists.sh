#!/usr/bin/env bash
# What long lists cost of a release build, on each engine: CPU, memory, the first byte, and how long others wait.
#
#   benches/lists.sh                   fails where a bound is exceeded
#   BEFORE=PROGRAM benches/lists.sh    compares with another build
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked
exec timeout 1800 cargo test --locked --test suite -- --ignored --nocapture long_lists_cost_little
