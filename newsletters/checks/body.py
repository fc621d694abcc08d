"""What is wrong with the HTML: its structure, its pictures, how it reads to eyes and ears."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from bs4 import BeautifulSoup
from django.conf import settings

from newsletters.checks.sentences import Fault
from newsletters.checks.sight import (
    FAINTEST,
    SMALLEST,
    contrast,
    is_words,
    plain,
    shown,
    strings,
    style_of,
    visible,
)
from newsletters.markup import harmless_url

ACTIVE = [
    *("script", "form", "input", "button", "iframe", "object", "embed", "video", "audio"),
    *("link", "base", "svg", "canvas"),
]
"""Elements that mail programs drop, or that filters take for an attack."""
GENERIC = {
    *("here", "click here", "click", "read more", "more", "link", "this", "read"),
    *("ici", "cliquez ici", "lire la suite", "aqui", "ler mais", "هنا", "المزيد", "اقرأ المزيد"),
    *("en savoir plus", "clique aqui", "saber mais", "اضغط هنا", "انقر هنا", "aquí", "leer más"),
}
"""Words of a link that make no sense without the text around it."""
ONE_SIDED = re.compile(
    r"text-align:\s*left|direction:\s*ltr|(margin|padding|border)-(left|right)\b"
)
HEADING = re.compile("^h[1-6]$")


def split(address: str) -> SplitResult:
    """The parts of an address; of one that nobody could open, none."""
    try:
        parts = urlsplit(address)
        _port = parts.port
    except ValueError:
        return SplitResult("", "", "", "", "")
    return parts


def own_host(address: str) -> bool:
    """Whether it is on our own site, in its own scheme."""
    asked, own = split(address), split(settings.SITE_URL)
    return (asked.scheme, asked.netloc.lower()) == (own.scheme, own.netloc.lower())


def active_content(page: BeautifulSoup, html: str) -> Iterator[Fault]:
    """What runs, sends or hides something."""
    for tag in page.find_all(ACTIVE):
        yield "active", f"<{tag.name}>"
    if re.search(r"\sdata:|[\"'(]data:", html, re.IGNORECASE):
        yield "active", "data:"
    if re.search(r"<[^>]+\son\w+=|javascript:", html, re.IGNORECASE):
        yield "active", "javascript"
    if re.search(r"@import|url\(", html):
        yield "active", "url()"


def picture_faults(page: BeautifulSoup) -> Iterator[Fault]:
    """Each on our host, large enough to be seen, with a text for those who do not see it."""
    for image in page.find_all("img"):
        address = str(image.get("src", ""))
        if not own_host(address):
            yield "image_elsewhere", split(address).netloc or address[:60]
        if image.get("width") in {"0", "1"} or image.get("height") in {"0", "1"}:
            yield "image_tracker", ""
        alt = image.get("alt")
        if alt is None or (image.find_parent("a") and not str(alt).strip()):
            yield "image_alt", split(address).path.rpartition("/")[2]


def structure_faults(page: BeautifulSoup) -> Iterator[Fault]:
    """One title, headings in order, tables that are not read aloud, every part's direction."""
    headings = page.find_all(HEADING)
    if [tag.name for tag in headings].count("h1") != 1:
        yield "one_title", ""
    before = 0
    for tag in headings:
        level = int(tag.name[1])
        if level > before + 1:
            yield "heading_order", plain(visible(tag))
        before = level
    if any(table.get("role") != "presentation" for table in page.find_all("table")):
        yield "table", ""
    parts = page.find_all(["html", "div", "td"])
    if not all(tag.get("lang") and tag.get("dir") for tag in parts):
        yield "direction", ""
    if any(_one_sided(page)):
        yield "one_sided", ""


def _one_sided(page: BeautifulSoup) -> Iterator[bool]:
    for tag in page.find_all(style=ONE_SIDED) + page.find_all(align="left"):
        nearest = tag if tag.get("dir") else tag.find_parent(attrs={"dir": True})
        yield bool(nearest and nearest["dir"] == "rtl")


def legibility(page: BeautifulSoup) -> Iterator[Fault]:
    """Letters that are too small or too pale, by what stands inline."""
    for words, look in shown(page):
        if look.size < SMALLEST:
            yield "small", words
        if contrast(look.ink, look.paper) < FAINTEST:
            yield "faint", words


def preheader_place(page: BeautifulSoup) -> Iterator[Fault]:
    """It is the first text, hidden, and no link."""
    hidden = page.find(lambda tag: tag.name == "div" and style_of(tag).get("display") == "none")
    first = next(filter(is_words, strings(page.body)), None) if page.body else None
    inside = first is not None and first.find_parent(lambda tag: tag is hidden) is not None
    if hidden is None or not inside or hidden.find("a"):
        yield "preheader_place", ""


def missing_in_text(page: BeautifulSoup, text: str) -> Iterator[Fault]:
    """The text part says every heading and every address that the HTML has."""
    flat = plain(text)
    for heading in page.find_all(HEADING):
        words = plain(visible(heading)).strip("→← ")
        if words not in flat:
            yield "text_heading", words
    for address in dict.fromkeys(str(link["href"]) for link in page.select("a[href]")):
        if address not in text and harmless_url(address) not in text:
            yield "text_link", address
