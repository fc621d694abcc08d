"""How a mail looks to the eye, reckoned from inline styles: sizes, heights, contrast, what shows.

In: elements of the parsed HTML. Out: numbers, and the words that are hard to read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, Self

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

INVISIBLE = re.compile("[\u034f\u00a0\u00ad\u200b-\u200f\u2060\u2066-\u2069\ufeff\\s]+")
SMALLEST, FAINTEST = 14, 4.5
"""Pixels of a letter, and WCAG's ratio of ink to paper, below which many cannot read."""
NAMED = {"white": "#ffffff", "black": "#000000"}


def height(link: Tag) -> float:
    """Height of a link's tap target: one line and its own padding, when it is a block."""
    style = style_of(link)
    size = _inherited(link, "font-size", "16px")
    line = _inherited(link, "line-height", "1.2")
    pixels = _pixels(size, otherwise=16)
    height = _pixels(line) if line.endswith("px") else pixels * _pixels(line, otherwise=1.2)
    if style.get("display") in {"block", "inline-block"}:
        sides = style.get("padding", "0").split()
        height += _pixels(sides[0]) + _pixels(sides[2] if len(sides) > 2 else sides[0])
    return height


class Look(NamedTuple):
    """How words look where they stand, as inline styles pass it down."""

    size: float = 16
    """Pixels."""
    ink: str = "#000000"
    paper: str = "#ffffff"
    hidden: bool = False

    def within(self, tag: Tag) -> Self:
        """Of what stands in the tag; an element's percentage is not reckoned with."""
        style = style_of(tag)
        size, ink = style.get("font-size"), style.get("color")
        return self._replace(
            size=self.size if size is None else _pixels(_bare(size), otherwise=16),
            ink=self.ink if ink is None else _bare(ink),
            paper=_paper(tag, style) or self.paper,
            hidden=self.hidden or style.get("display") == "none",
        )


def shown(page: BeautifulSoup) -> Iterator[tuple[str, Look]]:
    """Words that a reader sees, with how they look; a mail is gone through once."""
    body = page.body
    if body is None:
        return
    look = Look()
    for around in reversed([*body.parents]):
        look = look.within(around)
    waiting: list[tuple[PageElement, Look]] = [(body, look)]
    while waiting:
        one, look = waiting.pop()
        if isinstance(one, Tag):
            look = look.within(one)
            if not look.hidden:
                waiting += [(child, look) for child in reversed(one.contents)]
        elif isinstance(one, NavigableString) and is_words(one):
            yield one.strip()[:40], look


@lru_cache(maxsize=512)
def contrast(ink: str, paper: str) -> float:
    """WCAG's contrast ratio of two colours written #RRGGBB."""
    lights = sorted((_luminance(ink), _luminance(paper)), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _luminance(colour: str) -> float:
    colour = NAMED.get(colour.lower(), colour).lstrip("#")
    if len(colour) == 3:
        colour = "".join(c * 2 for c in colour)
    if not re.fullmatch("[0-9a-fA-F]{6}", colour):
        colour = "000000"
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def plain(content: str) -> str:
    """Words without invisible characters, spaces collapsed."""
    return INVISIBLE.sub(" ", unicodedata.normalize("NFC", content.replace("\u2060", ""))).strip()


def visible(tag: Tag) -> str:
    """What is read of an element, aloud too."""
    return "".join(words for words in strings(tag) if is_words(words) and not _is_silent(words))


def strings(tag: Tag) -> Iterator[NavigableString]:
    """All strings in an element, in order."""
    return (one for one in tag.descendants if isinstance(one, NavigableString))


def _is_silent(words: NavigableString) -> bool:
    return any(tag.attrs.get("aria-hidden") == "true" for tag in words.parents)


def is_words(words: NavigableString) -> bool:
    """Whether it is text, no comment and not only space."""
    return not isinstance(words, PreformattedString) and bool(words.strip())


def style_of(tag: Tag) -> dict[str, str]:
    """The inline style by property, in lower case."""
    return _declared(str(tag.get("style", "")))


@lru_cache(maxsize=512)
def _declared(style: str) -> dict[str, str]:
    pairs = (pair.partition(":") for pair in style.split(";"))
    return {name.strip().lower(): value.strip() for name, _, value in pairs if value}


def _inherited(tag: Tag, name: str, otherwise: str) -> str:
    """A property as inline styles pass it down; an element's percentage is not reckoned with."""
    for one in (tag, *tag.parents):
        if isinstance(one, Tag) and name in style_of(one):
            return _bare(style_of(one)[name])
    return otherwise


def _paper(tag: Tag, style: dict[str, str]) -> str | None:
    for value in (style.get("background-color"), style.get("background"), tag.get("bgcolor")):
        if value and (found := re.search(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b", str(value))):
            return found.group()
    return None


def _bare(value: str) -> str:
    return value.replace("!important", "").strip()


def _pixels(value: str, otherwise: float = 0) -> float:
    """A number of pixels; our mails are set in nothing else."""
    try:
        return float(value.removesuffix("px"))
    except ValueError:
        return otherwise
