"""Runs a program in a terminal and prints all that the terminal is sent; ends with its exit code, or 128 and its signal.

Usage: terminal.py ANSWERS PROGRAM [ARGUMENT...]. ANSWERS is a JSON list of pairs: a text to wait for, and what is typed then.
"""

import json
import os
import pty
import signal
import sys

answers = json.loads(sys.argv[1])
child, terminal = pty.fork()
if child == 0:
    # Who starts tests in the background has them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])
# A program that waits for something else than it should is ended.
signal.signal(signal.SIGALRM, lambda *_: os.kill(child, signal.SIGKILL))
signal.alarm(90)
shown = b""
read = 0
while True:
    try:
        chunk = os.read(terminal, 4096)
    except OSError:
        # Linux reports the end so.
        break
    if not chunk:
        break
    shown += chunk
    while answers and (found := shown.find(answers[0][0].encode(), read)) >= 0:
        read = found + len(answers[0][0].encode())
        os.write(terminal, answers.pop(0)[1].encode())
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(code if code >= 0 else 128 - code)
