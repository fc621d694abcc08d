"""Nothing outside a pack names a region, a subject, a donor, a treaty or a centre.

The words are the first pack's own: its countries and places and the names of its bodies, with the
stems of what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import packs
from packs.reading import HOME
from packs.values import Words

ROOT = HOME.parent
MAY_NAME = {"packs", "tests", "locale", "docs", "var"}
"""Folders in which the first pack's words may stand; `var` is what ran here."""
KINDS = {".py", ".html", ".mjml", ".txt", ".js", ".css"}
STEMS = (
    *("africa", "cairo", "egypt", "sahel", "maghreb"),
    *("traffick", "smuggl", "migrant", "victim", "prosecut", "undercover", "extradit"),
    *("japan(?!ese)", "undp", "untoc", "unitar", "unodc", "palermo", "cccpa"),
    *("sycamore", "acacia", "transnational", "peacekeep", "foreign ministry"),
)


def test_no_file_outside_the_packs_says_a_word_of_the_first_pack() -> None:
    pattern = words_of_the_first_pack()

    found = [
        f"{path.relative_to(ROOT)}:{number} {told[0]!r}"
        for path in _files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for told in pattern.finditer(line)
    ]

    assert found == []


def test_the_words_are_found_where_they_may_stand() -> None:
    training = (HOME / packs.FIRST / "training.yaml").read_text(encoding="utf-8")

    told = set(map(str.lower, words_of_the_first_pack().findall(training)))

    assert {"africa", "cairo", "government of japan", "undp", "untoc", "traffick"} <= told


def words_of_the_first_pack() -> re.Pattern[str]:
    """Finds them in any text."""
    pack = packs.load(packs.FIRST)
    taught = pack.training
    names: list[Words] = [
        pack.network_name,
        pack.centre_name,
        *(project.donor for project in taught.projects),
        *(project.administering_partner for project in taught.projects),
        *(thing.titles for thing in (*taught.projects, *taught.courses, *taught.programmes)),
        *(run.place for run in taught.runs),
        *(region.names for region in pack.regions),
        *({"en": packs.country_name(code, "en")} for code in pack.countries),
    ]
    whole = sorted({text for words in names for text in words.values()}, key=len, reverse=True)
    names_or_stems = rf"\b(?:(?:{'|'.join(map(re.escape, whole))})\b|{'|'.join(STEMS)})"
    return re.compile(names_or_stems, re.IGNORECASE)


def _files() -> Iterator[Path]:
    """The tree as it is edited: hidden folders and what ran here left out."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") for part in parts)
        if path.suffix in KINDS and not hidden and parts[0] not in MAY_NAME:
            yield path
