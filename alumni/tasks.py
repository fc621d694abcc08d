"""Thin edges to Celery. Every task may run twice, late or never: the rows say what is to do."""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from alumni import reviews, roster
from alumni.directory import quota
from alumni.joining import invitations
from alumni.models import RosterUpload
from alumni.privacy import retention as policies
from alumni.roster.hold import standing_still

TURNS_LAST = 20
"""Seconds after which a worker lets others have a turn and rings again."""

VERBS = {RosterUpload.State.READING: roster.survey, RosterUpload.State.CARRYING: roster.carry_out}


@shared_task
def invite() -> None:
    """Today's invitations and reminders, and what came back of those before."""
    invitations.send_due()


@shared_task
def retention() -> None:
    """Carry out what docs/data-retention.yaml says; what is left over waits for the next night."""
    policies.carry_out()


@shared_task
def ask_whether_profiles_are_right() -> None:
    """The yearly question, and counters of the directory that are old enough to go."""
    reviews.ask(timezone.now())
    quota.forget(timezone.localdate())


@shared_task
def bring_on(upload_id: int) -> None:
    """Look a roster through, or import it, as far as one turn goes."""
    upload = RosterUpload.objects.current().select_related("run").filter(pk=upload_id).first()
    if upload is None:
        return
    verb = VERBS.get(RosterUpload.State(upload.state))
    if verb and not verb(upload, until=time.monotonic() + TURNS_LAST):
        bring_on.delay(upload_id)


@shared_task
def tidy_rosters() -> None:
    """Forget the rosters whose day is over; ring for those whose worker died."""
    roster.forget_old()
    for pk in standing_still():
        bring_on.delay(pk)
