"""What the SQLAlchemy installed in this interpreter makes of database URLs.

Usage: make_database_urls.py inputs         prints the inputs, one JSON object per line
       make_database_urls.py judge <ROWS    prints them with what make_url and create_connect_args said
       make_database_urls.py older <ROWS    adds the parts of an older SQLAlchemy where they differ

README.md explains the rows.
"""

import json
import os
import random
import sys

# Each URL, and, where we refuse what this SQLAlchemy takes, a part of what we say.
BY_HAND = [
    ("sqlite:///app.db", None),
    ("sqlite:////srv/app.db", None),
    ("sqlite+pysqlite:///app.db", None),
    ("sqlite:///app.db?check_same_thread=False", None),
    ("sqlite:///app.db?check_same_thread=False&timeout=20&isolation_level=IMMEDIATE&detect_types=1&cached_statements=9", None),
    ("sqlite:///folder/my app.db", None),
    ("sqlite:///a%20b.db", None),
    ("sqlite:///a#b.db", None),
    ("sqlite:///a@b.db", None),
    ("sqlite:///file:app.db?uri=true", None),
    ("sqlite:///file:/srv/app.db?mode=rwc&uri=true", None),
    ("sqlite:///file:app.db?uri=true&cache=shared&timeout=9", None),
    ("sqlite:///app.db?", None),
    ("sqlite:///app.db?timeout=", None),
    ("sqlite://", "sqlite:FILE"),
    ("sqlite:///", "sqlite:FILE"),
    ("sqlite:///:memory:", "sqlite:FILE"),
    ("sqlite:///file::memory:?cache=shared&uri=true", "sqlite:FILE"),
    ("sqlite:///file:app.db?mode=ro&uri=true", "`mode`"),
    ("sqlite:///file:app.db?mode=memory&uri=true", "`mode`"),
    ("sqlite:///file:app.db?immutable=1&uri=true", "`immutable`"),
    ("sqlite:///file:app.db", "uri=true"),
    ("sqlite:///app.db?foreign_keys=1", "`foreign_keys`"),
    ("postgresql://u:p@h/d", None),
    ("postgres://u:p@h/d", None),
    ("postgresql+psycopg2://u:p@h:5433/d", None),
    ("postgresql+pg8000://u:p@h:5433/d", None),
    ("postgresql+asyncpg://u:p@h:5433/d", None),
    ("postgresql+psycopg2cffi://u:p@h/d", None),
    ("postgresql://u@h/d", None),
    ("postgresql://h/d", None),
    ("postgresql:///d", None),
    ("postgresql://:p@h/d", None),
    ("postgresql://u:@h/d", None),
    ("postgresql://@h/d", None),
    ("postgresql://u:p@/d", None),
    ("postgresql://u:p@h:/d", None),
    ("postgresql://u:p@[::1]/d", None),
    ("postgresql://u:p@[2001:db8::7]:5433/d", None),
    ("postgresql://u:a#b@h/d", None),
    ("postgresql://u:a/b@h/d", None),
    ("postgresql://u:a?b@h/d", None),
    ("postgresql://u:a:b@h/d", None),
    ("postgresql://u:a@b@h/d", None),
    ("postgresql://u:a@b@c@h:1/d", None),
    ("postgresql://u:a%40b@h/d", None),
    ("postgresql://u:a%b@h/d", None),
    ("postgresql://u:a%25b@h/d", None),
    ("postgresql://u:a+b@h/d", None),
    ("postgresql://u:a b@h/d", None),
    ("postgresql://u:p%C3%A4@h/d", None),
    ("postgresql://u:p\u00e4@h/d", None),
    ("postgresql://u%40x:p@h/d", None),
    ("postgresql://u@x:p@h/d", None),
    ("postgresql://u@x@h/d", None),
    ("postgresql://u%2Fx:p@h/d", None),
    ("postgresql://u:p@h/my%20d", None),
    ("postgresql://u:p@h/my d", None),
    ("postgresql://u:p@h/d/e", None),
    ("postgresql://u:p@h/d#e", None),
    ("postgresql://u:p@h/d?sslmode=require", None),
    ("postgresql://u:p@h/d?sslmode=require&sslmode=disable", "twice"),
    ("postgresql://u:p@h/d?application_name=my+app&connect_timeout=5", None),
    ("postgresql://u:p@h/d?options=-csearch_path%3Dx", None),
    ("postgresql://u:p@h/d?host=other&port=9&user=v&password=q&dbname=e", None),
    ("postgresql://?host=h&user=u&dbname=d", None),
    ("postgresql://u@/d?host=/var/run/postgresql", None),
    ("postgresql://u@/d?host=/var/run/postgresql&port=5433", None),
    ("postgresql://u@/d?host=h:5433", None),
    ("postgresql+pg8000://u@/d?unix_sock=/run/.s.PGSQL.5432", None),
    ("postgresql://u@/d?host=a:1&host=b:2", "several hosts"),
    ("postgresql://u@/d?host=a,b&port=1,2", "several hosts"),
    ("postgresql://u@a,b/d", "several hosts"),
    ("postgresql://u:p@h/d?client_encoding=utf8", None),
    ("postgresql://u:p@h/d?sslpassword=x", "`sslpassword`"),
    ("postgresql://u:p@h/d?service=x", "`service`"),
    ("postgresql://u:p@h/d?target_session_attrs=read-write", "`target_session_attrs`"),
    ("postgresql://u:p@h/d?sslrootcert=/ca.pem", "sslmode"),
    ("postgresql://u:p@h/d?nonsense=1", "`nonsense`"),
    ("postgresql://u:p@h", "database name is missing"),
    ("postgresql://u:p@h/", "database name is missing"),
    ("postgresql://u:p@h?sslmode=require", "database name is missing"),
    ("postgresql+pg8000://u:p@h/d?ssl=true", "`ssl`"),
    ("mysql://u:p@h/d", None),
    ("mariadb://u:p@h/d", None),
    ("mysql+mysqldb://u:p@h:3307/d", None),
    ("mysql+pymysql://u:p@h/d", None),
    ("mysql+mysqlconnector://u:p@h/d", None),
    ("mysql+pymysql://u:p@h/d?charset=utf8mb4", None),
    ("mysql+pymysql://u:p@h/d?charset=utf8&use_unicode=0", None),
    ("mysql+pymysql://u:p@h/d?unix_socket=/run/mysqld/mysqld.sock", None),
    ("mysql://u:p@localhost/d?unix_socket=/run/mysqld/mysqld.sock", None),
    ("mysql+mysqlconnector://u:p@/d?unix_socket=/run/mysqld/mysqld.sock", None),
    ("mysql+pymysql://u:p@h/d?ssl_ca=/ca.pem", None),
    ("mysql+pymysql://u:p@h/d?ssl_ca=/ca.pem&ssl_cert=/c.pem&ssl_key=/k.pem", None),
    ("mysql+pymysql://u:p@h/d?ssl_ca=/ca.pem&ssl_check_hostname=false", None),
    ("mysql+mysqldb://u:p@h/d?ssl_mode=REQUIRED", None),
    ("mysql+mysqlconnector://u:p@h/d?ssl_disabled=true", None),
    ("mysql+mysqlconnector://u:p@h/d?ssl_ca=/ca.pem&ssl_verify_cert=true", None),
    ("mysql+pymysql://u:p@h/d?connect_timeout=5&read_timeout=9&local_infile=0", None),
    ("mysql+pymysql://u:p@h/d?host=o&port=9&user=v&passwd=q&db=e", None),
    ("mysql+pymysql://u:a#b/c:d@h/d", None),
    ("mysql+pymysql://u:p@h/d?init_command=x", "`init_command`"),
    ("mysql+pymysql://u:p@h/d?read_default_file=/my.cnf", "`read_default_file`"),
    ("mysql+pymysql://u:p@h/d?ssl_cipher=AES", "`ssl_cipher`"),
    ("mysql+pymysql://u:p@h/d?ssl=true", "`ssl`"),
    ("mysql+pymysql://u:p@h/d?sslmode=require", "`sslmode`"),
    ("mysql+pymysql://u:p@h", "database name is missing"),
    ("mysql+pymysql://u:p@h/", "database name is missing"),
    ("mysql+pymysql://h/d", "user name is missing"),
    ("postgresql://u:p@h:x/d", "port"),
    ("postgresql://u:p@h:99999/d", "port"),
    ("postgresql:/u:p@h/d", "postgres://"),
    ("postgresql", "postgres://"),
    ("://u:p@h/d", "postgres://"),
    ("", "postgres://"),
    ("oracle://u:p@h/d", "this database is not supported"),
    ("mssql+pyodbc://u:p@h/d", "this database is not supported"),
    ("mysql+foo://u:p@h/d", "unknown driver"),
    ("postgresql+foo://u:p@h/d", "unknown driver"),
]
MARKS = "abc09:/@#?&=%+ [].~!$'\"\\;,\u00e4"
DRIVERS = ["postgresql", "postgresql+psycopg2", "postgresql+pg8000", "mysql+pymysql", "mysql", "mysql+mysqlconnector"]


