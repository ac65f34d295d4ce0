#!/bin/sh
# Makes list.png and form.png from the running pages. Needs Chromium and chromedriver.
set -eu
cd "$(dirname "$0")/../.."
SCREENSHOTS="$PWD/docs/images" REQUIRE_SERVICES=1 \
    cargo test --locked --test suite -- --ignored --exact browser::pictures::of_a_list_and_a_form
