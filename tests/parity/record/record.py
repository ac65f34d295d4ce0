"""Asks a running original and writes down what it answers: record.py VERSION NAME BASE_URL EXCEPTION_FILE OUT

For the Python that the original runs with; standard library and its PyJWT.
"""
import calendar
import datetime
import http.client
import json
import re
import sys
import time
from urllib.parse import urlsplit

import jwt

from cases import TOKENS, cases

# What tells nothing of the original.
DROPPED = {"date", "server", "connection", "content-length"}


def main(version, name, base, exception_file, out):
    original = Original(base, exception_file)
    recorded = [original.record(case) for case in cases(version)]
    names = [case["name"] for case in recorded]
    twice = {one for one in names if names.count(one) > 1}
    assert not twice, twice
    meta = {
        "app": name,
        "version": version,
        "server": "gunicorn-20.1.0-sync-1-worker",
        "recorded_at": datetime.datetime.utcnow().isoformat() + "Z",
        "cases": len(recorded),
    }
    recording = {"meta": meta, "secret_key": original.secret, "tokens": TOKENS, "vars": original.vars}
    with open(out, "w") as file:
        # One case a line: small, and a diff shows which answers have changed.
        head = json.dumps(recording, ensure_ascii=False)[:-1]
        lines = ",\n".join(json.dumps(case, ensure_ascii=False) for case in recorded)
        file.write('%s, "cases": [\n%s\n]}\n' % (head, lines))
    statuses = [case["response"]["status"] for case in recorded]
    print(name, len(recorded), "cases:", {status: statuses.count(status) for status in sorted(set(statuses))})


class Original:
    secret = "SOME SECRET"

    def __init__(self, base, exception_file):
        self.host = urlsplit(base).netloc
        self.exception_file = exception_file
        self.vars = {}
        self.logins = {}

    def record(self, case):
        request = case["request"]
        open(self.exception_file, "w").close()
        status, reason, headers, body = self.send(
            request["method"],
            self.filled(request["path"]),
            [(key, self.filled(value)) for key, value in request["headers"]],
            self.filled(request["body"]),
        )
        kind = dict((key.lower(), value) for key, value in headers).get("content-type", "")
        response = {"status": status, "reason": reason, "headers": headers, "body": body}
        if kind.startswith("application/json") and body:
            response["json"] = json.loads(body)
            for name, pointer in case["capture"].items():
                value = response["json"]
                for part in pointer.strip("/").split("/"):
                    value = value[part]
                self.vars[name] = value
        tag, compare = judged(request["method"], request["path"], response)
        done = {
            "name": case["name"],
            "tag": case["tag"] or tag,
            "compare": case["compare"] or compare,
            "capture": case["capture"],
            "request": request,
            "response": response,
        }
        with open(self.exception_file) as file:
            exception = file.read()
        if exception and status == 500:
            done["original_exception"] = exception
        return done

    def send(self, method, path, headers, body):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        bytes_ = None if body is None else body.encode("utf-8")
        sent = [("Host", "original.test"), ("Connection", "close")] + headers
        if bytes_ is not None:
            sent.append(("Content-Length", str(len(bytes_))))
        for key, value in sent:
            connection.putheader(key, value)
        connection.endheaders()
        if bytes_:
            connection.send(bytes_)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8")
        kept = [[key, value] for key, value in answer.getheaders() if key.lower() not in DROPPED]
        return answer.status, answer.reason, kept, text

    def filled(self, text):
        """Replaces {{tok:NAME}}, {{var:NAME}} and {{rep:CHARACTER:COUNT}}."""
        def filling(match):
            kind, name = match.groups()
            if kind == "tok":
                return self.token(name)
            if kind == "var":
                return str(self.vars[name])
            character, count = name.split(":")
            return character * int(count)

        return text and re.sub(r"\{\{(tok|var|rep):([^}]+)\}\}", filling, text)

    def token(self, name):
        recipe = TOKENS[name]
        if recipe["type"] == "login":
            if name not in self.logins:
                headers = [("Content-Type", "application/json")]
                answer = self.send("POST", recipe["path"], headers, recipe["body"])
                self.logins[name] = json.loads(answer[3])["token"]
            return self.logins[name]
        now = calendar.timegm(time.gmtime())
        claims = {
            key: now + value["$now"] if isinstance(value, dict) else value
            for key, value in recipe["claims"].items()
        }
        algorithm = None if recipe.get("sign") == "none" else "HS256"
        key = "" if algorithm is None else recipe.get("key", self.secret)
        return jwt.encode(claims, key, algorithm=algorithm, headers=recipe.get("header")).decode()


def judged(method, path, response):
    """What a client may depend on: the tag of the case and how its answer is compared."""
    status, body = response["status"], response["body"]
    is_framework = "json" not in response and status != 204
    if status == 500:
        return "crash", "json"
    if is_framework or status == 405 or method in ("HEAD", "OPTIONS"):
        return "accident", "text"
    if status == 204:
        return "contract", "text"
    # The texts of Flask and of the database.
    if status in (400, 404) and "message" in response["json"] or "psycopg2" in body or "sqlalchemy" in body:
        return "contract", "shape"
    return "contract", "json"


if __name__ == "__main__":
    main(*sys.argv[1:])
