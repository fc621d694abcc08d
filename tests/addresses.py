"""Every address of the resolver, as a route and as a path that it takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import translation

NUMBER, WORD = "987654", "nothing"
"""What stands where a route asks for something: it is of no object that exists."""


def routes(language: str = "en") -> list[str]:
    """Every route of the site, human pages under this language."""
    with translation.override(language):
        return list(_routes(get_resolver()))


def paths(language: str = "en") -> list[str]:
    """A path for each route."""
    return [f"/{sample(route)}" for route in routes(language)]


def sample(route: str, **values: str) -> str:
    """A path that the route takes; values by the name of the argument, else what is nowhere."""

    def value(name: str, otherwise: str) -> str:
        return values.get(name, otherwise)

    route = route.replace("^", "").replace("$", "").replace(r"\.", ".").replace(r"\Z", "")
    route = re.sub(r"<int:(\w+)>", lambda found: value(found[1], NUMBER), route)
    route = re.sub(r"\(\?P<(\w+)>\\d\+\)", lambda found: value(found[1], NUMBER), route)
    route = route.replace(r"(\d+)", NUMBER)
    route = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: value(found[1], WORD), route)
    route = route.replace(r"((?:[\w\-]+/)*)", "").replace(r"((?:[\w-]+/)*)", "")
    route = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda found: value(found[1], WORD), route)
    return re.sub(r"\(\.\*\)|\.\*|\.\+|\([^()]*\)\??", WORD, route)


def arguments(route: str) -> list[str]:
    """The names of what the route asks for."""
    return re.findall(r"<(?:\w+:)?(\w+)>", route)


def _routes(resolver: Any, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route
