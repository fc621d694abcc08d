"""In: an issue and who chose what of it. Out: its editions, frozen: cards and frames rendered once.

A digest has an edition for each distinct selection, a written issue one for each language. Neither
holds bytes: a mail is the concatenation of its fragments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q

from newsletters import archive, sources
from newsletters.models import Edition, Fragment, Issue
from newsletters.pipeline import compile, headers, render, written
from newsletters.pipeline.compile import FULL, Drawn, Key, Selection
from newsletters.pipeline.render import Rendered
from newsletters.sources import PUBLIC, Entry, Text, Written

CHOSEN = """
DROP TABLE IF EXISTS pg_temp.newsletters_chosen;
CREATE TEMPORARY TABLE newsletters_chosen (
    languages text, discreet boolean, mask bigint, elsewhere bigint, reasons text,
    edition_id bigint, first_number integer
) ON COMMIT DROP
"""


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


def make(issue: Issue, drawn: Drawn) -> None:
    """One edition for each distinct selection, and which readers' masks lead to it."""
    found: dict[tuple[object, ...], Edition] = {}
    making = Making(issue)
    rows = []
    for key, selection in compile.selections(drawn):
        pieces = in_order(making, selection)
        names = [name for name, _choice in pieces]
        identity = (selection.language, selection.discreet, *names)
        if identity not in found:
            shas = [_frame(issue, selection.language, selection.discreet, making.made)]
            shas += [_fragment(making, selection.language, *piece) for piece in pieces]
            found[identity] = _edition(issue, selection, names, shas)
        rows.append((key, found[identity]))
    Fragment.objects.bulk_create(making.fragments, batch_size=1000)
    Edition.objects.bulk_create(found.values(), batch_size=1000)
    _choose((key, edition.pk) for key, edition in rows)


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


def as_read(issue: Issue, selection: Selection) -> tuple[str, Rendered]:
    """Subject and mail of a selection as they would leave now; nothing is kept of it."""
    making, language = Making(issue), selection.language
    frame = _rendered_frame(issue, language, selection.discreet)
    pieces = [_rendered(making, language, *piece) for piece in in_order(making, selection)]
    subject, preheader = _head(issue, selection)
    return subject, render.compose(frame=frame, fragments=pieces, preheader=preheader)


def make_written(issue: Issue, manuscripts: Sequence[Written]) -> None:
    """One edition for each language that somebody reads first among those it was written in.

    Whoever reads none of them gets the fallback, where `written.settle` let it through.
    """
    by_language = {manuscript.language: manuscript for manuscript in manuscripts}
    made: dict[tuple[str, bool], int] = {}
    digests: dict[tuple[object, ...], str] = {}
    rows = []
    for key in compile.readers():
        language = _first_of(key, by_language, issue.fallback)
        whose = (language, key.discreet)
        if whose not in made:
            made[whose] = _written(issue, by_language[language], key.discreet, digests).pk
        rows.append((key, made[whose]))
    _choose(rows)


def seal_written(issue: Issue, manuscripts: Sequence[Written]) -> list[Edition]:
    """Every language, for everybody and for readers at risk, before anybody is chosen."""
    made: dict[tuple[object, ...], str] = {}
    return [
        _written(issue, manuscript, discreet, made)
        for manuscript in manuscripts
        for discreet in (False, True)
    ]


def choose_sealed(issue: Issue) -> None:
    """Lead the chosen readers to the editions that were approved; nothing is rendered."""
    sealed = {(one.language, one.discreet): one.pk for one in issue.editions.all()}
    written_in = {language for language, _discreet in sealed}
    _choose(
        (key, sealed[_first_of(key, written_in, issue.fallback), key.discreet])
        for key in compile.readers()
    )


def sha256_of(edition: Edition) -> str:
    """What its bytes add up to now: the column says what they added up to when it was made."""
    pieces = {
        (fragment.entry, fragment.discreet if fragment.entry == "" else False): fragment
        for fragment in Fragment.objects.filter(issue=edition.issue_id, language=edition.language)
    }
    names = [("", edition.discreet), *((name, False) for name in edition.selection)]
    shas = [_digest([pieces[name].html, pieces[name].text]) for name in names]
    language, discreet = edition.language, str(edition.discreet)
    return _digest([language, discreet, edition.subject, edition.preheader, *shas])


def _first_of(key: Key, written_in: Container[str], fallback: str) -> str:
    return next((code for code in key.languages.split() if code in written_in), fallback)


