"""A Flask app in the way of Flask-Scaffold 1.0 with a database of its own, which our server works on at the same time.

Usage: side_by_side.py create | serve PORT, with SECRET_KEY and DATABASE_URL in the environment. `serve` ends with its
standard input. Without STRICT in the environment it is as the original: whoever has a token is believed, even once the
user is gone or switched off.
"""
import datetime
import functools
import os
import sys

import flask_sqlalchemy
import jwt
import sqlalchemy as sa
from flask import Flask, jsonify, request
from sqlalchemy.dialects import postgresql
from werkzeug.security import check_password_hash, generate_password_hash

from peer import end_with_standard_input

KEY = os.environ["SECRET_KEY"]
IS_STRICT = "STRICT" in os.environ
# PyJWT 2.10 wants the subject to be a text.
HAS_TEXT_SUB = not jwt.__version__.startswith("1.")


def database_url(url):
    kind, rest = url.split(":", 1)
    if kind == "postgres":
        return "postgresql+psycopg2:" + rest
    return "mysql+pymysql:" + rest + "?charset=utf8mb4" if kind == "mysql" else url


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = database_url(os.environ["DATABASE_URL"])
app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
app.config["PROPAGATE_EXCEPTIONS"] = False
db = flask_sqlalchemy.SQLAlchemy()
db.init_app(app)


class Roles(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(250), unique=True)
    description = db.Column(db.String(250))


class Users(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(250), unique=True, nullable=False)
    password = db.Column(db.String(250), nullable=False)
    name = db.Column(db.String(250), nullable=False)
    active = db.Column(db.Integer, nullable=False)
    creation_time = db.Column(db.TIMESTAMP, server_default=db.func.current_timestamp(), nullable=False)
    role = db.Column(db.String(250), db.ForeignKey("roles.name"))


class Tags(db.Model):
    uid = db.Column(db.String(250), primary_key=True)
    text = db.Column("update", db.String(250), nullable=False)


class Notes(db.Model):
    id = db.Column(db.String(20), primary_key=True)
    tag = db.Column(db.String(250), db.ForeignKey("tags.uid"))


class Gadgets(db.Model):
    uid = db.Column(sa.CHAR(36).with_variant(postgresql.UUID(), "postgresql"), primary_key=True)
    name = db.Column(db.String(250), nullable=False)


class People(db.Model):
    id_user = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(250), nullable=False)


class Comments(db.Model):
    """A table of which our server knows nothing."""
    id = db.Column(db.Integer, primary_key=True)
    body = db.Column(db.String(100), index=True)
    picture = db.Column(db.LargeBinary)
    price = db.Column(db.Numeric(10, 2))
    is_read = db.Column(db.Boolean, nullable=False, default=False)
    author = db.Column(db.Integer, db.ForeignKey("users.id"))


for model in [Roles, Users, Tags, Notes, Gadgets, People, Comments]:
    assert model.__tablename__ == model.__name__.lower()

NAMES = [u"Ann", u"", u"  blanks\t\n", u"O'Hara \"Zo\xeb\" \\ % :x $1 ?", u"\U0001f9c0" * 60, u"x" * 250, u"007", u"null"]
METHODS = ["pbkdf2:sha1:1000", "pbkdf2:sha256:1500", "pbkdf2:sha512:2000"]
METHODS += ["scrypt:1024:8:1"] if HAS_TEXT_SUB else ["sha1", "md5"]


def create():
    """The tables, and rows with odd content: users kept0, kept1, ... and changed0, changed1, ..., all with the password
    `their password`."""
    db.create_all()
    db.session.add_all([Roles(name="admin"), Roles(name=u"r\xf4le", description=u"")])
    db.session.commit()
    add = db.session.add
    add(Users(name="Root", email="root@example.com", active=1, role="admin",
              password=generate_password_hash("their password", METHODS[0])))
    for number, name in enumerate(NAMES):
        for kind in ["kept", "changed"]:
            add(Users(
                name=name, email="%s%d@example.com" % (kind, number), active=1, role=[None, u"r\xf4le"][number % 2],
                password=generate_password_hash("their password", METHODS[number % len(METHODS)]),
                creation_time=datetime.datetime(2016, 2, 29, 23, 59, number, 100 * number),
            ))
    for number, name in enumerate(NAMES):
        add(Tags(uid=u"kept %d \xe9?#" % number, text=name))
        add(Tags(uid=u"changed%d" % number, text=name))
        add(People(name=name))
    db.session.flush()
    add(Notes(id="first", tag=u"kept 0 \xe9?#"))
    add(Notes(id="second"))
    add(Gadgets(uid="67e55044-10b1-426f-9247-bb680e5fe0c8", name=u"caf\xe9"))
    add(Comments(body=u"\u2028", picture=bytes(bytearray(range(256))), price="10.50", is_read=True, author=1))
    add(Comments())
    db.session.commit()


class Refused(Exception):
    def __init__(self, status, **body):
        self.status = status
        self.body = body


