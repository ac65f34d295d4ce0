"""What the originals are asked: one list for 0.6.2, 0.6.3 and 0.7, with what only some of them have."""
import json

ADMIN = {"email": "admin@example.com", "password": "password"}


def at(offset):
    """A time relative to the moment of the request, in seconds."""
    return {"$now": offset}


def forged(**changes):
    claims = {"sub": 1, "iat": at(-10), "exp": at(3600), "scope": "admin"}
    claims.update(changes.pop("claims", {}))
    claims = {name: value for name, value in claims.items() if value is not None}
    return dict({"type": "forge", "claims": claims}, **changes)


def login(attributes):
    body = {"data": {"type": "users", "attributes": attributes}}
    return {"type": "login", "path": "/api/v1/login.json", "body": json.dumps(body)}


TOKENS = {
    "login": login(ADMIN),
    "forged_ok": forged(),
    "expired": forged(claims={"iat": at(-7200), "exp": at(-3600)}),
    "no_exp": forged(claims={"exp": None}),
    "no_sub": forged(claims={"sub": None}),
    "gone": forged(claims={"sub": 987654}),
    "other_key": forged(key="another secret"),
    "alg_none": forged(header={"alg": "none", "typ": "JWT"}, sign="none"),
    "iat_future": forged(claims={"iat": at(600)}),
    "user5": forged(claims={"sub": 5, "scope": "editor"}),
    "user6": forged(claims={"sub": 6, "scope": "editor"}),
}

# As JSON: what clients of one version or another send for "yes" and "no", and what nobody should.
FLAGS = [
    "true", "false", "1", "0", '"true"', '"false"', '"True"', '"1"', '"0"', '"t"', '"F"', '"yes"', '"x"', '""',
    "null", "5", "-1", "1.0", "0.0", "1.5", "[]", "{}",
]


class Cases(list):
    def add(self, name, method, path, body=None, token="login", headers=(), tag=None, compare=None, capture=None):
        sent = [["Content-Type", "application/json"]] if body is not None else []
        if token:
            sent.append(["Authorization", "Bearer {{tok:%s}}" % token])
        sent += [list(header) for header in headers]
        text = body if body is None or isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        request = {"method": method, "path": path, "headers": sent, "body": text}
        self.append({"name": name, "request": request, "tag": tag, "compare": compare, "capture": capture or {}})

    def post(self, name, path, body, **more):
        self.add(name, "POST", path, body, **more)

    def patch(self, name, path, body, **more):
        self.add(name, "PATCH", path, body, **more)

    def get(self, name, path, **more):
        self.add(name, "GET", path, **more)

    def delete(self, name, path, **more):
        self.add(name, "DELETE", path, **more)


def document(kind, **attributes):
    return {"data": {"type": kind, "attributes": attributes}}


def user(**changes):
    attributes = dict({"password": "pw1", "name": "New", "active": True, "role": "editor"}, **changes)
    return document("users", **{name: value for name, value in attributes.items() if value is not Absent})


class Absent:
    """The attribute is left out."""


def with_flag(attributes, flag):
    """A document whose `active` is this JSON."""
    text = json.dumps(document("users", **attributes), ensure_ascii=False)
    return text.replace('"$active"', flag)


def cases(version):
    is_boolean = version == "0.6.2"
    yes, no = (True, False) if is_boolean else (1, 0)
    # What PostgreSQL refused comes last, because what is taken instead would show in all lists that follow.
    refused = ["1", "0", "1.0", "0.0"] if is_boolean else ["true", "false"]
    all_cases = Cases()
    logins(all_cases)
    tokens(all_cases)
    created(all_cases, yes, no, refused)
    patched(all_cases, yes, version, refused)
    roles(all_cases)
    forgotten(all_cases)
    methods(all_cases)
    signed_up(all_cases)
    others(all_cases, yes, refused)
    if version == "0.7":
        twins(all_cases)
    return all_cases


