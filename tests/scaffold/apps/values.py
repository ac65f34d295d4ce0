"""Values that an app's rows may have, and how they stand in JSON.

Each is far from what is usual: long, extreme, of another script, with microseconds.
"""
import datetime
import decimal
import uuid

DATETIMES = [
    datetime.datetime(2026, 2, 28, 23, 59, 59, 999999),
    datetime.datetime(2000, 2, 29, 12, 0, 0, 5),
    datetime.datetime(1970, 1, 2, 0, 0),
    datetime.datetime(2037, 12, 31, 23, 59, 59),
    datetime.datetime(1000, 1, 1, 0, 0, 0, 120000),
    datetime.datetime(9998, 12, 31, 1, 2, 3),
]
DATES = [
    datetime.date(2026, 2, 28),
    datetime.date(2000, 2, 29),
    datetime.date(1000, 1, 1),
    datetime.date(9999, 12, 31),
]
TIMES = [
    datetime.time(0, 0),
    datetime.time(23, 59, 59, 999999),
    datetime.time(9, 30, 0, 500),
    datetime.time(12, 0, 1),
]
TEXTS = [
    "a",
    " two  blanks ",
    "ñandú 東京 😀 e\u0301",
    "it's \"quoted\" \\ and 100% {{ safe }}; drop table x",
    "line\nline\r\n\ttab",
    "null",
]
JSONS = [
    {"b": [1, 2.5, "ü", None, True], "a": {}},
    [],
    "text",
    {"deep": [[[[{"x": "y" * 300}]]]]},
    0,
    False,
]
ARRAYS = [[], ["a"], ["b,c", '"{}\\', "é\n", "NULL", " ", ""], ["x" * 200] * 3]
# PyMySQL before 1.0 sends 15 digits.
FLOATS = [0.1, -1.5, 1e-300, 1.5e308, 123456789.123456, 0.0]
SINGLES = [0.1, -1.5, 1e-30, 3.25e38, 12345.6, 0.0]


def fitting(field, values):
    """Those between the bounds of the field."""
    least = float(field.min) if field.min is not None else float("-inf")
    most = float(field.max) if field.max is not None else float("inf")
    return [value for value in values if least <= value <= most] or [type(values[0])(least)]


def text(field, number):
    """Text `number` of a field with a least and a greatest length."""
    most = int(field.max or (5000 if field.kind == "text" else 250))
    value = TEXTS[number % len(TEXTS)]
    if number % 5 == 4:
        value = "é" * most
    if field.is_distinct:
        value = "%d %s" % (number, value)
    return value[:most].ljust(int(field.min or 0), "x")


def number(field, place, bits):
    edge = 2 ** (bits - 1)
    if field.is_distinct:
        return (1 if place % 2 else -1) * (edge - 1 - place)
    values = [0, 1, edge - 1, -edge, 42]
    return fitting(field, values)[place % len(fitting(field, values))]


def numeric(field, place):
    precision, scale = field.details["precision"], field.details["scale"]
    digits = ["9" * precision, "1", "0", "-" + "9" * precision, "12"][place % 5]
    return decimal.Decimal(digits).scaleb(-scale, decimal.Context(prec=70))


def value(field, place, models):
    """Value `place` of a field, for Python, which its column holds."""
    kind = field.kind
    is_exact = models.is_exact(field)
    if kind in ("string", "text"):
        return text(field, place)
    if kind == "file":
        return ("static/%d/ü.png" % place)[: int(field.max or 250)]
    if kind == "email":
        return "user.%d+x@example.com" % place
    if kind == "url":
        return "https://example.com/%d?q=a&b=%%20" % place
    if kind == "integer":
        return number(field, place, 32)
    if kind == "biginteger":
        return number(field, place, 64)
    if kind == "boolean":
        return place % 2
    if kind == "bool":
        return place % 2 == 1
    if kind == "float":
        values = fitting(field, SINGLES if models.is_single(field) else FLOATS)
        return values[place % len(values)]
    if kind == "decimal":
        return decimal.Decimal(["12.5", "-0.25", "1000000", "0.000001" if is_exact else "0.5"][place % 4])
    if kind == "numeric":
        return numeric(field, place) if is_exact else decimal.Decimal(place % 9).scaleb(-field.details["scale"])
    if kind in ("enum", "nativeenum"):
        return field.details[place % len(field.details)]
    if kind == "uuid":
        return uuid.UUID(int=(place + 1) * 0x1000200030004000500060007)
    if kind == "datetime":
        if field.is_distinct:
            return DATETIMES[0] + datetime.timedelta(days=place)
        # In old times, zones have seconds, which psycopg2 cannot read.
        values = DATETIMES[:4] if models.has_zone(field) else DATETIMES
        return values[place % len(values)]
    if kind == "date":
        return DATES[0] + datetime.timedelta(days=place) if field.is_distinct else DATES[place % len(DATES)]
    if kind == "time":
        return TIMES[place % len(TIMES)]
    if kind == "json":
        return JSONS[place % len(JSONS)]
    if kind == "array":
        return bounded(field, ARRAYS[place % len(ARRAYS)])
    raise ValueError("no value for the kind %r" % kind)


def bounded(field, items):
    return items[: int(field.max or 1000)] or ["a"] * int(field.min or 0)


def wire(field_kind, value):
    """A value as marshmallow 2.3 and Flask showed it."""
    if value is None or field_kind in ("json", "array"):
        return value
    if field_kind == "datetime":
        return in_utc(value).isoformat() + "+00:00"
    if field_kind in ("date", "time"):
        return value.isoformat()
    if field_kind in ("decimal", "numeric", "uuid"):
        return str(value)
    if field_kind == "bool":
        return bool(value)
    return value


def in_utc(value):
    """A time without a zone, as the originals' columns had them."""
    if getattr(value, "tzinfo", None) is None:
        return value
    return value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
