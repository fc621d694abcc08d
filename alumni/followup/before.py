"""What a colleague looks at before a question or a reminder leaves.

In: a course run and a round. Out: to how many it goes, in which languages and words, and to whom it
does not go. Names nobody.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.utils.translation import gettext_lazy as _

from alumni.followup import mails
from alumni.followup.participants import Reached, participants
from alumni.followup.rounds import Round
from alumni.models import CourseRun
from newsletters.sources import Written


class Why(Enum):
    """Why the mail does not go to somebody: the first that holds."""

    ANSWERED = "answered"
    NOT_AGREED = "not agreed"
    HIDDEN = "hidden"
    UNREACHED = "unreached"
    HAD_IT = "had it"
    RESTING = "resting"
    NOT_ASKED = "not asked"
    NO_LANGUAGE = "no language"


REASONS: dict[Why, Any] = {
    Why.ANSWERED: _("answered already"),
    Why.NOT_AGREED: _("did not agree to be asked"),
    Why.HIDDEN: _("hidden at the moment"),
    Why.UNREACHED: _("not reached by mail: to be called"),
    Why.HAD_IT: _("had this mail already"),
    Why.RESTING: _("paused these mails for a while"),
    Why.NOT_ASKED: _("did not have the mail before it"),
    Why.NO_LANGUAGE: _("no language in common with the mail"),
}


@dataclass(frozen=True)
class InALanguage:
    """The mail in one language, and how many read it so."""

    written: Written
    people: int

    @property
    def answers(self) -> list[str]:
        """What can be tapped."""
        return [link.label for link in self.written.links]


@dataclass(frozen=True)
class Before:
    """A mailing that has not left."""

    people: int
    mails: tuple[InALanguage, ...]
    left_out: tuple[tuple[Any, int], ...]
    """Each reason in words with how many it keeps out."""


def look(run: CourseRun, one: Round) -> Before:
    """What would leave now; the number of queries does not grow with the people."""
    written = {mail.language: mail for mail in mails.written(f"{one.code}:{run.slug}")}
    reads: Counter[str] = Counter()
    out: Counter[Why] = Counter()
    for person in participants(run):
        if not person.is_due(one):
            out[_why_not(person, one)] += 1
        elif language := _language(person, written):
            reads[language] += 1
        else:
            out[Why.NO_LANGUAGE] += 1
    return Before(
        people=reads.total(),
        mails=tuple(InALanguage(written[code], n) for code, n in reads.most_common()),
        left_out=tuple((REASONS[why], out[why]) for why in Why if out[why]),
    )


def _language(person: Reached, written: dict[str, Written]) -> str:
    """The first of the reader's languages that the mail is written in, as the engine chooses; else
    "", and the engine sends nothing."""
    reader = person.enrolment.profile.subscriber
    spoken = reader.languages if reader else []
    return next((code for code in spoken if code in written), "")


def _why_not(person: Reached, one: Round) -> Why:
    if one.wave.code in person.answers:
        return Why.ANSWERED
    if not person.enrolment.profile.answers_questions:
        return Why.NOT_AGREED
    if person.hidden:
        return Why.HIDDEN
    if not person.mailable:
        return Why.UNREACHED
    if one.code in person.passed:
        return Why.HAD_IT
    return Why.RESTING if person.rests else Why.NOT_ASKED
