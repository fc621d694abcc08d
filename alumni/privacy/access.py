"""Who of the staff looked at what of a person: written here, read by the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext

from alumni.models import Access, Profile, User
from newsletters.models import Consent, Subscriber

What = Access.What
A_LOT = 5000
"""Readers written down at once."""


@dataclass(frozen=True)
class Line:
    """One access in the words that the person reads."""

    at: dt.datetime
    who: str
    what: str
    detail: str


def note(*, profile: Profile, what: What, by: User, detail: str = "") -> None:
    """One row that nothing ever changes. Nothing is noted of a person's look at the own record."""
    note_all(profiles=[profile], what=what, by=by, detail=detail)


def note_all(*, profiles: Iterable[Profile], what: What, by: User, detail: str = "") -> int:
    """A row for each of these people, in one statement for a thousand; how many."""
    rows = [
        Access(subject=p.key, what=what, detail=detail[:500], by=by.pk, by_name=name_of(by))
        for p in profiles
        if p.user_id != by.pk
    ]
    Access.objects.bulk_create(rows, batch_size=1000)
    return len(rows)


def note_list(*, by: User, detail: str, what: What = What.LIST) -> None:
    """A row that belongs to no single person: a list as a whole, or somebody who is gone."""
    Access.objects.create(what=what, detail=detail[:500], by=by.pk, by_name=name_of(by))


def note_readers(*, readers: QuerySet[Subscriber], what: What, by: User, detail: str = "") -> None:
    """A row for each of these readers of newsletters; members among them read it as their own."""
    members = Profile.objects.filter(subscriber__in=readers)
    note_all(profiles=members, what=what, by=by, detail=detail)
    told: dict[str, Any] = {"detail": detail[:500], "by": by.pk, "by_name": name_of(by)}
    others = readers.filter(profile=None).order_by("pk").values_list("pk", flat=True).iterator()
    while keys := list(islice(others, A_LOT)):
        rows = [Access(subject=of_reader(key), what=what, **told) for key in keys]
        Access.objects.bulk_create(rows)


def of_reader(subscriber_id: int | None) -> str:
    """What a reader who is no member is called in the record of looks."""
    return f"subscriber:{subscriber_id or 0}"


def looks(profile: Profile) -> QuerySet[Access]:
    """The rows about this person, as a member and as a reader."""
    return Access.objects.filter(subject__in=[profile.key, of_reader(profile.subscriber_id)])


def history(profile: Profile) -> list[Line]:
    """Who looked at what of this person, newest first."""
    rows = looks(profile)
    return [Line(row.at, row.by_name, str(row.get_what_display()), row.detail) for row in rows]


def consents(profile: Profile) -> list[Consent]:
    """What the person agreed to and took back, as a member and as a reader, newest first."""
    return list(Consent.objects.filter(subject__in=subjects(profile)).order_by("-at", "-id"))


def subjects(profile: Profile) -> list[str]:
    """What the person is called in the record of consents."""
    reader = [f"subscriber:{profile.subscriber_id}"] if profile.subscriber_id else []
    return [f"profile:{profile.key}", *reader]


def name_of(user: Any) -> str:
    """A colleague as members read of him or her: a name where there is one, never an address."""
    name = user.get_full_name()
    return name if name and "@" not in name else gettext("colleague no. %(n)d") % {"n": user.pk}
