"""What the scripts have in common that ask a package anew about the rows of a file."""

import json


def names(path, key):
    """The member `key` of each row of a JSON file, or the words of another file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if text.startswith("["):
        return [row[key] for row in json.loads(text)]
    return text.split()


def write(rows):
    """Prints a JSON list with one row per line."""
    print("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]")
