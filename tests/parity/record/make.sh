#!/bin/sh
# Usage: make.sh REPOSITORY [WORK_DIR]
#
# Records Flask-Scaffold 0.6.2, 0.6.3 and 0.7 anew: their tables on each engine (../schema), and what they answer on
# PostgreSQL (../recordings). REPOSITORY is a git clone of Leo-G/Flask-Scaffold with its tags. WORK_DIR is kept
# (default: a folder in TMPDIR). Needs git, Python 3.6 to 3.8, pip and a package index, PostgreSQL and MariaDB. The
# servers are private and end with this script.

set -eu

[ $# -ge 1 ] || { echo "usage: make.sh REPOSITORY [WORK_DIR]" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
parity=$(dirname "$here")
repository=$(cd "$1" && pwd)
work=${2:-${TMPDIR:-/tmp}/poem-scaffold-record}
mkdir -p "$work"
work=$(cd "$work" && pwd)
chmod 755 "$work"
export PYTHONDONTWRITEBYTECODE=1 PYTHONHASHSEED=0

python=
for line in 3.6 3.7 3.8; do
    for candidate in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/$line.*/bin/python "python$line"; do
        [ -n "$python" ] || ! "$candidate" -c '' 2>/dev/null || python=$candidate
    done
done
[ -n "$python" ] || { echo "make.sh: needs Python 3.6, 3.7 or 3.8" >&2; exit 3; }

# The pins of requirements.txt, and what pip took for the rest in February 2016. psycopg2 2.6 does not build with
# the PostgreSQL of today.
if [ ! -f "$work/venv/.ready" ]; then
    "$python" -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check 'setuptools<58' wheel
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check \
        Flask==0.10.1 Flask-Mail==0.9.1 Flask-RESTful==0.3.4 Flask-SQLAlchemy==2.0 PyJWT==1.4.0 PyMySQL==0.6.6 \
        marshmallow==2.3.0 marshmallow-jsonapi==0.3.0 \
        SQLAlchemy==1.0.11 Werkzeug==0.11.3 Jinja2==2.8 MarkupSafe==0.23 itsdangerous==0.24 blinker==1.4 \
        psycopg2-binary==2.8.6 gunicorn==20.1.0
    touch "$work/venv/.ready"
fi
venv=$work/venv/bin

free_port() {
    "$venv/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Database servers refuse to run as root.
as_nobody() {
    if [ "$(id -u)" = 0 ]; then setpriv --reuid nobody --regid nogroup --clear-groups "$@"; else "$@"; fi
}

pids=
stop() {
    for pid in $pids; do kill "$pid" 2>/dev/null || true; done
    wait
    rm -rf "$work/servers"
}
trap stop EXIT
trap 'exit 1' INT TERM

rm -rf "$work/servers"
mkdir -p "$work/servers/postgres" "$work/servers/mariadb"
[ "$(id -u)" != 0 ] || chown -R nobody "$work/servers"
PATH=$PATH:/usr/sbin:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
postgres_port=$(free_port)
as_nobody initdb -D "$work/servers/postgres/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
as_nobody postgres -D "$work/servers/postgres/data" -h 127.0.0.1 -p "$postgres_port" -k "" -c fsync=off \
    >"$work/postgres.log" 2>&1 &
pids="$pids $!"
mariadb_port=$(free_port)
as_nobody env TMPDIR="$work/servers/mariadb" mariadb-install-db --no-defaults --datadir="$work/servers/mariadb/data" \
    --auth-root-authentication-method=normal --skip-test-db --skip-name-resolve --force >/dev/null
as_nobody env TMPDIR="$work/servers/mariadb" mariadbd --no-defaults --datadir="$work/servers/mariadb/data" \
    --socket="$work/servers/mariadb/socket" --pid-file="$work/servers/mariadb/pid" --bind-address=127.0.0.1 \
    --port="$mariadb_port" --skip-name-resolve --skip-log-bin >"$work/mariadb.log" 2>&1 &
pids="$pids $!"

# run_sql URL FILE: sends a script to a database, once it answers.
run_sql() {
    "$venv/python" - "$1" "$2" <<'PY'
import sys, time
from sqlalchemy import create_engine
url, file = sys.argv[1:]
# Only PostgreSQL refuses `create database` in a transaction.
options = {"isolation_level": "AUTOCOMMIT"} if url.startswith("postgres") else {}
engine = create_engine(url, **options)
for _ in range(300):
    try:
        connection = engine.connect()
        break
    except Exception as error:
        reason = error
        time.sleep(0.2)
else:
    raise reason
for line in open(file, encoding="utf-8"):
    if line.strip():
        connection.connection.cursor().execute(line)
        connection.connection.commit()
PY
}

postgres_url=postgresql://postgres@127.0.0.1:$postgres_port
mariadb_url=mysql+pymysql://root@127.0.0.1:$mariadb_port

record() {
    version=$1 name=$2
    folder=$work/$version
    rm -rf "$folder"
    mkdir "$folder"
    git -C "$repository" archive "$version" app config.py | tar -x -C "$folder" --exclude=static
    cp "$here/original.py" "$folder/original.py"
    database=$(echo "$name" | tr 'A-Z' 'a-z')
    echo "create database $database" >"$work/create.sql"
    run_sql "$postgres_url/postgres" "$work/create.sql"
    echo "create database $database character set utf8mb4" >"$work/create.sql"
    run_sql "$mariadb_url/mysql" "$work/create.sql"
    for engine in postgres mysql sqlite; do
        rm -f "$work/$name.db"
        case $engine in
        postgres) url=$postgres_url/$database words=PostgreSQL ;;
        mysql) url="$mariadb_url/$database?charset=utf8" words="MySQL and MariaDB" ;;
        sqlite) url=sqlite:///$work/$name.db words=SQLite ;;
        esac
        {
            echo "-- The tables of Flask-Scaffold $version, as its db.create_all() makes them on $words."
            if [ $engine != postgres ]; then
                echo "-- Times have six digits here, as in the recording on PostgreSQL; those of SQLAlchemy's tables have none."
            fi
            if [ $engine = mysql ]; then
                [ "$version" != 0.6.2 ] || echo "-- users.role has a length, without which MySQL refuses 0.6.2's table."
            fi
            echo
            (cd "$folder" && DATABASE_URL=$url "$venv/python" original.py) | case $engine in
            postgres) cat ;;
            mysql) sed 's/\bTIMESTAMP\b/TIMESTAMP(6)/; s/CURRENT_TIMESTAMP/CURRENT_TIMESTAMP(6)/' ;;
            # SQLite's clock has three digits, and the last ones must not be zeros, which are not shown.
            sqlite) sed "s/CURRENT_TIMESTAMP/(strftime('%Y-%m-%d %H:%M:%f', 'now') || '001')/" ;;
            esac
        } >"$parity/schema/$name.$engine.sql"
    done
    run_sql "$postgres_url/$database" "$parity/seed/$name.sql"
    port=$(free_port)
    exceptions=$work/exception
    : >"$exceptions"
    (cd "$folder" && exec env DATABASE_URL="$postgres_url/$database" EXCEPTION_FILE="$exceptions" \
        "$venv/gunicorn" --bind "127.0.0.1:$port" --workers 1 original:app >"$work/$name.log" 2>&1) &
    server=$!
    pids="$pids $server"
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        "$venv/python" -c "import socket; socket.create_connection(('127.0.0.1', $port))" 2>/dev/null && break
        sleep 0.5
    done
    "$venv/python" "$here/record.py" "$version" "$name" "http://127.0.0.1:$port" "$exceptions" \
        "$parity/recordings/$name.json"
    kill "$server"
}

record 0.6.2 S06
record 0.6.3 S063
record 0.7 S07
