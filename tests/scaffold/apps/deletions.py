"""What becomes of rows that refer to a row which is deleted through our API."""
import links

TRIES = 4


class Forecast(object):
    """What must become of all rows when one is deleted."""

    def __init__(self, trip, resource, key):
        self.trip = trip
        self.gone = {(resource.plural, key)}
        self.emptied = set()
        self.restricting = set()
        waiting = [(resource.plural, key)]
        while waiting:
            plural, target = waiting.pop()
            for other, field, row in referring(trip, plural, target):
                place = (other.plural, row.key)
                if field.on_delete == "restrict":
                    self.restricting.add(place)
                elif field.on_delete == "set_null":
                    self.emptied.add(place + (field.name,))
                elif place not in self.gone:
                    self.gone.add(place)
                    waiting.append(place)
            for place in holding(trip, plural, target):
                self.restricting.add(place)

    @property
    def is_refused(self):
        return bool(self.restricting)

    @property
    def is_clear(self):
        """Engines differ in what they check first where a row is both deleted and in the way."""
        return not self.restricting & self.gone


def referring(trip, plural, key):
    for other in trip.resources:
        for field in other.references():
            if field.target == plural:
                for row in trip.rows(other).values():
                    if getattr(row, "f_" + field.name) == key:
                        yield other, field, row


def holding(trip, plural, key):
    """Rows that are linked to it and keep it from being deleted."""
    for other in trip.resources:
        for field in other.joins:
            if field.details == plural and field.on_delete == "restrict":
                for row in trip.rows(other).values():
                    if str(key) in links.stored(trip, other, field, row.key):
                        yield other.plural, row.key


def tables_near(trip, resource):
    """The resource and those whose rows may change with it."""
    near, waiting = {resource.plural}, [resource.plural]
    while waiting:
        plural = waiting.pop()
        for other in trip.resources:
            if other.plural not in near and any(field.target == plural for field in other.references()):
                near.add(other.plural)
                waiting.append(other.plural)
    return [other for other in trip.resources if other.plural in near]


def state(trip, resources):
    """Every reference of every row."""
    trip.session.rollback()
    return {
        (resource.plural, key): {field.name: getattr(row, "f_" + field.name) for field in resource.references()}
        for resource in resources
        for key, row in trip.rows(resource).items()
    }


def check(trip):
    for resource in reversed(trip.resources):
        near = tables_near(trip, resource)
        for key in list(trip.rows(resource))[:: max(1, len(trip.rows(resource)) // TRIES)]:
            expected = state(trip, near)
            if (resource.plural, key) not in expected:
                continue
            forecast = Forecast(trip, resource, key)
            if forecast.is_clear:
                check_one(trip, resource, key, near, expected, forecast)


def check_one(trip, resource, key, near, expected, forecast):
    if not forecast.is_refused:
        expected = {place: dict(row) for place, row in expected.items() if place not in forecast.gone}
        for plural, other, name in forecast.emptied:
            if (plural, other) in expected:
                expected[plural, other][name] = None
    trip.session.rollback()
    answer = trip.api.call("DELETE", resource.row_path(trip.api.quoted(key)))
    is_right = answer.status == 204 if not forecast.is_refused else 400 <= answer.status < 500
    found = state(trip, near)
    if not is_right or found != expected:
        changed = [place for place in set(found) | set(expected) if found.get(place) != expected.get(place)]
        trip.differ(resource, "DELETE", key, answer, "refused:", forecast.is_refused, sorted(changed, key=str)[:5])
    trip.counts["refused" if forecast.is_refused else "deleted"] += 1
