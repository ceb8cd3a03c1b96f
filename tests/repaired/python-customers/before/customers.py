"""Imports of customer lists."""


def names(path):
    """The names in a file, a line each. Some offices still send Latin-1."""
    with open(path, encoding="utf-8") as file:
        return [line.strip() for line in file]
