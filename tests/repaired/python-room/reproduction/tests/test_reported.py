import unittest

from room import Room


class ReportedTest(unittest.TestCase):
    def test_one_may_leave_while_it_is_told(self):
        room, heard = Room(), []
        room.join("ada", lambda text: room.leave("ada"))
        room.join("bob", heard.append)
        room.say("bye")
        self.assertEqual(heard, ["bye"])
