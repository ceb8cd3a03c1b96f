import unittest

from greeting import greeting


class GreetingTest(unittest.TestCase):
    def test_a_user_is_greeted_by_name(self):
        self.assertEqual(greeting({"name": "ada"}), "Hello, Ada")
