"""Where Flask-Mail hands in a mail, and as whom, for each of the settings below.

Prints one row per line. Needs Flask-Mail; no mail leaves this process: what smtplib would do with its socket is
written down instead.

`ours` is for rows where poem-scaffold answers otherwise on purpose, with the reason in `why`: `refused` (a part of
the message), `printed` (no mail server), or members that replace Flask-Mail's.
"""

import email.utils
import json
import smtplib

from flask import Flask
from flask_mail import Mail, Message

SENDER = "ann@example.com"

# What decides where a mail goes.
PLACES = [
    ({}, dict(why="no-server", printed=True)),
    (dict(MAIL_SERVER=""), dict(why="no-server", printed=True)),
    (dict(MAIL_SERVER="localhost"), None),
    (dict(MAIL_SERVER="127.0.0.1"), None),
    (dict(MAIL_SERVER="smtp.example.com"), None),
    (dict(MAIL_SERVER="SMTP.Example.COM"), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=25), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=587), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=2525), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT="587"), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=0), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=None), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_USE_TLS=True), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=587, MAIL_USE_TLS=True), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=465, MAIL_USE_SSL=True), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=0, MAIL_USE_SSL=True), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=0, MAIL_USE_TLS=True), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_USE_SSL=True), dict(why="ssl-port", port=465)),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_PORT=25, MAIL_USE_SSL=True), None),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_USE_TLS=True, MAIL_USE_SSL=True), dict(why="both", refused="both on")),
    (dict(MAIL_SERVER="smtp.example.com", MAIL_USE_TLS=False, MAIL_USE_SSL=False), None),
    (dict(MAIL_SERVER="192.0.2.1", MAIL_PORT=587), None),
    (dict(MAIL_SERVER="::1"), None),
    (dict(MAIL_SERVER="2001:db8::1", MAIL_PORT=587), None),
    (dict(MAIL_SERVER="[::1]"), dict(why="brackets", host="::1")),
    (dict(MAIL_SERVER="[2001:db8::1]:587"), dict(why="port-in-server", host="2001:db8::1", port=587)),
    # Only where there is no port does smtplib look for one in the name.
    (dict(MAIL_SERVER="smtp.example.com:587"), dict(why="port-in-server", host="smtp.example.com", port=587)),
    (dict(MAIL_SERVER="smtp.example.com:587", MAIL_PORT=0), None),
    (dict(MAIL_SERVER="smtp.example.com:587", MAIL_PORT=None), None),
    (dict(MAIL_SERVER="localhost:1025", MAIL_PORT=0), None),
    (dict(MAIL_SERVER="smtp.example.com:587", MAIL_PORT=587), dict(why="port-in-server", host="smtp.example.com")),
    (dict(MAIL_SERVER="smtp.example.com:587", MAIL_PORT=25), dict(why="two-ports", refused="MAIL_PORT")),
    (dict(MAIL_SERVER="smtp.example.com:587", MAIL_USE_TLS=True),
     dict(why="port-in-server", host="smtp.example.com", port=587)),
    (dict(MAIL_SERVER="smtp.example.com:465", MAIL_USE_SSL=True),
     dict(why="port-in-server", host="smtp.example.com", port=465)),
    (dict(MAIL_SERVER="smtp.example.com:smtp", MAIL_PORT=0), dict(why="not-a-port", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="smtp.example.com:", MAIL_PORT=0), dict(why="not-a-port", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="smtp.example.com:99999", MAIL_PORT=0), dict(why="not-a-port", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="smtp://smtp.example.com"), dict(why="url", host="smtp.example.com")),
    (dict(MAIL_SERVER="smtp://smtp.example.com:587"), dict(why="url", host="smtp.example.com", port=587)),
    (dict(MAIL_SERVER="smtp://smtp.example.com:587/", MAIL_USE_TLS=True),
     dict(why="url", host="smtp.example.com", port=587)),
    (dict(MAIL_SERVER="SMTP://smtp.example.com", MAIL_PORT=2525), dict(why="url", host="smtp.example.com")),
    (dict(MAIL_SERVER="smtp://[::1]:2525"), dict(why="url", host="::1", port=2525)),
    (dict(MAIL_SERVER="smtps://smtp.example.com"),
     dict(why="url", host="smtp.example.com", port=465, security="ssl")),
    (dict(MAIL_SERVER="smtps://smtp.example.com:8465", MAIL_USE_SSL=True),
     dict(why="url", host="smtp.example.com", port=8465)),
    (dict(MAIL_SERVER="smtps://smtp.example.com", MAIL_PORT=8465),
     dict(why="url", host="smtp.example.com", security="ssl")),
    (dict(MAIL_SERVER="smtps://smtp.example.com", MAIL_USE_TLS=True), dict(why="url", refused="MAIL_USE_TLS")),
    (dict(MAIL_SERVER="smtp://smtp.example.com", MAIL_USE_SSL=True), dict(why="url", refused="MAIL_USE_SSL")),
    (dict(MAIL_SERVER="smtp://smtp.example.com:587", MAIL_PORT=25), dict(why="url", refused="MAIL_PORT")),
    (dict(MAIL_SERVER="smtps://ann:s%40cret@smtp.example.com"),
     dict(why="url", host="smtp.example.com", port=465, security="ssl", login=["ann", "s@cret"])),
    (dict(MAIL_SERVER="smtp://ann:secret@smtp.example.com", MAIL_USERNAME="ann", MAIL_PASSWORD="secret"),
     dict(why="url", host="smtp.example.com")),
    (dict(MAIL_SERVER="smtp://ann:secret@smtp.example.com", MAIL_USERNAME="bob", MAIL_PASSWORD="secret"),
     dict(why="url", refused="MAIL_USERNAME")),
    (dict(MAIL_SERVER="smtp://ann@smtp.example.com"), dict(why="url", refused="password")),
    (dict(MAIL_SERVER="smtp://smtp.example.com/path"), dict(why="url", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="smtp://smtp.example.com?tls=required"), dict(why="url", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="smtp://"), dict(why="url", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="https://smtp.example.com"), dict(why="url", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="ann:secret@smtp.example.com"), dict(why="not-a-host", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="ann@smtp.example.com"), dict(why="not-a-host", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="smtp.example.com/"), dict(why="not-a-host", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="smtp example com"), dict(why="not-a-host", refused="MAIL_SERVER")),
    (dict(MAIL_SERVER="localhost", MAIL_SUPPRESS_SEND=True), dict(why="suppressed", printed=True)),
    (dict(MAIL_SERVER="localhost", MAIL_SUPPRESS_SEND=False), None),
    (dict(MAIL_SERVER="localhost", MAIL_DEBUG=0, MAIL_MAX_EMAILS=5, MAIL_ASCII_ATTACHMENTS=True), None),
    (dict(MAIL_SERVER="localhost", MAIL_USERNAME="ann", MAIL_PASSWORD="secret"), None),
    (dict(MAIL_SERVER="localhost", MAIL_USERNAME="ann", MAIL_PASSWORD="secret", MAIL_USE_TLS=True), None),
    (dict(MAIL_SERVER="localhost", MAIL_USERNAME="ann", MAIL_PASSWORD=None), dict(why="half", refused="MAIL_PASSWORD")),
    (dict(MAIL_SERVER="localhost", MAIL_USERNAME=None, MAIL_PASSWORD="secret"), dict(why="half", refused="MAIL_USERNAME")),
    (dict(MAIL_SERVER="localhost", MAIL_USERNAME="", MAIL_PASSWORD=""), None),
    (dict(MAIL_SERVER="localhost", MAIL_USERNAME="ann", MAIL_PASSWORD=""), dict(why="half", refused="MAIL_PASSWORD")),
    (dict(MAIL_SERVER="localhost", MAIL_USERNAME="j\u00fcrgen@example.com", MAIL_PASSWORD="pa ss#w\u00f6rd"), None),
]

