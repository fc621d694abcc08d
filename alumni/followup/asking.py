"""Who lets the centre ask, who is asked when, and what waits for an answer."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from alumni.adapters import confirmed_addresses
from alumni.followup import rounds
from alumni.followup.answers import Asked
from alumni.followup.survey import Wave, survey
from alumni.models import Answer, Enrolment, Hiding, Profile, User
from alumni.privacy import consents
from alumni.privacy.consents import Purpose
from newsletters import subscriptions

LATE = dt.timedelta(days=14)
"""So long after its day a mail still leaves to whoever it could not reach; then it is too late."""
LASTS_OPEN = dt.timedelta(days=90)
"""The last wave's question stands so long on the member's page."""


def agree(*, profile: Profile, given: bool, language: str, by: User, how: str = "web form") -> bool:
    """The person lets the centre ask, or not any more. PermissionDenied for anyone else.

    The questions come to the mailbox that he or she has confirmed; False when nothing can be
    mailed there.
    """
    if profile.user_id != by.pk or not profile.has_accepted:
        raise PermissionDenied("Only the person can agree to be asked.")
    with transaction.atomic():
        _consent(profile, given=given, language=language, how=how)
        newsletter = rounds.newsletter()
        if newsletter is None:
            return False
        if not given:
            for row in newsletter.subscriptions.filter(subscriber__profile=profile):
                subscriptions.unsubscribe(row, how="web form", language=language)
            return True
        reader = profile.subscriber
        address = reader.address if reader else next(iter(confirmed_addresses(by)), "")
        try:
            if address:
                subscriptions.accept(
                    address=address, newsletter=newsletter, language=language, how=how
                )
        except subscriptions.AddressCannotBeUsed:
            return False
        return bool(address)


def heed(*, subscriber_id: int, given: bool, language: str, how: str) -> None:
    """A reader left the newsletter that asks, or came back: the consent follows it."""
    for profile in Profile.objects.filter(subscriber=subscriber_id):
        _consent(profile, given=given, language=language, how=how)


def _consent(profile: Profile, *, given: bool, language: str, how: str) -> None:
    differs = Profile.objects.filter(pk=profile.pk).exclude(answers_questions=given)
    if differs.update(answers_questions=given):
        consents.record(profile, Purpose.SURVEY, given=given, language=language, how=how)


def may_be_asked(wave: str, day: dt.date, *, after_days: int = 0) -> QuerySet[Enrolment]:
    """Whoever of the courses of a day is asked then: agreed, took part, has not answered.

    `after_days` later it is a reminder of the same wave, to those who are still silent. Whom it
    did not reach on the day, it reaches `LATE` at most. Who hides is left in peace.
    """
    known = survey().wave(wave)
    if known is None:
        return Enrolment.objects.none()
    ended_on = day - dt.timedelta(weeks=known.weeks, days=after_days)
    return (
        silent(wave)
        .filter(run__ends_on__range=(ended_on - LATE, ended_on))
        .exclude(profile__in=Profile.objects.filter(Hiding.objects.of_each()))
    )


def silent(wave: str) -> QuerySet[Enrolment]:
    """Who took part, agreed to be asked, and has not answered in this wave."""
    answered = Answer.objects.filter(enrolment=OuterRef("pk"), wave=wave)
    return Enrolment.objects.taken_up().filter(
        ~Exists(answered),
        role=Enrolment.Role.PARTICIPANT,
        profile__answers_questions=True,
        profile__accepted_at__isnull=False,
    )


def waiting_for(profile: Profile, day: dt.date) -> list[Asked]:
    """What is asked of a person now, of each course the latest wave, unless it is answered."""
    if not profile.answers_questions:
        return []
    took_part = Enrolment.objects.taken_up().filter(
        profile=profile, role=Enrolment.Role.PARTICIPANT, run__ends_on__lte=day
    )
    enrolments = list(took_part.select_related("profile", "run__course"))
    answered = set(Answer.objects.filter(enrolment__in=enrolments).values_list("enrolment", "wave"))
    last = dt.timedelta(weeks=survey().waves[-1].weeks) + LASTS_OPEN
    return [
        Asked(enrolment, latest)
        for enrolment in enrolments
        if day - enrolment.run.ends_on <= last
        if (latest := _latest(day - enrolment.run.ends_on)) is not None
        if (enrolment.pk, latest.code) not in answered
    ]


def _latest(since: dt.timedelta) -> Wave | None:
    past = [wave for wave in survey().waves if dt.timedelta(weeks=wave.weeks) <= since]
    return past[-1] if past else None