def logins(to):
    path = "/api/v1/login.json"

    def log_in(name, attributes, **more):
        to.post("login: " + name, path, document("users", **attributes), token=None, **more)

    log_in("success, role admin", ADMIN)
    log_in("success, not active, role null", {"email": "inactive@example.com", "password": "hunter2"})
    log_in("success, role editor, unicode password", {"email": "zoe@example.com", "password": "pässwörd✓"})
    log_in("unknown email", {"email": "nobody@example.com", "password": "password"})
    log_in("wrong password", dict(ADMIN, password="wrong"))
    log_in("empty password", dict(ADMIN, password=""))
    log_in("email is null", dict(ADMIN, email=None))
    log_in("email is number", dict(ADMIN, email=5))
    log_in("email is list", dict(ADMIN, email=["x"]))
    log_in("email is true", dict(ADMIN, email=True))
    log_in("password is null", dict(ADMIN, password=None))
    log_in("password is number", dict(ADMIN, password=5))
    log_in("password is true", dict(ADMIN, password=True))
    log_in("missing password", {"email": "admin@example.com"})
    log_in("missing email", {"password": "password"})
    log_in("extra attributes", dict(ADMIN, x=1))
    to.post("login: without type", path, {"data": {"attributes": ADMIN}}, token=None)
    to.post("login: with wrong type", path, {"data": {"type": "x", "attributes": ADMIN}}, token=None)
    to.post("login: plain body", path, ADMIN, token=None)
    to.post("login: data null", path, '{"data": null}', token=None)
    to.post("login: JSON array", path, "[]", token=None)
    to.post("login: empty body", path, "", token=None)
    to.post("login: malformed JSON", path, "{", token=None)
    to.add("login: no body", "POST", path, token=None)


def tokens(to):
    path = "/api/v1/users/1.json"
    to.get("auth: header missing", path, token=None)
    for name, value in [
        ("header empty", ""),
        ("one word", "Bearer"),
        ("garbage", "Bearer garbage"),
        ("a.b.c", "Bearer a.b.c"),
        ("scheme 'JWT' + token", "JWT {{tok:login}}"),
        ("three words", "Bearer {{tok:login}} x"),
        ("Basic credentials", "Basic YWRtaW46cGFzc3dvcmQ="),
    ]:
        to.get("auth: " + name, path, token=None, headers=[("Authorization", value)])
    for name in sorted(TOKENS):
        if name not in ("login", "user5", "user6"):
            to.get("auth: token " + name, path, token=name)
    to.post("auth: POST users, no token", "/api/v1/users.json", user(email="x@example.com"), token=None)
    to.patch("auth: PATCH user, expired", "/api/v1/users/1.json", document("users", name="x"), token="expired")
    to.delete("auth: DELETE user, garbage", "/api/v1/users/1.json", token=None,
              headers=[("Authorization", "Bearer garbage")])
    to.get("auth: GET roles, no token", "/api/v1/roles.json", token=None)


