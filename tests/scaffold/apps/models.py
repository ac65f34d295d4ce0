"""SQLAlchemy models of a scaffolded project's resources, with the types that a Flask app would have given them.

Works with SQLAlchemy 1.1 (Python 3.6) and 2.0. Where `ours` is true the tables are those of our migrations, and a
model has what such columns need; elsewhere create_all() makes the tables.
"""
import datetime
import decimal
import glob
import json
import os
import uuid

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql

try:
    from sqlalchemy.orm import declarative_base
except ImportError:
    from sqlalchemy.ext.declarative import declarative_base

IS_OLD = sa.__version__.startswith("1.")


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


class TextOf(sa.types.TypeDecorator):
    """A value that an app keeps as text, because the engine or the SQLAlchemy of its time has no type for it."""

    impl = sa.Text
    cache_ok = True

    def __init__(self, write, read, **arguments):
        super(TextOf, self).__init__(**arguments)
        self.write = write
        self.read = read

    def process_bind_param(self, value, dialect):
        return None if value is None else self.write(value)

    def process_result_value(self, value, dialect):
        return None if value is None else self.read(value)


def json_text():
    return TextOf(json.dumps, json.loads)


def decimal_text():
    return TextOf(str, decimal.Decimal)


class Field(object):
    """A field of the description."""

    def __init__(self, description):
        get = description.get
        self.name = description["name"]
        self.column = get("column") or self.name
        kind = description["kind"]
        self.kind, self.details = next(iter(kind.items())) if isinstance(kind, dict) else (kind, None)
        self.nullable = description["nullable"]
        self.unique = description["unique"]
        self.default = description["default"]
        self.min = get("min")
        self.max = get("max")
        self.direction = get("direction", "both")
        self.is_immutable = get("is_immutable", False)
        self.follows_changes = get("follows_changes", False)
        self.by_database = get("is_filled_by_database", False)
        self.has_index = get("has_index", False)
        self.on_delete = get("on_delete", "restrict")
        self.join = get("join")
        self.is_distinct = self.unique

    @property
    def is_stored(self):
        return self.direction != "unstored"

    @property
    def is_shown(self):
        return self.direction in ("both", "read_only")

    @property
    def is_sent(self):
        return self.direction != "read_only"

    @property
    def is_many(self):
        """Whether it is a list of other rows' keys, which are in a table of their own."""
        return self.kind == "many"

    @property
    def target(self):
        return self.details if self.kind == "references" else None


class Resource(object):
    """A resource of the description."""

    def __init__(self, record):
        resource = record["resource"]
        get = resource.get
        self.plural = resource["plural"]
        self.table = get("table") or self.plural
        self.route = get("route") or self.plural
        self.json_type = get("type") or self.route
        self.list_path = "%s/%s%s" % (
            get("prefix", "/api/v1"),
            self.route,
            "" if get("without_json") else ".json",
        )
        key = get("primary_key") or {"column": "id", "type": "integer", "is_made": True}
        self.key = key["column"]
        self.key_kind = key["type"]
        self.is_key_made = key["is_made"]
        self.unique = get("unique", [])
        fields = [Field(field) for field in resource["fields"]]
        # Rows of another resource that are shown in those of this one.
        self.nested = get("nested", [])
        self.fields = [field for field in fields if field.is_stored and not field.is_many]
        self.unstored = [field for field in fields if not field.is_stored]
        self.joins = [field for field in fields if field.is_many]
        self.has_owner = record.get("has_owner_column", False)
        for field in self.fields:
            # Other rows have other values, also where only two fields together must differ.
            field.is_distinct = field.unique or any(field.name in names for names in self.unique)

    def row_path(self, key):
        ending = ".json" if self.list_path.endswith(".json") else ""
        return "%s/%s%s" % (self.list_path[: len(self.list_path) - len(ending)], key, ending)

    def references(self):
        return [field for field in self.fields if field.target]


