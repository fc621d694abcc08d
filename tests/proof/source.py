"""The engine's fake source, with one story in it in every process."""

import datetime as dt

from tests.newsletters.fake_source import (
    due,
    elsewhere,
    entries,
    forget,
    interests,
    narrow,
    personal_link,
    publish,
    standing,
    written,
)

__all__ = [
    "due",
    "elsewhere",
    "entries",
    "forget",
    "interests",
    "narrow",
    "personal_link",
    "standing",
    "written",
]

publish("kenya", at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), languages="en ar")
