"""In: mails as they left. Out: what of their HTML and CSS a mail program does not show, and whether
its reader then sees something that was meant to be seen.

What each program shows is caniemail.com's word, as the npm package pinned in node/package-lock.json
brings it. It knows features by name; which of them stand in a mail is read here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup, Comment, Tag

PROGRAMS = {
    "Gmail": ("gmail.desktop-webmail", "gmail.ios", "gmail.android", "gmail.mobile-webmail"),
    "Outlook, classic": ("outlook.windows",),
    "Outlook, new": ("outlook.outlook-com", "outlook.ios", "outlook.android"),
    "Apple Mail": ("apple-mail.macos", "apple-mail.ios"),
    "Yahoo": ("yahoo.desktop-webmail", "yahoo.ios", "yahoo.android"),
}
"""The programs that most readers have, each with what caniemail tells apart."""

FALLBACKS = {
    "css-at-media": "what stands inline is set for every width and for light",
    "css-at-media-prefers-color-scheme": "the light colours that stand inline",
    "css-background": "only colours are set, which every program shows",
    "css-border": "a hairline less; nothing is told by a border alone",
    "css-border-radius": "square corners",
    "css-border-spacing": "`cellspacing` stands beside it",
    "css-color-scheme": "the light colours that stand inline",
    "css-display": "links of the footer have a paragraph each, buttons a cell with its own padding",
    "css-display-none": "the preheader has no height and no overflow; Outlook hides it by mso-hide",
    "css-font-size": "sizes are in pixels, which every program shows",
    "css-font-weight": "600 is shown as bold",
    "css-height": "a picture's height follows its width",
    "css-important": "rules of the head that are left out leave what stands inline",
    "css-line-height": "lines a little nearer to one another",
    "css-margin": "none is negative; where one is `auto`, `align` centres, too",
    "css-max-height": "the preheader is hidden in other ways as well",
    "css-max-width": "the width stands as an attribute for Outlook, in a comment it alone reads",
    "css-outline": "nothing is outlined",
    "css-overflow": "the preheader is hidden in other ways as well",
    "css-padding": "space is the table cells' own, or `mso-padding-alt`",
    "css-selector-attribute": "they are for Outlook's dark mode, which alone needs them",
    "css-selector-chaining": "what stands inline",
    "css-selector-child": "what stands inline",
    "css-selector-class": "what stands inline",
    "css-selector-descendant": "what stands inline",
    "css-selector-grouping": "what stands inline",
    "css-selector-id": "it is for programs that know it and mends what they alone do",
    "css-selector-type": "what stands inline",
    "css-sytem-ui": "the next face of the list",
    "css-text-align": "`align` stands beside it",
    "css-text-decoration": "a line under a title's link",
    "css-width": "the width stands as an attribute, too",
    "css-word-break": "addresses stand behind words, so no word is wider than a line",
    "css-word-spacing": "words keep their usual distance",
    "html-aria-hidden": "an arrow is read aloud",
    "html-aria-label": "the title is read aloud",
    "html-body": "its ground stands on a div, too",
    "html-dir": "it stands on every wrapper and cell, so that one that is dropped changes nothing",
    "html-doctype": "the layout is of tables, which need none",
    "html-height": "a picture's height follows its width",
    "html-lang": "it stands on the other wrappers",
    "html-lists": "no list counts backwards or begins elsewhere",
    "html-meta-color-scheme": "the light colours that stand inline",
    "html-role": "a table of the layout is read aloud as one",
    "html-style": "what stands inline",
    "html-target": "a link opens where the program likes",
    "html-valign": "cells of one column need none",
    "html-width": "a picture keeps its own width",
}
"""What a reader has where a feature is not shown, or only in part: nothing that matters is lost."""
SELECTORS = {
    "css-selector-attribute": r"\[",
    "css-selector-child": r">",
    "css-selector-class": r"\.[\w-]",
    "css-selector-id": r"#[\w-]",
    "css-selector-descendant": r"[\w\])]\s+[\w.#\[:*]",
    "css-selector-chaining": r"[\w\]]\.[\w-]|[\w\]]\[",
    "css-selector-type": r"(?:^|[\s>+~,])[a-z][\w]*",
    "css-selector-adjacent-sibling": r"\+",
    "css-selector-general-sibling": r"~",
    "css-selector-universal": r"\*",
}
VALUES = {
    "css-display-flex": r"display:\s*(inline-)?flex",
    "css-display-grid": r"display:\s*(inline-)?grid",
    "css-display-none": r"display:\s*none",
    "css-important": r"!important",
    "css-variables": r"var\(|--[\w-]+:",
    "css-unit-calc": r"calc\(",
    "css-unit-em": r"\d(em)\b",
    "css-unit-rem": r"\d(rem)\b",
    "css-unit-vw": r"\d(vw)\b",
    "css-unit-vh": r"\d(vh)\b",
    "css-rgba": r"rgba\(",
    "css-sytem-ui": r"system-ui|ui-serif|ui-sans",
    "css-modern-color": r"lch\(|lab\(",
}
ELEMENTS = {
    **{f"h{level}": "html-h1-h6" for level in range(1, 7)},
    **dict.fromkeys(("ul", "ol", "li"), "html-lists"),
    **dict.fromkeys(("em", "strong", "b", "i"), "html-strong"),
    **dict.fromkeys(("article", "main", "nav", "section", "header", "footer"), "html-semantics"),
    **dict.fromkeys(("tr", "td", "tbody", "table"), "html-table"),
}


@dataclass
class Found:
    """Of one program: features shown, shown in part or not, and those without a fallback."""

    program: str
    shown: set[str] = field(default_factory=set)
    partly: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    untold: set[str] = field(default_factory=set)

    def faults(self) -> list[str]:
        """A line for each feature that some reader misses without anything in its place."""
        lost = (self.partly | self.hidden) - FALLBACKS.keys()
        return [f"{self.program}: {slug} is not shown and has no fallback" for slug in sorted(lost)]


def features(html: str) -> set[str]:
    """caniemail's names of all that stands in a mail, but for what comments hide from everyone."""
    page = BeautifulSoup(html, "html.parser")
    for comment in page.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    found = {"html-doctype"} if html.lstrip().lower().startswith("<!doctype") else set()
    for tag in page.find_all(True):
        found |= set(_of_tag(tag))
    for style in page.find_all("style"):
        found |= set(_of_sheet(style.get_text()))
    return found