def created(to, yes, no, refused):
    path = "/api/v1/users.json"

    def create(name, body, **more):
        to.post("users: create " + name, path, body, **more)

    to.get("users: list seed", path)
    to.get("users: get 1", "/api/v1/users/1.json")
    to.get("users: get 2, not active", "/api/v1/users/2.json")
    to.get("users: get 99", "/api/v1/users/99.json")
    create("active yes", user(email="new@example.com", active=yes), capture={"new": "/data/id"})
    to.get("users: get created", "/api/v1/users/{{var:new}}.json")
    to.post("users: login of the created", "/api/v1/login.json",
            document("users", email="new@example.com", password="pw1"), token=None)
    create("active no", user(email="off@example.com", active=no))
    to.post("users: login of one created as not active", "/api/v1/login.json",
            document("users", email="off@example.com", password="pw1"), token=None)
    attributes = {"password": "pw1", "name": "New", "active": "$active", "role": "editor"}
    for index, flag in enumerate(flag for flag in FLAGS if flag not in refused):
        create("active = " + flag, with_flag(dict(attributes, email="flag%d@example.com" % index), flag))
    create("without active", user(email="noflag@example.com", active=Absent))
    create("without email", user(active=yes))
    create("without password", user(email="w1@example.com", active=yes, password=Absent))
    create("without name", user(email="w2@example.com", active=yes, name=Absent))
    create("without role", user(email="w3@example.com", active=yes, role=Absent))
    create("blank email", user(email="", active=yes))
    create("blank password", user(email="b1@example.com", active=yes, password=""))
    create("blank name", user(email="b2@example.com", active=yes, name=""))
    create("blank role", user(email="b3@example.com", active=yes, role=""))
    create("role null", user(email="b4@example.com", active=yes, role=None))
    create("role unknown", user(email="b5@example.com", active=yes, role="nosuchrole"))
    create("role number", user(email="b6@example.com", active=yes, role=5))
    for name, email in [
        ("without a dot", "user@localhost"),
        ("number", 5),
        ("null", None),
        ("list", []),
        ("251 characters", "{{rep:e:239}}@example.com"),
        ("251 characters, no address", "{{rep:e:251}}"),
    ]:
        create("email " + name, user(email=email, active=yes))
    create("password number", user(email="p1@example.com", active=yes, password=5))
    create("name number", user(email="p2@example.com", active=yes, name=5))
    create("name 251 characters", user(email="p3@example.com", active=yes, name="{{rep:n:251}}"))
    create("name and active wrong", user(email="p4@example.com", active="x", name=""))
    create("unknown attribute", user(email="p5@example.com", active=yes, colour="red"))
    create("times given", user(email="p6@example.com", active=yes, creation_time="2001-02-03T04:05:06",
                               modification_time="2001-02-03T04:05:06"))
    create("wrong type", {"data": {"type": "user", "attributes": {}}})
    create("missing type", {"data": {"attributes": {}}})
    create("no attributes", {"data": {"type": "users"}})
    create("empty attributes", {"data": {"type": "users", "attributes": {}}})
    create("no data", "{}")
    create("malformed", "{")
    to.get("users: list after creating", path)


def patched(to, yes, version, refused):
    path = "/api/v1/users/5.json"

    def patch(name, body, **more):
        to.patch("users: patch " + name, path, body, **more)

    for flag in FLAGS:
        if flag in refused:
            continue
        patch("active = " + flag, with_flag({"active": "$active"}, flag))
        to.get("users: get after active = " + flag, path)
    patch("name, active yes", document("users", name="Renamed", active=yes))
    patch("name only", document("users", name="Renamed again"))
    patch("nothing", document("users"))
    patch("email, active yes", document("users", email="patched@example.com", active=yes))
    patch("email back", document("users", email="patchme@example.com", active=yes))
    patch("email null", document("users", email=None, active=yes))
    patch("email blank", document("users", email="", active=yes))
    patch("email 251 characters", document("users", email="{{rep:e:239}}@example.com", active=yes))
    patch("name blank", document("users", name="", active=yes))
    patch("name null", document("users", name=None, active=yes))
    patch("role known", document("users", role="editor", active=yes))
    patch("role unknown", document("users", role="nosuchrole", active=yes))
    patch("role null", document("users", role=None, active=yes))
    patch("creation_time", document("users", creation_time="2001-02-03T04:05:06", active=yes))
    patch("creation_time null", document("users", creation_time=None, active=yes))
    patch("creation_time bad", document("users", creation_time="bad", active=yes))
    if version != "0.7":
        patch("modification_time", document("users", modification_time="2001-02-03T04:05:06.7", active=yes))
        patch("modification_time null", document("users", modification_time=None, active=yes))
        patch("modification_time bad", document("users", modification_time="bad", active=yes))
        patch("modification_time number", document("users", modification_time=5, active=yes))
        to.get("users: get after modification_time", path)
    patch("unknown attribute", document("users", colour="red", active=yes))
    patch("wrong type", {"data": {"type": "user", "attributes": {"active": yes}}})
    patch("missing type", {"data": {"attributes": {"active": yes}}})
    patch("malformed", "{")
    to.patch("users: patch 99", "/api/v1/users/99.json", document("users", name="x", active=yes))
    # 0.6 and 0.7 stored what they were given; what becomes of it is no part of the answer.
    patch("password", document("users", password="newpassword", active=yes), tag="accident")
    to.get("users: get after patches", path)
    to.delete("users: delete 4", "/api/v1/users/4.json")
    to.delete("users: delete 4 again", "/api/v1/users/4.json")
    to.get("users: get 4", "/api/v1/users/4.json")
    to.post("users: login of the deleted", "/api/v1/login.json",
            document("users", email="victim@example.com", password="password"), token=None)


