"""What the token packages of Flask apps answer, and tokens for and from them.

    make_dialects.py PACKAGE record        the releases, then rows: each case of this package with its answer
    make_dialects.py PACKAGE record raw    the same, each with the request as it was sent
    make_dialects.py PACKAGE ask < ROWS    the answers to requests that others made

PACKAGE is pyjwt, flask-jwt, flask-jwt-extended-3 or flask-jwt-extended-4, as TOKEN_DIALECT has it; the release is the
one of this environment. One JSON object per line.

A token is a recipe: what a real package issued, taken apart, with times as {"$now": SECONDS}, and what was changed of
it. Tokens that a package would refuse to make are put together here byte by byte.

Runs on Python 3.6 and later.
"""

import base64
import copy
import hashlib
import hmac
import json
import sys
import time

import flask
import jwt

KEY = "the key of a Flask app, for tests: 32 bytes"
OTHER_KEY = "the key of another app, for tests: 32 bytes"
ADDRESS = "ann@example.com"
ROUTE = "/api/v1/users/99.json"


# The apps.


def users_of(settings):
    """Looks up the only row of the users table."""
    names = (ADDRESS,) if settings.get("TOKEN_IDENTITY") == "email" else ("1", 1)
    return lambda identity: {"id": 1} if identity in names and identity is not True else None


def app_of(package, settings):
    app = flask.Flask(__name__)
    app.config["SECRET_KEY"] = KEY
    app.config["PROPAGATE_EXCEPTIONS"] = False
    identity_claim = settings.get("JWT_IDENTITY_CLAIM")
    for name, value in settings.items():
        if name == "JWT_TOKEN_LOCATION":
            value = value.split(",")
        elif name in ("JWT_DECODE_LEEWAY", "JWT_LEEWAY"):
            value = int(value)
        elif name == "JWT_HEADER_TYPE" and value == "none":
            value = ""
        elif name == "JWT_VERIFY_SUB":
            value = value == "true"
        app.config[name] = value
    guard, issue = {
        "pyjwt": of_pyjwt,
        "flask-jwt": of_flask_jwt,
        "flask-jwt-extended-3": of_flask_jwt_extended,
        "flask-jwt-extended-4": of_flask_jwt_extended,
    }[package](app, package, identity_claim, users_of(settings))

    @app.route("/api/v1/users/<path:rest>", methods=["GET", "POST", "PATCH", "DELETE"])
    @guard
    def protected(rest):
        return flask.jsonify(accepted=True)

    return app, issue


def of_pyjwt(app, package, identity_claim, identify):
    """The decorator that Flask-Scaffold and Satellizer's example have, and the one with x-access-token."""
    from functools import wraps

    claim = identity_claim or "sub"
    header = app.config.get("JWT_HEADER_NAME", "Authorization")
    member = app.config.get("JWT_ERROR_MESSAGE_KEY", "message")
    leeway = app.config.get("JWT_DECODE_LEEWAY", 0)
    query = app.config.get("JWT_QUERY_STRING_NAME", "jwt")
    cookie = app.config.get("JWT_ACCESS_COOKIE_NAME", "access_token_cookie")
    places = app.config.get("JWT_TOKEN_LOCATION", ["headers"])

    def find():
        for place in places:
            if place == "query_string":
                token = flask.request.args.get(query)
            elif place == "cookies":
                token = flask.request.cookies.get(cookie)
            else:
                token = flask.request.headers.get(header)
                if token and app.config.get("JWT_HEADER_TYPE") != "":
                    token = token.split()[1]
            if token:
                return token
        return None

    def guard(view):
        @wraps(view)
        def decorated(*args, **kwargs):
            token = find()
            if not token:
                return flask.jsonify({member: "Missing authorization header"}), 401
            try:
                payload = jwt.decode(token, app.config["SECRET_KEY"], algorithms=["HS256"], leeway=leeway)
            except jwt.ExpiredSignatureError:
                return flask.jsonify({member: "Token has expired"}), 401
            except jwt.InvalidTokenError:
                return flask.jsonify({member: "Token is invalid"}), 401
            payload[claim]
            return view(*args, **kwargs)

        return decorated

    def issue(identity, kind):
        now = int(time.time())
        claims = {claim: identity, "iat": now, "exp": now + 3600}
        if kind == "refresh":
            claims["type"] = "refresh"
        return jwt.encode(claims, app.config["SECRET_KEY"], algorithm="HS256")

    return guard, issue


