"""Attributes that are rows of another resource, against the ORM's rows."""


def compare(trip, resource, what, row, attributes):
    """Whether the rows that our API shows inside of a row are those that refer to it, or the one it refers to."""
    for attribute in resource.nested:
        name = attribute["name"]
        other = trip.models.by_plural[attribute["of"]]
        ours = attributes.get(name)
        theirs, is_list = rows_of(trip, resource, other, row)
        if not isinstance(ours, list if is_list else (dict, type(None))):
            trip.differ(resource, what, row.key, name, "API:", ours)
            continue
        shown = ours if is_list else [ours] if ours else []
        if [str(one["id"]) for one in shown] != [str(one.key) for one in theirs]:
            trip.differ(resource, what, row.key, name, "API:", ours, "ORM:", [one.key for one in theirs])
            continue
        for one, stored in zip(shown, theirs):
            trip.counts["values"] += 1
            for field in other.fields:
                value = trip.wire(field, getattr(stored, "f_" + field.name))
                if field.is_shown and not trip.is_same(field, one.get(field.name), value):
                    trip.differ(resource, what, row.key, name, field.name, "API:", one, "ORM:", value)


def rows_of(trip, resource, other, row):
    """The other rows by their keys, and whether there may be several."""
    rows = trip.rows(other)
    back = [field for field in other.fields if field.target == resource.plural]
    if back:
        found = [one for one in rows.values() if getattr(one, "f_" + back[0].name) == row.key]
        return sorted(found, key=lambda one: one.key), True
    own = [field for field in resource.fields if field.target == other.plural]
    key = getattr(row, "f_" + own[0].name)
    return [rows[key]] if key is not None else [], False
