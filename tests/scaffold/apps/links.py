"""Attributes that are lists of other rows' keys: their rows in join tables, for SQLAlchemy's Core."""


def table_of(trip, resource, field):
    """The join table, with its column of the row and that of the others."""
    table = trip.models.joins[resource.plural, field.name]
    own, other = field.join["columns"]
    return table, table.c[own], table.c[other]


def stored(trip, resource, field, key):
    """The keys of the others, in no order."""
    table, own, other = table_of(trip, resource, field)
    rows = trip.session.query(other).filter(own == key)
    return {str(row[0]) for row in rows}


def chosen(trip, field, place):
    """As many of the others' keys as the field wants, or none where it can do without."""
    keys = trip.keys[field.details]
    least, most = int(field.min or 0), int(field.max or 3)
    count = min(max(place % 4, least), most, len(keys))
    return [keys[(place + number) % len(keys)] for number in range(count)]


def insert(trip, resource, row, place):
    """Links of a new row, but for a table that another attribute has filled from the other side."""
    for field in resource.joins:
        table, own, other = table_of(trip, resource, field)
        known = stored(trip, resource, field, row.key)
        for key in chosen(trip, field, place):
            if str(key) not in known:
                trip.session.execute(table.insert().values({own.name: row.key, other.name: key}))


def send(trip, resource, attributes, place, fields):
    """Adds to a document the lists of these fields, and gives what must be stored of each."""
    sent = {}
    for field in fields:
        keys = chosen(trip, field, place)
        attributes[field.name] = [key if isinstance(key, int) else str(key) for key in keys]
        sent[field.name] = {str(key) for key in keys}
    return sent


def compare(trip, resource, what, row, attributes):
    """Whether lists that our API shows are the links that are stored."""
    for field in resource.joins:
        ours = attributes.get(field.name)
        if not field.is_shown:
            if field.name in attributes:
                trip.differ(resource, what, row.key, field.name, "is shown")
            continue
        theirs = stored(trip, resource, field, row.key)
        trip.counts["values"] += 1
        if not isinstance(ours, list) or len(ours) != len(theirs) or {str(key) for key in ours} != theirs:
            trip.differ(resource, what, row.key, field.name, "API:", ours, "ORM:", sorted(theirs))


def compare_sent(trip, resource, what, row, sent):
    for field in resource.joins:
        if field.name in sent and stored(trip, resource, field, row.key) != sent[field.name]:
            found = sorted(stored(trip, resource, field, row.key))
            trip.differ(resource, what, row.key, field.name, "sent:", sorted(sent[field.name]), "ORM:", found)
