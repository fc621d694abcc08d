"""What every page must satisfy, as far as its HTML alone can show it.

In: a page as it came. Out: a list of faults, empty where the page is right. The rest is measured in
a browser, and the W3C's checker looks at all pages with `make pages`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
INTERACTIVE = {"a", "button", "select", "textarea", "input", "details", "label"}
REFERS = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form")
MOMENT = re.compile(r"\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?([+-]\d\d:?\d\d|Z)?)?)?")
NEEDLESS = {"hidden", "submit", "button", "image", "reset"}
DIRECTIONS = {"ar": "rtl"}


def faults(text: str, language: str = "") -> list[str]:
    """A line for each fault; `language`: the page's own, where it is known."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(text)
    broken = [f"line {place[0]}: {code} {values}" for place, code, values in parser.errors]
    return [*broken, *_of_the_frame(root, language), *_of_ids(root), *_of_headings(root),
            *_of_names(root), *_of_nesting(root)]  # fmt: skip


def _of_the_frame(root: Element, language: str) -> Iterator[str]:
    said = root.get("lang", "")
    if not said or (language and said != language):
        yield f"lang is {said!r}"
    if root.get("dir") != DIRECTIONS.get(said, "ltr"):
        yield f"dir is {root.get('dir')!r} in {said!r}"
    title = root.find("head/title")
    if title is None or not (title.text or "").strip():
        yield "no title"
    if len(root.findall(".//main")) != 1:
        yield "not one main"


def _of_ids(root: Element) -> Iterator[str]:
    ids = Counter(one.get("id") for one in root.iter() if one.get("id") is not None)
    yield from (f"id {name!r} stands {times} times" for name, times in ids.items() if times > 1)
    for one in _elements(root):
        for name in REFERS:
            for target in (one.get(name) or "").split():
                if target not in ids:
                    yield f"{one.tag} {name}={target!r} leads nowhere"
        moment = one.get("datetime")
        if moment is not None and not MOMENT.fullmatch(moment):
            yield f"{one.tag} datetime={moment!r}"


def _of_headings(root: Element) -> Iterator[str]:
    levels = [HEADINGS.index(one.tag) + 1 for one in _elements(root) if one.tag in HEADINGS]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} h1"
    last = 0
    for level in levels:
        if last and level > last + 1:
            yield f"h{level} after h{last}"
        last = level


def _of_names(root: Element) -> Iterator[str]:
    labelled = {one.get("for") for one in root.iter("label")}
    inside = {id(one) for label in root.iter("label") for one in label.iter()}
    for one in _elements(root):
        if one.tag in {"input", "select", "textarea"} and one.get("type") not in NEEDLESS:
            named = one.get("id") in labelled or id(one) in inside
            if not (named or one.get("aria-label") or one.get("aria-labelledby")):
                yield f"{one.tag} {one.get('name')!r} has no label"
        elif one.tag in {"a", "button"} and not _name(one):
            yield f"{one.tag} {one.get('href') or one.get('name')!r} has no name"
        elif one.tag == "img" and one.get("alt") is None:
            yield f"img {one.get('src')!r} has no alt"


def _of_nesting(root: Element) -> Iterator[str]:
    for one in _elements(root):
        inner = [part.tag for part in _elements(one) if part is not one]
        if one.tag in {"a", "button", "label"}:
            allowed = {"input", "select", "textarea", "button"} if one.tag == "label" else set()
            yield from (f"{tag} in {one.tag}" for tag in inner if tag in INTERACTIVE - allowed)
        if one.tag in {"th", "caption", *HEADINGS}:
            yield from (f"{tag} in {one.tag}" for tag in inner if tag in HEADINGS)
        if one.tag in HEADINGS:
            yield from ("a live part in a heading" for part in one.iter() if part.get("role"))


def _name(one: Element) -> str:
    pictures = " ".join(part.get("alt") or "" for part in one.iter("img"))
    said = one.get("aria-label") or one.get("aria-labelledby") or ""
    return f"{''.join(one.itertext())}{pictures}{said}".strip()


def _elements(root: Element) -> Iterator[Element]:
    """Without comments, whose tag is a function."""
    return (one for one in root.iter() if isinstance(one.tag, str))
