"""Trials that run out."""

from datetime import datetime, timedelta


def is_over(started, now=None):
    """Whether a trial of 30 days is over. `started` has a time zone."""
    now = now or datetime.now()
    return now - started > timedelta(days=30)
