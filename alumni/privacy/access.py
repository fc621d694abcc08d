"""Who of the staff looked at what of a person: written here, read by the person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from alumni.models import Access, Profile, User
from newsletters.models import Consent

What = Access.What


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


def history(profile: Profile) -> list[Line]:
    """Who looked at what of this person, newest first."""
    rows = Access.objects.filter(subject=profile.key)
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
