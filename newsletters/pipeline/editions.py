"""In: an issue and who chose what of it. Out: its editions, frozen: cards and frames rendered once.

A digest has an edition for each distinct selection, a written issue one for each language. Neither
holds bytes: a mail is the concatenation of its fragments.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import Q

from newsletters.models import Edition, Fragment, Issue
from newsletters.pipeline import compile, render, written
from newsletters.pipeline.compile import Selection
from newsletters.pipeline.render import Rendered
from newsletters.sources import PUBLIC, Entry, Text, Written

CHOSEN = """
DROP TABLE IF EXISTS pg_temp.newsletters_chosen;
CREATE TEMPORARY TABLE newsletters_chosen (
    languages text, discreet boolean, mask bigint, edition_id bigint, first_number integer
) ON COMMIT DROP
"""


def make(issue: Issue, entries: Sequence[Entry]) -> None:
    """One edition for each distinct selection, and which readers' masks lead to it."""
    made: dict[tuple[object, ...], Edition] = {}
    digests: dict[tuple[object, ...], str] = {}
    rows = []
    for languages, discreet, mask, selection in compile.selections(entries):
        identity = (selection.language, discreet, *selection.names)
        if identity not in made:
            shas = [_frame(issue, selection.language, discreet, digests)]
            shas += [_fragment(issue, selection, choice, digests) for choice in selection.choices]
            made[identity] = _edition(issue, selection, shas)
        rows.append((languages, discreet, mask, made[identity]))
    Edition.objects.bulk_create(made.values(), batch_size=1000)
    _choose((languages, discreet, mask, edition.pk) for languages, discreet, mask, edition in rows)


def make_written(issue: Issue, manuscripts: Sequence[Written]) -> None:
    """One edition for each language that somebody reads first among those it was written in.

    Whoever reads none of them gets the fallback, where `written.settle` let it through.
    """
    by_language = {manuscript.language: manuscript for manuscript in manuscripts}
    made: dict[tuple[str, bool], int] = {}
    digests: dict[tuple[object, ...], str] = {}
    rows = []
    for languages, discreet, mask in compile.readers():
        language = _first_of(languages, by_language, issue.fallback)
        if (language, discreet) not in made:
            made[language, discreet] = _written(issue, by_language[language], discreet, digests).pk
        rows.append((languages, discreet, mask, made[language, discreet]))
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
        (
            languages,
            discreet,
            mask,
            sealed[_first_of(languages, written_in, issue.fallback), discreet],
        )
        for languages, discreet, mask in compile.readers()
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


def _first_of(languages: str, written_in: Container[str], fallback: str) -> str:
    return next((code for code in languages.split() if code in written_in), fallback)


def _choose(rows: Iterable[tuple[str, bool, int, int]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHOSEN)
        with cursor.copy("COPY newsletters_chosen FROM STDIN") as copy:
            for row in rows:
                copy.write_row((*row, 0))


def _written(
    issue: Issue, manuscript: Written, discreet: bool, made: dict[tuple[object, ...], str]
) -> Edition:
    name = f"{issue.reference}@{manuscript.language}"
    shas = [_frame(issue, manuscript.language, discreet, made)]
    if (manuscript.language, name) not in made:
        url = render.archive_url(issue.newsletter, manuscript.language, issue.key)
        # What was written to some is read by whoever has its address, and stands in no list.
        to_all = issue.proposed_at is not None and not issue.criteria
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
    pieces = _pieces(edition.issue_id, edition.language, edition.discreet)
    return render.compose(
        frame=pieces[""],
        fragments=[pieces[name] for name in edition.selection],
        preheader=edition.preheader,
    )


@lru_cache(maxsize=16)
def _pieces(issue_id: int, language: str, discreet: bool) -> dict[str, Rendered]:
    """Frame and cards of an issue in one language. They are frozen, so a worker may keep them."""
    rows = Fragment.objects.filter(
        Q(entry="", discreet=discreet) | ~Q(entry=""), issue=issue_id, language=language
    ).values_list("entry", "html", "text")
    return {entry: Rendered(html=html, text=text) for entry, html, text in rows}


def _frame(issue: Issue, language: str, discreet: bool, made: dict[tuple[object, ...], str]) -> str:
    key = (language, discreet, "")
    if key not in made:
        archive_url = render.archive_url(issue.newsletter, language, issue.key)
        rendered = render.frame(
            newsletter=issue.newsletter,
            language=language,
            discreet=discreet,
            # What is asked of someone stands in no archive.
            archive_url="" if issue.step_id else archive_url,
        )
        made[key] = _store(issue, language, "", rendered, discreet=discreet)
    return made[key]


def _fragment(
    issue: Issue,
    selection: Selection,
    choice: tuple[Entry, Text],
    made: dict[tuple[object, ...], str],
) -> str:
    entry, text = choice
    name = f"{entry.key}@{text.language}"
    key = (selection.language, name)
    if key not in made:
        rendered = render.fragment(entry=entry, text=text, language=selection.language)
        made[key] = _store(
            issue,
            selection.language,
            name,
            rendered,
            is_public=entry.audience == PUBLIC,
            title=text.title[:300],
            url=text.url[:500],
        )
    return made[key]


def _store(issue: Issue, language: str, entry: str, rendered: Rendered, **facts: object) -> str:
    sha256 = _digest([rendered.html, rendered.text])
    Fragment.objects.create(
        issue=issue,
        language=language,
        entry=entry,
        html=rendered.html,
        text=rendered.text,
        sha256=sha256,
        **facts,
    )
    return sha256


def _edition(issue: Issue, selection: Selection, shas: Iterable[str]) -> Edition:
    words: dict[str, Any] = {
        "newsletter": issue.newsletter,
        "texts": [text for _entry, text in selection.choices],
        "language": selection.language,
        "discreet": selection.discreet,
    }
    subject, preheader = render.subject(**words), render.preheader(**words)
    return Edition(
        issue=issue,
        language=selection.language,
        discreet=selection.discreet,
        selection=selection.names,
        subject=subject,
        preheader=preheader,
        sha256=_digest([selection.language, subject, preheader, *shas]),
    )


def _digest(pieces: Iterable[str]) -> str:
    """SHA-256 over the pieces with their lengths, so that no two divisions look alike."""
    whole = hashlib.sha256()
    for piece in pieces:
        encoded = piece.encode()
        whole.update(b"%d:" % len(encoded))
        whole.update(encoded)
    return whole.hexdigest()
