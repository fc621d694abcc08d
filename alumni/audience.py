"""The promise kept for newsletters: which readers may get what is not for everyone.

Querysets only, so that freezing a mailing stays one `INSERT … SELECT`; nobody joins on an address.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import override

from alumni.followup import answers, asking
from alumni.followup.rounds import Round
from alumni.followup.survey import survey
from alumni.models import Access, CourseRun, Enrolment, Profile, User
from alumni.privacy import access, erasure, export
from newsletters import everything
from newsletters.models import Subscriber, Subscription
from newsletters.sources import EVERYTHING, PUBLIC, Elsewhere, Section

MEMBERS = "members"
RUN = "run:"
KNOWN = frozenset({"audience", "languages", "countries", "regions", "topics", "runs", "roles"})
"""Lists of codes but the first: whom a mailing is for."""
STEP = frozenset({"step", "anchor"})
"""What is asked, as `due` has it, and of which course: whoever is still to be asked."""


def narrow(readers: QuerySet[Subscriber], criteria: dict[str, Any]) -> QuerySet[Subscriber]:
    """The readers who meet all criteria, of each list at least one; see `KNOWN`.

    What it does not know reaches nobody.
    """
    if criteria.keys() == STEP:
        return readers.filter(profile__in=_still_asked(**criteria).values("profile"))
    if not criteria.keys() <= KNOWN:
        return readers.filter(pk__lt=0)  # not none(): the engine makes one statement of it
    found = _of_audience(readers, str(criteria.get("audience", PUBLIC)))
    if languages := criteria.get("languages"):
        found = found.filter(languages__overlap=list(languages))
    countries = [*criteria.get("countries", ()), *countries_of(criteria.get("regions", ()))]
    if countries:
        found = found.filter(_in_or_following(countries))
    elif criteria.get("regions"):
        return readers.filter(pk__lt=0)
    if topics := criteria.get("topics"):
        found = found.filter(_following([EVERYTHING, *(f"topic:{code}" for code in topics)]))
    runs, roles = criteria.get("runs", ()), criteria.get("roles", ())
    if runs or roles:
        placed = Enrolment.objects.taken_up().filter(profile__subscriber=OuterRef("pk"))
        placed = placed.filter(run__slug__in=runs) if runs else placed
        placed = placed.filter(role__in=roles) if roles else placed
        found = _members(found).filter(Exists(placed))
    return found


def _of_audience(readers: QuerySet[Subscriber], audience: str) -> QuerySet[Subscriber]:
    if audience == PUBLIC:
        return readers
    members = _members(readers)
    if audience == MEMBERS:
        return members
    if audience.startswith(RUN):
        cohort = Enrolment.objects.taken_up().filter(
            run__slug=audience.removeprefix(RUN), profile__subscriber=OuterRef("pk")
        )
        return members.filter(Exists(cohort))
    return readers.filter(pk__lt=0)


def _members(readers: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
    return readers.filter(
        Q(profile__user__isnull=True) | Q(profile__user__is_active=True),
        profile__in=Profile.objects.members(),
    )


def countries_of(regions: Iterable[str]) -> list[str]:
    """The codes of all countries of the pack's regions."""
    wanted = set(regions)
    listed = [region for region in settings.PACK.regions if region.code in wanted]
    return [country for region in listed for country in region.countries]


def _in_or_following(countries: list[str]) -> Q:
    """Members whose own page names one of the countries, and whoever follows one by name."""
    there = Profile.objects.members().filter(country__in=countries, subscriber=OuterRef("pk"))
    return Q(Exists(there)) | Q(_following([f"country:{code}" for code in countries]))


def _following(interests: list[str]) -> Exists:
    """In any newsletter that the reader gets."""
    own = Subscription.objects.confirmed().filter(subscriber=OuterRef("pk"))
    return Exists(own.filter(interests__overlap=interests))


def due(step: dict[str, Any], day: dt.date) -> QuerySet[Any]:
    """Who is asked on a day, as (subscriber_id, anchor_key); the anchor is the person's course.

    `{"wave": "3-months"}` is the question; with `"after_days": 7` its reminder to the silent.
    """
    reached = _asked(step, day).filter(profile__subscriber__isnull=False)
    rows = reached.annotate(subscriber_id=F("profile__subscriber_id"), anchor_key=F("run__slug"))
    return rows.values_list("subscriber_id", "anchor_key")


def _asked(step: dict[str, Any], day: dt.date) -> QuerySet[Enrolment]:
    return asking.may_be_asked(
        str(step.get("wave", "")), day, after_days=int(step.get("after_days", 0))
    )


def _still_asked(step: dict[str, Any], anchor: str) -> QuerySet[Enrolment]:
    """Of a course as on the step's own day, however long a mailing waited."""
    run, wave = CourseRun.objects.filter(slug=anchor).first(), survey().wave(step.get("wave", ""))
    if run is None or wave is None:
        return Enrolment.objects.filter(pk__lt=0)
    own = Round(wave, after_days=int(step.get("after_days", 0))).day_for(run)
    return _asked(step, own).filter(run=run)


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
