"""The engine's fake source, with one story in it in every process."""

import datetime as dt

from tests.newsletters.fake_source import (
    closing,
    due,
    elsewhere,
    entries,
    forget,
    interests,
    looked,
    narrow,
    personal_link,
    publish,
    standing,
    written,
)

__all__ = [
    "closing",
    "due",
    "elsewhere",
    "entries",
    "forget",
    "interests",
    "looked",
    "narrow",
    "personal_link",
    "standing",
    "written",
]

publish("kenya", at=dt.datetime(2026, 1, 2, tzinfo=dt.UTC), languages="en ar")
