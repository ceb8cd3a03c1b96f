import unittest

from greeting import greeting


class ReportedTest(unittest.TestCase):
    def test_a_visitor_is_greeted_without_a_name(self):
        self.assertEqual(greeting(None), "Hello")
