"""Listeners of a chat."""


class Room:
    def __init__(self):
        self.listeners = {}

    def join(self, name, listener):
        self.listeners[name] = listener

    def leave(self, name):
        self.listeners.pop(name, None)

    def say(self, text):
        """Tells every listener, any of which may leave while it is told."""
        for listener in self.listeners.values():
            listener(text)
