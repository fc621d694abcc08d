"""What must stand below every mailing: who, where, why, and the ways out; in both parts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from django.utils.translation import gettext, override

from newsletters.checks.body import split
from newsletters.checks.sentences import Fault
from newsletters.checks.sight import INVISIBLE, visible
from newsletters.markup import clean
from newsletters.typeset import house

if TYPE_CHECKING:
    from newsletters.models import Newsletter

_JOINED = re.compile(f"{INVISIBLE.pattern}|[\u2060\u2068\u2069]")


def footer_faults(
    page: BeautifulSoup, text: str, *, language: str, newsletter: Newsletter
) -> Iterator[Fault]:
    """Everything that is missing, once, whichever part it is missing in."""
    parts = [_tight(visible(page)), _tight(text)]
    if not _stands(house(language)["centre_name"], parts):
        yield "no_sender", ""
    lines = newsletter.postal_address.splitlines()
    if not any(lines) or not all(_stands(line, parts) for line in lines):
        yield "no_postal", ""
    wording = newsletter.wording(language)
    if not any(_stands(_why(name, language), parts) for name in (wording.name, wording.plain_name)):
        yield "no_why", ""
    links = {str(link["href"]) for link in page.select("a[href]")}
    for path, code in (("/n/u/", "no_unsubscribe"), ("/n/p/", "no_preferences")):
        if not any(split(link).path.startswith(path) and link in text for link in links):
            yield code, ""
    # A question is the reader's own: its page is where its buttons lead, no archive has it.
    pages = ("/newsletters/", "/n/go/")
    if not any(path in link for link in links for path in pages):
        yield "no_browser", ""


def thanks_missing(page: BeautifulSoup, text: str, wanted: Iterable[str]) -> Iterator[Fault]:
    """Sentences that a project's agreement asks for and that stand in one part or in none."""
    parts = [_tight(visible(page)), _tight(text)]
    for sentence in wanted:
        if not _stands(sentence, parts):
            yield "no_thanks", clean(sentence)


def _why(name: str, language: str) -> str:
    with override(language):
        return gettext(
            "You receive “%(name)s” because you asked for it and confirmed with this address."
        ) % {"name": clean(name)}


def _stands(words: str, parts: list[str]) -> bool:
    return all(_tight(words) in part for part in parts)


def _tight(words: str) -> str:
    """Without spaces and what cannot be seen: bidi marks and joiners differ between the parts."""
    return _JOINED.sub("", words)
