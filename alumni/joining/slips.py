"""Joining codes: a sheet of cards for a course run, one told by voice, and redeeming them.

In: people who have not joined. Out: a code a person, good once, for sixty days. The code itself
leaves with the answer that shows it; only its keyed hash is kept.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from alumni.models import Call, CourseRun, Profile, Slip, User
from alumni.models.doors import SLIP_LASTS
from newsletters.addresses import keyed_hash, normalise

FIGURES, GROUP = 16, 4
"""Figures alone: 53 bits, on every keyboard, in every language, and none like another."""
WRONG_A_NETWORK, WRONG_ALTOGETHER, AN_HOUR = 20, 500, 3600
"""Wrong codes within an hour, from one network (a whole class may share one) and from all."""

MAILBOXES_A_DAY, A_DAY = 5, 24 * 3600
"""Mailboxes that the holder of one code can have written to."""


class TooManyTries(Exception):
    """Too many wrong codes from this network, or from everywhere; try again in an hour."""


@dataclass(frozen=True)
class Card:
    """What is printed for one person."""

    profile: Profile
    language: str
    code: str
    """In groups, as it is read and typed."""
    address: str
    """Where the code is typed."""
    link: str
    """The same with the code filled in; it stands in the QR code."""
    expires_on: object


def waiting(run: CourseRun) -> QuerySet[Profile]:
    """Everyone of the run who has not joined: for whom a card can be printed."""
    came = run.enrolments.taken_up().values("profile")
    return Profile.objects.waiting().filter(pk__in=came, user=None)


def unredeemed(people: QuerySet[Profile]) -> int:
    """Codes of these people that a new sheet makes worthless."""
    return Slip.objects.live().filter(profile__in=people.values("pk")).count()


def print_sheet(*, run: CourseRun, by: User, among: QuerySet[Profile] | None = None) -> list[Card]:
    """A new code for each of the run, or of some of it, who has not joined; old codes go."""
    with transaction.atomic():
        chosen = waiting(run)
        if among is not None:
            chosen = chosen.filter(pk__in=among.values("pk"))
        people = list(chosen.select_for_update().order_by("pk"))
        codes = _issue(people, door=Profile.Door.SLIP, by=by)
    ordered = sorted(people, key=lambda person: (person.family_name, person.given_name))
    return [_card(person, run, codes[person.pk]) for person in ordered]


def record_call(*, profile: Profile, result: str, by: User) -> tuple[Call, str]:
    """Note a call to the number of the nomination; who was reached is told a code, in groups.

    PermissionDenied without such a number, or for someone who has joined.
    """
    with transaction.atomic():
        profile = Profile.objects.select_for_update().get(pk=profile.pk)
        if not profile.phone or profile.user_id:
            raise PermissionDenied("There is nobody to call, or no number to call.")
        call = Call.objects.create(profile=profile, number=profile.phone, result=result, by=by)
        code = ""
        if result == Call.Result.REACHED:
            [code] = _issue([profile], door=Profile.Door.CALL, by=by, call=call).values()
    return call, grouped(code)


def try_code(typed: str, *, network: str) -> Slip | None:
    """The slip of a code that is good now; wrong, used and old ones are all the same None.

    Raises TooManyTries, without a look at the code.
    """
    keys = [f"wrong-codes:{keyed_hash(network)}", "wrong-codes"]
    most = [WRONG_A_NETWORK, WRONG_ALTOGETHER]
    for key in keys:
        cache.add(key, 0, AN_HOUR)
    counted = [cache.incr(key) for key in keys]
    if any(count > limit for count, limit in zip(counted, most, strict=True)):
        raise TooManyTries
    found = Slip.objects.live().filter(hash=_hash(typed)).select_related("profile").first()
    if found is not None:
        for key in keys:
            cache.decr(key)
    return found


def promise(slip: Slip, *, address: str) -> None:
    """The holder named a mailbox; when it says yes, the profile is its owner's. The last counts.

    Raises TooManyTries: each mailbox named gets a mail.
    """
    key = f"slip-promised:{slip.pk}"
    cache.add(key, 0, A_DAY)
    if cache.incr(key) > MAILBOXES_A_DAY:
        raise TooManyTries
    Slip.objects.live().filter(pk=slip.pk).update(promised_to=keyed_hash(normalise(address)))


def grouped(code: str) -> str:
    """`1234 5678 …`, as it is read out, printed and typed."""
    return " ".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def figures(typed: str) -> str:
    """The figures of what was typed, in Western form: ٣ and 3 are one figure."""
    return "".join(
        str(unicodedata.digit(sign)) for sign in typed if unicodedata.digit(sign, None) is not None
    )


def language_of(profile: Profile, run: CourseRun) -> str:
    """The first language of the person, else of the course, that the site speaks."""
    spoken = {code for code, _name in settings.LANGUAGES}
    wanted = [*profile.languages, *run.languages]
    return next((code for code in wanted if code in spoken), settings.LANGUAGE_CODE)


def _issue(
    people: Iterable[Profile], *, door: str, by: User, call: Call | None = None
) -> dict[int, str]:
    """A fresh code a person; the rows of the people are locked by the caller."""
    now = timezone.now()
    codes = {person.pk: f"{secrets.randbelow(10**FIGURES):0{FIGURES}}" for person in people}
    Slip.objects.filter(profile__in=codes, state=Slip.State.LIVE).update(
        state=Slip.State.REPLACED, promised_to=""
    )
    Slip.objects.bulk_create(
        Slip(
            profile_id=person,
            door=door,
            call=call,
            hash=_hash(code),
            made_at=now,
            made_by=by,
            expires_at=now + SLIP_LASTS,
        )
        for person, code in codes.items()
    )
    return codes


def _card(person: Profile, run: CourseRun, code: str) -> Card:
    language = language_of(person, run)
    with override(language):
        address = settings.SITE_URL + reverse("alumni:slip")
    return Card(
        profile=person,
        language=language,
        code=grouped(code),
        address=address,
        link=f"{address}?{urlencode({'code': code})}",
        expires_on=timezone.localdate(timezone.now() + SLIP_LASTS),
    )


def _hash(typed: str) -> str:
    return keyed_hash(f"slip:{figures(typed)}")
