"""The engine's fake source, with one story in it in every process."""

import datetime as dt

from tests.newsletters.fake_source import entries, interests, narrow, publish, written

__all__ = ["entries", "interests", "narrow", "written"]

publish("kenya", at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), languages="en ar")
