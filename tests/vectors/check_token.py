"""Decode a token as the Flask tutorial did, with the PyJWT installed here.

    check_token.py TOKEN KEY

On success prints {"header": {...}, "claims": {...}} and exits 0. Otherwise
prints the exception to stderr and exits 1 (2 for wrong usage).

Runs on Python 3.6 and later with PyJWT 1.4 or later.
"""

import json
import sys

import jwt


def tutorial_decode(token, key):
    """The decode call: a plain string for PyJWT 1, a list since PyJWT 2."""
    if jwt.__version__.startswith("1."):
        return jwt.decode(token, key, algorithms="HS256")
    return jwt.decode(token, key, algorithms=["HS256"])


def main(arguments):
    if len(arguments) != 2:
        sys.stderr.write("usage: check_token.py TOKEN KEY\n")
        return 2
    token, key = arguments
    try:
        claims = tutorial_decode(token, key)
        header = jwt.get_unverified_header(token)
    except Exception as error:
        sys.stderr.write(
            "pyjwt %s: %s: %s\n" % (jwt.__version__, type(error).__name__, error)
        )
        return 1
    print(json.dumps({"header": header, "claims": claims}, sort_keys=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
