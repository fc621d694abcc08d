"""Corrections: a mailing being written that goes to those who received another one.

In: a mailing that has ended. Out: the one correction of it that is being written, begun at most
once, and what the screen of the mailing offers.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext

from alumni.models import User
from cms.dispatch_views import COMPOSE, may_look
from cms.models import Dispatch
from newsletters import approving, correcting
from newsletters.correcting import Ways
from newsletters.models import Issue, Newsletter

TITLE = Dispatch._meta.get_field("title").max_length or 0


def begin(issue: Issue, *, by: User) -> tuple[Dispatch, bool]:
    """The correction of a mailing, to be written, and whether it is new. Raises CannotCorrect."""
    mailing = correcting.original(issue)
    with transaction.atomic():
        # Two colleagues who press in the same moment write one.
        Newsletter.objects.select_for_update(no_key=True).get(pk=mailing.newsletter_id)
        correcting.look(mailing)
        if begun := being_written(mailing):
            return begun[0], False
        title = gettext("Correction: %(mailing)s") % {"mailing": correcting.name_of(mailing)}
        return (
            Dispatch.objects.create(
                newsletter=mailing.newsletter,
                corrects=mailing,
                title=Truncator(title).chars(TITLE),
                # Whoever got it in another language than the own gets this in that one, too.
                fallback=mailing.fallback,
                created_by=by,
            ),
            True,
        )


def being_written(mailing: Issue) -> list[Dispatch]:
    """Its corrections that were not sent yet, the oldest first; two queries."""
    rows = list(Dispatch.objects.filter(corrects=mailing).order_by("pk"))
    made = approving.latest(row.reference for row in rows)
    sent = {reference for reference, issue in made.items() if issue.state == Issue.State.DONE}
    return [row for row in rows if row.reference not in sent]


def ways(issue: Issue, user: Any) -> Ways:
    """What the screen of a mailing that has ended offers to this colleague."""
    if not may_look(user):
        return Ways()
    mailing = correcting.original(issue)
    begun = being_written(mailing)
    written = tuple((row.title, reverse("dispatch", args=[row.key])) for row in begun)
    if begun or not user.has_perm(COMPOSE):
        return Ways(written=written)
    try:
        correcting.look(mailing)
    except correcting.CannotCorrect:
        return Ways()
    return Ways(begin=reverse("mailing_correct", args=[issue.pk]))