def of_flask_jwt(app, package, identity_claim, identify):
    import datetime

    import flask_jwt

    claim = identity_claim or "identity"
    if "JWT_LEEWAY" in app.config:
        app.config["JWT_LEEWAY"] = datetime.timedelta(seconds=app.config["JWT_LEEWAY"])
    extension = flask_jwt.JWT(app, lambda name, password: None, lambda payload: identify(payload.get(claim)))

    def issue(identity, kind):
        class User:
            id = identity

        token = flask_jwt._jwt.jwt_encode_callback(User)
        if kind == "refresh":
            raise LookupError("Flask-JWT has no refresh tokens")
        return token

    if identity_claim:

        @extension.jwt_payload_handler
        def payload_of(user):
            now = int(time.time())
            return {claim: user.id, "iat": now, "nbf": now, "exp": now + 300}

    return flask_jwt.jwt_required(), issue


def of_flask_jwt_extended(app, package, identity_claim, identify):
    import flask_jwt_extended

    extension = flask_jwt_extended.JWTManager(app)
    if package.endswith("3"):
        extension.user_loader_callback_loader(identify)
        guard = flask_jwt_extended.jwt_required
    else:
        claim = identity_claim or "sub"
        extension.user_lookup_loader(lambda header, payload: identify(payload[claim]))
        guard = flask_jwt_extended.jwt_required()

    def issue(identity, kind):
        if kind == "refresh":
            return flask_jwt_extended.create_refresh_token(identity)
        return flask_jwt_extended.create_access_token(identity)

    return guard, issue


