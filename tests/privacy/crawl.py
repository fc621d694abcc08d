"""Walks through a site as a browser would, by every address that is known or linked."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.test import Client

from tests.privacy.canaries import CANARY

LINK = re.compile(rb"""(?:href|src|action)=["']([^"'#]+)|<(?:loc|link|id|guid)>([^<]+)<""")
OURS = {"testserver", "localhost", ""}
NOT_FOLLOWED = re.compile(r"^/(static/|cms/|[a-z]{2}/accounts/logout/)")
VARIANTS = 6
"""Of one path with different questions; the rest would say the same."""


@dataclass(frozen=True)
class Met:
    """A canary on a page."""

    canary: str
    path: str


def crawl(
    client: Client, seeds: Iterable[str], *, stay: str = "/"
) -> tuple[set[Met], Counter[int]]:
    """Every canary met, and how often each status was answered; follows what begins with `stay`."""
    waiting, seen = deque(dict.fromkeys(seeds)), set[str]()
    variants: Counter[str] = Counter()
    met: set[Met] = set()
    statuses: Counter[int] = Counter()
    while waiting:
        address = waiting.popleft()
        path = urlsplit(address).path
        if address in seen or (address != path and variants[path] >= VARIANTS):
            continue
        seen.add(address)
        variants[path] += 1
        answer = client.get(address)
        statuses[answer.status_code] += 1
        body = b"".join(answer) if answer.streaming else answer.content
        headers = " ".join(f"{name}: {value}" for name, value in answer.items())
        found = CANARY.findall(body.decode("utf-8", "replace") + headers)
        met |= {Met(canary, path) for canary in found}
        targets = [one or two for one, two in LINK.findall(body)]
        targets.append(answer.get("Location", "").encode())
        waiting.extend(one for one in _followed(address, targets) if one.startswith(stay))
    return met, statuses


def _followed(address: str, targets: Iterable[bytes]) -> Iterable[str]:
    for target in targets:
        link = urlsplit(urljoin(address, target.decode().replace("&amp;", "&").strip()))
        is_ours = (link.hostname or "") in OURS and link.scheme in {"", "http", "https"}
        if is_ours and link.path and not NOT_FOLLOWED.match(link.path):
            yield link.path + (f"?{link.query}" if link.query else "")
