"""Holding answers back: a call is taken and recorded, its answer waits for a release.

This is the moment in which a sender that is killed cannot know what became of its call.
"""

from __future__ import annotations

import threading

LONGEST_SECONDS = 300


class Hold:
    """Open at first; while it is shut, answers wait."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self._open.set()
        self._count = threading.Lock()
        self.waiting = 0

    def shut(self) -> None:
        """Let later answers wait."""
        self._open.clear()

    def release(self) -> None:
        """Let every answer go, those that wait and those to come."""
        self._open.set()

    @property
    def is_shut(self) -> bool:
        """Whether answers wait now."""
        return not self._open.is_set()

    def wait(self) -> bool:
        """Return when open; False after five minutes, so that no thread waits for ever."""
        with self._count:
            self.waiting += 1
        try:
            return self._open.wait(LONGEST_SECONDS)
        finally:
            with self._count:
                self.waiting -= 1