def twins(to):
    """Two users with one address, which 0.7 allowed: 7 has the password `hunter2`, 8 has `password`."""
    def log_in(name, email, password):
        to.post("twins: login " + name, "/api/v1/login.json", document("users", email=email, password=password),
                token=None)

    log_in("with the first one's password", "twin@example.com", "hunter2")
    log_in("with the second one's password", "twin@example.com", "password")
    to.post("twins: create a third", "/api/v1/users.json",
            user(email="twin@example.com", active=1, password="third", role="admin"))
    log_in("with the third one's password", "twin@example.com", "third")
    log_in("with the first one's password again", "twin@example.com", "hunter2")
    signup = document("users", email="twin@example.com", password="fourth", name="Fourth", active=1)
    to.post("twins: sign up as a fourth", "/api/v1/signup.json", signup, token=None)
    log_in("with the fourth one's password", "twin@example.com", "fourth")
    to.post("twins: ask for a reset", "/api/v1/forgotpassword", document("users", email="twin@example.com"),
            token=None)
    to.patch("twins: take the address of the administrator", "/api/v1/users/3.json",
             document("users", email="admin@example.com", active=1))
    log_in("as the administrator", "admin@example.com", "password")
    to.delete("twins: delete the first", "/api/v1/users/7.json")
    log_in("with the second one's password, the first is gone", "twin@example.com", "password")
    log_in("with the first one's password, the first is gone", "twin@example.com", "hunter2")


def roles(to):
    path = "/api/v1/roles.json"
    to.get("roles: list seed", path)
    to.get("roles: get 1", "/api/v1/roles/1.json")
    to.post("roles: create", path, document("roles", name="writer"), capture={"role": "/data/id"})
    to.post("roles: create duplicate", path, document("roles", name="writer"))
    to.post("roles: create blank", path, document("roles", name=""))
    to.post("roles: create without name", path, document("roles"))
    to.patch("roles: patch", "/api/v1/roles/{{var:role}}.json", document("roles", name="writer2"))
    to.patch("roles: patch duplicate", "/api/v1/roles/{{var:role}}.json", document("roles", name="admin"))
    to.delete("roles: delete", "/api/v1/roles/{{var:role}}.json")
    to.delete("roles: delete in use", "/api/v1/roles/2.json")
    to.get("roles: user 3 after its role was deleted", "/api/v1/users/3.json")
    to.get("roles: list at the end", path)


def others(to, yes, refused):
    """What is answered otherwise by a server that is stricter, or takes more."""
    new = {"password": "pw1", "name": "New", "active": yes, "role": "editor"}
    to.post("others: create an address that is taken", "/api/v1/users.json",
            document("users", **dict(new, email="new@example.com", role="admin")))
    to.patch("others: patch email to one that is taken", "/api/v1/users/3.json",
             document("users", email="admin@example.com", active=yes))
    to.post("others: create as a token whose user is gone", "/api/v1/users.json",
            document("users", **dict(new, email="o1@example.com", role="admin")), token="gone")
    to.patch("others: patch by another user", "/api/v1/users/3.json", document("users", name="x", active=yes),
             token="user6")
    for name, email in [("not an address", "not a mail"), ("with a blank", "a b@example.com")]:
        to.post("others: create email " + name, "/api/v1/users.json",
                document("users", **dict(new, email=email, role="admin")))
        to.patch("others: patch email " + name, "/api/v1/users/6.json", document("users", email=email, active=yes))
    attributes = dict(new, active="$active", role="admin")
    for index, flag in enumerate(refused):
        to.post("others: create active = " + flag, "/api/v1/users.json",
                with_flag(dict(attributes, email="other%d@example.com" % index), flag))
        to.patch("others: patch active = " + flag, "/api/v1/users/6.json", with_flag({"active": "$active"}, flag))


