"""Attributes of users beyond the original's, written by one side and read by the other."""
from values import value


def fill(trip, user, number):
    """Gives a user of the ORM's a value in each further column."""
    for field in trip.models.further:
        setattr(user, "f_" + field.name, trip.value(field, number))


def check(trip):
    """Whether our API shows what the ORM stored, and stores what the ORM then finds."""
    further = trip.models.further
    if not further:
        return
    answer = trip.api.call("GET", "/api/v1/users.json")
    shown = {item["id"]: item["attributes"] for item in answer.json["data"]}
    trip.session.rollback()
    for user in trip.session.query(trip.models.users):
        compare(trip, "GET", user, shown.get(user.id, {}))
    role = trip.models.roles(name="reader")
    trip.session.add(role)
    trip.session.commit()
    attributes = {"email": "sent@example.org", "password": "correct horse", "name": "Sent", "active": 1, "role": "reader"}
    sent = {field.name: value(field, 7, trip.models) for field in further}
    attributes.update((field.name, trip.wire(field, sent[field.name])) for field in further)
    answer = trip.api.call("POST", "/api/v1/users.json", {"data": {"type": "users", "attributes": attributes}})
    if answer.status != 201:
        trip.differences.append("users: POST %s %s" % (answer, attributes))
        return
    trip.session.rollback()
    user = trip.session.query(trip.models.users).filter_by(email="sent@example.org").one()
    compare(trip, "POST", user, answer.json["data"]["attributes"])
    for field in further:
        if getattr(user, "f_" + field.name) != sent[field.name]:
            trip.differences.append("users: %s sent: %s" % (field.name, sent[field.name]))
    # Other rows may refer to the users that were there before only.
    for row in (user, role):
        trip.session.delete(row)
        trip.session.flush()
    trip.session.commit()


def compare(trip, what, user, attributes):
    for field in trip.models.further:
        theirs = trip.wire(field, getattr(user, "f_" + field.name))
        trip.counts["values"] += 1
        if not trip.is_same(field, attributes.get(field.name), theirs):
            ours = attributes.get(field.name)
            trip.differences.append("users: %s %s %s API: %s ORM: %s" % (what, user.email, field.name, ours, theirs))