def described(folder):
    """The resources of a project, each after those that it cannot be without."""
    records = []
    for path in sorted(glob.glob(os.path.join(folder, ".scaffold", "*.json"))):
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
        if "resource" in record:
            records.append(Resource(record))
    waiting = {resource.plural: resource for resource in records}
    ordered = []
    while waiting:
        ready = [
            resource
            for resource in waiting.values()
            if not any(
                field.target in waiting and field.target != resource.plural and not field.nullable
                for field in resource.references()
            )
        ]
        assert ready, "a circle of references that cannot be null: %s" % sorted(waiting)
        for resource in ready:
            ordered.append(waiting.pop(resource.plural))
    return ordered


def further_of_users(folder):
    """The attributes that a project's users have beyond the original's."""
    path = os.path.join(folder, ".scaffold", "users.json")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        return Resource(json.load(file)["record"]).fields


class Models(object):
    """The classes of all resources, of users and of roles."""

    def __init__(self, engine, resources, further, ours):
        self.engine = engine
        self.dialect = engine.dialect.name
        self.ours = ours
        # SQLAlchemy 2 has a type for UUIDs. On other engines it is CHAR(32), which we do not serve: ours have hyphens.
        self.has_uuid = hasattr(sa, "Uuid") and self.dialect == "postgresql" and not ours
        self.resources = resources
        self.further = further
        self.by_plural = {resource.plural: resource for resource in resources}
        self.base = declarative_base()
        self.users, self.roles = self.accounts()
        self.classes = {}
        for number, resource in enumerate(resources):
            self.classes[resource.plural] = self.model(number, resource)
        self.joins = {}
        for resource in resources:
            for field in resource.joins:
                self.joins[resource.plural, field.name] = self.join_table(resource, field)

    def accounts(self):
        """The models of Flask-Scaffold 1.0."""
        now = sa.func.current_timestamp()
        Column, String = sa.Column, sa.String(250)

        class Roles(self.base):
            __tablename__ = "roles"
            id = Column(sa.Integer, primary_key=True)
            name = Column(String, nullable=False, unique=True)
            description = Column(String)

        class Users(self.base):
            __tablename__ = "users"
            id = Column(sa.Integer, primary_key=True)
            email = Column(String, nullable=False, unique=True)
            password = Column(String, nullable=False)
            name = Column(String, nullable=False)
            active = Column(sa.Integer, nullable=False)
            creation_time = Column(sa.TIMESTAMP, server_default=now, nullable=False)
            role = Column(String, sa.ForeignKey("roles.name"))

        for place, field in enumerate(self.further):
            setattr(Users, "f_" + field.name, self.column(None, field, place))
        return Users, Roles

    def model(self, number, resource):
        """A class whose attributes are called `key` and `f_` with the attribute's name."""
        columns = {"__tablename__": resource.table, "key": self.key_column(resource)}
        for place, field in enumerate(resource.fields):
            columns["f_" + field.name] = self.column(resource, field, number + place)
        if resource.has_owner:
            owner = sa.ForeignKey("users.id", ondelete="SET NULL")
            columns["owner"] = sa.Column("owner_id", sa.Integer, owner)
        by_name = {field.name: field.column for field in resource.fields}
        columns["__table_args__"] = tuple(
            sa.UniqueConstraint(*[by_name[name] for name in names]) for names in resource.unique
        )
        return type(str("Model_" + resource.plural), (self.base,), columns)

    def key_type(self, kind):
        if kind == "integer":
            return sa.Integer()
        if kind == "biginteger":
            # Only an INTEGER counts on SQLite.
            return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
        if kind == "uuid":
            return self.uuid_type()
        return sa.String(250)

    def uuid_type(self):
        if self.dialect == "postgresql":
            return postgresql.UUID(as_uuid=True)
        return TextOf(str, uuid.UUID) if self.ours else UuidInText()

    def key_column(self, resource):
        default = None
        if resource.key_kind == "uuid":
            default = uuid.uuid4
        elif resource.key_kind == "string" and resource.is_key_made:
            default = lambda: str(uuid.uuid4())  # noqa: E731
        return sa.Column(resource.key, self.key_type(resource.key_kind), primary_key=True, default=default)

    def column(self, resource, field, place):
        arguments = []
        if field.target:
            arguments.append(self.foreign_key(resource, field))
        options = {"nullable": field.nullable, "unique": field.unique or None, "index": field.has_index or None}
        if field.default is not None:
            if field.by_database:
                options["server_default"] = server_default(field, self.dialect)
            else:
                options["default"] = client_default(field)
        if field.follows_changes:
            options["onupdate"] = utc_now if field.kind == "datetime" else datetime.date.today
        field.type = self.type_of(field, place)
        return sa.Column(field.column, field.type, *arguments, **options)

    def foreign_key(self, resource, field):
        if field.target == "users":
            target = "users.id"
        else:
            other = self.by_plural[field.target]
            target = "%s.%s" % (other.table, other.key)
        action = {"cascade": "CASCADE", "set_null": "SET NULL"}.get(field.on_delete)
        # create_all() cannot put tables in order whose references lead in a circle.
        later = field.nullable and field.target not in ("users", resource.plural)
        name = ("fk_%s_%s" % (resource.table, field.column)).lower()[:60]
        return sa.ForeignKey(target, ondelete=action, use_alter=later, name=name)

    def type_of(self, field, place):
        """The type that an app would have, another one where `place` is odd."""
        kind, is_odd = field.kind, place % 2 == 1
        if kind == "references":
            if field.target == "users":
                return sa.Integer()
            return self.key_type(self.by_plural[field.target].key_kind)
        if kind in ("enum", "nativeenum"):
            return self.enum(field, kind == "nativeenum", is_odd)
        simple = {
            "text": sa.Text(),
            "integer": sa.Integer(),
            # `boolean` was an Integer in Flask-Scaffold.
            "boolean": sa.Integer(),
            "bool": sa.Boolean(),
            "biginteger": sa.BigInteger(),
            "date": sa.Date(),
            "float": sa.Float(53) if self.ours else sa.Float(),
            "uuid": sa.Uuid() if is_odd and self.has_uuid else self.uuid_type(),
        }
        if kind in simple:
            return simple[kind]
        if kind in ("string", "email", "url", "file"):
            return sa.String(max(int(field.max or 250), 1))
        if kind == "datetime":
            return self.moment(is_odd)
        if kind == "time":
            return mysql.TIME(fsp=6) if self.dialect == "mysql" else sa.Time()
        if kind == "decimal":
            return self.plain_decimal()
        if kind == "numeric":
            is_text = self.ours and self.dialect == "sqlite"
            numbers = field.details["precision"], field.details["scale"]
            return decimal_text() if is_text else sa.Numeric(*numbers)
        if kind == "json":
            return self.json()
        if kind == "array":
            return postgresql.ARRAY(sa.String(250)) if self.dialect == "postgresql" else self.json()
        raise ValueError("no column for the kind %r of %s" % (kind, field.name))

    # What an engine does to values.

    def is_exact(self, field):
        """Whether decimals do not go through floats, as they do in SQLAlchemy's Numeric on SQLite."""
        return self.ours or self.dialect != "sqlite"

    def stored(self, field, value):
        """A value as a column of this type keeps it: MySQL's DATETIME has no fraction unless it is asked for."""
        if field.kind == "datetime" and value is not None and self.is_whole(field):
            return value.replace(microsecond=0)
        return value

    def is_whole(self, field):
        return self.dialect == "mysql" and not getattr(field.type, "fsp", None)

    def has_zone(self, field):
        return getattr(field.type, "timezone", False)

    def is_single(self, field):
        """Whether a column has floats of 32 bits, as SQLAlchemy's Float is on MySQL."""
        return field.kind == "float" and self.dialect == "mysql" and not self.ours

    def is_close(self, field, ours, theirs):
        """The scale of a decimal is SQLAlchemy's on SQLite, where no column has one."""
        if field.kind == "decimal" and not self.is_exact(field) and None not in (ours, theirs):
            return decimal.Decimal(ours) == decimal.Decimal(theirs)
        return False

    def moment(self, is_odd):
        if self.dialect == "mysql" and (is_odd or self.ours):
            return mysql.DATETIME(fsp=6)
        has_zone = is_odd and self.dialect == "postgresql" and not self.ours
        return sa.TIMESTAMP(timezone=True) if has_zone else sa.DateTime()

    def plain_decimal(self):
        if self.ours:
            return sa.Numeric() if self.dialect == "postgresql" else decimal_text()
        return sa.Numeric(20, 6)

    def json(self):
        if self.dialect == "postgresql":
            return postgresql.JSON()
        is_missing = self.ours or not hasattr(sa, "JSON") or (IS_OLD and self.dialect == "sqlite")
        return json_text() if is_missing else sa.JSON()

    def enum(self, field, is_native, is_odd):
        if is_native and not (self.ours and self.dialect == "sqlite"):
            return sa.Enum(*field.details, name=self.enum_name(field))
        if is_odd and not self.ours:
            return sa.Enum(*field.details, native_enum=False, name=self.enum_name(field) + "_check")
        return sa.String(250)

    def enum_name(self, field):
        return "enum_%s_%s" % (field.column.lower(), "_".join(field.details).lower())

    def join_table(self, resource, field):
        """The table behind an attribute of many keys, which may be behind one of the others too."""
        name = field.join["table"]
        if name in self.base.metadata.tables:
            return self.base.metadata.tables[name]
        own, other = field.join["columns"]
        action = "CASCADE" if field.on_delete == "cascade" else None
        return sa.Table(
            name,
            self.base.metadata,
            self.side(own, resource.plural, "CASCADE"),
            self.side(other, field.details, action),
        )

    def side(self, column, plural, action):
        """A column of a join table, which leads to a row of the resource."""
        if plural == "users":
            kind, target = sa.Integer(), "users.id"
        else:
            resource = self.by_plural[plural]
            kind, target = self.key_type(resource.key_kind), "%s.%s" % (resource.table, resource.key)
        return sa.Column(column, kind, sa.ForeignKey(target, ondelete=action), primary_key=True)


