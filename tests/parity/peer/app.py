"""A Flask app with the two routes of the tutorial and one of its own, for the tests of `parity`.

Usage: app.py PORT, with SECRET_KEY and DATABASE_URL (sqlite:////FILE) in the environment. It runs with the Flask of the
originals' time and with a current one.
"""
import datetime
import functools
import os
import random
import re
import sqlite3
import sys

import jwt
from flask import Flask, jsonify, request
from werkzeug.security import check_password_hash

app = Flask(__name__)
KEY = os.environ["SECRET_KEY"]
FILE = os.environ["DATABASE_URL"].split("sqlite:///", 1)[1]
NAMES = [chr(97 + index) for index in range(9)]
ADDRESS = re.compile(r"^[!-?A-~]+@([!-.0-?A-~]+\.)+[!-?A-~]{2,}$")


def rows(statement, *arguments):
    connection = sqlite3.connect(FILE)
    try:
        found = connection.execute(statement, arguments).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


def refused(message):
    answer = jsonify(message=message)
    answer.status_code = 401
    return answer


def with_token(view):
    @functools.wraps(view)
    def guarded(*arguments, **named):
        header = request.headers.get("Authorization")
        if not header:
            return refused("Missing authorization header")
        try:
            # PyJWT 2.10 wants the subject to be a text, which these tokens do not have.
            claims = jwt.decode(header.split()[1], KEY, algorithms=["HS256"], options={"verify_sub": False})
        except jwt.DecodeError:
            return refused("Token is invalid")
        except jwt.ExpiredSignatureError:
            return refused("Token has expired")
        claims["sub"]
        return view(*arguments, **named)

    return guarded


@app.route("/api/login", methods=["POST"])
def login():
    given = request.get_json(force=True)
    email, password = given["email"], given["password"]
    found = rows("select id, password from users where email = ?", email + "")
    if not found or not check_password_hash(found[0][1], password):
        return refused("invalid username/password")
    now = datetime.datetime.utcnow()
    claims = {"sub": found[0][0], "iat": now, "exp": now + datetime.timedelta(days=1)}
    token = jwt.encode(claims, KEY, algorithm="HS256")
    return jsonify(token=token if isinstance(token, str) else token.decode("ascii"))


@app.route("/api/users")
@with_token
def users():
    found = rows("select id, email, name, is_enabled from users")
    return jsonify(users=[
        {"id": id, "email": email if ADDRESS.match(email) else None, "name": name, "is_enabled": bool(is_enabled)}
        for id, email, name, is_enabled in found
    ])


@app.route("/api/dice")
def roll():
    """Never the same twice, as without ORDER BY and with a clock."""
    rows = [{"id": id, "seen": random.random()} for id in range(9)]
    random.shuffle(rows)
    return jsonify(at=str(datetime.datetime.utcnow()), roll=random.random(), names=random.sample(NAMES, 9), rows=rows)


@app.route("/api/notes", methods=["POST"])
@with_token
def add_note():
    """Writes to the table of users, which is all that there is."""
    text = request.get_json(force=True)["text"]
    rows("insert into users (email, name, password, is_enabled) values (?, ?, '', 1)", text + "@example.com", text)
    return jsonify(id=rows("select max(id) from users")[0][0], text=text), 201


@app.errorhandler(400)
@app.errorhandler(405)
def explain(error):
    answer = jsonify(message=error.description)
    answer.status_code = error.code
    for name, value in error.get_headers(request.environ):
        if name == "Allow":
            answer.headers[name] = value
    return answer


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]))