# How a sender is written; a tuple in config.py is a text here, as the environment has it.
SENDERS = [
    ("ann@example.com", None),
    ("leo@localhost", None),
    ("Ann <ann@example.com>", None),
    ("My app <no-reply@example.com>", None),
    ('"My app" <no-reply@example.com>', None),
    ('"App, my" <no-reply@example.com>', None),
    ("J\u00fcrgen <juergen@example.com>", None),
    ('"J\u00fcrgen M\u00fcller" <juergen@example.com>', None),
    ("<ann@example.com>", None),
    (" ann@example.com ", None),
    ("Ann.B <ann@example.com>", None),
    ("O'Hara <o.hara@example.com>", None),
    ("ann+app@example.com", None),
    (("My app", "no-reply@example.com"), None),
    (("App, my", "no-reply@example.com"), dict(why="comma", **{"from": ["App, my", "no-reply@example.com"]})),
    (("J\u00fcrgen", "juergen@example.com"), None),
    (("It's", "ann@example.com"), None),
    (("", "ann@example.com"), None),
    ("App, my <no-reply@example.com>", dict(why="unquoted", refused="MAIL_DEFAULT_SENDER")),
    ("Ann", dict(why="no-address", refused="MAIL_DEFAULT_SENDER")),
    ("ann@", dict(why="no-address", refused="MAIL_DEFAULT_SENDER")),
    ("(broken", dict(why="no-address", refused="MAIL_DEFAULT_SENDER")),
]


def watch(seen):
    """Writes down what smtplib is asked to do instead of doing it."""

    def connect(security):
        def get_socket(self, host, port, timeout):
            seen.update(host=host, port=int(port), security=security)
            return object()

        return get_socket

    smtplib.SMTP._get_socket = connect("none")
    smtplib.SMTP_SSL._get_socket = connect("ssl")
    smtplib.SMTP.getreply = lambda self: (220, b"")
    smtplib.SMTP.starttls = lambda self: seen.update(security={"none": "starttls"}.get(seen.get("security"), "both"))
    smtplib.SMTP.login = lambda self, user, password: seen.update(login=[user, password])
    smtplib.SMTP.sendmail = lambda self, sender, *rest: seen.update(sender=sender)
    smtplib.SMTP.quit = lambda self: None


def sent(config):
    """What a mail's way would be with these settings."""
    seen = {}
    watch(seen)
    app = Flask(__name__)
    app.config.update(config)
    mail = Mail(app)
    with app.app_context():
        try:
            message = Message("subject", recipients=["bob@example.com"], body="text")
            mail.send(message)
        except Exception as error:
            return {"raises": type(error).__name__}
        from email.header import decode_header, make_header
        from flask_mail import sanitize_address
        name, address = email.utils.parseaddr(sanitize_address(message.sender))
        seen.pop("sender", None)
        seen["from"] = [str(make_header(decode_header(name))), address]
    return seen


def main():
    for config, ours in PLACES:
        rows = dict(config, MAIL_DEFAULT_SENDER=SENDER)
        print(json.dumps({"config": rows, "flask": sent(rows), "ours": ours}, sort_keys=True))
    for sender, ours in SENDERS:
        config = {"MAIL_SERVER": "localhost", "MAIL_DEFAULT_SENDER": sender}
        flask = sent(config)
        if isinstance(sender, tuple):
            config["MAIL_DEFAULT_SENDER"] = repr(sender)
        print(json.dumps({"config": config, "flask": flask, "ours": ours}, sort_keys=True))


main()
