import unittest
from datetime import datetime, timedelta, timezone

from trial import is_over


class TrialTest(unittest.TestCase):
    def test_it_lasts_thirty_days(self):
        now = datetime(2026, 3, 1, tzinfo=timezone.utc)
        self.assertTrue(is_over(now - timedelta(days=31), now))
        self.assertFalse(is_over(now - timedelta(days=29), now))
