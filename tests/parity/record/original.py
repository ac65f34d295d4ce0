"""A checkout of Flask-Scaffold, run with the database that DATABASE_URL names instead of the one in its config.py.

Imported by gunicorn it is the app. Run as a script it makes the tables with `db.create_all()` and prints the
statements that SQLAlchemy sent. The checkout must be the current folder.
"""
import os
import re
import sys

sys.path.insert(0, os.getcwd())

import config  # noqa: E402  the checkout's

config.SQLALCHEMY_DATABASE_URI = os.environ["DATABASE_URL"]
config.DEBUG = False
# Flask-Mail makes the message and keeps it.
config.MAIL_SUPPRESS_SEND = True

from app import create_app  # noqa: E402
from app.basemodels import db  # noqa: E402
from flask import got_request_exception  # noqa: E402

app = create_app("config")


@got_request_exception.connect_via(app)
def keep_exception(sender, exception, **_):
    """What the client is not told, for the reader of the recording."""
    if "EXCEPTION_FILE" in os.environ:
        with open(os.environ["EXCEPTION_FILE"], "w") as file:
            first_line = str(exception).split("\n")[0]
            file.write("%s: %s" % (type(exception).__name__, first_line))


def create_tables():
    from sqlalchemy import event

    import app.roles.models  # noqa: F401
    from app.users.models import Users

    with app_of_flask.app_context():
        engine = db.engine
        if engine.name == "mysql" and Users.__table__.c.role.type.length is None:
            # 0.6.2 has `String()`, of which MySQL makes no column; 0.6.3 added the length.
            Users.__table__.c.role.type.length = 250
        statements = []

        @event.listens_for(engine, "before_cursor_execute")
        def note(connection, cursor, statement, *_):
            if statement.strip().upper().startswith("CREATE"):
                statements.append(re.sub(r"[ \t]+$", "", statement.strip(), flags=re.M) + ";\n")

        db.create_all()
    sys.stdout.write("\n".join(statements))


app_of_flask = app
if __name__ == "__main__":
    create_tables()
