import unittest

from room import Room


class RoomTest(unittest.TestCase):
    def test_everybody_hears(self):
        room, heard = Room(), []
        room.join("ada", heard.append)
        room.join("bob", heard.append)
        room.say("hi")
        self.assertEqual(heard, ["hi", "hi"])
