"""Imports of customer lists."""


def names(path):
    """The names in a file, a line each. Some offices still send Latin-1."""
    with open(path, "rb") as file:
        content = file.read()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return [line.strip() for line in text.splitlines()]
