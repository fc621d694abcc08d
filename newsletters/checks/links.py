"""What is wrong with links: where they lead, what they say, whether a finger hits them.

Addresses of others are only read, never fetched: a check must not tell a stranger what we write.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote

from bs4 import BeautifulSoup, Tag
from django.conf import settings

from newsletters import sources
from newsletters.checks.body import GENERIC, own_host, split
from newsletters.checks.sentences import Fault
from newsletters.checks.sight import height, plain, visible
from newsletters.checks.words import OURS

LOWEST = 44
"""Pixels that a finger needs."""
SHORTENERS = {
    *("bit.ly", "tinyurl.com", "t.co", "goo.gl", "ow.ly", "buff.ly", "is.gd", "lnkd.in"),
    *("rb.gy", "cutt.ly", "shorturl.at", "tiny.cc", "rebrand.ly", "t.ly", "v.gd", "s.id"),
}
TRIAL = re.compile(
    r"(?:^|\.)(?:localhost|local|test|invalid|internal|lan|home|localdomain)$"
    r"|^(?:staging|stage|preprod|preview|dev|test|uat)[\d-]*\..+\.|\.(?:staging|dev|stage)\."
)
"""Names that lead to a machine for trying out, or to none."""
FOR_A_READER = "/n/"
"""Where addresses with a reader's own key begin; what they lead to, the token decides."""
_HOST = re.compile(r"(?:[a-z0-9-]{1,63}\.)+[a-z0-9-]{2,63}", re.IGNORECASE)


def link_faults(page: BeautifulSoup) -> Iterator[Fault]:
    """By reading alone."""
    said: dict[str, str] = {}
    for link in page.find_all("a"):
        address = str(link.get("href", ""))
        image = link.find("img")
        words = plain(visible(link) or (str(image.get("alt", "")) if image else ""))
        yield from address_faults(address, words)
        if not words:
            yield "link_silent", address
        elif words.strip(".…→← ").casefold() in GENERIC:
            yield "link_generic", words
        elif said.setdefault(words, address) != address:
            yield "link_twice", words
        if image is None and not _in_a_sentence(link) and height(link) < LOWEST:
            yield "link_low", words


def address_faults(address: str, words: str = "") -> Iterator[Fault]:
    """Of one address, and of the words that lead to it."""
    address = OURS.sub("key", address)
    if address.startswith("mailto:") and "@" in address or own_host(address):
        return
    parts = split(address)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        yield "link_broken", address[:80]
    elif _for_trial(host):
        yield "link_trial", host
    elif not _HOST.fullmatch(_in_ascii(host)):
        yield "link_broken", address[:80]
    elif parts.scheme == "http":
        yield "link_insecure", host
    elif host.removeprefix("www.") in SHORTENERS:
        yield "link_shortened", host
    elif host != split(settings.SITE_URL).hostname and not _names(words, parts):
        yield "link_away", host


def nowhere(addresses: Iterable[str]) -> Iterator[Fault]:
    """Of our own pages: those that are drafts, and those that are not there."""
    for address in dict.fromkeys(addresses):
        path = split(address).path
        if not own_host(address) or path.startswith(FOR_A_READER):
            continue
        standing = sources.content().standing(unquote(path))
        if standing == sources.DRAFT:
            yield "link_draft", address
        elif standing == sources.NOWHERE:
            yield "link_dead", address


def _for_trial(host: str) -> bool:
    try:
        return not ip_address(host).is_global
    except ValueError:
        return bool(TRIAL.search(host.lower()))


def _in_ascii(host: str) -> str:
    try:
        return host.encode("idna").decode()
    except UnicodeError:
        return ""


def _names(words: str, address: SplitResult) -> bool:
    """The words show the other site's name, or the address itself."""
    host = (address.hostname or "").removeprefix("www.")
    return host in words.lower()


def _in_a_sentence(link: Tag) -> bool:
    """Words stand beside it on its line: such a link is as high as its line (WCAG 2.5.8)."""
    beside = link.parent.find_all(string=True, recursive=False) if link.parent else []
    return any(words.strip() for words in beside)
