"""The parameters that a database driver, installed for this interpreter, takes.

Usage: make_driver_parameters.py PACKAGE==VERSION

Prints one JSON object. psycopg 3 stands for libpq, which psycopg2 hands its parameters to.
"""

import inspect
import json
import sys

SPEC = sys.argv[1]
PACKAGE = SPEC.split("==")[0]


def parameters():
    if PACKAGE == "pymysql":
        from pymysql.connections import Connection

        return "PyMySQL", [name for name in inspect.signature(Connection.__init__).parameters if name != "self"]
    if PACKAGE == "psycopg":
        from psycopg import pq

        return "psycopg2", [option.keyword.decode() for option in pq.Conninfo.get_defaults()]
    if PACKAGE == "pg8000":
        import pg8000

        return "pg8000", list(inspect.signature(pg8000.connect).parameters)
    if PACKAGE == "asyncpg":
        import asyncpg

        return "asyncpg", list(inspect.signature(asyncpg.connect).parameters)
    if PACKAGE == "mysql-connector-python":
        from mysql.connector import constants

        return "mysql-connector", list(constants.DEFAULT_CONFIGURATION)
    sys.exit(__doc__)


DRIVER, NAMES = parameters()
print(json.dumps({"driver": DRIVER, "package": SPEC, "parameters": sorted(NAMES)}))
