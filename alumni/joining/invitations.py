"""Invitations by mail: staff start, the rows decide who is due, and what comes back stops it.

In: course runs whose inviting was started. Out: letters with a link of their own, so many a day,
newest course first, two reminders, then silence. Everything may run twice, late or never.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from alumni.appearance import initials
from alumni.joining.slips import language_of
from alumni.models import CourseRun, Enrolment, Invitation, Profile, User, Wave
from alumni.models.doors import INVITATION_LASTS
from newsletters import letters, links, returned
from newsletters.addresses import keyed_hash
from newsletters.models import Letter

Step = Invitation.Step
REMINDERS = ((Step.LAST, dt.timedelta(days=12)), (Step.REMINDER, dt.timedelta(days=5)))
GIVEN_UP_AFTER = dt.timedelta(days=30)
"""Nobody is reminded of an invitation that is older, however long nothing was sent."""
STOPS_AT, FEWEST = 0.05, 2
"""The share of people whose mailbox is gone, and the fewest of them, that stop the inviting."""


def start(*, run: CourseRun, by: User) -> Wave:
    """Begin to invite, or go on after a stop; what came back before counts no more."""
    now = timezone.now()
    wave, _new = Wave.objects.get_or_create(run=run, defaults={"started_by": by, "started_at": now})
    Wave.objects.filter(pk=wave.pk, state=Wave.State.STOPPED).update(
        state=Wave.State.RUNNING,
        started_at=now,
        started_by=by,
        stopped_at=None,
        why="",
        bounced=0,
        invited=0,
    )
    wave.refresh_from_db()
    return wave


def stop(*, run: CourseRun, by: User) -> None:
    """No further invitation or reminder of this run leaves. Safe to run again."""
    Wave.objects.running().filter(run=run).update(
        state=Wave.State.STOPPED, stopped_at=timezone.now(), why=Wave.Why.STAFF
    )


def send_due() -> int:
    """Mail who is due today; how many. Safe beside itself: the running waves are held meanwhile."""
    with transaction.atomic():
        running = Wave.objects.running().select_for_update(of=("self",)).order_by("pk")
        waves = list(running.select_related("run__course"))
        if not waves:
            return 0
        note_returned()
        if _stopped_by_bounces(waves):
            return 0
        runs = [wave.run_id for wave in waves]
        return _invite(runs) + _remind(runs)


def note_returned() -> None:
    """Write down which invitations came back for good, or were refused when handed over."""
    now = timezone.now()
    recent = Invitation.objects.filter(
        bounced_at=None, sent_at__gte=now - 2 * GIVEN_UP_AFTER, profile__accepted_at=None
    )
    recent.filter(letter__state=Letter.State.FAILED).update(bounced_at=now)
    mailed: dict[str, dt.datetime] = {}
    for address, sent_at in recent.order_by("-sent_at").values_list("address", "sent_at"):
        mailed[address] = sent_at
    gone = returned.for_good(mailed)
    recent.filter(address__in=gone).update(bounced_at=now)


def _stopped_by_bounces(waves: list[Wave]) -> bool:
    """All stop together: a mail service judges the sender, not the course."""
    since = Q()
    for wave in waves:
        since |= Q(run=wave.run_id, sent_at__gte=wave.started_at)
    sums = Invitation.objects.filter(since).aggregate(
        invited=Count("profile", distinct=True),
        bounced=Count("profile", distinct=True, filter=Q(bounced_at__isnull=False)),
    )
    if sums["bounced"] < FEWEST or sums["bounced"] < STOPS_AT * sums["invited"]:
        return False
    Wave.objects.filter(pk__in=[wave.pk for wave in waves]).update(
        state=Wave.State.STOPPED, stopped_at=timezone.now(), why=Wave.Why.BOUNCES, **sums
    )
    return True


def _invite(runs: list[int]) -> int:
    """First invitations, as many as the day has left; the newest course first."""
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    sent = Invitation.objects.filter(step=Step.FIRST, sent_at__gte=today).count()
    left = settings.RABITA_INVITATIONS_A_DAY - sent
    asked = Invitation.objects.filter(
        profile=OuterRef("profile"), address=OuterRef("profile__address"), step=Step.FIRST
    )
    due = (
        Enrolment.objects.taken_up()
        .filter(~Exists(asked), run__in=runs, profile__accepted_at=None, profile__user=None)
        .exclude(profile__address="")
        .select_related("profile", "run__course")
        .order_by("-run__ends_on", "run", "profile")
    )
    mailed: set[int] = set()
    for enrolment in due:
        if len(mailed) >= left:
            break
        if enrolment.profile_id in mailed or links.suppressed(enrolment.profile.address):
            continue
        mail([enrolment.profile], enrolment.run, Step.FIRST)
        mailed.add(enrolment.profile_id)
    return len(mailed)


def _remind(runs: list[int]) -> int:
    """Who has not come after so many days, each step once; after an outage only the later one."""
    now, count = timezone.now(), 0
    answered = Profile.objects.filter(Q(accepted_at__isnull=False) | Q(user__isnull=False))
    firsts = (
        Invitation.objects.filter(run__in=runs, step=Step.FIRST, address=F("profile__address"))
        .filter(sent_at__gt=now - GIVEN_UP_AFTER)
        .exclude(profile__in=answered)
        .exclude(profile__in=Invitation.objects.filter(bounced_at__isnull=False).values("profile"))
        .select_related("profile", "run__course")
        .order_by("sent_at", "pk")
    )
    for step, after in REMINDERS:
        later = [Step.LAST] if step == Step.LAST else [Step.LAST, Step.REMINDER]
        had = Invitation.objects.filter(
            profile=OuterRef("profile"), address=OuterRef("address"), step__in=later
        )
        for first in firsts.filter(~Exists(had), sent_at__lte=now - after):
            if not links.suppressed(first.address):
                count += mail([first.profile], first.run, step)
    return count


def mail(people: Iterable[Profile], run: CourseRun, step: str) -> int:
    """A letter a person with a link of its own; the token leaves with it and is not kept.

    Who has not joined counts as at risk: the mail shows neither network nor subject outside, and
    initials only where they tell two people apart.
    """
    now, count = timezone.now(), 0
    for person in people:
        language, token = language_of(person, run), secrets.token_urlsafe(24)
        with override(language):
            path = reverse("alumni:invitation", args=[token])
            until = date_format(timezone.localdate(now + INVITATION_LASTS), "DATE_FORMAT")
        letter = letters.post(
            kind="invitation",
            to=person.address,
            language=language,
            params={
                "invitation_url": f"{settings.SITE_URL}{path}",
                "until": until,
                "initials": initials(person) if _shares(person) else "",
                "again": "yes" if step in {Step.REMINDER, Step.LAST} else "",
            },
            discreet=True,
        )
        Invitation.objects.create(
            profile=person,
            run=run,
            address=person.address,
            step=step,
            hash=hash_of(token),
            letter=letter,
            sent_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        count += 1
    return count


def _shares(person: Profile) -> bool:
    return Profile.objects.filter(address=person.address).exclude(pk=person.pk).exists()


def hash_of(token: str) -> str:
    """Of a link; its token is not kept."""
    return keyed_hash(f"invitation:{token}")
