"""What was asked of the product, in figures, and what the rows say to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan, nan

from benchmarks import programme as p
from benchmarks.race import Contender, Course, Row

A_CALL_A_SECOND = 5_000
"""Recipients a second with one call of a thousand in flight and an answer after 200 ms."""


@dataclass(frozen=True)
class Goal:
    """One figure to reach: at least, or at most."""

    words: str
    found: float
    """NaN where a race for it was not run."""
    sign: str
    bound: float

    @property
    def verdict(self) -> str:
        if isnan(self.found):
            return "not measured"
        reached = self.found <= self.bound if self.sign == "≤" else self.found >= self.bound
        return "reached" if reached else "**not reached**"


def judged(rows: Sequence[Row]) -> Iterator[Goal]:
    """Every goal, at the largest size that was asked for; with two workers where not said."""
    good = {(row.course, row.contender, row.size): row for row in rows if not row.fault}
    most, two = max(row.size for row in rows), p.ENGINES[1]

    def see(what: str, who: Contender = two, size: int = 0, course: Course = p.WRITTEN) -> float:
        row = good.get((course, who.name, size or most)) if size < most else None
        return float(getattr(row, what)) if row else nan

    def times(what: str, who: Contender) -> float:
        return ratio(see(what), see(what, who))

    yield Goal("rate, of L", times("rate", p.LEAN), "≥", 0.40)
    others = {p.PLAIN: 6, p.NAIVE: 250, p.NEWSLETTER: 300, p.POST_OFFICE: 60}
    for who, bound in others.items():
        yield Goal(f"rate, times {who.name}", times("rate", who), "≥", bound)
    yield Goal("CPU a recipient, of L", times("cpu", p.LEAN), "≤", 2.5)
    slower = ratio(see("rate", size=10_000), see("rate"))
    yield Goal(f"time a recipient at {most:,}, of that at 10,000", slower, "≤", 1.25)
    larger = ratio(see("peak"), see("peak", size=1_000))
    yield Goal(f"peak memory at {most:,}, of that at 1,000", larger, "≤", 1.1)
    yield Goal("octets on the wire, of L", times("weight", p.LEAN), "≤", 1.15)
    for k, who in zip((1, 2, 4), p.ENGINES, strict=True):
        rate = see("sending_rate", who, course=p.SLOW_SINK) / (k * A_CALL_A_SECOND)
        words = f"answers after 200 ms, rate once the list stands, of {k} × 5,000"
        yield Goal(words, rate, "≥", 0.8)
    by_smtp = [see("rate", who, course=p.BY_SMTP) for who in p.SMTP_ENGINES]
    best = max((one for one in by_smtp if not isnan(one)), default=nan)
    for who, least in ((p.RAW, 0.25), (p.POST_OFFICE, 3)):
        words = f"rate by SMTP with 4 connections, the best of 3, times {who.name}"
        yield Goal(words, ratio(best, see("rate", who, course=p.BY_SMTP)), "≥", least)


def ratio(one: float, other: float) -> float:
    """NaN where the other is nothing: too little for the clock, or not measured."""
    return one / other if other else nan
