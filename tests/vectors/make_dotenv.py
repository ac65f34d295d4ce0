"""What the python-dotenv installed in this interpreter reads out of `.env` files.

Usage: make_dotenv.py inputs          prints the inputs, one JSON object per line
       make_dotenv.py judge <ROWS     prints them with what load_dotenv made of each

README.md explains the rows.
"""

import json
import logging
import os
import random
import sys
import tempfile

BY_HAND = [
    "", "\n", "A=1", "A=1\n", "A = 1", "A= 1 ", " A=1", "\tA\t=\t1\t", "export A=1", "export  A=1", "exportA=1",
    "export\tA=1", "export", "export A", "export =1", "A", "A\n", "A=", "A=\n", "A= # note", "A=#note", "A=x#note",
    "A=x #note", "A=x\t# note", "A='x' # note", "A=\"x\" # note", "A='x'#note", "A='x' y", "A=\"x\"y", "A='x", "A=\"x",
    "A='it\\'s'", "A=\"say \\\"x\\\"\"", "A='x\\'", "A=\"x\\\"", "A='a\\nb'", "A=\"a\\nb\"", "A=a\\nb", "A=\"\\a\\b\\f\\n\\r\\t\\v\\z\"",
    "A='\\\\'", "A=\"\\\\\"", "A=\"\\\\n\"", "A='\\\\n'", "A='x\\\\'", "A=\"x\ny\"\nB=2", "A='x\ny'\nB=2", "A=\"x\r\ny\"\r\nB=2",
    "A=1\r\nB=2\r\n", "A=1\rB=2", "A=$B", "B=2\nA=$B", "B=2\nA=${B}", "A=${B}\nB=2", "A=${HOME_X}", "A=${NAME}", "NAME=file\nA=${NAME}",
    "A=${B:-d}", "A=${B:-}", "A=${B:d}", "A=${B-d}", "A=${}", "A=${:-d}", "A=${B", "A=$ {B}", "A=$${NAME}", "A=\\${NAME}",
    "A='${NAME}'", "A=\"${NAME}\"", "A=${NAME}${NAME}", "A=${B:-${NAME}}", "A=${EMPTY}", "A=${EMPTY:-d}", "B\nA=${B:-d}", "B=\nA=${B:-d}",
    "A=pa$$word", "A=pa$word", "A=a=b", "A==b", "=b", "A B=1", "A: 1", "'A'=1", "'A B'=1", "''=1", "\"A\"=1", "'A=1", "# note", "#", " # note\nA=1",
    "A=1\n# note\nB=2", "A=1;B=2", "A=1 B=2", "[section]\nA=1", "{\"a\": 1}\nA=1", "A=1\nif true; then\nB=2", "set -a\nA=1", "A=1\nA=2",
    "A=1\nA", "A\nA=1", "NAME=file", "EMPTY=file", "A=1\n\n\nB=2", "A=\u00e4\u00f6", "\u00c4=1", "A=1\u00a0", "A=1\u00a0# x",
    "A=\u2028x", "A=x\u2028y", "A=x\x0by", "A=x\x0c#y", "A=x\x1c#y", "A=1\x00", "A-B=1", "A.B=1", "1A=1", "a=1", "A=\"x\" 'y'", "A='x'\t", "A=\"\"", "A=''", "A='' x",
    "A=\"'\"", "A='\"'", "A=x'y'", "A=x\"y", "A=`date`", "A=$(date)", "A=~", "A=x y z", "A=  x  y  ", "A=x # y # z", "A=# y", "A= #", "A=%20", "A=a%b",
    "A=\"x # y\"", "A='x # y'", "A=\"${B:-x y}\"", "A=${B:-x # y}", "A=\"x\n# y\nz\"", "A=\"x\nB=2", "A='x\nB=2\nC='3", "A=\"x\nB=2\"\nC=3", "A='a' 'b'\nB=2",
    "MAIL_DEFAULT_SENDER=\"My app <no-reply@example.com>\"", "SECRET_KEY=s0me random string", "SECRET_KEY='a#b'", "SECRET_KEY=a#b", "SECRET_KEY=a #b",
    "DATABASE_URL=postgres://u:p#w@h/d", "DATABASE_URL=mysql://u:p%23w@h/d?ssl_ca=/x", "SQLALCHEMY_DATABASE_URI='sqlite:////srv/app.db'",
    "FLASK_APP=run.py\nFLASK_ENV=development\nexport SECRET_KEY=x", "A=\\", "A=\"\\", "A='\\", "A=x\\\nB=2", "A=\"x\\\ny\"", "A =", "A\n=1", "A\n=\n1", "A=\n1",
]
# Where we differ on purpose: the bytes, the reason, and what we read or which line and key we refuse.
OURS = [
    ("\ufeffA=1".encode(), "byte order mark", {"A": "1"}),
    ("\ufeffA=1\nB=2".encode(), "byte order mark", {"A": "1", "B": "2"}),
    (b"#\xe4\nA=1", "not UTF-8 in a comment", {"A": "1"}),
    (b"A=1 # \xfc\nB=2", "not UTF-8 in a comment", {"A": "1", "B": "2"}),
    (b"A='1' # \xfc\r\nB=2", "not UTF-8 in a comment", {"A": "1", "B": "2"}),
    (b"\xef\xbb\xbfA=1\n#\xe9", "not UTF-8 in a comment", {"A": "1"}),
    (b"A=1\n\xff\xfe x y", "not UTF-8 in a line that is skipped", {"A": "1"}),
    (b"A=\xe4", "not UTF-8 in a setting", [1, "A"]),
    (b"A=1\nB='\xe4'", "not UTF-8 in a setting", [2, "B"]),
    (b"A=1\n\nB=\"x\ny\xe9z\"\n", "not UTF-8 in a setting", [3, "B"]),
    (b"\xe4=1", "not UTF-8 in a setting", [1, "\ufffd"]),
]
PARTS = ["A", "B", "NAME", "=", "=", " ", "\t", "\n", "\n", "\r\n", "#", " #", "'", "\"", "\\", "\\'", "\\\"", "\\n", "$", "${", "}", "${NAME}", "${A}", "${A:-", ":-",
         "export ", "x", "y z", "\u00e9", "\u00a0", ":"]
