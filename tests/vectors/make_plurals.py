"""Asks inflect anew about the names in plurals.json, as the generator of Flask-Scaffold 1.0 and 2.0 asked it.

Usage: make_plurals.py FILE, where FILE is plurals.json or has one name per line. Prints the new list, one row per line.
"""

import sys

import inflect

from rows import names, write


def plural(engine, name):
    # What is a plural already stays; anything else is made one.
    return name if engine.singular_noun(name) else engine.plural(name)


engine = inflect.engine()
rows = [{"name": name, "plural": plural(engine, name)} for name in names(sys.argv[1], "name")]
write(rows)
