"""In: an issue that editors wrote. Out: who gets it in which language, and how it reads.

Everyone considered gets the first of the own languages in which it was written; interests and
what was told before do not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import css_inline
import nh3
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from django.utils import timezone

from newsletters import sources
from newsletters.markup import (
    Held,
    clip,
    directed,
    direction,
    harmless,
    in_plain_text,
    isolate,
    tidy,
)
from newsletters.models import Issue
from newsletters.pipeline import render
from newsletters.pipeline.audience import consider
from newsletters.pipeline.render import CARD_END, CARD_START, Rendered
from newsletters.sources import PURPOSE, PersonalLink, Text, Written
from newsletters.typeset import fold, typeset

if TYPE_CHECKING:
    from newsletters.models import Newsletter

TAGS = {"p", "br", "h2", "h3", "ul", "ol", "li", "strong", "em", "a", "blockquote", "hr"}
OPENERS = str.maketrans({"%": "&#37;", "{": "&#123;", "*": "&#42;", "[": "&#91;"})
"""What opens a merge field somewhere, as entities: in words and in addresses alike."""
OUR_MARKS = str.maketrans(dict.fromkeys(render.UNSUBSCRIBE[::2]))
"""What stands around the names of a reader's keys until they are put in."""

WANT = """
CREATE TEMPORARY TABLE newsletters_wanted ON COMMIT DROP AS
SELECT c.id AS subscription_id, c.subscriber_id, c.languages, c.discreet, 1::bigint AS mask,
    CASE WHEN c.excluded <> '' THEN c.excluded
        WHEN string_to_array(c.languages, ' ') && %s::text[] THEN ''
        ELSE 'not_in_their_language' END AS excluded
FROM newsletters_considered c
"""


def draw_up(issue: Issue) -> list[Written]:
    """Settle who gets it; call inside a transaction. Raises ValueError when nothing is written."""
    manuscripts = sources.content().written(issue.reference)
    if not manuscripts:
        raise ValueError(f"nothing is written under {issue.reference!r}")
    consider(issue)
    with connection.cursor() as cursor:
        cursor.execute(WANT, [[manuscript.language for manuscript in manuscripts]])
    return manuscripts


def card(manuscript: Written) -> Rendered:
    """The body in a frame's card: cleaned, styled inline, harmless to every merge language."""
    language, way = manuscript.language, direction(manuscript.language)
    sheet = render_to_string("emails/parts/written.css", {"direction": way})
    kept = nh3.clean(
        manuscript.html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"https", "http"},
        link_rel=None,
    )  # fmt: skip
    body = css_inline.inline_fragment(kept, sheet, load_remote_stylesheets=False)
    held = Held()
    context = {
        "language": language,
        "direction": way,
        "body": held.markup(body.translate(OPENERS | OUR_MARKS)),
        "buttons": [
            {"label": held.words(link.label), "url": held.own(_personal(link))}
            for link in manuscript.links
        ],
    }
    html = typeset("emails/written/body.mjml", context, language=language)
    html = html[html.index(CARD_START) + len(CARD_START) : html.index(CARD_END)]
    lines = [in_plain_text(line, language) for line in manuscript.text.splitlines()]
    for link in manuscript.links:
        lines += ["", isolate(harmless(link.label), language), _personal(link)]
    return Rendered(
        html=fold(held.put_back(html)) + "\n",
        text=directed(tidy("\n".join(lines)), language) + "\n\n",
    )


def subject(manuscript: Written, *, newsletter: Newsletter, discreet: bool) -> str:
    """As it was written; a discreet reader sees the plain name instead."""
    language = manuscript.language
    if not discreet:
        line = clip(harmless(manuscript.subject), render.SUBJECT_LENGTH.stop - 1)
        return isolate(line, language)
    return render.subject(
        newsletter=newsletter, texts=[_as_text(manuscript)], language=language, discreet=True
    )


def preheader(manuscript: Written, *, newsletter: Newsletter, discreet: bool) -> str:
    """As it was written, or a sentence that tells nothing."""
    language = manuscript.language
    if manuscript.preheader and not discreet:
        line = clip(harmless(manuscript.preheader), render.PREHEADER_LENGTH.stop - 1)
        return isolate(line, language)
    return render.preheader(
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
