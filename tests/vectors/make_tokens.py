"""Token vectors from the PyJWT installed in this interpreter.

    make_tokens.py encode         rows for the tokens this release writes
    make_tokens.py judge < ROWS   the same rows, with this release's answer added

One JSON object per line; make.sh runs "encode" with every release, then passes
all rows through "judge" of every release. "decoded_by" then says for each
release what the tutorial's decode call did: "ok", or the name of the exception.

Dates are far enough away that an answer does not change with the day on which
this runs: 2017 is the past and 2100 the future.

Runs on Python 3.6 and later. RS256 rows need the cryptography package.
"""

import json
import sys

import jwt

from check_token import tutorial_decode

LONG_KEY = "a test key of at least thirty-two bytes!"
SHORT_KEY = "s0me random string"
PAST = 1500000000
FUTURE = 4102444800

USUAL = {"exp": FUTURE, "iat": PAST, "sub": 1}


def usual(**changes):
    claims = dict(USUAL)
    for name, value in changes.items():
        if value is LEFT_OUT:
            del claims[name]
        else:
            claims[name] = value
    return claims


LEFT_OUT = object()

# name, claims, algorithm, extra header fields
CASES = [
    ("sub int", usual(), "HS256", None),
    ("sub string", usual(sub="1"), "HS256", None),
    ("sub string, not a number", usual(sub="alice@example.org"), "HS256", None),
    ("sub string, not ASCII", usual(sub="J\u00f6rg \u2713 \U0001f511"), "HS256", None),
    ("sub missing", usual(sub=LEFT_OUT), "HS256", None),
    ("sub null", usual(sub=None), "HS256", None),
    ("sub true", usual(sub=True), "HS256", None),
    ("sub float", usual(sub=1.5), "HS256", None),
    ("sub negative", usual(sub=-1), "HS256", None),
    ("sub beyond 64 bits", usual(sub=2 ** 64), "HS256", None),
    ("sub list", usual(sub=[1]), "HS256", None),
    ("exp past", usual(exp=PAST + 5), "HS256", None),
    ("exp missing", usual(exp=LEFT_OUT), "HS256", None),
    ("exp float", usual(exp=FUTURE + 0.5), "HS256", None),
    ("exp float past", usual(exp=PAST + 5.5), "HS256", None),
    ("exp string of digits", usual(exp=str(FUTURE)), "HS256", None),
    ("exp string", usual(exp="tomorrow"), "HS256", None),
    ("exp null", usual(exp=None), "HS256", None),
    ("exp zero", usual(exp=0), "HS256", None),
    ("iat missing", usual(iat=LEFT_OUT), "HS256", None),
    ("iat future", usual(iat=FUTURE), "HS256", None),
    ("iat float", usual(iat=PAST + 0.25), "HS256", None),
    ("iat string", usual(iat="yesterday"), "HS256", None),
    ("nbf past", usual(nbf=PAST), "HS256", None),
    ("nbf future", usual(nbf=FUTURE), "HS256", None),
    ("nbf string", usual(nbf="tomorrow"), "HS256", None),
    ("aud string", usual(aud="someone"), "HS256", None),
    ("aud list", usual(aud=["someone", "else"]), "HS256", None),
    ("iss and jti", usual(iss="issuer", jti="b7c1"), "HS256", None),
    ("more claims", usual(roles=["a", "b"], nested={"x": [1, None]}), "HS256", None),
    ("no claims", {}, "HS256", None),
    ("HS384", usual(), "HS384", None),
    ("HS512", usual(), "HS512", None),
    ("alg none", usual(), "none", None),
    ("RS256", usual(), "RS256", None),
    ("header kid", usual(), "HS256", {"kid": "key-1"}),
    ("header kid number", usual(), "HS256", {"kid": 1}),
    ("header typ other", usual(), "HS256", {"typ": "at+jwt"}),
    ("header typ lower-case", usual(), "HS256", {"typ": "jwt"}),
    ("header typ null", usual(), "HS256", {"typ": None}),
    ("header typ empty", usual(), "HS256", {"typ": ""}),
    ("header cty", usual(), "HS256", {"cty": "JWT"}),
    ("header crit", usual(), "HS256", {"crit": ["x"], "x": 1}),
]
WITH_SHORT_KEY_TOO = ["sub int", "sub string", "exp past", "HS384", "HS512", "alg none"]


def rsa_pair():
    """A new private and public key in PEM, or None without cryptography."""
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError:
        return None
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return (
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        private.public_key()
        .public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        .decode(),
    )


def write(row):
    print("{%s}" % ",".join("%s:%s" % (json.dumps(k), json.dumps(v)) for k, v in row))


def encode():
    for key in [LONG_KEY, SHORT_KEY]:
        for name, claims, algorithm, headers in CASES:
            if key != LONG_KEY and name not in WITH_SHORT_KEY_TOO:
                continue
            signing_key, checking_key = key, key
            if algorithm == "none":
                signing_key = None
            elif algorithm == "RS256":
                pair = rsa_pair()
                if pair is None:
                    continue
                signing_key, checking_key = pair
            try:
                token = jwt.encode(
                    claims, signing_key, algorithm=algorithm, headers=headers
                )
            except Exception as error:
                sys.stderr.write(
                    "pyjwt %s does not encode %r: %s\n"
                    % (jwt.__version__, name, type(error).__name__)
                )
                continue
            if isinstance(token, bytes):
                token = token.decode("ascii")
            write(
                [
                    ("pyjwt", jwt.__version__),
                    ("name", name),
                    ("token", token),
                    ("claims", claims),
                    ("key", checking_key),
                ]
            )


def judge():
    for line in sys.stdin:
        row = json.loads(line)
        answers = row.get("decoded_by", {})
        try:
            claims = tutorial_decode(row["token"], row["key"])
            assert claims == row["claims"], "%r is not %r" % (claims, row["claims"])
            answer = "ok"
        except AssertionError:
            raise
        except Exception as error:
            answer = type(error).__name__
        answers[jwt.__version__] = answer
        row["decoded_by"] = answers
        write(
            [
                (field, row[field])
                for field in ["pyjwt", "name", "token", "claims", "key", "decoded_by"]
            ]
        )


if __name__ == "__main__":
    {"encode": encode, "judge": judge}[sys.argv[1]]()
