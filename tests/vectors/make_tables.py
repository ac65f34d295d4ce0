"""Asks Flask-SQLAlchemy anew about the names in tables.json: the table of the model that Flask-Scaffold's generator made.

Usage: make_tables.py FILE, where FILE is tables.json or has one plural per line. Prints the new list, one row per line.
"""

import sys

from flask_sqlalchemy import SQLAlchemy

from rows import names, write


def table(plural):
    # One metadata for each: some names have the same class.
    db = SQLAlchemy()
    model = type(plural.title(), (db.Model,), {"id": db.Column(db.Integer, primary_key=True)})
    return model.__table__.name


rows = [{"plural": name, "table": table(name)} for name in names(sys.argv[1], "plural")]
write(rows)
