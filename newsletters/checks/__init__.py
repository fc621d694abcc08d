"""What an editor should know of a mail before it leaves: the content lines of the checklist.

In: a mail as rendered, still with the places of a reader's keys. Out: findings, each a sentence
that says what to do; with one that blocks, the mail must not leave. `sentences.py` has what is
said, `words.py`, `links.py`, `body.py` and `footer.py` what is looked for, `sight.py` how a mail
looks to the eye. Headers are made by `pipeline.render` alone and held by the tests' own judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup
from django.utils.translation import gettext

from newsletters.checks import body, footer, links, words
from newsletters.checks.sentences import Fault, Severity, severity
from newsletters.checks.sentences import sentence as sentence
from newsletters.checks.sight import visible
from newsletters.typeset import weight

if TYPE_CHECKING:
    from newsletters.models import Newsletter
    from newsletters.pipeline.render import Rendered

KB = 1024
AIM, HEAVY, TOO_HEAVY = 30, 80, 100
"""KB of HTML on the wire: what opens quickly, what is much, and what Gmail cuts off (at 102)."""


@dataclass(frozen=True)
class Finding:
    """One fault of a mail, as its editor reads it."""

    code: str
    severity: Severity
    text: str
    language: str
    """Of the mail it was found in."""


@dataclass(frozen=True)
class Size:
    """How heavy a mail is, for the meter beside it."""

    bytes: int
    """Octets of its HTML as encoded on the wire."""
    text: str

    @property
    def kilobytes(self) -> int:
        """Rounded up."""
        return -(-self.bytes // KB)


def of_mail(
    mail: Rendered, *, subject: str, preheader: str, language: str, newsletter: Newsletter
) -> list[Finding]:
    """Everything an editor should mend or know, what blocks first, each said once."""
    page = BeautifulSoup(mail.html, "html.parser")
    found = [
        *faults(mail, page, subject, preheader, language, newsletter),
        *nowhere(page),
    ]
    return findings(found, language)


def of_thanks(mail: Rendered, *, wanted: Iterable[str], language: str) -> list[Finding]:
    """Acknowledgements that the projects of a mail's stories require and that it lacks."""
    page = BeautifulSoup(mail.html, "html.parser")
    return findings(footer.thanks_missing(page, mail.text, wanted), language)


def size(mail: Rendered) -> Size:
    """Octets on the wire and a sentence for them."""
    octets = weight(mail.html)
    kilobytes = -(-octets // KB)
    if kilobytes <= AIM:
        said = gettext("%(size)s KB: opens quickly everywhere.")
    elif kilobytes < HEAVY:
        said = gettext("%(size)s KB: well below 100, where mail programs cut off.")
    elif kilobytes < TOO_HEAVY:
        said = gettext("%(size)s KB: heavy. From 100 KB on mail programs cut it off.")
    else:
        said = gettext("%(size)s KB: too heavy to be sent. Mail programs cut off from 100 KB on.")
    return Size(bytes=octets, text=said % {"size": kilobytes})


def faults(
    mail: Rendered,
    page: BeautifulSoup,
    subject: str,
    preheader: str,
    language: str,
    newsletter: Newsletter,
) -> Iterator[Fault]:
    """All that reading the mail alone can tell."""
    yield from words.subject_faults(subject, language)
    yield from words.preheader_faults(preheader)
    yield from words.unfinished(subject, preheader)
    yield from piece_faults(mail, page)
    yield from weight_faults(weight(mail.html))
    yield from body.structure_faults(page)
    yield from body.preheader_place(page)
    yield from footer.footer_faults(page, mail.text, language=language, newsletter=newsletter)


def piece_faults(mail: Rendered, page: BeautifulSoup) -> Iterator[Fault]:
    """What can be told of a mail and of a piece of one: a card, a frame."""
    yield from words.unfinished(visible(page), mail.text)
    yield from words.broken_text(mail.html, mail.text)
    yield from body.active_content(page, mail.html)
    yield from body.picture_faults(page)
    yield from body.legibility(page)
    yield from links.link_faults(page)
    yield from body.missing_in_text(page, mail.text)


def nowhere(page: BeautifulSoup) -> Iterator[Fault]:
    """Links to pages of ours that are drafts or not there; asks the content source of each."""
    return links.nowhere(str(link["href"]) for link in page.select("a[href]"))


def weight_faults(octets: int) -> Iterator[Fault]:
    """Much, or too much."""
    kilobytes = -(-octets // KB)
    if kilobytes >= TOO_HEAVY:
        yield "size", str(kilobytes)
    elif kilobytes >= HEAVY:
        yield "heavy", str(kilobytes)


def findings(found: Iterable[Fault], language: str) -> list[Finding]:
    """Faults as an editor reads them, in the language of the moment."""
    made = [
        Finding(code, severity(code), sentence(code, said), language)
        for code, said in dict.fromkeys(found)
    ]
    return sorted(made, key=lambda one: one.severity != "block")
