"""Asks marshmallow anew about the values in truths.json.

Usage: make_truths.py truths.json. Prints the new list, one row per line.
"""

import json
import sys

from marshmallow import Schema, fields

FIELDS = {"boolean": fields.Integer(required=True), "bool": fields.Boolean()}


def asked(field, value):
    schema = type("Asked", (Schema,), {"x": FIELDS[field]})()
    read, errors = schema.load({"x": value})
    row = {"field": field, "value": value, "read": read.get("x"), "errors": errors.get("x")}
    return row


with open(sys.argv[1], encoding="utf-8") as file:
    rows = [asked(row["field"], row["value"]) for row in json.load(file)]
print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
