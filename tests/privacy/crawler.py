"""A visitor who opens every address there is, and everything that stands on what was opened.

What was asked for is taken out of an answer before canaries are looked for in it: an address that
comes back as "sign in, and then go on there" tells the visitor nothing that he did not say.
"""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from django.test import Client

from tests.privacy.canaries import Canaries, Place

LINK = re.compile(
    r"""\s(?:href|src|action|srcset|poster|data-[\w-]+(?==["'](?:/|http)))=["']([^"']+)"""
)
IN_META = re.compile(r"""\scontent=["'](https?://[^"']+)""")
IN_XML = re.compile(r">\s*(https?://testserver/[^<\s]*)\s*<")
NOT_DATA = ("/static/",)
MOST = 6000
"""Answers in one crawl; more means that links breed links."""


@dataclass
class Crawl:
    """One visitor's walk."""

    client: Client
    canaries: Canaries
    stays_out: tuple[str, ...] = ()
    """What addresses begin with that are not opened."""
    seen: dict[Place, str] = field(default_factory=dict)
    """Each canary that was found, and the first address where."""
    answers: dict[str, int] = field(default_factory=dict)
    broken: dict[str, int] = field(default_factory=dict)

    def walk(self, starts: Iterable[str]) -> Crawl:
        """Open all, and all that they link to."""
        waiting = deque(starts)
        while waiting:
            address = waiting.popleft()
            if address in self.answers or address.startswith(NOT_DATA + self.stays_out):
                continue
            assert len(self.answers) < MOST, "links breed links"
            waiting.extend(self.open(address))
        return self

    def open(self, address: str, **how: Any) -> set[str]:
        """Look through one answer; the addresses in it."""
        answer = self.client.get(address, **how)
        self.answers[address] = answer.status_code
        if answer.status_code >= 500:
            self.broken[address] = answer.status_code
        body = body_of(answer)
        for place in self.told(address, answer, body):
            self.seen.setdefault(place, address)
        return set(_links(address, answer, body))

    def told(self, address: str, answer: Any, body: bytes) -> set[Place]:
        """Whose canaries the answer tells, beyond what was asked."""
        heads = "\n".join(f"{name}: {value}" for name, value in answer.items()).encode()
        cookies = answer.cookies.output().encode()
        found = self.canaries.found_in(b"\n".join((without(address, body), heads, cookies)))
        asked = self.canaries.found_in(unquote(address).encode())
        return {self.canaries.places[mark] for mark in found - asked}


def body_of(answer: Any) -> bytes:
    """All of it, of files too."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return bytes(body)


def without(address: str, body: bytes) -> bytes:
    """The body with nothing left of the address that was asked for."""
    for asked in sorted({address, unquote(address), quote(address), quote(address, safe="")}):
        body = body.replace(html.escape(asked).encode(), b"").replace(asked.encode(), b"")
    return body


def _links(address: str, answer: Any, body: bytes) -> Iterable[str]:
    yield from _own(address, [answer.get("Location", "")])
    kind = answer.get("Content-Type", "")
    if "html" in kind or "xml" in kind:
        text = body.decode()
        found = LINK.findall(text) + IN_META.findall(text) + IN_XML.findall(text)
        found = [html.unescape(link) for link in found]
        yield from _own(address, (part.split()[0] for link in found for part in parts(link)))


def parts(link: str) -> list[str]:
    """`srcset` names several; an empty one leads nowhere."""
    return [part for part in link.split(", ") if part.strip()]


def _own(address: str, links: Iterable[str]) -> Iterable[str]:
    for link in links:
        place = urlsplit(urljoin(f"http://testserver{address}", link)) if link else None
        if place and place.netloc == "testserver" and " " not in place.path:
            # Where a sign-in leads on to is what the visitor asked for: one sign-in stands for all.
            query = "" if place.query.startswith("next=") else place.query
            yield f"{place.path}?{query}" if query else place.path