class UuidInText(sa.types.TypeDecorator):
    """What old apps had for UUIDs: String(36)."""

    impl = sa.String(36)
    cache_ok = True

    def process_bind_param(self, value, dialect):
        return None if value is None else str(value)

    def process_result_value(self, value, dialect):
        return None if value is None else uuid.UUID(value)


def server_default(field, dialect):
    if field.default == "now":
        return sa.func.current_timestamp()
    if field.default == "today":
        return sa.text("(current_date)" if dialect != "postgresql" else "current_date")
    if field.kind in ("bool", "boolean"):
        is_true = field.default == "true" or field.default == "1"
        if field.kind == "bool" and dialect == "postgresql":
            return sa.text(str(is_true).lower())
        return str(int(is_true))
    # SQLAlchemy 1.0 puts a text into quotes and leaves those inside as they are.
    return sa.text("'%s'" % field.default.replace("'", "''"))


def client_default(field):
    if field.default in ("now", "today"):
        if field.kind == "datetime":
            return utc_now
        return datetime.date.today if field.kind == "date" else lambda: utc_now().time()
    reads = {
        "integer": int,
        "biginteger": int,
        "boolean": lambda text: int(text in ("1", "true")),
        "bool": lambda text: text in ("1", "true"),
        "decimal": decimal.Decimal,
        "numeric": decimal.Decimal,
        "float": float,
        "time": lambda text: datetime.datetime.strptime(text, "%H:%M").time(),
        "datetime": lambda text: datetime.datetime.strptime(text, "%Y-%m-%d"),
        "date": lambda text: datetime.datetime.strptime(text, "%Y-%m-%d").date(),
    }
    return reads.get(field.kind, str)(field.default)
