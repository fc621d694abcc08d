"""The edge to allauth's signals: each translates and calls one verb."""

from __future__ import annotations


def connect() -> None:
    """Called once, when the application is ready."""
