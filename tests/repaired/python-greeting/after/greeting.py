"""Greetings for the start page."""


def greeting(user):
    """`user` is what the session holds: a dictionary, or None for a visitor."""
    if user is None:
        return "Hello"
    return "Hello, " + user["name"].title()
