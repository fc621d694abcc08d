"""What stays as it is until something that pages show is changed: kept in memory until then.

Whatever changes what a page may show begins a new generation. While a page is being drawn, `kept`
answers from this process's memory what was made under the same generation: the menu, titles of
topics, lines of lists. Nothing that depends on who asks may be kept here, but for what is the same
for all who are not signed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

GENERATION = "pages:generation"
LONGEST = 300
"""Seconds, whatever happens."""
MOST = 4000
"""Things kept by one process; with so many it begins afresh."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class _Shelf:
    """What one process keeps of one generation."""

    generation: int
    until: float
    things: dict[Hashable, Any] = field(default_factory=dict)


_shelf = _Shelf(0, 0)
_drawn_under: ContextVar[_Shelf | None] = ContextVar("generation", default=None)


def renew() -> None:
    """Once what is being written is there for everyone, nothing kept so far is answered."""
    transaction.on_commit(begin)


def present() -> int:
    """The generation of this moment; asks the cache."""
    found = cache.get(GENERATION)
    return int(found) if found is not None else begin()


def begin() -> int:
    """A new generation, at once."""
    now = time.time_ns()
    cache.set(GENERATION, now, None)
    return now


@contextmanager
def drawing(generation: int) -> Iterator[None]:
    """For as long as a page is drawn that was begun under this generation."""
    is_shared = settings.KEEP_SURROUNDINGS
    token = _drawn_under.set(_shelf_of(generation) if is_shared else _Shelf(generation, 0))
    try:
        yield
    finally:
        _drawn_under.reset(token)


def kept(name: Hashable, make: Callable[[], Made]) -> Made:
    """What is kept by this name, else what `make` gives; None is made again each time."""
    shelf = _drawn_under.get()
    if shelf is None:
        return make()
    found = shelf.things.get(name)
    if found is None:
        found = make()
        _keep(shelf, name, found)
    return cast("Made", found)


def kept_for_strangers(viewer: Any, name: Hashable, make: Callable[[], Made]) -> Made:
    """The same for what depends on who asks: for those who are signed in it is made anew."""
    return make() if viewer.is_authenticated else kept(("strangers", name), make)


def kept_each(
    name: Hashable, keys: Sequence[Any], make: Callable[[list[Any]], dict[Any, Made]]
) -> list[Made]:
    """One thing for each key, in their order; `make` gets the keys of which nothing is kept, and
    what it leaves out stays out."""
    shelf = _drawn_under.get()
    found = {} if shelf is None else {
        key: thing for key in keys if (thing := shelf.things.get((name, key))) is not None
    }  # fmt: skip
    missing = [key for key in keys if key not in found]
    made = make(missing) if missing else {}
    if shelf is not None:
        for key, thing in made.items():
            _keep(shelf, (name, key), thing)
    found |= made
    return [found[key] for key in keys if key in found]


def _keep(shelf: _Shelf, name: Hashable, thing: Any) -> None:
    if len(shelf.things) >= MOST:
        shelf.things.clear()
    shelf.things[name] = thing


def _shelf_of(generation: int) -> _Shelf:
    """This process's; a change that begins no generation is seen after LONGEST."""
    global _shelf
    shelf = _shelf
    if shelf.generation != generation or shelf.until < time.monotonic():
        shelf = _shelf = _Shelf(generation, time.monotonic() + LONGEST)
    return shelf
