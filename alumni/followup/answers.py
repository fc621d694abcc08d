"""What came of a course: who is asked when, and what people answer, plan and tell.

A link in a mail is enough to answer: it names the person's place in a course and the wave, nothing
else, and never shows what was answered before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from alumni.followup.survey import Question, Wave, survey
from alumni.models import (
    ActionPlan,
    Answer,
    Change,
    Enrolment,
    PlanStep,
    Profile,
    User,
)
from alumni.vocabulary import language_now

SALT = "alumni.followup"
LASTS = dt.timedelta(days=400)
"""A mail may be answered so long after it was written; later ones are another wave's."""


@dataclass(frozen=True)
class Asked:
    """One person's place in a course, and the wave in which it is asked about."""

    enrolment: Enrolment
    wave: Wave

    @property
    def token(self) -> str:
        """What the link in a mail holds: signed, of the person's random key, no counting id."""
        place = [self.enrolment.profile.key, self.enrolment.run.slug, self.wave.code]
        return signing.dumps(place, salt=SALT, compress=True)

    @property
    def answer(self) -> Answer | None:
        """What is saved already."""
        return Answer.objects.filter(enrolment=self.enrolment, wave=self.wave.code).first()


@dataclass(frozen=True)
class Tally:
    """How many of a course were asked in a wave, and answered."""

    asked: int
    answered: int


def find(token: str) -> Asked | None:
    """Whom and what a link asks; None for one that is forged, too old or of someone who is gone."""
    try:
        key, run, code = signing.loads(token, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return place(Profile.objects.filter(key=key), run=run, wave=code)


def place(people: QuerySet[Profile], *, run: str, wave: str) -> Asked | None:
    """The place of the one among these people who took part in a run; None where there is none."""
    known = survey().wave(wave)
    enrolments = Enrolment.objects.taken_up().filter(profile__in=people, run__slug=run)
    enrolment = enrolments.select_related("profile", "run__course").first()
    return Asked(enrolment, known) if enrolment and known else None


def answer(
    *,
    asked: Asked,
    first: str,
    others: Mapping[str, Any],
    language: str,
    how: Answer.How,
    by: User | None,
) -> Answer:
    """Save what was answered; a second time replaces the first. Safe to run again.

    Of the other questions only those are kept that follow this first answer.
    """
    relevant = {question.code for question in survey().asked_after(first)}
    kept = {code: value for code, value in others.items() if code in relevant and value}
    saved, _made = Answer.objects.update_or_create(
        enrolment=asked.enrolment,
        wave=asked.wave.code,
        defaults={"first": first, "others": kept, "language": language, "how": how},
    )
    return saved


def in_words(given: Answer) -> list[tuple[str, str]]:
    """What was answered, question by question, in the language of the moment."""
    language, names = language_now(), settings.PACK.name_of
    said = {survey().questions[0].code: given.first, **given.others}
    return [
        (names(question.titles, language), _said(question, said[question.code], language))
        for question in survey().questions
        if question.code in said
    ]


def _said(question: Question, value: Any, language: str) -> str:
    codes = value if isinstance(value, list) else [value]
    words = {one.code: settings.PACK.name_of(one.names, language) for one in question.answers}
    return " · ".join(str(words.get(code, code)) for code in codes)


def tally(run_id: int, wave: str) -> Tally:
    """Of those who took part in a run: who may be asked, and who has answered."""
    people = Enrolment.objects.taken_up().filter(run=run_id, role=Enrolment.Role.PARTICIPANT)
    answered = Answer.objects.filter(enrolment__in=people, wave=wave).count()
    asked = people.filter(profile__answers_questions=True).count()
    return Tally(asked=max(asked, answered), answered=answered)


def plan(*, enrolment: Enrolment, values: Mapping[str, Any], steps: list[PlanStep]) -> ActionPlan:
    """Write the plan as it stands now; steps without words are left out."""
    with transaction.atomic():
        saved, _made = ActionPlan.objects.update_or_create(enrolment=enrolment, defaults=values)
        saved.steps.all().delete()
        for order, step in enumerate(step for step in steps if step.text.strip()):
            step.pk, step.plan, step.order = None, saved, order
            step.save()
    return saved


def tell(*, profile: Profile, values: Mapping[str, Any], change: Change | None = None) -> Change:
    """Write down something that is different at work, or mend it."""
    if change is not None and change.profile_id != profile.pk:
        raise PermissionDenied("Only its author can mend it.")
    told = change or Change(profile=profile)
    for name, value in values.items():
        setattr(told, name, value)
    told.save()
    return told
