"""Password hash vectors from the Werkzeug installed in this interpreter.

Prints one JSON object per line; make.sh runs this once per release and joins
the lines into password_hashes.json. "valid" is always what that release's own
check_password_hash said, null when it raised ("raises" has the class name).

Usage: make_password_hashes.py RELEASE [ROWS_OF_EARLIER_RELEASES]

Hand-made stored values are tried in every release, but a row is printed only
where the answer is not the one the release before gave (the file of earlier
rows tells); that keeps the list short and shows where behaviour changed.

Runs on Python 3.6 and later, built with OpenSSL.
"""

import hashlib
import hmac
import json
import random
import sys
import warnings
from binascii import hexlify

from werkzeug import security

RELEASE = sys.argv[1]
EARLIER = {}
WRITTEN = set()
if len(sys.argv) > 2:
    with open(sys.argv[2]) as lines:
        for line in lines:
            old = json.loads(line)
            EARLIER[old["hash"], old["password"]] = (old["valid"], old.get("raises"))
            WRITTEN.add(old["method"])

PASSWORDS = [
    "password",
    "",
    "p\u00e4ssw\u00f6rd\u2713",
    "0123456789" * 10,
    "a\u0000b",
    "pa$$w$rd",
]
FEW = ["password", "p\u00e4ssw\u00f6rd\u2713"]
ONE = ["password"]

# method, passwords, kinds of spoiled copies of the "password" hash
GENERATED = [
    (None, ONE, []),
    ("pbkdf2", ONE, []),
    ("pbkdf2:sha1", ONE, []),
    ("pbkdf2:sha256", ONE, []),
    ("pbkdf2:sha512", ONE, []),
    ("pbkdf2:sha1:1000", FEW, ["wrong"]),
    ("pbkdf2:sha256:1500", PASSWORDS, ["wrong", "upper", "cut", "nul"]),
    ("pbkdf2:sha512:1200", ["password", "0123456789" * 10], ["wrong"]),
    ("sha1", PASSWORDS, ["wrong", "upper", "cut", "nul"]),
    ("md5", FEW, ["wrong"]),
    ("sha256", FEW, ["wrong"]),
    ("sha512", ONE, ["wrong"]),
    ("sha224", ONE, []),
    ("sha384", ONE, []),
    ("sha3_256", ONE, []),
    ("plain", PASSWORDS, ["wrong", "upper", "cut", "nul"]),
    ("scrypt", ONE, []),
    ("scrypt:1024:8:1", PASSWORDS, ["wrong", "upper", "cut", "nul"]),
    ("scrypt:2048:4:3", ONE, ["wrong"]),
    ("scrypt:4096:16:1", ONE, ["wrong"]),
]

# The names of each hash function, as hashlib and the OpenSSL under it have them. Which of them a Python knows depends on
# both, so a name's rows come from the first release that wrote it.
NAMES = """
blake2b blake2b512 blake2b-512 BLAKE2b512 blake2s blake2s256 blake2s-256
md4 MD4 md5 MD5 ssl3-md5 RSA-MD5 md5-sha1 MD5-SHA1
ripemd160 RIPEMD160 ripemd rmd160 ripemd-160 RSA-RIPEMD160 sm3 SM3 RSA-SM3 whirlpool WHIRLPOOL
sha1 SHA1 sha-1 ssl3-sha1 RSA-SHA1 sha224 SHA-224 sha2-224 RSA-SHA224 sha256 SHA256 sha-256 sha2-256 RSA-SHA256
sha384 sha-384 sha2-384 sha512 SHA512 sha-512 sha2-512 RSA-SHA512
sha512_224 sha512-224 sha-512/224 sha2-512/224 RSA-SHA512/224 sha512_256 sha512-256 sha-512/256 sha2-512/256
sha3_224 sha3-224 sha3_256 sha3-256 SHA3-256 RSA-SHA3-256 sha3_384 sha3-384 sha3_512 sha3-512
null shake128 2.16.840.1.101.3.4.2.1 sha256WithRSAEncryption
""".split()

