"""In: an issue that editors wrote. Out: who gets it in which language, and how it reads.

Everyone considered gets the first of the own languages in which it was written, else the fallback
where there is one; interests and what was told before do not matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from newsletters import archive, sources
from newsletters.markup import (
    PREHEADER_LENGTH,
    SUBJECT_LENGTH,
    Held,
    clip,
    direction,
    harmless,
    in_plain_text,
    isolate,
)
from newsletters.models import Issue
from newsletters.pipeline import headers, parts, render
from newsletters.pipeline.audience import NOT_IN_THEIR_LANGUAGE, consider, considered
from newsletters.pipeline.render import Rendered
from newsletters.sources import PURPOSE, PersonalLink, Text, Written
from newsletters.typeset import typeset

if TYPE_CHECKING:
    from newsletters.models import Newsletter

WANT = """
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS
SELECT c.id AS subscription_id, c.subscriber_id, c.languages, c.discreet, 1::bigint AS mask,
    0::bigint AS elsewhere, '' AS reasons,
    CASE WHEN c.excluded <> '' THEN c.excluded
        WHEN %s OR string_to_array(c.languages, ' ') && %s::text[] THEN ''
        ELSE 'not_in_their_language' END AS excluded
FROM newsletters_considered c
"""
REACH = """
SELECT CASE WHEN c.excluded <> '' THEN c.excluded
        WHEN w.language IS NOT NULL OR %s <> '' THEN ''
        ELSE 'not_in_their_language' END,
    COALESCE(w.language, %s), c.languages[1], count(*)
FROM ({considered}) c LEFT JOIN LATERAL (
    SELECT read.language FROM unnest(c.languages) WITH ORDINALITY AS read (language, place)
    WHERE read.language = ANY (%s::text[]) ORDER BY read.place LIMIT 1
) w ON true
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True)
class Reach:
    """To how many a written mailing would go now, and why not to the others."""

    people: int
    by_language: Counter[str] = field(default_factory=Counter)
    """People by the language they would get."""
    first: Counter[str] = field(default_factory=Counter)
    """People of the audience by the language they read first, the unreached included."""
    left_out: Counter[str] = field(default_factory=Counter)
    """People of the audience by the code of the reason."""


@dataclass(frozen=True)
class Proof:
    """One language of a written mailing as it would leave, keys still to be put in."""

    language: str
    subject: str
    preheader: str
    mail: Rendered
    is_whole: bool
    """Whether one mail can hold all that was written."""


def draw_up(issue: Issue) -> list[Written]:
    """Settle who gets it; call inside a transaction. Raises ValueError when nothing is written."""
    manuscripts = sources.content().written(issue.reference)
    if not manuscripts:
        raise ValueError(f"nothing is written under {issue.reference!r}")
    settle(issue, [manuscript.language for manuscript in manuscripts])
    return manuscripts


def settle(issue: Issue, languages: Iterable[str]) -> None:
    """The same for languages that are known; the result stands in `newsletters_wanted`."""
    consider(issue)
    with connection.cursor() as cursor:
        cursor.execute(WANT, [bool(issue.fallback), list(languages)])


def reach(issue: Issue, languages: Iterable[str]) -> Reach:
    """Counts of whom `settle` would choose now; the issue need not be saved."""
    sql, params = considered(issue).order_by().query.sql_with_params()
    found, fallback = Reach(0), issue.fallback
    people = 0
    with connection.cursor() as cursor:
        cursor.execute(REACH.format(considered=sql), [fallback, fallback, *params, list(languages)])
        for why, language, first, count in cursor.fetchall():
            if why:
                found.left_out[why] += count
            else:
                people += count
                found.by_language[language] += count
            if why in {"", NOT_IN_THEIR_LANGUAGE}:
                found.first[first] += count
    return replace(found, people=people)


def proof(
    manuscript: Written, *, newsletter: Newsletter, discreet: bool = False, key: str = ""
) -> Proof:
    """What its readers would get, from the same hands as what leaves.

    Without the key of an issue, its page in the archive is the list of all.
    """
    words: dict[str, Any] = {"newsletter": newsletter, "discreet": discreet}
    url = archive.address(newsletter, manuscript.language, key)
    line = preheader(manuscript, **words)
    frame = render.frame(**words, language=manuscript.language, archive_url=url)
    body = card(manuscript)
    mail = render.compose(frame=frame, fragments=[body], preheader=line)
    return Proof(
        language=manuscript.language,
        subject=subject(manuscript, **words),
        preheader=line,
        mail=mail,
        is_whole=body.html in mail.html,
    )


def card(manuscript: Written) -> Rendered:
    """The body in a frame's card: cleaned, styled inline, harmless to every merge language."""
    language, way = manuscript.language, direction(manuscript.language)
    if manuscript.parts:
        return parts.body(manuscript.parts, language)
    held = Held()
    context = {
        "language": language,
        "direction": way,
        "body": held.markup(parts.cleaned(manuscript.html, language)),
        "buttons": [
            {"label": held.words(link.label), "url": held.own(_personal(link))}
            for link in manuscript.links
        ],
    }
    html = typeset("emails/written/body.mjml", context, language=language)
    lines = [in_plain_text(line, language) for line in manuscript.text.splitlines()]
    for link in manuscript.links:
        lines += ["", isolate(harmless(link.label), language), _personal(link)]
    return render.piece(html, "\n".join(lines), held, language)


def subject(manuscript: Written, *, newsletter: Newsletter, discreet: bool) -> str:
    """As it was written; a discreet reader sees the plain name instead."""
    language = manuscript.language
    if not discreet:
        line = clip(harmless(manuscript.subject), SUBJECT_LENGTH.stop - 1)
        return isolate(line, language)
    return headers.subject(
        newsletter=newsletter, texts=[_as_text(manuscript)], language=language, discreet=True
    )


def preheader(manuscript: Written, *, newsletter: Newsletter, discreet: bool) -> str:
    """As it was written, or a sentence that tells nothing."""
    language = manuscript.language
    if manuscript.preheader and not discreet:
        line = clip(harmless(manuscript.preheader), PREHEADER_LENGTH.stop - 1)
        return isolate(line, language)
    return headers.preheader(
        newsletter=newsletter, texts=[_as_text(manuscript)], language=language, discreet=True
    )


def _personal(link: PersonalLink) -> str:
    """The reader's key comes in when the mail leaves; where it leads is known when it is followed.

    Raises ValueError for a purpose that no address could hold.
    """
    if not PURPOSE.fullmatch(link.purpose):
        raise ValueError(f"not a purpose of a personal link: {link.purpose!r}")
    return f"{settings.SITE_URL}/n/go/{render.PREFERENCES}/{link.purpose}/"


def _as_text(manuscript: Written) -> Text:
    return Text(
        language=manuscript.language,
        title=manuscript.subject,
        standfirst="",
        url="",
        mailable_at=timezone.now(),
    )
