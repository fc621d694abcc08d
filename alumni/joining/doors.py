"""Where the people of a course run stand with joining, for the colleagues who invite them.

In: a course run. Out: a row a person, in words, and who is left to call. Shown to staff alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models import Call, CourseRun, Enrolment, Invitation, Profile, Slip
from newsletters.addresses import masked
from newsletters.spreadsheets.safe import formula_safe

SILENT_AFTER = dt.timedelta(days=14)
"""Two days after the last reminder: whoever has not come by then is called."""


class Stand(Enum):
    """How far someone has come."""

    JOINED = "joined"
    TO_IDENTIFY = "to identify"
    ARRIVED = "arrived"
    INVITED = "invited"
    BOUNCED = "bounced"
    SILENT = "silent"
    NO_ADDRESS = "no address"
    NOT_INVITED = "not invited"


LABELS: dict[Stand, Any] = {
    Stand.JOINED: _("has joined"),
    Stand.TO_IDENTIFY: _("is it the person?"),
    Stand.ARRIVED: _("has signed in, has not agreed yet"),
    Stand.INVITED: _("invited"),
    Stand.BOUNCED: _("mail came back"),
    Stand.SILENT: _("no answer"),
    Stand.NO_ADDRESS: _("no address"),
    Stand.NOT_INVITED: _("not invited yet"),
}
LEFT_TO_CALL = {Stand.BOUNCED, Stand.SILENT, Stand.NO_ADDRESS}


@dataclass(frozen=True)
class Row:
    """One person of a course run."""

    profile: Profile
    stand: Stand
    since: dt.datetime | None
    mails: int
    has_code: bool
    last_call: Call | None

    @property
    def label(self) -> Any:
        """The stand in words."""
        return LABELS[self.stand]

    @property
    def came_with(self) -> str:
        """The masked address of whoever says to be this person, as long as nobody has looked."""
        user = self.profile.user if self.stand is Stand.TO_IDENTIFY else None
        return masked(user.email, shown=3) if user else ""

    @property
    def waits(self) -> bool:
        """Has not signed in."""
        return self.profile.user_id is None

    @property
    def can_be_called(self) -> bool:
        """Has not joined, and was nominated with a number."""
        return self.waits and bool(self.profile.phone)

    @property
    def has_to_be_called(self) -> bool:
        """What was written did not reach the person, or was not answered."""
        refused = self.last_call is not None and self.last_call.result == Call.Result.NOT_WANTED
        return self.stand in LEFT_TO_CALL and not refused


@dataclass(frozen=True)
class RunSum:
    """A course run with how many of its people have joined."""

    run: CourseRun
    joined: int
    people: int


def sums() -> list[RunSum]:
    """Every course run that has people, the newest first."""
    of_the_run = ~Q(enrolments__completion=Enrolment.Completion.NOMINATED)
    runs = CourseRun.objects.select_related("course", "wave").annotate(
        people=Count("enrolments", filter=of_the_run),
        joined=Count(
            "enrolments", filter=of_the_run & Q(enrolments__profile__accepted_at__isnull=False)
        ),
    )
    # Counting groups the rows, and what is grouped forgets the order of its model.
    newest_first = runs.filter(people__gt=0).order_by("-ends_on", "slug")
    return [RunSum(run, run.joined, run.people) for run in newest_first]


def people_of(run: CourseRun) -> list[Row]:
    """Everyone who took part, first whom a colleague has to know; six queries."""
    enrolments = (
        run.enrolments.taken_up()
        .select_related("profile__user")
        .prefetch_related("profile__invitations", "profile__calls", "profile__slips")
    )
    rows = [row_of(enrolment.profile) for enrolment in enrolments]
    by_name = sorted(rows, key=lambda row: vocabulary.sort_key(_by_family(row.profile)))
    return sorted(by_name, key=lambda row: row.stand is not Stand.TO_IDENTIFY)


def call_list(rows: Iterable[Row]) -> list[list[str]]:
    """Name, number, country and why, safe to open in a spreadsheet; the first line says what."""
    head = [_("Name"), _("Telephone"), _("Country"), _("Why"), _("Last call")]
    lines = [
        [
            row.profile.name,
            row.profile.phone,
            vocabulary.country_name(row.profile.country) if row.profile.country else "",
            row.label,
            str(row.last_call or ""),
        ]
        for row in rows
        if row.has_to_be_called
    ]
    return [[formula_safe(cell) for cell in line] for line in [head, *lines]]


def row_of(profile: Profile) -> Row:
    """Where one person stands."""
    now = timezone.now()
    mails = sorted(
        (mail for mail in profile.invitations.all() if mail.address == profile.address),
        key=lambda mail: mail.sent_at,
    )
    stand, since = _stand(profile, mails, now)
    return Row(
        profile=profile,
        stand=stand,
        since=since,
        mails=len(mails),
        has_code=any(
            slip.state == Slip.State.LIVE and slip.expires_at > now for slip in profile.slips.all()
        ),
        last_call=next(iter(profile.calls.all()), None),
    )


def _stand(
    profile: Profile, mails: list[Invitation], now: dt.datetime
) -> tuple[Stand, dt.datetime | None]:
    if profile.user_id and not profile.is_identified:
        return Stand.TO_IDENTIFY, profile.accepted_at
    if profile.has_accepted:
        return Stand.JOINED, profile.accepted_at
    if profile.user_id:
        return Stand.ARRIVED, None
    if not profile.address:
        return Stand.NO_ADDRESS, None
    if not mails:
        return Stand.NOT_INVITED, None
    if bounced := next((mail.bounced_at for mail in mails if mail.bounced_at), None):
        return Stand.BOUNCED, bounced
    first = mails[0].sent_at
    return (Stand.SILENT if now - first >= SILENT_AFTER else Stand.INVITED), mails[-1].sent_at


def _by_family(profile: Profile) -> str:
    return f"{profile.family_name} {profile.given_name}"
