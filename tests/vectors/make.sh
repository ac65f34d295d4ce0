#!/bin/sh
# Usage: make.sh [VENV_DIR]
#
# Makes the JSON files anew from the real packages.
# The environments go to VENV_DIR (default: a directory in TMPDIR, kept, so
# that the next run is quicker).

set -eu

here=$(cd "$(dirname "$0")" && pwd)
venvs=${1:-${TMPDIR:-/tmp}/poem-scaffold-vectors}
werkzeugs="0.10.4 0.11.15 0.12.2 0.14.1 0.16.1 1.0.1 2.0.3 2.1.2 2.2.3 2.3.8 3.0.6 3.1.9"
pyjwts="1.4.0 1.7.1 2.0.1 2.9.0 2.10.1 2.15.1"

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

"$here/make_venvs.sh" "$venvs" $(for release in $pyjwts; do echo "pyjwt==$release"; done)
"$here/make_venvs.sh" "$venvs" $(for release in $werkzeugs; do echo "werkzeug==$release"; done)
# Only RS256 needs this, and one release is enough to write such a token.
"$venvs/pyjwt-2.9.0/bin/python" -m pip install --quiet --disable-pip-version-check cryptography

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The Pythons of the time had an OpenSSL that knew md4 and whirlpool without asking.
cat >"$work/openssl.cnf" <<'CNF'
openssl_conf = init
[init]
providers = providers
[providers]
default = activated
legacy = activated
[activated]
activate = 1
CNF

# A JSON list with one row per line.
as_list() {
    echo '['
    sed '$!s/$/,/' "$1"
    echo ']'
}

: >"$work/rows"
for release in $werkzeugs; do
    OPENSSL_CONF="$work/openssl.cnf" "$venvs/werkzeug-$release/bin/python" "$here/make_password_hashes.py" \
        "$release" "$work/rows" >"$work/new"
    cat "$work/new" >>"$work/rows"
done
as_list "$work/rows" >"$work/list"
mv "$work/list" "$here/password_hashes.json"

: >"$work/rows"
for release in $pyjwts; do
    "$venvs/pyjwt-$release/bin/python" "$here/make_tokens.py" encode >>"$work/rows"
done
for release in $pyjwts; do
    "$venvs/pyjwt-$release/bin/python" "$here/make_tokens.py" judge <"$work/rows" >"$work/judged"
    mv "$work/judged" "$work/rows"
done
as_list "$work/rows" >"$work/list"
mv "$work/list" "$here/pyjwt_tokens.json"

"$here/make_venvs.sh" "$venvs" inflect==0.2.5
"$venvs/inflect-0.2.5/bin/python" "$here/make_plurals.py" "$here/plurals.json" >"$work/list"
mv "$work/list" "$here/plurals.json"

"$here/make_venvs.sh" "$venvs" flask-sqlalchemy==2.0
"$venvs/flask-sqlalchemy-2.0/bin/python" "$here/make_tables.py" "$here/tables.json" >"$work/list"
mv "$work/list" "$here/tables.json"

"$here/make_venvs.sh" "$venvs" marshmallow==2.3.0
"$venvs/marshmallow-2.3.0/bin/python" "$here/make_values.py" "$here/values.json" >"$work/list"
mv "$work/list" "$here/values.json"

"$here/make_venvs.sh" "$venvs" python-dotenv==1.2.1 sqlalchemy==1.3.24 sqlalchemy==2.0.36
python=$venvs/python-dotenv-1.2.1/bin/python
"$python" "$here/make_dotenv.py" inputs >"$work/inputs"
"$python" "$here/make_dotenv.py" judge <"$work/inputs" >"$work/rows"
as_list "$work/rows" >"$here/dotenv.json"
newer=$venvs/sqlalchemy-2.0.36/bin/python
older=$venvs/sqlalchemy-1.3.24/bin/python
"$newer" "$here/make_database_urls.py" inputs >"$work/inputs"
"$newer" "$here/make_database_urls.py" judge <"$work/inputs" >"$work/judged"
"$older" "$here/make_database_urls.py" older <"$work/judged" >"$work/rows"
as_list "$work/rows" >"$here/database_urls.json"

: >"$work/rows"
for spec in pymysql==1.1.1 psycopg==3.2.3 pg8000==1.31.2 asyncpg==0.30.0 mysql-connector-python==9.1.0; do
    "$here/make_venvs.sh" "$venvs" "$spec"
    python=$venvs/${spec%%==*}-${spec#*==}/bin/python
    # psycopg needs a libpq, which comes with this one.
    [ "$spec" != psycopg==3.2.3 ] || "$python" -m pip install --quiet --disable-pip-version-check psycopg-binary==3.2.3
    "$python" "$here/make_driver_parameters.py" "$spec" >>"$work/rows"
done
as_list "$work/rows" >"$here/driver_parameters.json"

"$here/make_venvs.sh" "$venvs" flask-mail==0.9.1
flask="$venvs/flask-mail-0.9.1/bin/python"
for name in werkzeug_paths:make_paths.py flask_mail:make_mail.py; do
    "$flask" "$here/${name#*:}" >"$work/rows"
    as_list "$work/rows" >"$here/${name%:*}.json"
done

# Each dialect with the packages that it follows; decorators that call PyJWT with two of its releases.
mkdir -p "$here/dialects"
"$here/make_venvs.sh" "$venvs" flask-jwt==0.3.2 flask-jwt-extended==3.25.1 flask-jwt-extended==4.7.4
while read -r name dialect environment; do
    "$venvs/$environment/bin/python" -W ignore "$here/make_dialects.py" "$dialect" record >"$work/rows" 2>/dev/null
    as_list "$work/rows" >"$here/dialects/$name.json"
done <<'DIALECTS'
flask-jwt flask-jwt flask-jwt-0.3.2
flask-jwt-extended-3 flask-jwt-extended-3 flask-jwt-extended-3.25.1
flask-jwt-extended-4 flask-jwt-extended-4 flask-jwt-extended-4.7.4
pyjwt pyjwt flask-jwt-extended-4.7.4
pyjwt-1 pyjwt flask-jwt-extended-3.25.1
DIALECTS

wc -l -c "$here/driver_parameters.json" "$here/dotenv.json" "$here/database_urls.json" "$here/password_hashes.json" "$here/pyjwt_tokens.json"