ENVIRONMENT = {"NAME": "given", "EMPTY": ""}


def inputs():
    for text in BY_HAND:
        yield {"file": text}
    for content, reason, ours in OURS:
        yield {"bytes": content.hex(), "differs": reason, "ours": ours}
    dice = random.Random(11)
    for number in range(600):
        length = dice.randrange(2, 16)
        text = "".join(PARTS[dice.randrange(len(PARTS))] for _ in range(length))
        if number % 2:
            text = "A=" + text
        yield {"file": text}


class Counter(logging.Handler):
    def __init__(self):
        super().__init__()
        self.count = 0

    def emit(self, record):
        self.count += "could not parse" in record.getMessage()


def judge(row, path):
    import dotenv

    content = bytes.fromhex(row["bytes"]) if "bytes" in row else row["file"].encode("utf-8")
    with open(path, "wb") as file:
        file.write(content)
    counter = Counter()
    logger = logging.getLogger("dotenv.main")
    logger.addHandler(counter)
    logger.propagate = False
    saved = dict(os.environ)
    os.environ.clear()
    os.environ.update(ENVIRONMENT)
    judged = {key: row[key] for key in ("file", "bytes", "differs", "ours") if key in row}
    try:
        values = dotenv.main.DotEnv(path, override=False).dict()
        judged["values"] = dict(sorted(values.items()))
        judged["skipped"] = counter.count
        # What load_dotenv sets is those of the values that are none of the environment's.
        dotenv.load_dotenv(path, override=False)
        expected = {key: value for key, value in values.items() if value is not None}
        assert dict(os.environ) == {**expected, **ENVIRONMENT}, row
    except UnicodeDecodeError as error:
        judged["raises"] = type(error).__name__
    except ValueError as error:
        assert "null byte" in str(error), error
    finally:
        logger.removeHandler(counter)
        os.environ.clear()
        os.environ.update(saved)
    return judged


def main():
    if sys.argv[1:] == ["inputs"]:
        rows = inputs()
    elif sys.argv[1:] == ["judge"]:
        with tempfile.TemporaryDirectory() as folder:
            rows = [judge(json.loads(line), os.path.join(folder, "file")) for line in sys.stdin]
    else:
        sys.exit(__doc__)
    for row in rows:
        print(json.dumps(row, ensure_ascii=True))


main()