def look(mails: Sequence[str], *, data: Path) -> list[Found]:
    """What each program makes of all the mails together."""
    known = {one["slug"]: one for one in json.loads(data.read_text())["data"]}
    used = set().union(*map(features, mails)) & known.keys()
    return [_in(program, clients, used, known) for program, clients in PROGRAMS.items()]


def table(found: Sequence[Found]) -> list[tuple[str, ...]]:
    """A row a program, its headings first."""
    rows: list[tuple[str, ...]] = [
        ("program", "features", "shown", "in part", "not", "without a fallback")
    ]
    for one in found:
        sizes = (len(one.shown), len(one.partly), len(one.hidden), len(one.faults()))
        rows.append((one.program, str(sum(sizes[:3])), *map(str, sizes)))
    return rows


def _in(program: str, clients: Sequence[str], used: set[str], known: dict[str, Any]) -> Found:
    found = Found(program)
    for slug in used:
        said = [_said(known[slug]["stats"], client) for client in clients]
        if "n" in said:
            found.hidden.add(slug)
        elif "a" in said:
            found.partly.add(slug)
        elif set(said) == {"u"}:
            found.untold.add(slug)
        else:
            found.shown.add(slug)
    return found


def _said(stats: dict[str, dict[str, dict[str, str]]], client: str) -> str:
    """`y`, `a` (in part), `n`, or `u` where nobody tried: of the latest version of a client."""
    family, _dot, platform = client.partition(".")
    versions = stats.get(family, {}).get(platform, {})
    return list(versions.values())[-1][0] if versions else "u"


def _of_tag(tag: Tag) -> Iterator[str]:
    yield ELEMENTS.get(tag.name, f"html-{tag.name}")
    for name in tag.attrs:
        if name not in {"style", "class", "href", "src", "alt"}:
            yield f"html-{name}"
    if tag.name == "meta" and tag.get("name") == "color-scheme":
        yield "html-meta-color-scheme"
    if str(tag.get("href", "")).startswith("mailto:"):
        yield "html-mailto-links"
    if tag.name == "img":
        yield f"image-{str(tag.get('src', '')).rpartition('.')[2].replace('jpeg', 'jpg')}"
    yield from _of_declarations(str(tag.get("style", "")))


def _of_sheet(sheet: str) -> Iterator[str]:
    for condition in re.findall(r"@media([^{]*)\{", sheet):
        yield "css-at-media"
        if "prefers-color-scheme" in condition:
            yield "css-at-media-prefers-color-scheme"
    for rule in re.findall(r"@(font-face|import|supports|keyframes)", sheet):
        yield f"css-at-{rule}"
    flat = re.sub(r"@media[^{]*\{", "", sheet)
    for selectors, declarations in re.findall(r"([^{}@]+)\{([^{}]*)\}", flat):
        if "," in selectors:
            yield "css-selector-grouping"
        for selector in selectors.split(","):
            for slug, pattern in SELECTORS.items():
                if re.search(pattern, selector.strip()):
                    yield slug
            for pseudo in re.findall(r"::?([a-z-]+)", selector):
                yield f"css-pseudo-class-{pseudo}"
        yield from _of_declarations(declarations)


def _of_declarations(declarations: str) -> Iterator[str]:
    for slug, pattern in VALUES.items():
        if re.search(pattern, declarations):
            yield slug
    for declaration in declarations.split(";"):
        name = declaration.partition(":")[0].strip().lower()
        yield f"css-{name}"
        # `border-top`, `margin-left` and their like are known by the whole.
        yield f"css-{name.partition('-')[0]}"