@app.errorhandler(Refused)
def refuse(error):
    return jsonify(**error.body), error.status


def caller():
    """The id of whose token it is."""
    header = request.headers.get("Authorization")
    if not header:
        raise Refused(401, message="Missing authorization header")
    try:
        claims = jwt.decode(header.split()[1], KEY, algorithms=["HS256"])
    except jwt.DecodeError:
        raise Refused(401, message="Token is invalid")
    except jwt.ExpiredSignatureError:
        raise Refused(401, message="Token has expired")
    user = Users.query.filter_by(id=int(claims["sub"])).first()
    if IS_STRICT and not (user and user.active):
        raise Refused(401, message="Token is invalid")
    return int(claims["sub"])


def with_token(view):
    @functools.wraps(view)
    def guarded(*arguments, **named):
        caller()
        return view(*arguments, **named)

    return guarded


def attributes():
    return request.get_json(force=True)["data"]["attributes"]


def found(model, **key):
    row = model.query.filter_by(**key).first()
    if row is None:
        raise Refused(404, error="not found")
    return row


def shown(kind, id, **attributes):
    return {"type": kind, "id": id, "attributes": attributes}


def user_shown(user):
    return shown("users", user.id, email=user.email, name=user.name, active=user.active, role=user.role,
                 creation_time=user.creation_time.isoformat() + "+00:00")


def tag_shown(tag):
    return shown("tag", tag.uid, update=tag.text)


def saved(row, show, status):
    db.session.add(row)
    db.session.commit()
    return jsonify(data=show(row)), status


def deleted(row):
    db.session.delete(row)
    db.session.commit()
    return "", 204


@app.route("/api/v1/login.json", methods=["POST"])
def log_in():
    given = attributes()
    user = Users.query.filter_by(email=given["email"]).first()
    is_let_in = user and (user.active or not IS_STRICT)
    if not (is_let_in and check_password_hash(user.password, given["password"])):
        raise Refused(401, message="invalid username/password")
    now = datetime.datetime.utcnow()
    claims = {"sub": str(user.id) if HAS_TEXT_SUB else user.id, "iat": now, "exp": now + datetime.timedelta(days=1)}
    if not IS_STRICT:
        claims["scope"] = user.role
    token = jwt.encode(claims, KEY, algorithm="HS256")
    return jsonify(token=token if isinstance(token, str) else token.decode("ascii"))


@app.route("/api/v1/signup.json", methods=["POST"])
def sign_up():
    given = attributes()
    password = generate_password_hash(given["password"], METHODS[-1])
    user = Users(email=given["email"], name=given["name"], password=password, active=1 if IS_STRICT else 0)
    return saved(user, user_shown, 201)


@app.route("/api/v1/forgotpassword", methods=["PATCH"])
def reset_password():
    user = found(Users, id=caller())
    user.password = generate_password_hash(attributes()["password"], METHODS[0])
    db.session.commit()
    return "201\n"


@app.route("/api/v1/users.json")
@with_token
def users():
    return jsonify(data=[user_shown(user) for user in Users.query.order_by(Users.id)])


@app.route("/api/v1/users/<int:id>.json", methods=["PATCH", "DELETE"])
@with_token
def user(id):
    user = found(Users, id=id)
    if request.method == "DELETE":
        return deleted(user)
    given = attributes()
    if "password" in given:
        user.password = generate_password_hash(given["password"], METHODS[1])
    user.name = given.get("name", user.name)
    user.active = given["active"]
    return saved(user, user_shown, 200)


@app.route("/api/v1/roles.json", methods=["GET", "POST"])
@with_token
def roles():
    def show(role):
        return shown("roles", role.id, name=role.name)

    if request.method == "POST":
        return saved(Roles(name=attributes()["name"]), show, 201)
    return jsonify(data=[show(role) for role in Roles.query.order_by(Roles.id)])


@app.route("/api/v1/tags.json", methods=["GET", "POST"])
def tags():
    if request.method == "POST":
        uid = request.get_json(force=True)["data"]["id"]
        return saved(Tags(uid=uid, text=attributes()["update"]), tag_shown, 201)
    return jsonify(data=[tag_shown(tag) for tag in Tags.query.order_by(Tags.uid)])


@app.route("/api/v1/tags/<uid>.json", methods=["GET", "PATCH", "DELETE"])
def tag(uid):
    tag = found(Tags, uid=uid)
    if request.method == "DELETE":
        return deleted(tag)
    if request.method == "PATCH":
        tag.text = attributes()["update"]
        return saved(tag, tag_shown, 200)
    return jsonify(data=tag_shown(tag))


@app.route("/api/v1/comments.json", methods=["POST"])
@with_token
def comments():
    """What only this app has."""
    comment = Comments(body=attributes()["body"], author=caller())
    return saved(comment, lambda row: shown("comments", row.id, body=row.body), 201)


if __name__ == "__main__":
    if sys.argv[1] == "create":
        with app.app_context():
            create()
    else:
        end_with_standard_input()
        app.run("127.0.0.1", int(sys.argv[2]), threaded=True)
