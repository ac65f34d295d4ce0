"""A mail server for tests: prints its port, then one line of JSON for each mail that was handed in.

Usage: smtp_sink.py [CERTIFICATE KEY USER PASSWORD], with which it demands STARTTLS and that login.
It ends when its standard input does.
"""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


class Sink:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(json.dumps({
            "from": str(mail["From"]),
            "to": envelope.rcpt_tos,
            "subject": str(mail["Subject"]),
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
            "is_encrypted": session.ssl is not None,
        }), flush=True)
        return "250 OK"


def make_server(arguments):
    if not arguments:
        return lambda: SMTP(Sink(), hostname="localhost")
    certificate, key, user, password = arguments
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def check(server, session, envelope, mechanism, login):
        is_right = (login.login, login.password) == (user.encode(), password.encode())
        return AuthResult(success=is_right, handled=False)

    return lambda: SMTP(
        Sink(), hostname="localhost", tls_context=context, require_starttls=True,
        auth_required=True, authenticator=check,
    )


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make_server(sys.argv[1:]), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
