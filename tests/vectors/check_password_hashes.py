"""Judge password hashes with the Werkzeug installed here, and write new ones.

    check_password_hashes.py < PAIRS

PAIRS is a JSON list of [hash, password]. Prints {"valid": [...], "new": [...]}:
what check_password_hash said of each pair (null if it raised), and a hash of
"password" by each method that this Werkzeug and this Python can write.

Runs on Python 3.6 and later.
"""

import hashlib
import json
import sys
import warnings

from werkzeug.security import check_password_hash, generate_password_hash


def judge(stored, password):
    try:
        return check_password_hash(stored, password)
    except Exception:
        return None


def new_hashes():
    methods = ["plain", "scrypt:1024:8:1", "scrypt:4096:8:2"]
    for name in sorted(hashlib.algorithms_available):
        methods += [name, name.upper(), "pbkdf2:%s:25" % name]
    for method in methods:
        try:
            yield generate_password_hash("password", method)
        except Exception:
            pass


warnings.simplefilter("ignore")
valid = [judge(stored, password) for stored, password in json.load(sys.stdin)]
print(json.dumps({"valid": valid, "new": list(new_hashes())}))