def _choose(rows: Iterable[tuple[Key, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHOSEN)
        with cursor.copy("COPY newsletters_chosen FROM STDIN") as copy:
            for key, edition in rows:
                copy.write_row((*key, edition, 0))


def _written(
    issue: Issue, manuscript: Written, discreet: bool, made: dict[tuple[object, ...], str]
) -> Edition:
    name = f"{issue.reference}@{manuscript.language}"
    shas = [_frame(issue, manuscript.language, discreet, made)]
    if (manuscript.language, name) not in made:
        url = archive.address(issue.newsletter, manuscript.language, issue.key)
        # What was written to some is read by whoever has its address, and stands in no list.
        told = [part for part in manuscript.parts if isinstance(part, Entry)]
        to_all = (
            issue.proposed_at is not None
            and not issue.criteria
            and all(entry.audience == PUBLIC for entry in told)
        )
        facts = {"is_public": to_all, "title": manuscript.subject[:300], "url": url[:500]}
        made[manuscript.language, name] = _store(
            issue, manuscript.language, name, written.card(manuscript), **facts
        )
    shas.append(made[manuscript.language, name])
    words: dict[str, Any] = {"newsletter": issue.newsletter, "discreet": discreet}
    subject = written.subject(manuscript, **words)
    preheader = written.preheader(manuscript, **words)
    return Edition.objects.create(
        issue=issue,
        language=manuscript.language,
        discreet=discreet,
        selection=[name],
        holds=list(manuscript.holds),
        subject=subject,
        preheader=preheader,
        sha256=_digest([manuscript.language, str(discreet), subject, preheader, *shas]),
    )


@lru_cache(maxsize=4)
def mail(edition: Edition) -> Rendered:
    """What every reader of the edition gets, tokens still to be put in: concatenation only."""
    stored = _pieces(edition.issue_id, edition.language, edition.discreet)
    pieces = edition.pieces or [f" {name}" for name in edition.selection]
    return render.compose(
        frame=stored[" "],
        fragments=[stored[piece] for piece in pieces],
        preheader=edition.preheader,
    )


@lru_cache(maxsize=16)
def _pieces(issue_id: int, language: str, discreet: bool) -> dict[str, Rendered]:
    """Frame and cards of an issue in one language. They are frozen, so a worker may keep them."""
    frame = Q(entry="", form="")
    rows = Fragment.objects.filter(
        frame & Q(discreet=discreet) | ~frame, issue=issue_id, language=language
    ).values_list("form", "entry", "html", "text")
    return {
        f"{form} {entry}": Rendered(html, text, is_heading=bool(form) and not entry)
        for form, entry, html, text in rows
    }


def _name(form: str, choice: Choice | None = None) -> str:
    entry = f"{choice[0].key}@{choice[1].language}" if choice else ""
    return f"{form} {entry}"


def _frame(issue: Issue, language: str, discreet: bool, made: dict[tuple[object, ...], str]) -> str:
    key = (language, discreet, "")
    if key not in made:
        rendered = _rendered_frame(issue, language, discreet)
        made[key] = _store(issue, language, "", rendered, discreet=discreet)
    return made[key]


def _rendered_frame(issue: Issue, language: str, discreet: bool) -> Rendered:
    archive_url = archive.address(issue.newsletter, language, issue.key)
    return render.frame(
        newsletter=issue.newsletter,
        language=language,
        discreet=discreet,
        # What is asked of someone stands in no archive.
        archive_url="" if issue.step_id else archive_url,
    )


def _fragment(making: Making, language: str, name: str, choice: Choice | None) -> str:
    key = (language, name)
    if key not in making.made:
        form, _space, entry_name = name.partition(" ")
        rendered = _rendered(making, language, name, choice)
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


def _rendered(making: Making, language: str, name: str, choice: Choice | None) -> Rendered:
    form = name.partition(" ")[0]
    if choice is None:
        return render.heading(form, language=language)
    entry, text = choice
    if form == render.LINE:
        return render.line(entry=entry, text=text)
    label = making.because(form, text.language)
    return render.because(making.card(entry, text), label, text.language)


def _store(issue: Issue, language: str, entry: str, rendered: Rendered, **facts: Any) -> str:
    row = _as_row(issue, language, entry, rendered, **facts)
    row.save(force_insert=True)
    return row.sha256


def _as_row(issue: Issue, language: str, entry: str, rendered: Rendered, **facts: Any) -> Fragment:
    return Fragment(
        issue=issue,
        language=language,
        entry=entry,
        html=rendered.html,
        text=rendered.text,
        sha256=_digest([rendered.html, rendered.text]),
        **facts,
    )


def _head(issue: Issue, selection: Selection) -> tuple[str, str]:
    """Subject and preheader."""
    words: dict[str, Any] = {
        "newsletter": issue.newsletter,
        "texts": [text for _entry, text in selection.choices or selection.elsewhere],
        "language": selection.language,
        "discreet": selection.discreet,
    }
    if not selection.choices:
        silent = {name: words[name] for name in ("newsletter", "language", "discreet")}
        return headers.silent_subject(**silent), headers.preheader(**words)
    return headers.subject(**words), headers.preheader(**words)


def _edition(
    issue: Issue, selection: Selection, pieces: Sequence[str], shas: Iterable[str]
) -> Edition:
    subject, preheader = _head(issue, selection)
    return Edition(
        issue=issue,
        language=selection.language,
        discreet=selection.discreet,
        selection=selection.names,
        pieces=list(pieces),
        subject=subject,
        preheader=preheader,
        # The names too: two reasons may read the same.
        sha256=_digest([selection.language, subject, preheader, *pieces, *shas]),
    )


def _digest(pieces: Iterable[str]) -> str:
    """SHA-256 over the pieces with their lengths, so that no two divisions look alike."""
    whole = hashlib.sha256()
    for piece in pieces:
        encoded = piece.encode()
        whole.update(b"%d:" % len(encoded))
        whole.update(encoded)
    return whole.hexdigest()
