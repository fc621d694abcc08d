"""A year of two thousand readers: nobody is told twice, nobody misses what matched.

And a harness that proves itself: rules broken on purpose must fail a world that is small.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from newsletters.models import Newsletter
from newsletters.pipeline import closing, fit, gather, matching
from tests.factories.newsletters import NewsletterFactory, own_this_database
from tests.newsletters import worlds
from tests.newsletters.worlds import COUNTRIES, DAY, TOPICS, UTC, World

START = dt.datetime(2026, 1, 1, tzinfo=UTC)
HOUR = dt.timedelta(hours=1)
LANGUAGES = [("en",), ("ar", "en"), ("ar",), ("fr", "en"), ("fr",), ("en", "fr")]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def few_are_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is told what is asked here; every card is still read, and the sums of all are weighed."""
    monkeypatch.setattr(fit, "AT_RANDOM", 2)


@pytest.fixture
def clock() -> Iterator[Callable[[dt.datetime], None]]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller.move_to


def stories(rng: random.Random, days: int, number: int) -> list[Any]:
    """A few hundred: most in some languages at once, some translated late, some calls."""
    found = []
    for one in range(number):
        at = START + DAY * rng.uniform(-10, days) + HOUR * rng.random()
        spoken = rng.sample(["en", "fr", "ar"], rng.choice([1, 1, 2, 3]))
        late = rng.random() < 0.25
        moments = {
            language: at + DAY * rng.uniform(1, 30) * (late and place > 0)
            for place, language in enumerate(spoken)
        }
        follows = rng.sample(COUNTRIES, rng.choice([1, 1, 2])) + rng.sample(
            TOPICS, rng.randint(0, 2)
        )
        if rng.random() < 0.15:
            deadline = (at + DAY * rng.choice([0, 1, 2, 5, 12, 40])).date()
            found.append(worlds.entry(one, moments, follows[:1], deadline=deadline))
        else:
            audience = "members" if rng.random() < 0.08 else "public"
            found.append(worlds.entry(one, moments, follows, audience=audience))
    return found


def wishes(rng: random.Random, rhythms: list[str]) -> dict[str, Any]:
    follows = rng.sample(COUNTRIES, rng.choice([1, 1, 2, 3])) + rng.sample(
        TOPICS, rng.randint(0, 2)
    )
    return {
        "languages": rng.choice(LANGUAGES),
        "frequency": rng.choice(rhythms),
        "interests": frozenset(["all"] if rng.random() < 0.2 else follows),
        "is_member": rng.random() < 0.2,
    }


def world(
    clock: Callable[[dt.datetime], None], *, days: int, readers: int, entries: int, seed: int = 7
) -> World:
    rng = random.Random(seed)
    own_this_database()
    places: list[Newsletter] = [
        NewsletterFactory(timezone=zone, hour=hour, weekday=weekday)
        for zone, hour, weekday in (
            ("Africa/Cairo", 9, 0),
            ("Africa/Casablanca", 2, 6),
            ("Europe/Lisbon", 1, 6),
        )
    ]
    people, asked = [], {}
    kept = (["daily", "weekly", "weekly", "weekly", "monthly"], ["weekly"], ["monthly"])
    for newsletter, share, rhythms in zip(places, (0.6, 0.2, 0.2), kept, strict=True):
        asked[newsletter.pk] = rhythms
        chosen = [wishes(rng, rhythms) for _number in range(int(readers * share))]
        people += worlds.settle_in(newsletter, chosen, newsletter.slug)
    made = World(stories(rng, days, entries), people, places, clock, rng, rhythms=asked)
    for reader in people:
        starts = START if rng.random() < 0.7 else START + DAY * rng.uniform(0, days)
        made.events.append((starts, made.join(reader)))
        later = starts + DAY * rng.uniform(1, days)
        fate = rng.random()
        if fate < 0.08:
            made.events.append((later, made.leave(reader)))
        elif fate < 0.16:
            made.events.append((later, made.prefer(reader, rest=DAY * rng.uniform(1, 40))))
        elif fate < 0.20:
            made.events.append(
                (later, made.prefer(reader, interests=wishes(rng, ["x"])["interests"]))
            )
        elif fate < 0.24:
            rhythm = rng.choice(asked[reader.newsletter])
            made.events.append((later, made.prefer(reader, frequency=rhythm)))
    for number in range(0, entries, 9):
        made.events.append((START + DAY * rng.uniform(0, days), made.correct(number)))
    return made


def test_a_year_of_two_thousand_readers(clock: Callable[[dt.datetime], None]) -> None:
    year = world(clock, days=365, readers=2000, entries=200)
    end = START + 365 * DAY

    year.run(START, end)

    assert year.mails > 20_000
    assert sum(bool(reader.noticed) for reader in year.readers) > 100
    assert [key for _reader, key in year.missed() if key.startswith("story")] == []


def test_no_call_closes_before_those_who_can_answer_it_heard_of_it(
    clock: Callable[[dt.datetime], None],
) -> None:
    """Where no mail fails, whoever was there when it went live is told, whatever the rhythm."""
    quarter = world(clock, days=90, readers=200, entries=120)
    quarter.fails = 0
    end = START + 90 * DAY

    quarter.run(START, end)

    hardly_open = {
        call.key
        for call in quarter.entries
        for text in call.texts
        if call.deadline and (text.mailable_at + 3 * HOUR).date() > call.deadline
    }
    missed = [key for _reader, key in quarter.missed() if key not in hardly_open]
    assert sum(bool(reader.noticed) for reader in quarter.readers) > 20
    assert missed == []
    # Whoever rested for weeks had more waiting than one mailing can tell.
    assert quarter.owed


def told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    forgetful = closing.CAUGHT_UP.replace("WHEN %(tells_all)s", "WHEN %(tells_all)s AND false")
    assert forgetful != closing.CAUGHT_UP
    monkeypatch.setattr(closing, "CAUGHT_UP", forgetful)


def window_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    since = "AND (t.since > GREATEST(c.caught_up_at, %s::timestamptz){owed})"
    without = matching.WANT.replace(since, "AND (%s::timestamptz IS NOT NULL{owed})")
    assert without != matching.WANT
    monkeypatch.setattr(matching, "WANT", without)


def notices_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "NOT_NOTICED", "")


def deadlines_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "not_over", lambda entries, newsletter, now: list(entries))


def three_from_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "STRAYS", 3)


def elsewhere_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "FEW", 99)


def calls_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "is_for_anyone", lambda entry: True)


def silence_of_a_month(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "SILENCE", 30 * DAY)


def whoever_failed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    generous = closing.CAUGHT_UP.replace("'unknown')))", "'unknown', 'failed')))")
    assert generous != closing.CAUGHT_UP
    monkeypatch.setattr(closing, "CAUGHT_UP", generous)


@pytest.mark.parametrize(
    "broken",
    [
        told_again,
        window_forgotten,
        notices_forgotten,
        deadlines_forgotten,
        three_from_elsewhere,
        elsewhere_for_all,
        calls_for_all,
        silence_of_a_month,
        whoever_failed_is_told,
    ],
    ids=lambda broken: broken.__name__,
)
def test_the_judge_notices_a_broken_rule(
    broken: Any, clock: Callable[[dt.datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    short = world(clock, days=120, readers=150, entries=90)
    short.fails = 0.1
    broken(monkeypatch)

    with pytest.raises(AssertionError):
        short.run(START, START + 120 * DAY)