# The tokens.


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    """As long as others write it."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def recipe_of(token):
    """A token that was issued just now, taken apart; what is random in it becomes what it always is here."""
    if isinstance(token, bytes):
        token = token.decode()
    parts = [part + "=" * (-len(part) % 4) for part in token.split(".")]
    header, claims = (json.loads(base64.urlsafe_b64decode(part).decode()) for part in parts[:2])
    issued = claims["iat"]
    for name in ("iat", "nbf", "exp"):
        if name in claims:
            claims[name] = {"$now": claims[name] - issued}
    for name in ("jti", "csrf"):
        if name in claims:
            assert len(claims[name]) == 36
            claims[name] = "11111111-2222-4333-8444-%s" % (name * 12)[:12]
    return {"header": header, "claims": claims}


def at(value, now):
    if isinstance(value, dict):
        if set(value) == {"$now"}:
            return now + value["$now"]
        return {name: at(member, now) for name, member in value.items()}
    if isinstance(value, list):
        return [at(item, now) for item in value]
    return value


def forge(recipe, now):
    if "raw" in recipe:
        return recipe["raw"]
    header = recipe.get("raw_header")
    if header is None:
        header = encoded(compact(recipe["header"]))
    payload = recipe.get("payload_segment")
    if payload is None:
        raw = recipe.get("raw_payload")
        payload = encoded(raw.encode() if raw is not None else compact(at(recipe["claims"], now)))
    signed = "%s.%s" % (header, payload)
    how = recipe.get("sign", "HS256")
    if how == "none":
        signature = ""
    elif how == "garbage":
        signature = encoded(b"\x01" * 32)
    else:
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[how]
        signature = encoded(hmac.new(recipe.get("key", KEY).encode(), signed.encode(), digest).digest())
    token = "%s.%s" % (signed, signature)
    mutate = recipe.get("mutate")
    if mutate == "two_segments":
        return signed
    if mutate == "four_segments":
        return token + ".x"
    if mutate == "padded_signature":
        return token + "="
    if mutate == "padded_too_much":
        return token + "==="
    if mutate == "flip_sig":
        return token[:-2] + ("BB" if token.endswith("AA") else "AA")
    if mutate == "junk_in_signature":
        return token + "!"
    if mutate == "short_signature":
        return token[:-2]
    return token


LEFT_OUT = object()


def changed(recipe, **claims):
    recipe = copy.deepcopy(recipe)
    for name, value in claims.items():
        if value is LEFT_OUT:
            recipe["claims"].pop(name, None)
        else:
            recipe["claims"][name] = value
    return recipe


def with_header(recipe, **members):
    recipe = copy.deepcopy(recipe)
    for name, value in members.items():
        if value is LEFT_OUT:
            recipe["header"].pop(name, None)
        else:
            recipe["header"][name] = value
    return recipe


def that(recipe, **more):
    recipe = copy.deepcopy(recipe)
    recipe.update(more)
    return recipe


def tokens_of(good, claim):
    """Tokens by name, made of a good one whose user is named by this claim."""
    yield "good", good
    for name, seconds in [
        ("expired", -20),
        ("expired by 5 s", -5),
        ("expired by 60 s", -60),
        ("expired long ago", -(10 ** 6)),
        ("just not expired", 30),
    ]:
        yield name, changed(good, exp={"$now": seconds})
    yield "other key", that(good, key=OTHER_KEY)
    yield "expired, other key", that(changed(good, exp={"$now": -20}), key=OTHER_KEY)
    other = "user_id" if claim != "user_id" else "uid"
    yield "other claim", changed(good, **{claim: LEFT_OUT, other: good["claims"][claim]})
    yield "expired, other claim", changed(
        good, exp={"$now": -20}, **{claim: LEFT_OUT, other: good["claims"][claim]}
    )
    yield "no claims", that(good, raw_payload="{}")
    yield "alg none", that(with_header(good, alg="none"), sign="none")
    yield "alg None", that(with_header(good, alg="None"), sign="none")
    yield "alg none with a signature", with_header(good, alg="none")
    yield "alg none, other claim", that(
        with_header(changed(good, **{claim: LEFT_OUT}), alg="none"), sign="none"
    )
    yield "no signature", that(good, sign="none")
    yield "HS384", that(with_header(good, alg="HS384"), sign="HS384")
    yield "HS512", that(with_header(good, alg="HS512"), sign="HS512")
    yield "HS512, signed as HS256", with_header(good, alg="HS512")
    yield "RS256", with_header(good, alg="RS256")
    yield "alg unknown", with_header(good, alg="HS1024")
    yield "alg lower-case", with_header(good, alg="hs256")
    yield "alg a part", with_header(good, alg="HS")
    yield "alg missing", with_header(good, alg=LEFT_OUT)
    yield "alg null", with_header(good, alg=None)
    yield "alg empty", with_header(good, alg="")
    yield "alg a number", with_header(good, alg=5)
    yield "kid", with_header(good, kid="a")
    yield "kid a number", with_header(good, kid=5)
    yield "kid a number, other key", that(with_header(good, kid=5), key=OTHER_KEY)
    yield "crit", with_header(good, crit=["x"], x=1)
    yield "crit empty", with_header(good, crit=[])
    yield "crit a text", with_header(good, crit="b64")
    yield "crit of numbers", with_header(good, crit=[1])
    yield "crit without its member", with_header(good, crit=["b64"])
    yield "typ other", with_header(good, typ="at+jwt")
    yield "typ missing", with_header(good, typ=LEFT_OUT)
    yield "nbf future", changed(good, nbf={"$now": 3600})
    yield "nbf in 20 s", changed(good, nbf={"$now": 20})
    yield "nbf in 5 s", changed(good, nbf={"$now": 5})
    yield "iat future", changed(good, iat={"$now": 3600})
    yield "iat and nbf future, expired", changed(
        good, iat={"$now": 3600}, nbf={"$now": 3600}, exp={"$now": -20}
    )
    yield "nbf future, expired", changed(good, nbf={"$now": 3600}, exp={"$now": -20})
    for name in ("iat", "nbf", "exp"):
        yield name + " missing", changed(good, **{name: LEFT_OUT})
        yield name + " null", changed(good, **{name: None})
        yield name + " a word", changed(good, **{name: "soon"})
        yield name + " a list", changed(good, **{name: []})
        yield name + " true", changed(good, **{name: True})
        yield name + " zero", changed(good, **{name: 0})
    yield "exp in digits", changed(good, exp="4102444800")
    yield "exp a float", changed(good, exp=4102444800.5)
    yield "exp past as a float", changed(good, exp=1500000000.5)
    yield "aud", changed(good, aud="someone")
    yield "aud a list", changed(good, aud=["someone"])
    yield "aud empty", changed(good, aud="")
    yield "aud null", changed(good, aud=None)
    yield "aud, expired", changed(good, aud="someone", exp={"$now": -20})
    yield "iss", changed(good, iss="someone")
    yield "jti missing", changed(good, jti=LEFT_OUT)
    yield "jti a number", changed(good, jti=5)
    yield "jti null", changed(good, jti=None)
    yield "type missing", changed(good, type=LEFT_OUT)
    yield "type other", changed(good, type="banana")
    yield "type refresh", changed(good, type="refresh")
    yield "type refresh, expired", changed(good, type="refresh", exp={"$now": -20})
    yield "type other, expired", changed(good, type="banana", exp={"$now": -20})
    yield "type null", changed(good, type=None)
    yield "type a number", changed(good, type=5)
    yield "fresh missing", changed(good, fresh=LEFT_OUT)
    yield "fresh", changed(good, fresh=True)
    yield "more claims", changed(good, user_claims={"role": "admin"}, name="J\u00f6rg")
    for name, value in [
        ("text", "1"),
        ("number", 1),
        ("null", None),
        ("true", True),
        ("float", 1.5),
        ("list", ["1"]),
        ("object", {"id": 1}),
        ("empty", ""),
        ("word", "nobody"),
        ("of nobody", "424242"),
        ("number of nobody", 424242),
        ("negative", "-1"),
    ]:
        yield "subject " + name, changed(good, **{claim: value})
    if claim != "sub":
        yield "sub a number beside", changed(good, sub=1)
    yield "payload no JSON", that(good, raw_payload="no JSON")
    yield "payload empty", that(good, raw_payload="")
    yield "payload a list", that(good, raw_payload="[]")
    yield "payload a number", that(good, raw_payload="5")
    yield "payload cut off", that(good, raw_payload='{"a":1')
    yield "payload no JSON, other key", that(good, raw_payload="no JSON", key=OTHER_KEY)
    yield "payload a list, other key", that(good, raw_payload="[]", key=OTHER_KEY)
    yield "payload padding", that(good, payload_segment="a")
    yield "payload padding of two", that(good, payload_segment="ab=c")
    yield "payload not UTF-8", that(good, payload_segment=encoded(b'{"a":"\xff"}'))
    for name, data in [
        ("no JSON", b"no JSON"),
        ("empty", b""),
        ("a list", b"[]"),
        ("a text", b'"HS256"'),
        ("cut off", b'{"alg":"HS256"'),
        ("not UTF-8", b"\xff\xfe{}"),
        ("half a character", b'{"a":"\xc3'),
        ("a wrong character", b'{"a":"\xc3("}'),
        ("extra data", b'{"alg":"HS256"} x'),
        ("no name", b"{1:2}"),
        ("no colon", b'{"alg" 1}'),
        ("no comma", b'{"a":1 "b":2}'),
        ("comma at the end", b'{"a":1,}'),
        ("control character", b'{"a":"\x01"}'),
        ("bad escape", b'{"a":"\\x"}'),
        ("bad unicode escape", b'{"a":"\\u12"}'),
        ("open text", b'{"a":"b'),
        ("line break", b'{\n"a":\nx}'),
        ("open list", b"[1"),
        ("list with comma", b"[1,]"),
        ("number cut off", b'{"a":-}'),
    ]:
        yield "header " + name, that(good, raw_header=encoded(data))
    yield "header padded", that(good, raw_header=encoded(b'{"alg":"HS256" }') + "==")
    yield "header padded too little", that(good, raw_header=encoded(b'{"alg":"HS256" }') + "=")
    yield "header padding", that(good, raw_header="a")
    yield "header characters", that(good, raw_header="!!!!")
    yield "header with junk", that(good, raw_header="ey!J9")
    for mutation in [
        "two_segments", "four_segments", "padded_signature", "padded_too_much", "flip_sig", "junk_in_signature", "short_signature"
    ]:
        yield mutation.replace("_", " "), that(good, mutate=mutation)
    yield "garbage signature", that(good, sign="garbage")
    for raw in [
        "garbage", "a.b", "a.b.c", "abc.def.ghi", "..", "...", ".", "not.a.token", "null", "undefined",
        "invalid.token.here", "xxxxx.yyyyy.zzzzz", "aGVsbG8.d29ybGQ.eA", "a.b.c.d", "1234", "{}", "e30.e30.e30", "e30..",
        "W10.W10.", "IiI.e30.e30", "eyJ0eXAiOiJKV1QifQ.e30.", "bm90aGluZw.bm90aGluZw.bm90aGluZw",
    ]:
        yield "raw " + raw, {"raw": raw}


HEADERS = [
    "", " ", "Bearer", "Bearer ", "Bearer {t}", "bearer {t}", "BEARER {t}", "JWT {t}", "jwt {t}", "Jwt {t}", "JWT",
    "Token {t}", "{t}", "{t} Bearer", "Bearer {t} x", "Bearer  {t}", "  Bearer {t}  ", "Bearer\t{t}", "Bearer, {t}",
    "Bearer,{t}", "Bearer: {t}", "Bearer={t}", "Bearer {t}, Basic eDp5", "Basic eDp5, Bearer {t}", "Basic eDp5",
    "Bearer {t},Bearer {t}", "Bearer {t}, Bearer garbage", ", Bearer {t}", "Bearer {t},", ",", "x", "Bearer{t}",
    "Bearer Bearer {t}", "Bearer null", "Bearer undefined", "JWT {t} x", "JWT  {t}", 'Bearer "{t}"', "Bearer <{t}>",
    "JWT garbage", "Bearer garbage", "JWT {t}, Bearer {t}", "Bearer \u00e4", "Bearer {t}\u00a0",
]


def request(token, headers, method="GET", query=""):
    return {"method": method, "query": query, "headers": headers, "token": token}


def cases_of_forms(good, usual):
    """Requests that differ in the form of their header."""
    name = usual[0]
    yield "no header", request(good, [])
    for form in HEADERS:
        yield "header: " + form, request(good, [[name, form]])
    # Joined, raw tokens make a payload that depends on the signature.
    if usual[1] != "{t}":
        yield "two headers", request(good, [[name, usual[1]], [name, usual[1]]])
    yield "two headers, the second of another scheme", request(good, [[name, usual[1]], [name, "Basic eDp5"]])
    for method in ("POST", "PATCH", "DELETE"):
        yield method, request(good, [[name, usual[1]]], method)
        yield method + " without a token", request(good, [], method)
    yield "in the query, which is not read", request(good, [], query="jwt={t}")
    yield "in a cookie, which is not read", request(good, [["Cookie", "access_token_cookie={t}"]])


def cases_of_tokens(tokens, usual):
    for name, token in tokens:
        yield "token: " + name, request(token, [list(usual)])


def usual_tokens(good, claim, refresh):
    """The tokens that are tried with each setting."""
    names = [
        "good", "expired", "expired by 5 s", "expired by 60 s", "just not expired", "other key", "other claim", "alg none", "type refresh",
        "nbf in 20 s", "nbf future", "subject text", "subject number", "subject of nobody", "raw garbage", "raw a.b.c",
    ]
    for name, token in tokens_of(good, claim):
        if name in names:
            yield name, token
    if refresh:
        yield "refresh", refresh


def cases_of_places(good, expired, refresh, places, query="jwt", cookie="access_token_cookie", csrf="X-CSRF-TOKEN"):
    """Requests that have a token in one place or several."""
    bearer = ["Authorization", "Bearer {t}"]
    jar = ["Cookie", cookie + "={t}"]
    yield "nowhere", request(good, [])
    yield "in the header", request(good, [bearer])
    yield "in the query", request(good, [], query=query + "={t}")
    yield "in the cookie", request(good, [jar])
    yield "in another parameter", request(good, [], query="other={t}")
    yield "in another cookie", request(good, [["Cookie", "other={t}"]])
    yield "expired in the query", request(expired, [], query=query + "={t}")
    yield "expired in the cookie", request(expired, [jar])
    if refresh:
        yield "refresh in the cookie", request(refresh, [jar])
        yield "refresh in the query", request(refresh, [], query=query + "={t}")
    yield "empty parameter", request(good, [], query=query + "=")
    yield "empty cookie", request(good, [["Cookie", cookie + "="]])
    yield "garbage in the query", request(good, [], query=query + "=garbage")
    yield "garbage in the cookie", request(good, [["Cookie", cookie + "=garbage"]])
    yield "parameter twice, good first", request(good, [], query=query + "={t}&" + query + "=garbage")
    yield "parameter twice, good last", request(good, [], query=query + "=garbage&" + query + "={t}")
    yield "parameter encoded", request(good, [], query=query + "=%20{t}")
    yield "parameter with a scheme", request(good, [], query=query + "=Bearer%20{t}")
    yield "other parameters", request(good, [], query="a=1&" + query + "={t}&b=2")
    yield "other cookies", request(good, [["Cookie", "a=1; " + cookie + "={t}; b=2"]])
    yield "cookie in quotes", request(good, [["Cookie", cookie + '="{t}"']])
    yield "cookie twice", request(good, [["Cookie", cookie + "={t}; " + cookie + "=garbage"]])
    yield "wrong scheme, good in the query", request(good, [["Authorization", "JWT {t}"]], query=query + "={t}")
    yield "wrong scheme, good in the cookie", request(good, [["Authorization", "JWT {t}"], jar])
    yield "garbage in the header, good in the cookie", request(good, [["Authorization", "Bearer garbage"], jar])
    yield "garbage in the header, good in the query", request(
        good, [["Authorization", "Bearer garbage"]], query=query + "={t}"
    )
    yield "good in the header, garbage in the cookie", request(good, [bearer, ["Cookie", cookie + "=garbage"]])
    yield "good in the header, garbage in the query", request(good, [bearer], query=query + "=garbage")
    yield "bad header, good in the query", request(good, [["Authorization", "Bearer"]], query=query + "={t}")
    yield "empty header, good in the query", request(good, [["Authorization", ""]], query=query + "={t}")
    for method in ("POST", "PATCH", "DELETE"):
        yield method + " in the header", request(good, [bearer], method)
        yield method + " in the cookie", request(good, [jar], method)
        yield method + " in the cookie with its value", request(good, [jar, [csrf, "{csrf}"]], method)
        yield method + " in the cookie with another value", request(good, [jar, [csrf, "another"]], method)
        yield method + " in the cookie with an empty value", request(good, [jar, [csrf, ""]], method)
        yield method + " in the cookie with the value in another header", request(good, [jar, ["X-Other", "{csrf}"]], method)
        yield method + " in the cookie with the value in the query", request(good, [jar], method, "csrf_token={csrf}")
        yield method + " expired in the cookie with its value", request(expired, [jar, [csrf, "{csrf}"]], method)
        yield method + " expired in the cookie with another value", request(expired, [jar, [csrf, "another"]], method)
        yield method + " in the cookie, no header value, good in the header", request(good, [jar, bearer], method)
    without = changed(good, csrf=LEFT_OUT)
    yield "POST in the cookie without the claim", request(without, [jar, [csrf, "x"]], "POST")
    yield "GET in the cookie without the claim", request(without, [jar])
    yield "POST other key in the cookie with its value", request(that(good, key=OTHER_KEY), [jar, [csrf, "{csrf}"]], "POST")


def settings_of(package):
    """The settings that are tried, each with what sends a token and the way it is tried."""
    if package == "flask-jwt":
        usual = ["Authorization", "JWT {t}"]
        yield {}, usual, "all"
        yield {"JWT_AUTH_HEADER_PREFIX": "Bearer"}, ["Authorization", "Bearer {t}"], "forms"
        yield {"JWT_LEEWAY": "0"}, usual, "tokens"
        yield {"JWT_LEEWAY": "30"}, usual, "tokens"
        yield {"JWT_SECRET_KEY": OTHER_KEY}, usual, "tokens"
        yield {"JWT_IDENTITY_CLAIM": "user_id"}, usual, "tokens"
        yield {"TOKEN_IDENTITY": "email"}, usual, "tokens"
        return
    usual = ["Authorization", "Bearer {t}"]
    yield {}, usual, "all"
    yield {"JWT_IDENTITY_CLAIM": "user_id"}, usual, "tokens"
    yield {"JWT_DECODE_LEEWAY": "30"}, usual, "tokens"
    yield {"JWT_ERROR_MESSAGE_KEY": "reason"}, usual, "tokens"
    yield {"TOKEN_IDENTITY": "email"}, usual, "tokens"
    if package != "pyjwt":
        yield {"JWT_HEADER_TYPE": "JWT"}, ["Authorization", "JWT {t}"], "forms"
        yield {"JWT_SECRET_KEY": OTHER_KEY}, usual, "tokens"
        yield {"JWT_IDENTITY_CLAIM": "sub" if package.endswith("3") else "identity"}, usual, "tokens"
    yield {"JWT_HEADER_TYPE": "none"}, ["Authorization", "{t}"], "forms"
    yield {"JWT_HEADER_NAME": "X-Access-Token", "JWT_HEADER_TYPE": "none"}, ["X-Access-Token", "{t}"], "forms"
    yield {"JWT_HEADER_NAME": "X-Auth"}, ["X-Auth", "Bearer {t}"], "tokens"
    for places in ["query_string", "headers,query_string"]:
        yield {"JWT_TOKEN_LOCATION": places}, usual, "places"
    yield {"JWT_TOKEN_LOCATION": "query_string", "JWT_QUERY_STRING_NAME": "token"}, usual, "places"
    if package == "pyjwt":
        return
    for places in ["cookies", "headers,cookies", "cookies,headers", "headers,cookies,query_string"]:
        yield {"JWT_TOKEN_LOCATION": places}, usual, "places"
    yield {
        "JWT_TOKEN_LOCATION": "cookies",
        "JWT_ACCESS_COOKIE_NAME": "session_token",
        "JWT_ACCESS_CSRF_HEADER_NAME": "X-XSRF-TOKEN",
    }, usual, "places"
    if package.endswith("4"):
        yield {"JWT_VERIFY_SUB": "false"}, usual, "tokens"


def cases_of(package):
    for settings, usual, way in settings_of(package):
        app, issue = app_of(package, settings)
        claim = settings.get("JWT_IDENTITY_CLAIM") or {
            "pyjwt": "sub", "flask-jwt": "identity", "flask-jwt-extended-3": "identity", "flask-jwt-extended-4": "sub"
        }[package]
        identity = ADDRESS if settings.get("TOKEN_IDENTITY") else 1 if package == "flask-jwt" else "1"
        with app.app_context():
            good = recipe_of(issue(identity, "access"))
            try:
                refresh = recipe_of(issue(identity, "refresh"))
            except LookupError:
                refresh = None
        key = settings.get("JWT_SECRET_KEY")
        if key:
            good["key"] = key
        if way == "all":
            cases = list(cases_of_forms(good, usual)) + list(cases_of_tokens(tokens_of(good, claim), usual))
            if refresh:
                cases += cases_of_tokens([("refresh", refresh)], usual)
        elif way == "forms":
            cases = list(cases_of_forms(good, usual))
            cases += cases_of_tokens(usual_tokens(good, claim, refresh), usual)
        elif way == "places":
            names = {
                "query": settings.get("JWT_QUERY_STRING_NAME", "jwt"),
                "cookie": settings.get("JWT_ACCESS_COOKIE_NAME", "access_token_cookie"),
                "csrf": settings.get("JWT_ACCESS_CSRF_HEADER_NAME", "X-CSRF-TOKEN"),
            }
            expired = changed(good, exp={"$now": -20})
            cases = list(cases_of_places(good, expired, refresh, settings["JWT_TOKEN_LOCATION"].split(","), **names))
        else:
            cases = list(cases_of_tokens(usual_tokens(good, claim, refresh), usual))
            if key:
                cases += cases_of_tokens([("signed with SECRET_KEY", that(good, key=KEY))], usual)
        for name, asked in cases:
            yield app, settings, name, asked


def filled(text, token, csrf):
    return text.replace("{t}", token).replace("{csrf}", csrf)


def ask(app, method, query, headers):
    client = app.test_client()
    if hasattr(client, "delete_cookie"):
        client = app.test_client(use_cookies=False)
    # As servers hand it to WSGI: headers of one name in one line.
    joined = {}
    for name, value in headers:
        joined[name] = "%s,%s" % (joined[name], value) if name in joined else value
    response = client.open(ROUTE + ("?" + query if query else ""), method=method, headers=joined)
    body = response.get_data(as_text=True)
    if response.status_code >= 500:
        body = None
    else:
        body = json.loads(body)
    return response.status_code, body, response.headers.get("WWW-Authenticate")


def release():
    names = ["flask-jwt-extended", "flask-jwt", "pyjwt", "flask"]
    try:
        from importlib.metadata import PackageNotFoundError, version
    except ImportError:
        import pkg_resources

        PackageNotFoundError = pkg_resources.DistributionNotFound

        def version(name):
            return pkg_resources.get_distribution(name).version

    found = []
    for name in names:
        try:
            found.append("%s %s" % (name, version(name)))
        except PackageNotFoundError:
            pass
    return ", ".join(found)


def record(package, with_raw):
    print(json.dumps({"packages": release()}))
    seen = set()
    for app, settings, name, asked in cases_of(package):
        now = int(time.time())
        token = forge(asked["token"], now)
        claims = asked["token"].get("claims", {})
        csrf = claims.get("csrf", "none")
        headers = [[key, filled(value, token, csrf)] for key, value in asked["headers"]]
        query = filled(asked["query"], token, csrf)
        status, body, challenge = ask(app, asked["method"], query, headers)
        row = {
            "settings": settings,
            "case": name,
            "request": asked,
            "status": status,
            "body": body,
            "challenge": challenge,
        }
        if "{t}" not in json.dumps(asked):
            del asked["token"]
        if with_raw:
            row["sent"] = {"method": asked["method"], "query": query, "headers": headers}
        identity = json.dumps([settings, name])
        assert identity not in seen, identity
        seen.add(identity)
        print(json.dumps(row, sort_keys=True))


def answer(package):
    for line in sys.stdin:
        asked = json.loads(line)
        app, _ = app_of(package, asked["settings"])
        status, body, challenge = ask(app, asked["method"], asked["query"], asked["headers"])
        print(json.dumps({"status": status, "body": body}, sort_keys=True))


if __name__ == "__main__":
    package, mode = sys.argv[1:3]
    if mode == "record":
        record(package, sys.argv[3:] == ["raw"])
    else:
        answer(package)
