"""What stays as it is until something that pages show is changed: kept in memory until then.

Whatever changes what a page may show begins a new generation. While a page is being drawn, `kept`
answers from this process's memory what was made under the same generation: rows and lines of lists.
What stands around pages (menu, thanks, titles of topics, the indexes themselves) has generations of
its own, which a story or a call leaves alone: `kept_around`. Nothing that depends on who asks may
be kept here, but for what is the same for all who are not signed in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, cast

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

GENERATION, AROUND = "pages:generation", "pages:around"
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


_last = (0, 0)
"""A generation of pages, and that of what stands around them."""
_shelves: dict[str, _Shelf] = {}
_drawn_under: ContextVar[dict[str, _Shelf]] = ContextVar("generations", default={})  # noqa: B039


def renew(*, around: bool = True) -> None:
    """Once what is being written is there for everyone, nothing kept so far is answered; without
    `around` what stands around pages still is."""
    transaction.on_commit(partial(begin, around=around))


def present() -> int:
    """The pages' generation of this moment; asks the cache."""
    return _present(GENERATION) or begin()


def begin(*, around: bool = True) -> int:
    """A new generation of pages, at once, and before it of what stands around them: whoever sees
    the first sees the other."""
    now = time.time_ns()
    if around:
        cache.set(AROUND, now, None)
    cache.set(GENERATION, now, None)
    return now


@contextmanager
def drawing(generation: int) -> Iterator[None]:
    """For as long as a page is drawn that was begun under this generation of pages."""
    under = {GENERATION: generation, AROUND: _around(generation)}
    shelf = _shelf_of if settings.KEEP_SURROUNDINGS else lambda _name, number: _Shelf(number, 0)
    token = _drawn_under.set({name: shelf(name, number) for name, number in under.items()})
    try:
        yield
    finally:
        _drawn_under.reset(token)


def kept(name: Hashable, make: Callable[[], Made]) -> Made:
    """What is kept by this name, else what `make` gives; None is made again each time."""
    return _kept(GENERATION, name, make)


def kept_around(name: Hashable, make: Callable[[], Made]) -> Made:
    """The same for what no story, call, resource or country page changes (cms.receivers)."""
    return _kept(AROUND, name, make)


def kept_for_strangers(viewer: Any, name: Hashable, make: Callable[[], Made]) -> Made:
    """The same for what depends on who asks: for those who are signed in it is made anew."""
    return make() if viewer.is_authenticated else kept(("strangers", name), make)


def kept_each(
    name: Hashable, keys: Sequence[Any], make: Callable[[list[Any]], dict[Any, Made]]
) -> list[Made]:
    """One thing for each key, in their order; `make` gets the keys of which nothing is kept, and
    what it leaves out stays out."""
    shelf = _drawn_under.get().get(GENERATION)
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


def _kept(age: str, name: Hashable, make: Callable[[], Made]) -> Made:
    shelf = _drawn_under.get().get(age)
    if shelf is None:
        return make()
    found = shelf.things.get(name)
    if found is None and (found := make()) is not None:
        _keep(shelf, name, found)
    return cast("Made", found)


def _around(generation: int) -> int:
    """What stands around pages of a generation; asked again only once there is another one."""
    global _last
    seen, around = _last
    if seen != generation:
        around = _present(AROUND) or 0
        _last = generation, around
    return around


def _present(age: str) -> int | None:
    found = cache.get(age)
    return int(found) if found is not None else None


def _keep(shelf: _Shelf, name: Hashable, thing: Any) -> None:
    if len(shelf.things) >= MOST:
        shelf.things.clear()
    shelf.things[name] = thing


def _shelf_of(age: str, generation: int) -> _Shelf:
    """This process's; a change that begins no generation is seen after LONGEST."""
    shelf = _shelves.get(age)
    if shelf is None or shelf.generation != generation or shelf.until < time.monotonic():
        shelf = _shelves[age] = _Shelf(generation, time.monotonic() + LONGEST)
    return shelf
