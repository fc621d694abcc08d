"""The promise kept for newsletters: which readers may get what is not for everyone.

Querysets only, so that freezing a mailing stays one `INSERT … SELECT`; nobody joins on an address.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import override

from alumni.followup import answers, asking
from alumni.models import Access, Enrolment, Profile, User
from alumni.privacy import access, erasure, export
from newsletters import everything
from newsletters.models import Subscriber
from newsletters.sources import PUBLIC, Elsewhere, Section

MEMBERS = "members"
RUN = "run:"


def narrow(readers: QuerySet[Subscriber], criteria: dict[str, Any]) -> QuerySet[Subscriber]:
    """The readers who meet the criteria; an audience it does not know reaches nobody."""
    audience = str(criteria.get("audience", PUBLIC))
    if audience == PUBLIC:
        return readers
    members = readers.filter(
        Q(profile__user__isnull=True) | Q(profile__user__is_active=True),
        profile__in=Profile.objects.members(),
    )
    if audience == MEMBERS:
        return members
    if audience.startswith(RUN):
        cohort = Enrolment.objects.taken_up().filter(
            run__slug=audience.removeprefix(RUN), profile__subscriber=OuterRef("pk")
        )
        return members.filter(Exists(cohort))
    return readers.filter(pk__lt=0)  # not none(): the engine makes one statement of it


def due(step: dict[str, Any], day: dt.date) -> QuerySet[Any]:
    """Who is asked on a day, as (subscriber_id, anchor_key); the anchor is the person's course.

    `{"wave": "3-months"}` is the question; with `"after_days": 7` its reminder to the silent.
    """
    enrolments = asking.may_be_asked(
        str(step.get("wave", "")), day, after_days=int(step.get("after_days", 0))
    )
    reached = enrolments.filter(profile__subscriber__isnull=False)
    rows = reached.annotate(subscriber_id=F("profile__subscriber_id"), anchor_key=F("run__slug"))
    return rows.values_list("subscriber_id", "anchor_key")


def personal_link(subscriber_id: int, purpose: str) -> str | None:
    """`answer:<course run>:<wave>:<first answer>` → the page with that answer chosen."""
    kind, _colon, rest = purpose.partition(":")
    run, _colon, rest = rest.partition(":")
    wave, _colon, first = rest.partition(":")
    people = Profile.objects.filter(subscriber=subscriber_id)
    asked = answers.place(people, run=run, wave=wave) if kind == "answer" else None
    if asked is None:
        return None
    languages = Subscriber.objects.values_list("languages", flat=True).get(pk=subscriber_id)
    with override(languages[0]):
        address = reverse("alumni:survey", args=[asked.token])
    return f"{address}?{urlencode({'answer': first})}" if first else address


def elsewhere(reader: Subscriber) -> Elsewhere:
    """The page of a member; or what the rosters say of the one person reached at the mailbox."""
    own = Q(user__emailaddress__email=reader.address, user__emailaddress__verified=True)
    members = Profile.objects.exclude(user=None)
    if members.filter(Q(subscriber=reader) | Q(user__email=reader.address) | own).exists():
        with override(reader.languages[0]):
            return Elsewhere(page=settings.SITE_URL + reverse("alumni:data"))
    person, looks = _listed_at(reader), _looks_at(reader)
    listed = tuple(export.of_listed(person)) if person else ()
    return Elsewhere(sections=listed, looks=looks)


def forget(reader: Subscriber, language: str) -> None:
    """Whoever the rosters name at the mailbox, and nobody else there, is erased with the reader."""
    erasure.wipe_looks(access.of_reader(reader.pk))
    person = _listed_at(reader)
    if person is not None:
        erasure.erase(profile=person, by=None, language=language, how="link to the mailbox")


def looked(readers: QuerySet[Subscriber], *, how: str, detail: str, by: User) -> None:
    """A row for each of these readers, which nothing changes and which each of them can read."""
    what = Access.What.LIST if how == "list" else Access.What.RECORD
    access.note_readers(readers=readers, what=what, by=by, detail=detail)


def _looks_at(reader: Subscriber) -> tuple[Section, ...]:
    rows = Access.objects.filter(subject=access.of_reader(reader.pk))
    found = everything.section(Access, rows)
    return (found,) if found.rows else ()


def _listed_at(reader: Subscriber) -> Profile | None:
    """The only person at the address, without account: the mailbox would let him or her join."""
    found = list(Profile.objects.filter(address=reader.address)[:2])
    if len(found) == 1 and found[0].user_id is None and not found[0].has_accepted:
        return found[0]
    return None


def audiences_of(user: User | AnonymousUser | None) -> frozenset[str]:
    """The audiences of content that this visitor belongs to; two queries at most."""
    profile = None
    if user is not None and user.is_authenticated and user.is_active:
        profile = getattr(user, "profile", None)
    if profile is None or not profile.is_member:
        return frozenset({PUBLIC})
    runs = profile.enrolments.taken_up().values_list("run__slug", flat=True)
    return frozenset({PUBLIC, MEMBERS, *(f"{RUN}{slug}" for slug in runs)})
