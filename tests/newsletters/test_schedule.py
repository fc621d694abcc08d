"""What falls due, on the local clock, once, whoever asks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletters import schedule
from newsletters.models import Issue, Newsletter
from tests.factories.newsletters import (
    CadenceFactory,
    IssueFactory,
    own_this_database,
)

UTC = dt.UTC
NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


def digest(**facts: object) -> Newsletter:
    return Newsletter(**{"timezone": "Africa/Cairo", **facts})


@pytest.mark.parametrize(
    ("frequency", "after", "expected"),
    [
        ("weekly", "2026-11-24 10:00", "Mon 2026-11-30 09:00"),
        ("weekly", "2026-11-30 06:59", "Mon 2026-11-30 09:00"),
        ("weekly", "2026-11-30 07:00", "Mon 2026-12-07 09:00"),
        ("daily", "2026-11-24 10:00", "Wed 2026-11-25 09:00"),
        ("monthly", "2026-11-24 10:00", "Mon 2026-12-07 09:00"),
        ("monthly", "2026-12-07 06:00", "Mon 2026-12-07 09:00"),
        ("monthly", "2026-12-31 23:59", "Mon 2027-01-04 09:00"),
    ],
)
def test_the_next_one_is_on_the_newsletters_own_clock(
    frequency: str, after: str, expected: str
) -> None:
    moment = dt.datetime.fromisoformat(after).replace(tzinfo=UTC)

    due = schedule.next_due(digest(), frequency, moment)

    assert f"{due.astimezone(ZoneInfo('Africa/Cairo')):%a %Y-%m-%d %H:%M}" == expected


def test_a_clock_change_moves_the_hour_in_utc() -> None:
    newsletter = digest(timezone="Africa/Cairo", hour=9)
    summer = schedule.next_due(newsletter, "daily", dt.datetime(2026, 7, 1, tzinfo=UTC))
    winter = schedule.next_due(newsletter, "daily", dt.datetime(2026, 12, 1, tzinfo=UTC))

    assert (summer.hour, winter.hour) == (6, 7)


@given(
    after=st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(UTC)),
    frequency=st.sampled_from(["daily", "weekly", "monthly"]),
    zone=st.sampled_from(["Africa/Cairo", "Africa/Casablanca", "Europe/Lisbon", "Asia/Kolkata"]),
    hour=st.integers(0, 23),
    weekday=st.integers(0, 6),
)
def test_the_next_one_is_later_and_not_too_late(
    after: dt.datetime, frequency: str, zone: str, hour: int, weekday: int
) -> None:
    newsletter = digest(timezone=zone, hour=hour, weekday=weekday)
    longest = {"daily": 1, "weekly": 7, "monthly": 35}[frequency]

    due = schedule.next_due(newsletter, frequency, after)

    assert after < due <= after + dt.timedelta(days=longest, hours=2)


@pytest.mark.parametrize("zone", ["Africa/Cairo", "Africa/Casablanca", "Europe/Lisbon"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
def test_every_day_has_one_whatever_the_clocks_do(zone: str, hour: int) -> None:
    """Also where the hour comes twice, or not at all."""
    newsletter, moment, days = digest(timezone=zone, hour=hour), NOW, list[dt.date]()
    for _day in range(2 * 365):
        moment = schedule.next_due(newsletter, "daily", moment)
        days.append(moment.astimezone(ZoneInfo(zone)).date())

    assert days == [days[0] + dt.timedelta(days=number) for number in range(2 * 365)]


def test_two_beats_open_one_issue(newsletter: Newsletter) -> None:
    cadence = CadenceFactory(newsletter=newsletter, next_at=NOW)

    first = schedule.open_due(NOW)
    second = schedule.open_due(NOW)

    assert [issue.cutoff_at for issue in first] == [NOW]
    assert second == []
    cadence.refresh_from_db()
    assert cadence.next_at > NOW


def test_the_next_digest_waits_for_the_open_one(newsletter: Newsletter) -> None:
    IssueFactory(newsletter=newsletter, state=Issue.State.HALTED, frequency="daily")
    cadence = CadenceFactory(newsletter=newsletter, next_at=NOW)

    assert schedule.open_due(NOW) == []
    cadence.refresh_from_db()
    assert cadence.next_at == NOW


def test_what_is_overdue_asks_a_person(newsletter: Newsletter) -> None:
    cadence = CadenceFactory(newsletter=newsletter, next_at=NOW - dt.timedelta(hours=49))

    assert schedule.open_due(NOW) == []
    assert schedule.overdue(NOW) == [cadence]

    schedule.bring_forward(newsletter, now=NOW)
    assert [issue.cutoff_at for issue in schedule.open_due(NOW)] == [NOW]


def test_one_rhythm_is_brought_forward_and_the_others_wait(newsletter: Newsletter) -> None:
    later = NOW + dt.timedelta(days=3)
    for frequency in ("daily", "weekly"):
        CadenceFactory(newsletter=newsletter, frequency=frequency, next_at=later)

    assert schedule.bring_forward(newsletter, rhythms=["daily"], now=NOW) == 1

    assert [issue.frequency for issue in schedule.open_due(NOW)] == ["daily"]


def test_a_cloned_database_opens_nothing(newsletter: Newsletter) -> None:
    own_this_database("https://elsewhere.example")
    CadenceFactory(newsletter=newsletter, next_at=NOW)

    assert schedule.open_due(NOW) == []
