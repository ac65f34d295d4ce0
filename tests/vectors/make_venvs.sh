#!/bin/sh
# Usage: make_venvs.sh DIR [PACKAGE==VERSION ...]
#
# Makes one virtual environment per package release below DIR, named
# PACKAGE-VERSION (DIR/pyjwt-1.7.1/bin/python, ...). Without a list it makes
# the four PyJWT releases which the token vectors are about. Environments that
# exist and are complete are left alone, so a second call is quick and needs
# no network.
#
# Exit status: 0 everything is there; 1 bad usage or DIR not writable;
# 3 no suitable Python, no venv/pip, or the package could not be fetched. A
# test may treat 3 as "skip, and say so"; the reason is on stderr.

set -u

if [ $# -lt 1 ] || [ -z "$1" ]; then
    echo "usage: make_venvs.sh DIR [PACKAGE==VERSION ...]" >&2
    exit 1
fi
dir=$1
shift
if [ $# -eq 0 ]; then
    set -- pyjwt==1.4.0 pyjwt==1.7.1 pyjwt==2.0.1 pyjwt==2.9.0
fi
mkdir -p "$dir" || exit 1
dir=$(cd "$dir" && pwd) || exit 1

# Two test binaries may call this at once: the second one waits.
if command -v flock >/dev/null 2>&1; then
    exec 9>"$dir/.lock" || exit 1
    flock 9
fi

say() {
    echo "make_venvs.sh: $*" >&2
}

# The Python lines to try for a release, best first. "any" is python3 on PATH.
wanted_pythons() {
    case $1 in
    pyjwt==1.* | werkzeug==0.* | werkzeug==1.* | werkzeug==2.0.* | flask==0.* | flask-restful==* | flask-mail==* | flask-jwt==* | flask-sqlalchemy==2.* | sqlalchemy==1.[01].*)
        echo "3.6 3.7 3.8 3.9 any 3.10 3.11 3.12 3.13" ;;
    flask==3.* | flask-sqlalchemy==3.*)
        echo "3.11 3.12 3.10 any 3.13" ;;
    # hashlib of 3.7 and 3.8 knows all names that OpenSSL has for a hash function.
    werkzeug==2.2.*)
        echo "3.8 3.7 3.9 3.10 3.11 3.12 any" ;;
    werkzeug==*)
        echo "3.12 3.11 3.10 3.9 3.13 any" ;;
    flask-jwt-extended==3.*)
        echo "3.8 3.7 3.6 3.9 any 3.10" ;;
    # The texts of json's errors are those of these.
    flask-jwt-extended==4.*)
        echo "3.12 3.11 3.10 3.9 any" ;;
    inflect==0.* | marshmallow==2.*)
        echo "3.6 3.7 3.8 3.9 any 3.10 3.11 3.12 3.13" ;;
    *)
        echo "any 3.12 3.11 3.10 3.9 3.8 3.13" ;;
    esac
}

# What stood beside a package in the originals' time, and is not what pip would choose today.
companions() {
    case $1 in
    flask==0.*)
        echo "werkzeug==0.14.1 jinja2==2.11.3 markupsafe==1.1.1 itsdangerous==0.24 pyjwt==1.7.1" ;;
    flask-restful==*)
        echo "flask==0.10.1 werkzeug==0.10.4 jinja2==2.11.3 markupsafe==1.1.1 itsdangerous==0.24 pyjwt==1.4.0" ;;
    flask==3.*)
        echo "gunicorn==23.0.0 flask-sock==0.7.0 pyjwt==2.10.1" ;;
    flask-mail==*)
        echo "flask==0.10.1 werkzeug==0.14.1 jinja2==2.11.3 markupsafe==1.1.1 itsdangerous==0.24 blinker==1.4" ;;
    # Apps with a database and logins: one as the originals pin it, and a current one.
    flask-sqlalchemy==2.1)
        echo "flask==0.10.1 werkzeug==0.11.3 jinja2==2.11.3 markupsafe==1.1.1 itsdangerous==0.24 sqlalchemy==1.0.11 pyjwt==1.4.0 pymysql==0.9.3 psycopg2-binary==2.8.6" ;;
    flask-sqlalchemy==3.*)
        echo "flask==3.1.2 werkzeug==3.1.3 sqlalchemy==2.0.44 pyjwt==2.10.1 pymysql==1.1.1 psycopg2-binary==2.9.10" ;;
    flask-sqlalchemy==*)
        echo "flask==0.10.1 werkzeug==0.14.1 jinja2==2.11.3 markupsafe==1.1.1 itsdangerous==0.24 sqlalchemy==1.2.11" ;;
    marshmallow==2.*)
        echo "python-dateutil==2.7.3" ;;
    flask-jwt==*)
        echo "pyjwt==1.4.2 flask==0.12.5 werkzeug==0.16.1 jinja2==2.11.3 markupsafe==1.1.1 itsdangerous==1.1.0 click==7.1.2" ;;
    flask-jwt-extended==3.*)
        echo "pyjwt==1.7.1 flask==1.1.4 werkzeug==1.0.1 jinja2==2.11.3 markupsafe==1.1.1 itsdangerous==1.1.0 click==7.1.2" ;;
    flask-jwt-extended==4.*)
        echo "pyjwt==2.15.1 flask==3.1.3 werkzeug==3.1.9" ;;
    # With drivers; the releases that make.sh asks about URLs are without.
    sqlalchemy==1.[01].*)
        echo "pymysql==0.9.3 psycopg2-binary==2.8.6" ;;
    sqlalchemy==1.4.54 | sqlalchemy==2.0.44)
        echo "pymysql==1.1.1 psycopg2-binary==2.9.10" ;;
    esac
}

