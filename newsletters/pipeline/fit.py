"""In: editions drawn up, in the transaction that drew them up. Out: nothing, or why none can leave.

A digest has too many mails to read each. Every card and every frame is read by itself, the weight
of every selection is their sum, and all rules are asked of the heaviest mail and of some at random.
What only ought to be mended stops nobody's mail: its editor reads of it before approving.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup
from django.db import connection
from django.db.models import prefetch_related_objects

from newsletters import checks
from newsletters.checks.sentences import Fault, severity
from newsletters.models import Issue, Newsletter
from newsletters.pipeline import fragments, render
from newsletters.pipeline.fragments import FRAME
from newsletters.pipeline.render import Rendered
from newsletters.sources import PUBLIC, Entry
from newsletters.typeset import weight

UNFIT = "unfit"
"""Code of the sentence in `reports.reason`; the fault's own code and words follow."""
AT_RANDOM = 20
"""Mails of each frame that are read as a whole, beside the heaviest."""
MADE_HARMLESS = {"placeholder", "merge"}
"""A story may tell of such words (docs/adr/0005); what editors wrote was refused before."""

CHOSEN = """
SELECT DISTINCT e.id, e.language, e.discreet, e.subject, e.preheader, e.selection, e.pieces
FROM newsletters_edition e JOIN newsletters_chosen c ON c.edition_id = e.id
ORDER BY e.id
"""


class Unfit(Exception):
    """A fault that no mail may leave with: its code and its words, parted by a bar."""


@dataclass(frozen=True)
class Drawn:
    """An edition as the list of readers chose it."""

    id: int
    language: str
    discreet: bool
    subject: str
    preheader: str
    selection: list[str]
    pieces: list[str]

    @property
    def names(self) -> list[str]:
        """`<form> <entry>` of all that its mail is joined from, in order."""
        return self.pieces or [f" {name}" for name in self.selection]


@dataclass(frozen=True)
class Pieces:
    """Frame and cards of one language, with what each weighs on the wire."""

    frame: Rendered
    cards: dict[str, Rendered]
    weights: dict[str, int]

    def mail(self, edition: Drawn) -> Rendered:
        """As `editions.mail` puts it together."""
        cards = [self.cards[name] for name in edition.names]
        return render.compose(frame=self.frame, fragments=cards, preheader=edition.preheader)

    def weight(self, edition: Drawn) -> int:
        """What it would weigh with every card in it."""
        return self.weights[FRAME] + sum(self.weights[name] for name in edition.names)


def look(issue: Issue, entries: Sequence[Entry]) -> None:
    """Every piece, every sum, and a sample. Raises Unfit for the first fault that blocks.

    What a digest tells of was published a moment ago; links that editors wrote are followed.
    """
    prefetch_related_objects([issue.newsletter], "wordings")
    written = issue.kind == Newsletter.Kind.WRITTEN
    drawn = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(CHOSEN)
        for row in cursor.fetchall():
            edition = Drawn(*row)
            drawn[edition.language, edition.discreet].append(edition)
    for number, ((language, discreet), editions) in enumerate(drawn.items()):
        pieces = _pieces(issue, language, discreet)
        _refuse(_of_pieces(pieces, entries, follow_links=written))
        for edition in _sample(pieces, editions, issue.pk + number):
            _refuse(_of_mail(pieces.mail(edition), edition, issue.newsletter))


def _pieces(issue: Issue, language: str, discreet: bool) -> Pieces:
    stored = fragments.stored(issue.pk, language, discreet)
    weights = {name: weight(piece.html) for name, piece in stored.items()}
    return Pieces(frame=stored.pop(FRAME), cards=stored, weights=weights)


def _of_pieces(pieces: Pieces, entries: Sequence[Entry], *, follow_links: bool) -> Iterator[Fault]:
    thanks = {
        f"{entry.key}@{text.language}": text.acknowledgement
        for entry in entries
        for text in entry.texts
        if entry.audience == PUBLIC and text.acknowledgement
    }
    for name, card in pieces.cards.items():
        page = BeautifulSoup(card.html, "html.parser")
        yield from checks.piece_faults(card, page)
        wanted = {thanks.get(name.partition(" ")[2], "")} - {""}
        yield from checks.footer.thanks_missing(page, card.text, wanted)
        if follow_links:
            yield from checks.nowhere(page)
        # A card that no mail has room for would leave its readers with an empty frame.
        alone = pieces.weights[FRAME] + pieces.weights[name]
        if alone > render.MOST_WEIGHT:
            yield "size", str(-(-alone // checks.KB))


def _sample(pieces: Pieces, editions: Sequence[Drawn], seed: int) -> Iterable[Drawn]:
    """The heaviest, and others at random: the same ones when it is drawn up again."""
    heaviest = max(editions, key=pieces.weight)
    others = [edition for edition in editions if edition is not heaviest]
    chance = random.Random(seed)  # noqa: S311 (a sample, no secret)
    return [heaviest, *chance.sample(others, min(AT_RANDOM, len(others)))]


def _of_mail(mail: Rendered, edition: Drawn, newsletter: Newsletter) -> Iterator[Fault]:
    page = BeautifulSoup(mail.html, "html.parser")
    words = edition.subject, edition.preheader
    return checks.faults(mail, page, *words, edition.language, newsletter)


def _refuse(found: Iterable[Fault]) -> None:
    for code, words in found:
        if severity(code) == "block" and code not in MADE_HARMLESS:
            raise Unfit(f"{code}|{words}")
