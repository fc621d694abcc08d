"""Invitations by mail: staff start, the rows decide who is due, and what comes back stops it.

In: course runs whose inviting was started. Out: letters with a link of their own, so many a day,
newest course first, two reminders, then silence. Everything may run twice, late or never.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from alumni.adapters import owner_of
from alumni.appearance import initials
from alumni.joining import accounts
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
ASKED_AGAIN_WITHIN, MOST_A_DAY = dt.timedelta(minutes=10), 3


class SignedInAsSomeoneElse(Exception):
    """The person should sign out and open the link again; it still counts."""


class MailboxHasAnOwner(Exception):
    """Another member signs in with this mailbox: a slip and another address open the door."""


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


def find(token: str) -> Invitation | None:
    """The invitation of a link that counts. Changes nothing."""
    found = _of(token).filter(used_at=None, expires_at__gt=timezone.now()).first()
    if found is None or not _is_open(found):
        return None
    return found


def take(*, token: str, by: User | None) -> tuple[User, Invitation] | None:
    """The mailbox's owner takes up the invitation: the profile is his or hers, the link used up.

    None when the link does not count (any more). The caller marks the mailbox as confirmed and
    signs the person in. Raises SignedInAsSomeoneElse, MailboxHasAnOwner; the link then stays good.
    """
    with transaction.atomic():
        invitation = find(token)
        if invitation is None:
            return None
        Profile.objects.select_for_update().get(pk=invitation.profile_id)
        if find(token) is None:  # taken while we waited
            return None
        owner = owner_of(invitation.address)
        if by is not None and by != owner:
            raise SignedInAsSomeoneElse
        user = owner or _user_at(invitation.address)
        if not user.is_active:
            return None
        own = Profile.objects.filter(user=user).first()
        if own is not None and own.pk != invitation.profile_id:
            raise MailboxHasAnOwner
        if own is None and not accounts.give(invitation.profile, to=user, door=Profile.Door.MAIL):
            return None
        invitation.profile.invitations.filter(used_at=None).update(used_at=timezone.now())
        return user, invitation


def ask_again(*, token: str, network: str) -> None:
    """A fresh link to the same address, if the old one ever was one; the answer is the same.

    Raises TooManyRequests for a network.
    """
    links.count_request(network)
    old = _of(token).first()
    if old is None or not _is_open(old) or links.suppressed(old.address):
        return
    with transaction.atomic():
        Profile.objects.select_for_update().get(pk=old.profile_id)
        now = timezone.now()
        asked = old.profile.invitations.filter(step=Step.FRESH)
        if (
            asked.filter(sent_at__gt=now - ASKED_AGAIN_WITHIN).exists()
            or asked.filter(sent_at__gt=now - dt.timedelta(days=1)).count() >= MOST_A_DAY
        ):
            return
        _mail([old.profile], old.run, Step.FRESH)


def _of(token: str) -> QuerySet[Invitation]:
    rows = Invitation.objects.filter(hash=_hash(token))
    return rows.select_related("profile__user", "run__course")


def _is_open(invitation: Invitation) -> bool:
    """The person has not joined, and is still reached at the address that was mailed."""
    profile = invitation.profile
    if profile.has_accepted or profile.address != invitation.address:
        return False
    if profile.user_id is None:
        return True
    # Began to join and left off: the mailbox may lead back, if it is the one that signed in.
    return EmailAddress.objects.filter(
        user=profile.user_id, email=invitation.address, verified=True
    ).exists()


def _user_at(address: str) -> User:
    """The user that staff made for this address, or a new one without a password.

    Whoever only began to sign up with it need not be its owner: that beginning is swept away, so
    that no session that waits for the mailbox's word gets in by this one.
    """
    begun = User.objects.filter(
        email=address, last_login=None, profile=None, groups=None, is_staff=False
    ).exclude(is_superuser=True)
    begun.exclude(emailaddress__verified=True).delete()
    return User.objects.filter(email=address).first() or User.objects.create_user(address)


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
        _mail([enrolment.profile], enrolment.run, Step.FIRST)
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
                count += _mail([first.profile], first.run, step)
    return count


def _mail(people: Iterable[Profile], run: CourseRun, step: str) -> int:
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
            hash=_hash(token),
            letter=letter,
            sent_at=now,
            expires_at=now + INVITATION_LASTS,
        )
        count += 1
    return count


def _shares(person: Profile) -> bool:
    return Profile.objects.filter(address=person.address).exclude(pk=person.pk).exists()


def _hash(token: str) -> str:
    return keyed_hash(f"invitation:{token}")