# Every interpreter path of one Python line that starts at all (a pyenv shim
# on PATH may exist and still refuse to run).
pythons_of() {
    if [ "$1" = any ]; then
        set -- python3
    else
        set -- "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python "python$1"
    fi
    for candidate in "$@"; do
        real=$("$candidate" -c 'import sys; print(sys.executable)' 2>/dev/null) || continue
        [ -n "$real" ] && echo "$real"
    done
}

# Does the installed package do its one job in this environment?
works() {
    case $1 in
    pyjwt==*)
        "$2" - "${1#*==}" <<'PY'
import sys
import jwt
assert jwt.__version__ == sys.argv[1], jwt.__version__
token = jwt.encode({"sub": "1"}, "k" * 32, algorithm="HS256")
assert jwt.decode(token, "k" * 32, algorithms=["HS256"]) == {"sub": "1"}
PY
        ;;
    werkzeug==*)
        "$2" - <<'PY'
import _hashlib  # a Python built without OpenSSL knows too few hash names
from werkzeug.security import check_password_hash, generate_password_hash
assert check_password_hash(generate_password_hash("x", method="pbkdf2:sha256:10"), "x")
PY
        ;;
    marshmallow==*)
        "$2" -c 'import marshmallow, sys; assert marshmallow.__version__ == sys.argv[1]' "${1#*==}" ;;
    inflect==*)
        "$2" -c 'import inflect; assert inflect.engine().plural("box") == "boxes"' ;;
    flask==* | flask-restful==*)
        "$2" -c "import flask, jwt" ;;
    flask-mail==*)
        "$2" -c "import flask, flask_mail" ;;
    flask-jwt==*)
        "$2" -c "import flask_jwt" ;;
    flask-jwt-extended==*)
        "$2" -c "import flask_jwt_extended" ;;
    flask-sqlalchemy==2.1 | flask-sqlalchemy==3.*)
        "$2" -c "import flask_sqlalchemy, jwt, pymysql, psycopg2" ;;
    flask-sqlalchemy==*)
        "$2" -c "import flask_sqlalchemy" ;;
    sqlalchemy==1.[01].* | sqlalchemy==1.4.54 | sqlalchemy==2.0.44)
        "$2" -c 'import sqlalchemy, pymysql, psycopg2, sqlite3, sys; assert sqlalchemy.__version__ == sys.argv[1]' \
            "${1#*==}" ;;
    *)
        true ;;
    esac
}

# make_one PACKAGE==VERSION PYTHON ENV; what went wrong ends up in $log.
make_one() {
    rm -rf "$3"
    "$2" -m venv "$3" >>"$log" 2>&1 || return 1
    "$3/bin/python" -m pip install --quiet --disable-pip-version-check \
        --retries 1 "$1" $(companions "$1") >>"$log" 2>&1 || return 1
    works "$1" "$3/bin/python" >>"$log" 2>&1 || return 1
    "$2" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' >"$3/.ready"
}

status=0
for spec in "$@"; do
    case $spec in
    *==*) ;;
    *)
        say "not PACKAGE==VERSION: $spec"
        exit 1 ;;
    esac
    env="$dir/${spec%%==*}-${spec#*==}"
    if [ -f "$env/.ready" ] && "$env/bin/python" -c '' 2>/dev/null; then
        continue
    fi

    log="$dir/${spec%%==*}-${spec#*==}.log"
    : >"$log"
    made=no
    first=yes
    tried=
    for line in $(wanted_pythons "$spec"); do
        for python in $(pythons_of "$line"); do
            case " $tried " in *" $python "*) continue ;; esac
            tried="$tried $python"
            if make_one "$spec" "$python" "$env"; then
                made=yes
                break 2
            fi
            if grep -q '(from versions: none)' "$log"; then
                say "$spec: FAILED, the package index cannot be reached:"
                tail -n 5 "$log" >&2
                rm -rf "$env"
                exit 3
            fi
            say "$spec does not install or work with $python, trying another Python"
        done
        # Only the first line of the list is what that release was meant for.
        if [ $first = yes ]; then
            first=no
            [ "$line" = any ] || say "$spec: no usable Python $line, falling back"
        fi
    done

    if [ $made = yes ]; then
        say "$spec: made with Python $(cat "$env/.ready")"
        rm -f "$log"
    else
        rm -rf "$env"
        if [ -z "$tried" ]; then
            say "$spec: FAILED, there is no Python 3 here"
        else
            say "$spec: FAILED with every Python tried ($tried ); end of $log:"
            tail -n 5 "$log" >&2
        fi
        status=3
    fi
done
exit $status