def inputs():
    for url, refused in BY_HAND:
        row = {"url": url}
        if refused is not None:
            row["refused"] = refused
        yield row
    dice = random.Random(11)
    for number in range(400):
        text = lambda: "".join(MARKS[dice.randrange(len(MARKS))] for _ in range(dice.randrange(1, 9)))
        driver = DRIVERS[dice.randrange(len(DRIVERS))]
        if number % 2:
            # What a password may look like.
            yield {"url": "%s://user:%s@host:1234/name" % (driver, text())}
        else:
            yield {"url": "%s://%s" % (driver, text() + "@" + text() + "/" + text())}


def judge(row):
    from sqlalchemy.engine.url import make_url

    judged = {key: row[key] for key in ("url", "refused") if key in row}
    try:
        url = make_url(row["url"])
    except Exception as error:
        judged["raises"] = type(error).__name__
        return judged
    query = {key: value if isinstance(value, str) else list(value) for key, value in url.query.items()}
    parts = {"drivername": url.drivername, "username": url.username, "password": url.password, "host": url.host,
             "port": url.port, "database": url.database, "query": query}
    # An empty part is none: drivers are not given it.
    judged["parts"] = {key: value if isinstance(value, (str, dict)) else str(value)
                       for key, value in parts.items() if value not in (None, "", {})}
    judged["parts"]["drivername"] = url.drivername
    try:
        dialect = url.get_dialect()()
        arguments, options = dialect.create_connect_args(url)
        options = {key: value for key, value in options.items()
                   if isinstance(value, (str, int, float, bool, dict, list)) and key not in ("client_flag", "client_flags", "buffered", "check_same_thread")}
        judged["arguments"] = [os.path.relpath(argument) if argument.startswith(os.getcwd()) else argument for argument in arguments]
        judged["options"] = dict(sorted(options.items()))
    except Exception as error:
        judged["no_driver"] = type(error).__name__
    return judged


def older(row):
    judged = judge(row)
    known = {key: judged[key] for key in ("parts", "raises") if key in judged}
    if any(row.get(key) != value for key, value in known.items()):
        row["older"] = known
    return row


def main():
    if sys.argv[1:] == ["inputs"]:
        rows = inputs()
    elif sys.argv[1:] == ["judge"]:
        rows = (judge(json.loads(line)) for line in sys.stdin)
    elif sys.argv[1:] == ["older"]:
        rows = (older(json.loads(line)) for line in sys.stdin)
    else:
        sys.exit(__doc__)
    for row in rows:
        print(json.dumps(row))


main()
