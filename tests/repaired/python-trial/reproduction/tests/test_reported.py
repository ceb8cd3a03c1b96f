import unittest
from datetime import datetime, timezone

from trial import is_over


class ReportedTest(unittest.TestCase):
    def test_now_has_a_time_zone_too(self):
        self.assertTrue(is_over(datetime(2020, 1, 1, tzinfo=timezone.utc)))
