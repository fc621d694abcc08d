"""The one way in which a whole file is refused."""

from __future__ import annotations


class UnreadableTable(Exception):
    """The whole file cannot be used; the message says what to do."""