# N=1024 r=8 p=16, password "password", salt "NaCl": RFC 7914, section 12. The
# other two were worked out with hashlib. They are text because a Python may
# have been built without hashlib.scrypt.
SCRYPT_1024_8_16 = (
    "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
    "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
)
SCRYPT_64_1_1_SALTSALT = (
    "42dac49fd8b425fd089ec1da1dde05543c934131362b76b3ce46c6cfad2e1133"
    "d1109e9a40d031e6284269845dc9531ffcd968197ec01d3f7899a12add443dd8"
)
SCRYPT_128_1_1_NO_SALT = (
    "ef7e75c41eb0d745608b61dd745a91ccf1f3edd8d09cfb3c1bd94197990dfed6"
    "65b49169867a5d2540e27f86f305cb8dc1f7fbd09dd8858e0aab2238c50d9583"
)


class FixedChoices(object):
    """Takes the place of the random source behind gen_salt.

    Werkzeug still decides about length and alphabet of a salt; only the dice
    are loaded, so that a second run writes the same file.
    """

    def __init__(self, seed):
        self._random = random.Random(seed)

    def choice(self, characters):
        return characters[int(self._random.random() * len(characters))]


def pbkdf2(name, password, salt, iterations):
    raw = hashlib.pbkdf2_hmac(name, password.encode(), salt.encode(), iterations)
    return hexlify(raw).decode()


def hmac_hex(name, salt, password):
    return hmac.new(salt.encode(), password.encode(), name).hexdigest()


def hash_hex(name, password):
    return hashlib.new(name, password.encode()).hexdigest()


def row(case, method, password, stored, changes_only=False):
    record = {
        "werkzeug": RELEASE,
        "case": case,
        "method": method,
        "password": password,
        "hash": stored,
    }
    try:
        record["valid"] = security.check_password_hash(stored, password)
    except Exception as error:
        record["valid"] = None
        record["raises"] = type(error).__name__
    answer = (record["valid"], record.get("raises"))
    if changes_only and EARLIER.get((stored, password)) == answer:
        return
    order = ["werkzeug", "case", "method", "password", "hash", "valid", "raises"]
    print(
        "{%s}"
        % ",".join(
            "%s:%s" % (json.dumps(name), json.dumps(record[name]))
            for name in order
            if name in record
        )
    )


def generate(password, method):
    if method is None:
        return security.generate_password_hash(password)
    return security.generate_password_hash(password, method=method)


def spoil(kind, stored, password):
    """The case name, stored hash and password of a spoiled copy."""
    head, digest = stored.rsplit("$", 1)
    if kind == "wrong":
        return "wrong password", stored, "Password"
    if kind == "nul":
        return "NUL appended to password", stored, password + "\u0000"
    if kind == "upper":
        return "upper-case digest", head + "$" + digest.upper(), password
    assert kind == "cut"
    return "truncated digest", head + "$" + digest[:-1], password


def generated_rows():
    for method, passwords, spoiled in GENERATED:
        name = method or "default"
        for password in passwords:
            try:
                stored = generate(password, method)
            except Exception as error:
                sys.stderr.write(
                    "werkzeug %s cannot generate %s: %s\n"
                    % (RELEASE, name, type(error).__name__)
                )
                break
            row("generated", name, password, stored)
            if password == "password":
                for kind in spoiled:
                    case, copy, other = spoil(kind, stored, password)
                    row(case, name, other, copy)


def named_rows():
    """What this release writes by the names that no release before it has written a hash by."""
    for name in NAMES:
        for method in [name, "pbkdf2:%s:7" % name]:
            if method in WRITTEN:
                continue
            # A salt longer than every block is hashed before it is a key.
            for password, salt_length in [("password", 8), ("p\u00e4ssw\u00f6rd\u2713" * 20, 150)]:
                try:
                    stored = security.generate_password_hash(password, method, salt_length)
                except Exception:
                    break
                row("generated", method, password, stored)


