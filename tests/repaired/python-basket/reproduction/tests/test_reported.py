import unittest

from basket import add


class ReportedTest(unittest.TestCase):
    def test_every_new_basket_is_empty(self):
        self.assertEqual(add("plum"), ["plum"])
        self.assertEqual(add("plum"), ["plum"])
