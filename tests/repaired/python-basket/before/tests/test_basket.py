import unittest

from basket import add


class BasketTest(unittest.TestCase):
    def test_items_are_added(self):
        self.assertEqual(add("pear", ["apple"]), ["apple", "pear"])

    def test_nothing_is_in_it_twice(self):
        with self.assertRaises(ValueError):
            add("apple", ["apple"])
