"""What was asked of the product, in figures, and what the rows say to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan, nan

from benchmarks import programme as p
from benchmarks.race import Contender, Course, Row

A_CALL_A_SECOND = 5_000
"""Recipients a second with one call of a thousand in flight and an answer after 200 ms."""


@dataclass(frozen=True)
class Goal:
    """One figure to reach."""

    words: str
    found: float
    """NaN where a race for it was not run."""
    at_least: float = 0
    at_most: float = 0

    @property
    def bound(self) -> str:
        return f"≤ {self.at_most:g}" if self.at_most else f"≥ {self.at_least:g}"

    @property
    def verdict(self) -> str:
        if isnan(self.found):
            return "not measured"
        reached = self.found <= self.at_most if self.at_most else self.found >= self.at_least
        return "reached" if reached else "**not reached**"


def judged(rows: Sequence[Row]) -> list[Goal]:
    """Every goal, at the largest size that was asked for; with two workers where not said."""
    good = {(row.course, row.contender, row.size): row for row in rows if not row.fault}
    most, two = max(row.size for row in rows), p.ENGINES[1]

    def see(what: str, who: Contender, size: int = 0, course: Course = p.WRITTEN) -> float:
        row = good.get((course, who.name, size or most)) if size < most else None
        return float(getattr(row, what)) if row else nan

    rate = see("rate", two)
    times = {p.PLAIN: 6, p.NAIVE: 250, p.NEWSLETTER: 300, p.POST_OFFICE: 60}
    by_smtp = [see("rate", who, course=p.BY_SMTP) for who in p.SMTP_ENGINES]
    best = max((one for one in by_smtp if not isnan(one)), default=nan)
    return [
        Goal("rate, of L", ratio(rate, see("rate", p.LEAN)), at_least=0.40),
        *(
            Goal(f"rate, times {who.name}", ratio(rate, see("rate", who)), at_least=least)
            for who, least in times.items()
        ),
        Goal("CPU a recipient, of L", ratio(see("cpu", two), see("cpu", p.LEAN)), at_most=2.5),
        Goal(
            f"time a recipient at {most:,}, of that at 10,000",
            ratio(see("rate", two, 10_000), rate),
            at_most=1.25,
        ),
        Goal(
            f"peak memory at {most:,}, of that at 1,000",
            ratio(see("peak", two), see("peak", two, 1_000)),
            at_most=1.1,
        ),
        Goal(
            "octets on the wire, of L",
            ratio(see("weight", two), see("weight", p.LEAN)),
            at_most=1.15,
        ),
        *(
            Goal(
                f"answers after 200 ms, rate once the list stands, of {k} × 5,000",
                see("sending_rate", who, course=p.SLOW_SINK) / (k * A_CALL_A_SECOND),
                at_least=0.8,
            )
            for k, who in zip((1, 2, 4), p.ENGINES, strict=True)
        ),
        *(
            Goal(
                f"rate by SMTP with 4 connections, the best of 3, times {who.name}",
                ratio(best, see("rate", who, course=p.BY_SMTP)),
                at_least=least,
            )
            for who, least in ((p.RAW, 0.25), (p.POST_OFFICE, 3))
        ),
    ]


def ratio(one: float, other: float) -> float:
    """NaN where the other is nothing: too little for the clock, or not measured."""
    return one / other if other else nan
