"""What the privacy notice and the imprint say of themselves: what the code does, read from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cms.models import NoticePage
from newsletters.models.subscribers import CONFIRM_WITHIN

YEAR = 365

TOLD: dict[str, str | Promise] = {
    "alumni.Profile": gettext_lazy("What a nomination told us of somebody who never joined"),
    "alumni.Vouching": gettext_lazy("A proposal to admit somebody, if it came to nothing"),
    "alumni.Message": gettext_lazy("What members write to one another"),
    "alumni.Conversation": gettext_lazy(
        "That two members write to one another, if no message is left"
    ),
    "alumni.Complaint": gettext_lazy("What a member reported to us"),
    "alumni.Muting": gettext_lazy("That we took the right to write from somebody, once it ended"),
    "alumni.Hiding": gettext_lazy("That somebody was hidden, once it ended"),
    "alumni.Access": gettext_lazy("Which colleague looked at whose data"),
    "newsletters.Subscriber": gettext_lazy("The address of a reader who left the last newsletter"),
    "newsletters.Consent": gettext_lazy("Proof of what you agreed to, once you have left"),
    "newsletters.Letter": gettext_lazy("That we wrote to you (address and words go at once)"),
    "usersessions.UserSession": gettext_lazy("Where you are signed in: device and network address"),
}
"""What is kept for a number of days, by the model of docs/data-retention.yaml."""

STORED: dict[str, tuple[str | Promise, int | None]] = {
    settings.SESSION_COOKIE_NAME: (
        gettext_lazy("That you are signed in; only then"),
        settings.SESSION_COOKIE_AGE // (24 * 3600),
    ),
    settings.CSRF_COOKIE_NAME: (
        gettext_lazy("That a form you send was opened on this site; only on pages with such forms"),
        settings.CSRF_COOKIE_AGE // (24 * 3600),
    ),
    "messages": (gettext_lazy("What the next page tells you, such as “Saved”"), None),
    "said": (
        gettext_lazy("Which stories you pressed a button beneath, so that it counts once"),
        180,
    ),
    "kept": (
        gettext_lazy("What you typed into a long form, until it has been saved; it is never sent"),
        None,
    ),
}
"""What a browser keeps for this site, by name, and for how many days (None: until it is used)."""


@dataclass(frozen=True)
class Line:
    """A row of a table: what, and how long."""

    what: str
    how_long: str
    name: str = ""


def notice(page: NoticePage, request: HttpRequest) -> dict[str, Any]:
    """`kept` and `stored` (Lines) for privacy; nothing more for the imprint."""
    if page.kind != NoticePage.Kind.PRIVACY:
        return {}
    return {"kept": kept(), "stored": stored()}


def kept() -> list[Line]:
    """How long, by the rules that are carried out every night, the pack's shorter ones in them."""
    people = settings.RETENTION.people
    by_days = [
        Line(str(what), period(days))
        for model, what in TOLD.items()
        if model in people and (days := people[model].days)
    ]
    return [
        Line(_("Your profile, your courses and what you told us"), _("until you are erased")),
        Line(_("Your address, if you read a newsletter"), _("until you leave, and then as below")),
        Line(_("A subscription that nobody confirmed"), period(CONFIRM_WITHIN.days)),
        *by_days,
    ]


def stored() -> list[Line]:
    """What stays in a browser."""
    return [
        Line(
            str(what),
            period(days) if days else _("until it has served its purpose"),
            name,
        )
        for name, (what, days) in STORED.items()
    ]


def period(days: int) -> str:
    """Whole years as years, all else in days, in words of the language of the moment."""
    years = days // YEAR
    if days % YEAR == 0:
        return ngettext("%(number)s year", "%(number)s years", years) % {"number": years}
    return ngettext("%(number)s day", "%(number)s days", days) % {"number": days}
