"""Requests to our server."""
import json

from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen


class Answer(object):
    def __init__(self, status, text):
        self.status = status
        self.text = text

    @property
    def json(self):
        return json.loads(self.text)

    def __str__(self):
        return "%d %s" % (self.status, self.text)


class Api(object):
    """A server, and the token of an administrator."""

    def __init__(self, base, token):
        self.base = base
        self.token = token

    def quoted(self, key):
        """A key as it stands in a path."""
        return quote(str(key), safe="")

    def call(self, method, path, document=None):
        body = None if document is None else json.dumps(document).encode()
        request = Request(self.base + path, data=body, method=method)
        request.add_header("Authorization", "Bearer " + self.token)
        request.add_header("Content-Type", "application/vnd.api+json")
        try:
            with urlopen(request) as answer:
                return Answer(answer.status, answer.read().decode())
        except HTTPError as error:
            return Answer(error.code, error.read().decode())
