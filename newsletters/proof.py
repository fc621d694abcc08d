"""The proof that a reader agreed, as one page for printing. In: a reader. Out: consents in words.

A consent and its end stand in rows that nothing changes; here they are put side by side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from newsletters.fates import language_name
from newsletters.models import Consent, Newsletter, Subscriber

NEWSLETTER = "newsletter:"
WAYS: dict[str, Promise] = {
    "confirmation link": _("pressed the button behind the link that was mailed to the address"),
    "undone at once": _("took the leaving back within half an hour"),
    "import": _("agreed elsewhere; the list that was brought in says where and when"),
    "button in the mail": _("the unsubscribe button of the mail program"),
    "link in the mail": _("the link in the mail"),
    "complaint": _("marked our mail as spam"),
    "button of the mail service": _("the unsubscribe button of the mail service"),
    "web form": _("a form on the site"),
    "staff": _("a colleague, because the person asked"),
    "wrote to us: stop": _("a colleague, because the person wrote to us"),
    "asked by letter": _("a colleague, because the person wrote to us"),
    "link to the mailbox": _("the page behind the link that was mailed to the address"),
}


@dataclass(frozen=True)
class Agreed:
    """One consent from its beginning to its end."""

    newsletter: str
    words: str
    version: str
    language: str
    given_at: dt.datetime | None
    """None where only the end is on record."""
    given_how: str
    ended_at: dt.datetime | None = None
    ended_how: str = ""


def of_reader(reader: Subscriber) -> list[Agreed]:
    """Every consent of the reader to a newsletter, oldest first; two queries."""
    rows = Consent.objects.filter(subject=f"subscriber:{reader.pk}", purpose__startswith=NEWSLETTER)
    names = {
        newsletter.slug: str(newsletter)
        for newsletter in Newsletter.objects.prefetch_related("wordings")
    }
    return _side_by_side(rows, names)


def way(how: str) -> str:
    """By which way, in words; as it was noted where there are none."""
    return str(WAYS.get(how, how))


def _side_by_side(rows: Iterable[Consent], names: dict[str, str]) -> list[Agreed]:
    found: list[Agreed] = []
    standing: dict[str, int] = {}
    for row in rows:
        slug = row.purpose.removeprefix(NEWSLETTER)
        name = names.get(slug, slug)
        if row.given:
            standing[slug] = len(found)
            found.append(_begun(row, name))
        elif slug in standing:
            place = standing.pop(slug)
            found[place] = _ended(found[place], row)
        else:
            found.append(_ended(Agreed(name, "", "", "", None, ""), row))
    return found


def _begun(row: Consent, name: str) -> Agreed:
    return Agreed(
        newsletter=name,
        words=row.wording,
        version=row.wording_version,
        language=language_name(row.language),
        given_at=row.at,
        given_how=way(row.how),
    )


def _ended(begun: Agreed, row: Consent) -> Agreed:
    return Agreed(**vars(begun) | {"ended_at": row.at, "ended_how": way(row.how)})
