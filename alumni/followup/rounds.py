"""The pack's waves and their reminders as steps of the engine's follow-up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from alumni.followup.survey import Wave, survey
from alumni.models import CourseRun
from newsletters.models import Newsletter, Step


@dataclass(frozen=True)
class Round:
    """One mail about a course: a wave's question, or a reminder of it."""

    wave: Wave
    number: int = 0
    """0 asks, 1 and more remind."""
    after_days: int = 0
    """Days after the wave's own day."""

    @property
    def code(self) -> str:
        """Its step's code, which never changes."""
        return f"{self.wave.code}-again-{self.number}" if self.number else self.wave.code

    @property
    def before(self) -> str:
        """The code of the mail that this one comes after; "" for the question itself."""
        return Round(self.wave, self.number - 1).code if self.number else ""

    def day_for(self, run: CourseRun) -> dt.date:
        """The day on which it falls for the people of a course."""
        return run.ends_on + dt.timedelta(weeks=self.wave.weeks, days=self.after_days)


def rounds_of(wave: Wave) -> list[Round]:
    """The question, then its reminders."""
    days = enumerate(survey().remind_after_days, 1)
    return [Round(wave), *(Round(wave, number, after) for number, after in days)]


def rounds() -> list[Round]:
    """Those of all waves."""
    return [one for wave in survey().waves for one in rounds_of(wave)]


def steps() -> list[Step]:
    """The same as steps not stored yet, each reminder after what it reminds of."""
    made: dict[str, Step] = {}
    for one in rounds():
        made[one.code] = Step(
            code=one.code,
            criteria={"wave": one.wave.code, "after_days": one.after_days},
            after=made.get(one.before),
        )
    return list(made.values())


def newsletter() -> Newsletter | None:
    """The newsletter by which people are asked; None before set-up."""
    return Newsletter.objects.filter(slug=survey().newsletter).first()
