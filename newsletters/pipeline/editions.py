"""In: an issue and who chose what of it. Out: its editions, frozen: cards and frames rendered once.

A digest has an edition for each distinct selection, a written issue one for each language. Neither
holds bytes: a mail is the concatenation of its fragments.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from newsletters import archive
from newsletters.models import Edition, Fragment, Issue
from newsletters.pipeline import compile, fragments, headers, render, written
from newsletters.pipeline.compile import Drawn, Key, Selection
from newsletters.pipeline.fragments import FRAME, Making, in_order, sha256_over
from newsletters.pipeline.render import Rendered
from newsletters.sources import PUBLIC, Entry, Written

CHOSEN = """
DROP TABLE IF EXISTS pg_temp.newsletters_chosen;
CREATE TEMPORARY TABLE newsletters_chosen (
    languages text, discreet boolean, mask bigint, elsewhere bigint, reasons text,
    edition_id bigint, first_number integer
) ON COMMIT DROP
"""


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
            language, made = selection.language, making.made
            shas = [fragments.keep_frame(issue, language, selection.discreet, made)]
            shas += [fragments.keep_piece(making, language, *piece) for piece in pieces]
            found[identity] = _edition(issue, selection, names, shas)
        rows.append((key, found[identity]))
    Fragment.objects.bulk_create(making.fragments, batch_size=1000)
    Edition.objects.bulk_create(found.values(), batch_size=1000)
    _choose((key, edition.pk) for key, edition in rows)


def as_read(issue: Issue, selection: Selection) -> tuple[str, Rendered]:
    """Subject and mail of a selection as they would leave now; nothing is kept of it."""
    making, language = Making(issue), selection.language
    frame = fragments.frame(issue, language, selection.discreet)
    pieces = [fragments.piece(making, language, *piece) for piece in in_order(making, selection)]
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
    shas = [sha256_over([pieces[name].html, pieces[name].text]) for name in names]
    language, discreet = edition.language, str(edition.discreet)
    return sha256_over([language, discreet, edition.subject, edition.preheader, *shas])


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
    told = [part for part in manuscript.parts if isinstance(part, Entry)]
    shas = [fragments.keep_frame(issue, manuscript.language, discreet, made)]
    if (manuscript.language, name) not in made:
        url = archive.address(issue.newsletter, manuscript.language, issue.key)
        # What was written to some is read by whoever has its address, and stands in no list.
        to_all = (
            issue.proposed_at is not None
            and not issue.criteria
            and all(entry.audience == PUBLIC for entry in told)
            # What corrects a mailing is as public as that one.
            and (not issue.follows_id or archive.is_public(issue.follows_id))
        )
        facts = {"is_public": to_all, "title": manuscript.subject[:300], "url": url[:500]}
        made[manuscript.language, name] = fragments.keep(
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
        only_for=_meant_for(issue) + _not_for_all(told),
        subject=subject,
        preheader=preheader,
        sha256=sha256_over([manuscript.language, str(discreet), subject, preheader, *shas]),
    )


@lru_cache(maxsize=4)
def mail(edition: Edition) -> Rendered:
    """What every reader of the edition gets, tokens still to be put in: concatenation only."""
    stored = _kept(edition.issue_id, edition.language, edition.discreet)
    pieces = edition.pieces or [f" {name}" for name in edition.selection]
    return render.compose(
        frame=stored[FRAME],
        fragments=[stored[piece] for piece in pieces],
        preheader=edition.preheader,
    )


@lru_cache(maxsize=16)
def _kept(issue_id: int, language: str, discreet: bool) -> dict[str, Rendered]:
    """What is stored is frozen, so a worker may keep it."""
    return fragments.stored(issue_id, language, discreet)


def _meant_for(issue: Issue) -> list[dict[str, Any]]:
    """Whom a written mailing is for: those chosen, or those for whom a step is still due."""
    if issue.step is not None:
        _code, _colon, anchor = issue.reference.partition(":")
        return [{"step": issue.step.criteria, "anchor": anchor}]
    return [issue.criteria] if issue.criteria else []


def _not_for_all(told: Iterable[Entry]) -> list[dict[str, Any]]:
    """A criterion for each audience among them."""
    return [{"audience": one} for one in sorted({entry.audience for entry in told} - {PUBLIC})]


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
    told = (*selection.choices, *selection.elsewhere)
    return Edition(
        issue=issue,
        language=selection.language,
        discreet=selection.discreet,
        selection=selection.names,
        pieces=list(pieces),
        only_for=_not_for_all(entry for entry, _text in told),
        subject=subject,
        preheader=preheader,
        # The names too: two reasons may read the same.
        sha256=sha256_over([selection.language, subject, preheader, *pieces, *shas]),
    )
