"""Who took part in a course run, each with what decides about mail.

In: a course run. Out: frozen rows by family name; the number of queries does not grow.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.utils import timezone

from alumni import vocabulary
from alumni.followup.rounds import Round, newsletter
from alumni.models import Answer, CourseRun, Enrolment, Hiding, Profile
from newsletters.models import Passage, Subscription, not_to_be_mailed


@dataclass(frozen=True)
class Reached:
    """A participant, with what decides about mail; `passed`: when each mail left, by its code."""

    enrolment: Enrolment
    mailable: bool
    rests: bool
    """Has paused the mails, and they have not begun again."""
    hidden: bool
    answers: dict[str, Answer]
    passed: dict[str, dt.datetime]

    def is_due(self, one: Round) -> bool:
        """Whether a mail of this round would go to this person now."""
        return (
            one.wave.code not in self.answers
            and self.mailable
            and not self.rests
            and not self.hidden
            and self.enrolment.profile.answers_questions
            and one.code not in self.passed
            and (not one.before or one.before in self.passed)
        )


def participants(run: CourseRun) -> list[Reached]:
    """Everyone who took part, by family name; five queries."""
    enrolments = list(
        run.enrolments.taken_up()
        .filter(role=Enrolment.Role.PARTICIPANT)
        .select_related("profile__subscriber")
        .annotate(
            hidden=Exists(
                Profile.objects.filter(Hiding.objects.of_each(), pk=OuterRef("profile_id"))
            )
        )
    )
    readers = {one.profile.subscriber_id for one in enrolments if one.profile.subscriber_id}
    asks = newsletter()
    mailable = dict(
        Subscription.objects.confirmed()
        .filter(newsletter=asks, subscriber__in=readers)
        .exclude(not_to_be_mailed())
        .values_list("subscriber_id", "paused_until")
    )
    now = timezone.now()
    resting = {reader for reader, until in mailable.items() if until and until > now}
    answers: dict[int, dict[str, Answer]] = defaultdict(dict)
    for answer in Answer.objects.filter(enrolment__in=enrolments):
        answers[answer.enrolment_id][answer.wave] = answer
    passed: dict[int, dict[str, dt.datetime]] = defaultdict(dict)
    passages = Passage.objects.filter(anchor=run.slug, step__newsletter=asks)
    for reader, code, at in passages.values_list("subscriber_id", "step__code", "at"):
        passed[reader][code] = at
    found = [
        Reached(
            enrolment=one,
            mailable=one.profile.subscriber_id in mailable,
            rests=one.profile.subscriber_id in resting,
            hidden=one.hidden,
            answers=answers[one.pk],
            passed=passed[one.profile.subscriber_id] if one.profile.subscriber_id else {},
        )
        for one in enrolments
    ]
    return sorted(found, key=lambda one: vocabulary.sort_key(_by_family(one.enrolment.profile)))


def _by_family(profile: Profile) -> str:
    return f"{profile.family_name} {profile.given_name}"
