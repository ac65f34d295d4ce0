"""What SQLAlchemy's ORM and our API make of each other's rows. Prints one JSON object.

    round_trip.py create URL PROJECT             makes an app's own tables, with users and rows
    round_trip.py check URL PROJECT BASE TOKEN   compares, on tables that `create` made
    round_trip.py ours URL PROJECT BASE TOKEN    compares, on tables that our migrations made
"""
import json
import sys
import traceback

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

import deletions
import links
import nested
import people
from api import Api
from models import Models, described, further_of_users
from values import in_utc, value, wire

ROWS = 6
USERS = 3


def connect(url):
    kind, rest = url.split(":", 1)
    if kind == "postgres":
        return sa.create_engine("postgresql+psycopg2:" + rest)
    if kind == "mysql":
        return sa.create_engine("mysql+pymysql:" + rest + "?charset=utf8mb4")
    # References are unchecked in SQLAlchemy's connections to SQLite, not in those of our server.
    return sa.create_engine(url, connect_args={"timeout": 30})


class RoundTrip(object):
    """Both sides of one database."""

    def __init__(self, engine, resources, further, ours, api):
        self.models = Models(engine, resources, further, ours)
        self.resources = resources
        self.api = api
        self.engine = engine
        self.session = sessionmaker(bind=engine)()
        self.keys = {}
        self.differences = []
        self.counts = {"shown": 0, "added": 0, "changed": 0, "deleted": 0, "refused": 0, "values": 0}

    # What the ORM writes.

    def create(self):
        self.models.base.metadata.create_all(self.engine)
        self.insert_users()
        self.insert()

    def insert_users(self):
        for number in range(USERS):
            user = self.models.users(
                email="user%d@example.org" % number, password="x", name="User %d" % number, active=1
            )
            people.fill(self, user, number)
            self.session.add(user)
        self.session.commit()

    def find_keys(self):
        users = self.session.query(self.models.users.id).order_by(self.models.users.id)
        self.keys = {"users": [row[0] for row in users]}
        for resource in self.resources:
            self.keys[resource.plural] = sorted(self.rows(resource), key=str)

    def rows(self, resource):
        model = self.models.classes[resource.plural]
        return {row.key: row for row in self.session.query(model)}

    def insert(self):
        """Rows of each resource, then the references to what came later."""
        self.find_keys()
        later, added = [], []
        for resource in self.resources:
            for _ in range(ROWS):
                place = len(self.keys[resource.plural])
                row = self.models.classes[resource.plural]()
                if resource.key_kind == "string" and not resource.is_key_made:
                    row.key = text_key(place)
                for field in resource.fields:
                    is_later = field.target and field.nullable and field.target != "users"
                    if is_later:
                        later.append((resource, row, field, place))
                    elif not (field.default is not None and place % 4 == 3):
                        setattr(row, "f_" + field.name, self.value(field, place))
                if resource.has_owner:
                    row.owner = [None, self.keys["users"][0]][place % 2]
                self.session.add(row)
                self.session.flush()
                self.keys[resource.plural].append(row.key)
                added.append((resource, row, place))
        for resource, row, field, place in later:
            setattr(row, "f_" + field.name, self.value(field, place))
        for resource, row, place in added:
            links.insert(self, resource, row, place)
        self.session.commit()

    def value(self, field, place):
        if field.nullable and place % 3 == 2:
            return None
        if not field.target:
            return value(field, place, self.models)
        keys = self.keys[field.target]
        if field.unique and place >= len(keys):
            return None
        return keys[place % len(keys)] if keys else None

    # What our API shows.

    def check_shown(self, resource):
        answer = self.api.call("GET", resource.list_path)
        if answer.status != 200:
            return self.differ(resource, "GET", answer)
        # MySQL shows a transaction what was there at its start.
        self.session.rollback()
        shown = {str(item["id"]): item for item in answer.json["data"]}
        rows = self.rows(resource)
        if set(shown) != {str(key) for key in rows}:
            self.differ(resource, "the keys of the list", sorted(shown), sorted(map(str, rows)))
        for key, row in rows.items():
            one = self.api.call("GET", resource.row_path(self.api.quoted(key)))
            if one.status != 200 or one.json["data"] != shown.get(str(key)):
                self.differ(resource, "GET of one", key, one, shown.get(str(key)))
            elif one.json["data"]["type"] != resource.json_type:
                self.differ(resource, "the type", one.json["data"]["type"])
            self.compare(resource, "GET", row, shown.get(str(key), {}).get("attributes", {}))
            self.counts["shown"] += 1

    def compare(self, resource, what, row, attributes):
        """Whether attributes that our API shows are the ORM's values."""
        for field in resource.fields:
            ours = attributes.get(field.name)
            if not field.is_shown:
                if field.name in attributes:
                    self.differ(resource, what, row.key, field.name, "is shown")
                continue
            theirs = self.wire(field, getattr(row, "f_" + field.name))
            self.counts["values"] += 1
            if not self.is_same(field, ours, theirs):
                self.differ(resource, what, row.key, field.name, "API:", ours, "ORM:", theirs)
        for field in resource.unstored:
            if field.name in attributes:
                self.differ(resource, what, row.key, field.name, "is shown")
        links.compare(self, resource, what, row, attributes)
        nested.compare(self, resource, what, row, attributes)

    def wire(self, field, theirs):
        kind = field.kind
        if field.target and theirs is not None:
            return theirs if isinstance(theirs, int) else str(theirs)
        return wire(kind, theirs)

    def is_same(self, field, ours, theirs):
        if type(ours) is not type(theirs) and not (is_number(ours) and is_number(theirs)):
            return False
        return ours == theirs or self.models.is_close(field, ours, theirs)

    # What is sent to our API.

    def document(self, resource, place, fields, joins):
        attributes = {}
        sent = {}
        for field in fields:
            if field.default is not None and place % 4 == 3:
                continue
            sent[field.name] = self.value(field, place)
            attributes[field.name] = self.wire(field, sent[field.name])
            if field.kind == "datetime" and sent[field.name] is not None:
                attributes[field.name] = in_utc(sent[field.name]).isoformat()
        for field in resource.unstored:
            attributes[field.name] = wire(field.kind, value(field, place, self.models))
        linked = links.send(self, resource, attributes, place, joins)
        return {"data": {"type": resource.json_type, "attributes": attributes}}, sent, linked

    def add(self, resource):
        for _ in range(ROWS):
            place = len(self.keys[resource.plural])
            fields = [field for field in resource.fields if field.is_sent]
            joins = [field for field in resource.joins if field.is_sent]
            document, sent, linked = self.document(resource, place, fields, joins)
            if resource.key_kind == "string" and not resource.is_key_made:
                document["data"]["id"] = text_key(place)
            answer = self.api.call("POST", resource.list_path, document)
            if answer.status != 201:
                self.differ(resource, "POST", answer, document)
                continue
            row = self.row(resource, answer.json["data"]["id"])
            if row is None:
                self.differ(resource, "POST", answer.json["data"]["id"], "the ORM finds no row")
                continue
            self.keys[resource.plural].append(row.key)
            for field in resource.fields:
                if field.by_database and sent.get(field.name, 0) is None:
                    # Null in a new row is filled in by the database, as with SQLAlchemy.
                    sent.pop(field.name)
            self.compare_sent(resource, "POST", row, sent, answer)
            links.compare_sent(self, resource, "POST", row, linked)
            self.counts["added"] += 1

    def change(self, resource):
        for number, key in enumerate(list(self.keys[resource.plural])[-ROWS:]):
            before = self.row(resource, key)
            kept = {field.name: getattr(before, "f_" + field.name) for field in resource.fields}
            place = 1000 + len(self.keys[resource.plural]) + number
            # Of references that are unique, another row may have the same ones by now.
            others = [field for field in resource.fields if not (field.target and field.is_distinct)]
            joins = [field for field in resource.joins if field.is_sent and not field.is_immutable]
            document, sent, linked = self.document(resource, place, others, joins)
            answer = self.api.call("PATCH", resource.row_path(self.api.quoted(key)), document)
            if answer.status != 200:
                self.differ(resource, "PATCH", key, answer, document)
                continue
            for field in resource.fields:
                if field.is_immutable or not field.is_sent or field.name not in sent:
                    sent[field.name] = kept[field.name]
                    if field.follows_changes:
                        sent.pop(field.name)
            self.compare_sent(resource, "PATCH", self.row(resource, key), sent, answer)
            links.compare_sent(self, resource, "PATCH", self.row(resource, key), linked)
            self.counts["changed"] += 1

    def row(self, resource, key):
        self.session.rollback()
        rows = self.rows(resource)
        return next((row for found, row in rows.items() if str(found) == str(key)), None)

    def compare_sent(self, resource, what, row, sent, answer):
        for field in resource.fields:
            if field.name not in sent:
                continue
            stored = in_utc(getattr(row, "f_" + field.name))
            expected = in_utc(self.models.stored(field, sent[field.name]))
            if stored != expected:
                self.differ(resource, what, row.key, field.name, "sent:", expected, "ORM:", stored)
        self.compare(resource, what, row, answer.json["data"]["attributes"])

    def differ(self, resource, *what):
        self.differences.append("%s: %s" % (resource.plural, " ".join(map(shortened, what))))

    def check(self):
        self.find_keys()
        people.check(self)
        for resource in self.resources:
            self.check_shown(resource)
        for resource in self.resources:
            self.add(resource)
        for resource in self.resources:
            self.change(resource)
        self.session.commit()
        self.insert()
        for resource in self.resources:
            self.check_shown(resource)
        deletions.check(self)


def text_key(place):
    """Without a slash: Werkzeug took an encoded one for a part of the path, and we do."""
    return "K %d é?#%%&+.json" % place if place % 2 else "K%d" % place


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def shortened(part):
    text = str(part)
    return text if len(text) < 700 else text[:600] + "..." + text[-60:]


def main():
    what, url, project = sys.argv[1:4]
    api = Api(*sys.argv[4:6]) if what != "create" else None
    trip = RoundTrip(connect(url), described(project), further_of_users(project), what == "ours", api)
    if what == "create":
        trip.create()
    else:
        if what == "ours":
            trip.insert_users()
        trip.check()
    print(json.dumps({"differences": trip.differences, "counts": trip.counts}))


if __name__ == "__main__":
    try:
        main()
    except Exception:
        traceback.print_exc()
        sys.exit(1)
