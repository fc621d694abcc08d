"""In: what the mails of an issue tell. Out: the pieces they are joined from, rendered once.

A piece is a card, a heading or the frame; `<form> <entry>` names it within its language. Each is
a row with the SHA-256 that editions are sealed by.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from newsletters import archive, sources
from newsletters.models import Fragment, Issue
from newsletters.pipeline import render
from newsletters.pipeline.compile import FULL, Selection
from newsletters.pipeline.render import Rendered
from newsletters.sources import PUBLIC, Entry, Text

FRAME = " "
"""The name of a frame among the pieces."""

Choice = tuple[Entry, Text]


@dataclass
class Making:
    """What of an issue is rendered already: the SHA-256 of each piece, labels by language."""

    issue: Issue
    made: dict[tuple[object, ...], str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    cards: dict[str, Rendered] = field(default_factory=dict)
    fragments: list[Fragment] = field(default_factory=list)

    def because(self, interest: str, language: str) -> str:
        """What an entry is told by, in words; empty where nobody can follow it any more."""
        if not interest:
            return ""
        if language not in self.labels:
            followed = sources.content().interests(language)
            self.labels[language] = {one.code: one.label for one in followed}
        return self.labels[language].get(interest, "")

    def card(self, entry: Entry, text: Text) -> Rendered:
        """Set once: only its reason differs."""
        name = f"{entry.key}@{text.language}"
        if name not in self.cards:
            self.cards[name] = render.card(entry=entry, text=text)
        return self.cards[name]


def in_order(making: Making, selection: Selection) -> list[tuple[str, Choice | None]]:
    """What the mail of a selection is joined from: `<form> <entry>`, headings without an entry."""
    reasons = selection.reasons or ("",) * len(selection.choices)
    pieces: list[tuple[str, Choice | None]] = [
        (_name(reason if making.because(reason, choice[1].language) else "", choice), choice)
        for reason, choice in zip(reasons[:FULL], selection.choices[:FULL], strict=True)
    ]
    if rest := selection.choices[FULL:]:
        pieces.append((_name(render.MORE), None))
        pieces += [(_name(render.LINE, choice), choice) for choice in rest]
    if selection.elsewhere:
        heading = render.ELSEWHERE if selection.choices else render.SILENT
        pieces.append((_name(heading), None))
        pieces += [(_name("", choice), choice) for choice in selection.elsewhere]
    return pieces


def keep_frame(
    issue: Issue, language: str, discreet: bool, made: dict[tuple[object, ...], str]
) -> str:
    """Store the frame, once for all that was `made` together; its SHA-256."""
    key = (language, discreet, "")
    if key not in made:
        rendered = frame(issue, language, discreet)
        made[key] = keep(issue, language, "", rendered, discreet=discreet)
    return made[key]


def frame(issue: Issue, language: str, discreet: bool) -> Rendered:
    """What stands around the cards of every mail of the issue."""
    archive_url = archive.address(issue.newsletter, language, issue.key)
    return render.frame(
        newsletter=issue.newsletter,
        language=language,
        discreet=discreet,
        # What is asked of someone stands in no archive.
        archive_url="" if issue.step_id else archive_url,
    )


def keep_piece(making: Making, language: str, name: str, choice: Choice | None) -> str:
    """Its SHA-256; what is new waits among the fragments of the making for being stored."""
    key = (language, name)
    if key not in making.made:
        form, _space, entry_name = name.partition(" ")
        rendered = piece(making, language, name, choice)
        facts: dict[str, Any] = {"form": form}
        if choice:
            entry, text = choice
            facts |= {
                "is_public": entry.audience == PUBLIC,
                "title": text.title[:300],
                "url": text.url[:500],
            }
        making.fragments.append(_as_row(making.issue, language, entry_name, rendered, **facts))
        making.made[key] = making.fragments[-1].sha256
    return making.made[key]


def piece(making: Making, language: str, name: str, choice: Choice | None) -> Rendered:
    """A card, a line or a heading, as its name says."""
    form = name.partition(" ")[0]
    if choice is None:
        return render.heading(form, language=language)
    entry, text = choice
    if form == render.LINE:
        return render.line(entry=entry, text=text)
    label = making.because(form, text.language)
    return render.because(making.card(entry, text), label, text.language)


def keep(issue: Issue, language: str, entry: str, rendered: Rendered, **facts: Any) -> str:
    """Store a piece now; its SHA-256."""
    row = _as_row(issue, language, entry, rendered, **facts)
    row.save(force_insert=True)
    return row.sha256


def stored(issue_id: int, language: str, discreet: bool) -> dict[str, Rendered]:
    """Frame, cards and headings of an issue in one language, by name."""
    frame = Q(entry="", form="")
    rows = Fragment.objects.filter(
        frame & Q(discreet=discreet) | ~frame, issue=issue_id, language=language
    ).values_list("form", "entry", "html", "text")
    return {
        f"{form} {entry}": Rendered(html, text, is_heading=bool(form) and not entry)
        for form, entry, html, text in rows
    }


def sha256_over(pieces: Iterable[str]) -> str:
    """SHA-256 over the pieces with their lengths, so that no two divisions look alike."""
    whole = hashlib.sha256()
    for one in pieces:
        encoded = one.encode()
        whole.update(b"%d:" % len(encoded))
        whole.update(encoded)
    return whole.hexdigest()


def _name(form: str, choice: Choice | None = None) -> str:
    entry = f"{choice[0].key}@{choice[1].language}" if choice else ""
    return f"{form} {entry}"


def _as_row(issue: Issue, language: str, entry: str, rendered: Rendered, **facts: Any) -> Fragment:
    return Fragment(
        issue=issue,
        language=language,
        entry=entry,
        html=rendered.html,
        text=rendered.text,
        sha256=sha256_over([rendered.html, rendered.text]),
        **facts,
    )
