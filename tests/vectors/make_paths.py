"""Which route of the originals a request path means, and how each method is answered there.

Prints one row per line for the paths below. Needs Flask with its Werkzeug. The routes are those of Flask-Scaffold 1.0 and the tutorial
(app/__init__.py, app/baseviews.py, app/users/views.py; the tutorial's app.py), without their handlers.
"""

import io
import json
import sys
from urllib.parse import unquote_to_bytes

from flask import Flask, request

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

LIST = "/api/v1/users.json"
ITEM = "/api/v1/users/1.json"

PATHS = [
    # Plain.
    LIST, ITEM, "/api/v1/login.json", "/api/v1/signup.json", "/api/v1/forgotpassword",
    "/api/v1/roles.json", "/api/v1/roles/1.json", "/api/login", "/api/users", "/login", "/",
    # A dot, a letter, a digit as %XX, in both cases of the digits.
    "/api/v1/users%2Ejson", "/api/v1/users%2ejson", "/api/v1/users.%6Ason", "/api/v1/users.%6ason",
    "/api/v1/users/%31.json", "/api/v1/users/1%2Ejson", "/api/v1/users/%31%2e%6a%73%6f%6e",
    "/%61pi/v1/users.json", "/%61%70%69/users", "/api/%76%31/users.json", "/api/v1/%75%73%65%72%73.json",
    "/api/log%69n", "/log%69n", "/api/v1/f%6frgotpassword", "/api/v1%2Flogin.json",
    # Slashes that are written as %2F.
    "/api%2Fv1%2Fusers.json", "/api/v1/users%2F1.json", "/api%2fusers", "/%2Fapi/users",
    "/api/v1/users/%2F1.json", "/api/v1/users.json%2F", "/api/users%2F", "/api%2F%2Fusers",
    # More or fewer slashes.
    "//api/users", "///api/v1/users.json", "//api//users", "/api//users", "/api/v1//users.json",
    "/api/v1/users//1.json", "/api/users/", "/api/v1/users.json/", "/api/v1/users/1.json/", "/api", "/api/",
    "/api/v1", "/api/v1/", "/login/", "//", "//login", "/api/v1/users", "/api/v1/users/", "/api/v1/users/1",
    # Dots that shells and browsers would resolve.
    "/./api/users", "/api/./users", "/api/../api/users", "/x/../api/users", "/api/v1/users/../users.json",
    "/api/%2e/users", "/api/%2e%2e/api/users", "/api/v1/users/..%2Fusers.json", "/..%2Fapi%2Fusers",
    "/api/v1/%2e%2e/users", "/api/users/.", "/api/users/..",
    # NUL, line breaks and blanks.
    "/api/users%00", "/api/%00users", "/api/v1/users%00.json", "/api/v1/users/1%00.json", "/api/users%0A",
    "/api/v1/users.json%0a", "/api/v1/users/1.json%0A", "/api/users%0A%0A", "/api/users%0D%0A", "/api/users%0D",
    "/api/%0Ausers", "/login%0A", "/%0A", "/api/users%20", "/api/users+", "/api/+users", "/%20api/users",
    "/api/v1/users/1%0A.json", "/api/v1/users/%201.json", "/api/v1/users/1%20.json", "/api/users%09",
    # Encoded twice, a percent sign, and what is no encoding.
    "/api/v1/users%252Ejson", "/api/v1/users/%2531.json", "/%2561pi/users", "/api%252Fusers", "/api/users%25",
    "/api/users%", "/api/users%2", "/api/users%zz", "/api/%zzusers", "/api/v1/users%2.json", "/api/v1/users%25.json",
    # Beyond ASCII, and bytes that are not UTF-8.
    "/api/v1/us%c3%a9rs.json", "/api/users%c3%a9", "/api/users%ff", "/api/%ffusers", "/api/v1/users/%ff1.json",
    "/api/users%c3", "/api/v1/users%c0%ae.json", "/api%c0%afusers", "/api/users%ef%bb%bf", "/%ef%bb%bfapi/users",
    "/api/us%EF%BD%85rs", "/api/v1/users/%EF%BC%91.json", "/api/v1/users/%D9%A1.json", "/api/v1/users/%C2%B9.json",
    "/api/v1/users/1%D9%A0.json", "/api/users%e2%80%8b", "/api/%ed%a0%80users",
    # Parameters, other case, other punctuation.
    "/api/users;a=b", "/api/v1/users.json;jsessionid=1", "/api;x/users", "/API/users", "/api/Users",
    "/api/v1/users.JSON", "/api/v1/users/1.Json", "/Api/v1/users.json", "/LOGIN", "/api/v1/users,json",
    "/api/v1/users:json", "/api/v1/users.json:", "/api/v1/users*", "/api/v1/users.json~", "/api/v1/users.jsonx",
    "/api/v1/xusers.json", "/api/v1/users..json", "/api/v1/users/.json", "/api/v1/users/%2Ejson", "/api/v1/.json",
    "/api/v1/users%3F", "/api/users%3Fa=b", "/api/users%23", "/api/users%7C", "/%7Capi/users",
    "/api%5Cusers", "/api/v1/users%7Bid%7D.json", "/api/v1/users/%3Cint:id%3E.json",
    # Ids.
    "/api/v1/users/0.json", "/api/v1/users/01.json", "/api/v1/users/0001.json", "/api/v1/users/-1.json",
    "/api/v1/users/+1.json", "/api/v1/users/%2B1.json", "/api/v1/users/1.0.json", "/api/v1/users/1e0.json",
    "/api/v1/users/1_0.json", "/api/v1/users/0x1.json", "/api/v1/users/a.json", "/api/v1/users/1a.json",
    "/api/v1/users/9223372036854775807.json", "/api/v1/users/9223372036854775808.json",
    "/api/v1/users/99999999999999999999999.json", "/api/v1/users/1.json.json", "/api/v1/users/1..json",
    "/api/v1/users/1/.json", "/api/v1/users/1/1.json", "/api/v1/users/1.json1",
]