def signed_up(to):
    path = "/api/v1/signup.json"

    def sign_up(name, attributes, **more):
        to.post("signup: " + name, path, document("users", **attributes), token=None, **more)

    new = {"email": "signup@example.com", "password": "secret", "name": "Sign Up"}
    sign_up("active 1", dict(new, active=1), capture={"signup": "/data/id"})
    to.get("signup: get", "/api/v1/users/{{var:signup}}.json")
    # By shape, because engines leave other gaps between ids.
    to.post("signup: login", "/api/v1/login.json", document("users", email="signup@example.com", password="secret"),
            token=None, compare="shape")
    sign_up("an address that is taken", dict(new, active=1))
    for index, flag in enumerate(["false", '"false"', "1", "5", "null", '"x"', "[]"]):
        email = "signup%d@example.com" % index
        to.post("signup: active = " + flag, path, with_flag(dict(new, email=email, active="$active"), flag),
                token=None)
    sign_up("without active", dict(new, email="s1@example.com"))
    sign_up("role admin is ignored", dict(new, email="s2@example.com", active=1, role="admin"))
    sign_up("role number", dict(new, email="s3@example.com", active=1, role=5))
    sign_up("not an address", dict(new, email="no mail", active=1))
    sign_up("null email", dict(new, email=None, active=1))
    sign_up("without email", {"password": "secret", "name": "x", "active": 1})
    sign_up("without password", {"email": "s4@example.com", "name": "x", "active": 1})
    sign_up("without name", {"email": "s5@example.com", "password": "x", "active": 1})
    sign_up("blank password", dict(new, email="s6@example.com", password="", active=1))
    sign_up("blank name", dict(new, email="s7@example.com", name="", active=1))
    sign_up("number name", dict(new, email="s8@example.com", name=5, active=1))
    to.post("signup: wrong type", path, {"data": {"type": "user", "attributes": {}}}, token=None)
    to.post("signup: no type", path, {"data": {"attributes": new}}, token=None)
    to.post("signup: malformed", path, "{", token=None)


def forgotten(to):
    path = "/api/v1/forgotpassword"

    def ask(name, email):
        to.post("forgot POST: " + name, path, document("users", email=email), token=None)

    def reset(name, password, token):
        to.patch("forgot PATCH: " + name, path, document("users", password=password), token=token)

    def log_in(name, password):
        to.post("forgot PATCH: login with " + name, "/api/v1/login.json",
                document("users", email="forgot@example.com", password=password), token=None)

    ask("known email", "forgot@example.com")
    ask("unknown email", "nobody@example.com")
    ask("email null", None)
    ask("email number", 5)
    to.post("forgot POST: email missing", path, document("users"), token=None)
    to.post("forgot POST: malformed", path, "{", token=None)
    reset("no token", "new", None)
    to.patch("forgot PATCH: garbage token", path, document("users", password="new"), token=None,
             headers=[("Authorization", "Bearer garbage")])
    reset("expired token", "new", "expired")
    reset("user gone", "new", "gone")
    reset("success", "brandnew", "user6")
    log_in("the new password", "brandnew")
    log_in("the old password", "password")
    reset("same token again", "brandnew2", "user6")
    reset("password number", 5, "user6")
    to.patch("forgot PATCH: malformed", path, "{", token="user6")


def methods(to):
    to.get("methods: GET login", "/api/v1/login.json", token=None)
    to.add("methods: PUT login", "PUT", "/api/v1/login.json", "{}", token=None)
    to.add("methods: PUT users", "PUT", "/api/v1/users.json", "{}")
    to.patch("methods: PATCH users", "/api/v1/users.json", "{}")
    to.delete("methods: DELETE users", "/api/v1/users.json")
    to.post("methods: POST user", "/api/v1/users/1.json", "{}")
    to.add("methods: OPTIONS users", "OPTIONS", "/api/v1/users.json")
    to.add("methods: HEAD users", "HEAD", "/api/v1/users.json", compare="status")
    to.get("methods: users without .json", "/api/v1/users")
    to.get("methods: id abc", "/api/v1/users/abc.json")
    to.get("methods: id 0", "/api/v1/users/0.json")
    to.get("methods: nope", "/api/v1/nope.json")
    to.delete("methods: user 5 deletes itself", "/api/v1/users/5.json", token="user5")
    to.get("methods: and the token still works", "/api/v1/users/1.json", token="user5")
