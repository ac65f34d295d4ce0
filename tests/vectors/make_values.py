"""Asks marshmallow anew about the values in values.json.

Usage: make_values.py values.json. Prints the new list, one row per line.
"""

import datetime
import decimal
import functools
import json
import sys
import uuid

from dateutil import parser
from marshmallow import Schema, ValidationError, fields

from rows import write


# What a text leaves out, dateutil takes from the present: "2015-06" was another day each day.
parser.parse = functools.partial(parser.parse, default=datetime.datetime(2026, 11, 27))


def not_blank(text):
    if not text:
        raise ValidationError("Field cannot be blank")


FIELDS = {
    "string": fields.String(validate=not_blank),
    "integer": fields.Integer(required=True),
    "boolean": fields.Integer(required=True),
    "email": fields.Email(validate=not_blank),
    "url": fields.URL(validate=not_blank),
    "datetime": fields.DateTime(required=True),
    "date": fields.Date(required=True),
    "decimal": fields.Decimal(as_string=True),
    "bool": fields.Boolean(),
    "float": fields.Float(),
    "uuid": fields.UUID(),
    "json": fields.Raw(),
    "time": fields.Time(),
    "array": fields.List(fields.String()),
}


def plain(value):
    """The value as JSON can have it; a time without its offset, as PostgreSQL stored it."""
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat()
    if isinstance(value, datetime.time):
        return value.isoformat()
    if isinstance(value, (decimal.Decimal, datetime.date, uuid.UUID)):
        return str(value)
    if isinstance(value, float) and value - value != 0:
        return str(value)
    return value


def asked(row):
    row = {key: row[key] for key in ("field", "json", "differs") if key in row}
    schema = type("Asked", (Schema,), {"x": FIELDS[row["field"]]})()
    try:
        read, errors = schema.load({"x": json.loads(row["json"])})
    except Exception as error:
        row["raises"] = type(error).__name__
        return row
    row["read"], row["errors"] = plain(read.get("x")), errors.get("x")
    if row["field"] == "json":
        row["read"] = json.dumps(row["read"], ensure_ascii=False, separators=(",", ":"))
    return row


with open(sys.argv[1], encoding="utf-8") as file:
    rows = [asked(row) for row in json.load(file)]
write(rows)
