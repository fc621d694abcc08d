"""In: a colleague, the clock. Out: what the newsletters want of this colleague now, in sentences.

`cms.today` puts them into one list with those of the other packages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from newsletters import attention, reports

SOON = dt.timedelta(days=2)
"""How long before it leaves a digest is worth a look."""


@dataclass(frozen=True)
class Sentence:
    """One thing that waits, and the one button that leads to it."""

    text: str
    button: str
    url: str


def sentences(user: Any, now: dt.datetime) -> Iterator[Sentence]:
    """What stops mail, for whoever may see mailings."""
    if not user.has_perm("newsletters.view_issue"):
        return
    for text, issue in attention.notices(now):
        if issue is None:
            yield Sentence(text, gettext("Look at the mailings"), reverse("mailings"))
        else:
            yield Sentence(text, gettext("Open the mailing"), reverse("mailing", args=[issue.pk]))


def next_digest(user: Any, now: dt.datetime) -> Iterator[Sentence]:
    """The digest that leaves within two days; it goes by itself."""
    if not user.has_perm("newsletters.view_issue"):
        return
    for newsletter, frequency, moment in reports.next_mailings()[:1]:
        if now < moment <= now + SOON:
            text = gettext("“%(newsletter)s” leaves on %(when)s, to readers who chose “%(often)s”.")
            yield Sentence(
                text
                % {"newsletter": newsletter, "when": attention.told(moment), "often": frequency},
                gettext("Look at the mailings"),
                reverse("mailings"),
            )
