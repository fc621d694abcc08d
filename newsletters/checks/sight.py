"""How a mail looks to the eye, reckoned from inline styles: sizes, heights, contrast, what shows.

In: elements of the parsed HTML. Out: numbers, and the words that are hard to read.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

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


def small_words(page: BeautifulSoup) -> Iterator[tuple[float, str]]:
    """Size in pixels and words, for all that is smaller than SMALLEST."""
    for words, parent in _shown(page):
        size = _pixels(_inherited(parent, "font-size", "16px"), otherwise=16)
        if size < SMALLEST:
            yield size, words


def faint_words(page: BeautifulSoup) -> Iterator[tuple[float, str, str, str]]:
    """Contrast, ink, paper and words, for all that is fainter than FAINTEST."""
    for words, parent in _shown(page):
        ink, paper = _inherited(parent, "color", "#000000"), _background(parent)
        ratio = contrast(ink, paper)
        if ratio < FAINTEST:
            yield ratio, ink, paper, words


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
    return "".join(
        str(words)
        for words in tag.find_all(string=True)
        if is_words(words) and not words.find_parent(attrs={"aria-hidden": "true"})
    )


def is_words(words: NavigableString) -> bool:
    """Whether it is text, no comment and not only space."""
    return not isinstance(words, PreformattedString) and bool(words.strip())


def _shown(page: BeautifulSoup) -> Iterator[tuple[str, Tag]]:
    """Words that a reader sees, with the element they stand in."""
    for words in page.body.find_all(string=True) if page.body else ():
        hidden = any(style_of(tag).get("display") == "none" for tag in words.parents)
        if is_words(words) and not hidden and words.parent is not None:
            yield words.strip()[:40], words.parent


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
            return style_of(one)[name].replace("!important", "").strip()
    return otherwise


def _background(tag: Tag) -> str:
    for one in (tag, *tag.parents):
        if not isinstance(one, Tag):
            continue
        style = style_of(one)
        for value in (style.get("background-color"), style.get("background"), one.get("bgcolor")):
            if value and (found := re.search(r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b", str(value))):
                return found.group()
    return "#ffffff"


def _pixels(value: str, otherwise: float = 0) -> float:
    """A number of pixels; our mails are set in nothing else."""
    try:
        return float(value.removesuffix("px"))
    except ValueError:
        return otherwise