def handmade_rows():
    """Stored values which this release may or may not have written."""
    default = security.DEFAULT_PBKDF2_ITERATIONS
    salt = "saltsalt"
    good = pbkdf2("sha1", "password", salt, 25)
    costly = pbkdf2("sha1", "password", salt, default)

    def check(case, stored, password="password"):
        row(case, stored.split("$")[0], password, stored, changes_only=True)

    # Without a salt, and plain text.
    check("salted", "sha1$%s$%s" % (salt, hmac_hex("sha1", salt, "password")))
    check("unsalted", "sha1$$" + hash_hex("sha1", "password"))
    check("unsalted", "md5$$" + hash_hex("md5", "password"))
    check("unsalted", "sha256$$" + hash_hex("sha256", "password"))
    check("unsalted, wrong password", "sha1$$" + hash_hex("sha1", "Password"))
    check("HMAC with empty key", "sha1$$" + hmac_hex("sha1", "", "password"))
    check("plain with salt", "plain$salt$password")
    check("plain, one dollar", "plain$password")
    check("plain, not ASCII, wrong password", "plain$$p\u00e4ss")
    check("no dollar", "password")
    check("empty", "", "")
    check("one dollar", "sha1$" + hash_hex("sha1", "password"))

    # The iteration count.
    check("no iterations stored", "pbkdf2:sha1$%s$%s" % (salt, costly))
    check("empty iterations", "pbkdf2:sha1:$%s$%s" % (salt, costly))
    check("zero iterations", "pbkdf2:sha1:0$%s$%s" % (salt, costly))
    check(
        "no hash name stored",
        "pbkdf2$%s$%s" % (salt, pbkdf2("sha256", "password", salt, default)),
    )
    for text in ["25", "+25", "025", " 25", "2_5", "\u0662\u0665", "25:1", "-25", "x"]:
        check("iterations as %s" % text, "pbkdf2:sha1:%s$%s$%s" % (text, salt, good))
    check("huge iterations", "pbkdf2:sha1:99999999999999999999$%s$%s" % (salt, good))

    # Names.
    check("upper-case pbkdf2", "PBKDF2:sha1:25$%s$%s" % (salt, good))
    check("upper-case hash name", "pbkdf2:SHA1:25$%s$%s" % (salt, good))
    check("upper-case hash name", "SHA1$%s$%s" % (salt, hmac_hex("sha1", salt, "password")))
    check("unknown hash name", "pbkdf2:nosuch:25$%s$%s" % (salt, good))
    check("unknown method", "nosuch$%s$%s" % (salt, good))
    check("unknown method, no salt", "nosuch$$" + good)
    check("empty method", "$%s$%s" % (salt, good))
    check("hash name with arguments", "sha1:25$%s$%s" % (salt, hmac_hex("sha1", salt, "password")))

    # The salt and the digest.
    check("pbkdf2 with empty salt", "pbkdf2:sha1:25$$" + pbkdf2("sha1", "password", "", 25))
    check(
        "salt not ASCII",
        "pbkdf2:sha1:25$s\u00e4lz$" + pbkdf2("sha1", "password", "s\u00e4lz", 25),
    )
    check("empty digest", "pbkdf2:sha1:25$%s$" % salt)
    check("digest with newline", "pbkdf2:sha1:25$%s$%s\n" % (salt, good))
    check("digest with more after a dollar", "pbkdf2:sha1:25$%s$%s$x" % (salt, good))
    check("digest not ASCII", "pbkdf2:sha1:25$%s$\u00e9" % salt)

    # scrypt.
    check("scrypt of RFC 7914", "scrypt:1024:8:16$NaCl$" + SCRYPT_1024_8_16)
    check("scrypt with empty salt", "scrypt:128:1:1$$" + SCRYPT_128_1_1_NO_SALT)
    # Right, and still refused: the memory limit Werkzeug works out for scrypt
    # is too low for so small an N with p=1.
    check("scrypt with tiny N", "scrypt:64:1:1$%s$%s" % (salt, SCRYPT_64_1_1_SALTSALT))
    for text in ["128:1", "128:1:1:1", "127:1:1", "0:1:1", "128:0:1", "128:1:x", "16777216:8:1"]:
        check("scrypt of %s" % text, "scrypt:%s$$00" % text)

    # Other programs' formats.
    check("bcrypt", "$2b$12$" + "A" * 53)
    check("Argon2", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$AAAA")
    check("Django", "pbkdf2_sha256$1000$%s$AAAA" % salt)
    check("Passlib", "$pbkdf2-sha256$1000$c2FsdA$AAAA")


warnings.simplefilter("ignore")
if hasattr(security, "_sys_rng"):
    security._sys_rng = FixedChoices(RELEASE)
else:
    security.secrets = FixedChoices(RELEASE)
generated_rows()
named_rows()
handmade_rows()
