"""One exchange over HTTP: what was asked, and what is answered or is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class BadRequest(Exception):
    """The request is answered with this status and these words."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""

    def json(self) -> Any:
        """What the body says in JSON, or BadRequest."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise BadRequest("The body is not JSON.") from None

    def number(self, name: str, default: float, most: float) -> float:
        """A number of the query between 0 and `most`, or BadRequest."""
        value = self.query.get(name, "")
        if not value:
            return default
        try:
            number = float(value)
        except ValueError:
            number = -1
        if not 0 <= number <= most:
            raise BadRequest(f"{name} must be a number from 0 to {most:g}, not {value!r}.")
        return number


@dataclass(frozen=True)
class Answer:
    """What is answered."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0
    """Bytes that are announced, but never come."""
    drip: float = 0
    """Seconds from one byte to the next; 0 writes it in one piece."""


def as_json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(value).encode(), status, "application/json", headers or {})


Route = tuple[str, str, Callable[..., Answer]]
"""Method, a pattern for the whole path, and what answers it: named groups become arguments."""