# Where poem-scaffold answers otherwise on purpose.
DIFFERENCES = {
    # Pages with a slash too many lead to the right address.
    "/login/": "redirect",
    # An id is written in ASCII digits.
    "/api/v1/users/%EF%BC%91.json": "404",
    "/api/v1/users/%D9%A1.json": "404",
    "/api/v1/users/1%D9%A0.json": "404",
    # There is no such row, and no column would hold the number.
    "/api/v1/users/9223372036854775808.json": "404",
    "/api/v1/users/99999999999999999999999.json": "404",
}


def application():
    app = Flask(__name__)

    def answer(**arguments):
        return json.dumps(dict(arguments, endpoint=request.endpoint))

    def add(rule, name, methods):
        app.add_url_rule(rule, name, answer, methods=methods)

    for resource in ["users", "roles"]:
        add("/api/v1/%s.json" % resource, resource, ["GET", "POST"])
        add("/api/v1/%s/<int:id>.json" % resource, resource + "_one", ["GET", "PATCH", "DELETE"])
    add("/api/v1/login.json", "login_document", ["POST"])
    add("/api/v1/signup.json", "signup", ["POST"])
    add("/api/v1/forgotpassword", "forgotpassword", ["POST", "PATCH"])
    add("/api/login", "login", ["POST"])
    add("/api/users", "tutorial_users", ["GET"])
    add("/login", "login_page", ["GET"])
    add("/", "home", ["GET"])
    return app


def call(app, method, path):
    """Calls the app as a server that hands on the path as it was sent does (gunicorn, uWSGI)."""
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    seen = {}

    def start_response(status, headers, exc_info=None):
        seen["status"] = int(status.split()[0])
        seen["headers"] = dict(headers)

    body = b"".join(app(environ, start_response))
    return seen["status"], seen["headers"], body


def row(app, path):
    statuses = {}
    allow = None
    for method in METHODS:
        statuses[method], headers, _ = call(app, method, path)
        if method == "OPTIONS" and statuses[method] == 200:
            allow = ", ".join(sorted(headers["Allow"].split(", ")))
    found = {}
    for method in ["GET", "POST"]:
        status, _, body = call(app, method, path)
        if status == 200:
            found = json.loads(body.decode())
            break
    return {
        "path": path,
        "allow": allow,
        "endpoint": found.get("endpoint"),
        "id": found.get("id"),
        "statuses": statuses,
        "ours": DIFFERENCES.get(path),
    }


def main():
    app = application()
    for path in PATHS:
        print(json.dumps(row(app.wsgi_app, path), sort_keys=True))


main()
