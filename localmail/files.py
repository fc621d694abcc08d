"""Files that are only appended to: JSON lines, read by number, and bytes, read by their place."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any


class LedgerDamaged(Exception):
    """A line that was complete cannot be read: the disk or a hand has changed it."""


class Lines:
    """A file of JSON lines, for one process; what ends in no newline is cut off when opening.

    `seen` is told the number, from 0, and the bytes of every line that is there already.
    """

    def __init__(self, path: Path, seen: Callable[[int, bytes], None]) -> None:
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._starts = array("Q", [0])
        with path.open("rb") as lines:
            for number, line in enumerate(lines):
                if line.endswith(b"\n"):
                    self._starts.append(self._starts[-1] + len(line))
                    seen(number, line)
        os.ftruncate(self._file, self._starts[-1])

    def __len__(self) -> int:
        return len(self._starts) - 1

    def append(self, line: bytes, *, durable: bool) -> int:
        """Write a whole line and return its number, from 0."""
        start = self._starts[-1]
        _write(self._file, line, start, durable=durable)
        self._starts.append(start + len(line))
        return len(self._starts) - 2

    def read(self, number: int) -> dict[str, Any]:
        """What the line of this number says, from 0."""
        start, end = self._starts[number], self._starts[number + 1]
        try:
            line = json.loads(os.pread(self._file, end - start, start))
        except ValueError:
            line = None
        if not isinstance(line, dict):
            raise LedgerDamaged(f"{self.path}: line {number + 1} cannot be read.")
        return line

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class Pieces:
    """A file of bytes without any order of its own: whoever appends keeps where they stand.

    Half a piece that a kill -9 left behind is never cut off: nothing points to it.
    """

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._end = os.fstat(self._file).st_size

    def append(self, piece: bytes, *, durable: bool) -> int:
        """Write the piece and return where it begins."""
        start = self._end
        _write(self._file, piece, start, durable=durable)
        self._end += len(piece)
        return start

    def read(self, start: int, size: int) -> bytes:
        """The piece that stands there."""
        return os.pread(self._file, size, start)

    def close(self) -> None:
        """Close the file; a second time does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _write(file: int, content: bytes, end: int, *, durable: bool) -> None:
    """Append all of it or, when the disk refuses, nothing: the file ends at `end` again."""
    try:
        written = os.write(file, content)
        while written < len(content):
            written += os.write(file, content[written:])
        if durable:
            os.fsync(file)
    except OSError:
        os.ftruncate(file, end)
        raise
