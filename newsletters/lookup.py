"""Placeholder."""

import datetime as dt


def taken(batch_key: str, since: dt.datetime) -> set[str] | None:
    return None
