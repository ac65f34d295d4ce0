"""Runs a program in a terminal, and closes the terminal once the program listens and has half of a request.

Usage: closed_terminal.py PROGRAM. Prints the answer's first line and the program's exit code.
"""

import os
import pty
import re
import socket
import sys
import time

child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], [sys.argv[1], "serve", "--port", "0"])
said = b""
while not (found := re.search(rb"listening on http://([\d.]+):(\d+) ", said)):
    said += os.read(terminal, 4096)
stream = socket.create_connection((found[1].decode(), int(found[2])))
body = b'{"email": "nobody@example.com", "password": "x"}'
head = b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body)
stream.sendall(head + body[:5])
time.sleep(0.3)
os.close(terminal)
time.sleep(0.3)
stream.sendall(body[5:])
print(stream.recv(4096).split(b"\r\n")[0].decode())
print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
