"""Asks inflect anew about the names in plurals.json, as the generator of Flask-Scaffold 1.0 and 2.0 asked it.

Usage: make_plurals.py FILE, where FILE is plurals.json or has one name per line. Prints the new list, one row per line.
"""

import json
import sys

import inflect


def names(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.startswith("["):
        return [row["name"] for row in json.loads(text)]
    return text.split()


def plural(engine, name):
    # What is a plural already stays; anything else is made one.
    return name if engine.singular_noun(name) else engine.plural(name)


engine = inflect.engine()
rows = [{"name": name, "plural": plural(engine, name)} for name in names(sys.argv[1])]
print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
