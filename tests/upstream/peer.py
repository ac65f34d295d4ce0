"""An app with routes of its own, as teams have them beside those of Flask-Scaffold: what stays with Flask.

Usage: peer.py PORT, with SECRET_KEY in the environment. It ends with its standard input.
"""
import hashlib
import os
import signal
import sys
import threading
import time

import jwt
from flask import Flask, Response, jsonify, make_response, redirect, request

app = Flask(__name__)
MEBIBYTE = 1 << 20


@app.route("/api/v1/uploads", methods=["POST", "PUT"])
def upload():
    length, digest = 0, hashlib.sha256()
    for part in iter(lambda: request.stream.read(65536), b""):
        length += len(part)
        digest.update(part)
    return jsonify(length=length, sha256=digest.hexdigest()), 201


@app.route("/api/v1/uploads/refused", methods=["POST"])
def refuse():
    return "too large", 413


@app.route("/api/v1/exports/<int:mebibytes>.csv")
def export(mebibytes):
    """Parts without a length; each begins with its number."""
    def parts():
        for number in range(mebibytes):
            head = ("%d," % number).encode()
            yield head + b"x" * (MEBIBYTE - len(head))

    return Response(parts(), mimetype="text/csv")


@app.before_request
def wait():
    time.sleep(float(request.args.get("seconds", 0)))


@app.route("/events")
def events():
    wanted = int(request.args.get("events", 3))

    def stream():
        for number in range(wanted):
            yield "data: %d\n\n" % number
            time.sleep(0.4)

    return Response(stream(), mimetype="text/event-stream")


@app.route("/half")
def half():
    """An answer with a length, of which the second half is late."""
    def parts():
        yield "half"
        time.sleep(60)
        yield "half"

    response = Response(parts(), status=int(request.args.get("status", 200)), mimetype="text/plain")
    response.headers["Content-Length"] = "8"
    response.set_cookie("session", "a")
    return response


@app.route("/slow", methods=["GET", "POST"])
def slow():
    return "at last"


@app.route("/old")
def old():
    return redirect("/new?from=old")


@app.route("/cookies")
def cookies():
    response = make_response(jsonify(request.cookies))
    response.set_cookie("session", "a b", httponly=True)
    response.set_cookie("theme", "dark")
    return response


@app.route("/seen", methods=["GET", "POST", "DELETE", "OPTIONS", "LINK"])
def seen():
    return jsonify(
        method=request.method,
        path=request.path,
        query=request.query_string.decode(),
        headers={name: value for name, value in request.headers.items()},
        body=request.get_data().decode("latin-1"),
        host=request.host,
    )


@app.route("/api/v1/posts.json", methods=["PATCH"])
def change_all_posts():
    return jsonify(changed="all")


@app.route("/api/v1/roles.json")
def roles():
    """As Flask-Scaffold has it, unless the query asks for a difference."""
    name = request.args.get("name", "admin")
    row = {"attributes": {"name": name}, "id": 1, "type": "roles"}
    rows = int(request.args.get("rows", 1))
    body = {"data": [row] * rows, "links": {"self": "/roles/"}}
    return jsonify(body), int(request.args.get("status", 200))


@app.route("/status/<int:status>")
def status(status):
    return Response(status=status)


@app.route("/whoami")
def whoami():
    """A token check in the view itself."""
    words = request.headers.get("Authorization", "").split()
    if len(words) != 2:
        return jsonify(error="no token"), 401
    try:
        claims = jwt.decode(words[1], os.environ["SECRET_KEY"], algorithms=["HS256"])
    except jwt.PyJWTError if hasattr(jwt, "PyJWTError") else Exception:
        return jsonify(error="bad token"), 401
    return jsonify(sub=claims["sub"])


@app.route("/")
def home():
    return "<h1>The old front end</h1>"


def end_with_standard_input():
    def wait():
        sys.stdin.read()
        os.killpg(0, signal.SIGKILL)

    thread = threading.Thread(target=wait)
    thread.daemon = True
    thread.start()


def serve(port):
    try:
        from gunicorn.app.base import BaseApplication
    except ImportError:
        return app.run(port=port, threaded=True)

    import flask_sock

    sock = flask_sock.Sock(app)

    @sock.route("/echo")
    def echo(connection):
        while True:
            connection.send("echo: " + connection.receive())

    class Gunicorn(BaseApplication):
        def load_config(self):
            self.cfg.set("bind", "127.0.0.1:%d" % port)
            self.cfg.set("worker_class", "gthread")
            self.cfg.set("threads", 64)
            self.cfg.set("timeout", 0)
            self.cfg.set("graceful_timeout", 1)

        def load(self):
            return app

    Gunicorn().run()


if __name__ == "__main__":
    end_with_standard_input()
    serve(int(sys.argv[1]))
