"""A digest is announced 24 hours of working days before it leaves; whoever does nothing agrees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletters import announcements, schedule
from newsletters.models import Cadence, Issue, Letter, Newsletter
from newsletters.typeset import letter
from tests.factories.newsletters import CadenceFactory, SubscriptionFactory, own_this_database
from tests.newsletters.fake_source import publish

CAIRO = ZoneInfo("Africa/Cairo")
MONDAY = dt.datetime(2026, 11, 30, 9, tzinfo=CAIRO)
HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def due(newsletter: Newsletter) -> Cadence:
    newsletter.weekend = "45"
    newsletter.save()
    return CadenceFactory(newsletter=newsletter, next_at=MONDAY)


@pytest.fixture
def colleagues(db: None) -> None:
    """One with the right to send, one administrator, one without either, one who has gone."""
    users = get_user_model()._default_manager
    fields = {field.name for field in get_user_model()._meta.get_fields()}
    made = {}
    for name in ("sender", "administrator", "writer", "gone"):
        facts = {"email": f"{name}@example.org", "is_active": name != "gone"}
        if "username" in fields:
            facts["username"] = name
        made[name] = users.create(is_superuser=name == "administrator", **facts)
    right = Permission.objects.get(codename="send_issue")
    made["sender"].user_permissions.add(right)
    made["gone"].user_permissions.add(right)


def announce(moment: dt.datetime) -> list[str]:
    """Who is mailed now."""
    before = set(Letter.objects.values_list("pk", flat=True))
    with time_machine.travel(moment, tick=False):
        announcements.post_due()
    return sorted(Letter.objects.exclude(pk__in=before).values_list("to", flat=True))


@pytest.mark.parametrize(
    ("weekend", "due_at", "expected"),
    [
        ("45", "2026-11-30 09:00", "Sun 2026-11-29 09:00"),
        ("45", "2026-11-29 09:00", "Thu 2026-11-26 09:00"),
        ("45", "2026-11-28 09:00", "Thu 2026-11-26 00:00"),
        ("45", "2026-11-27 09:00", "Thu 2026-11-26 00:00"),
        ("45", "2026-11-26 09:00", "Wed 2026-11-25 09:00"),
        ("56", "2026-11-30 09:00", "Fri 2026-11-27 09:00"),
        ("56", "2026-11-29 09:00", "Fri 2026-11-27 00:00"),
        ("4", "2026-11-28 00:00", "Thu 2026-11-26 00:00"),
    ],
)
def test_days_off_do_not_count(weekend: str, due_at: str, expected: str) -> None:
    newsletter = Newsletter(timezone="Africa/Cairo", weekend=weekend)
    moment = dt.datetime.fromisoformat(due_at).replace(tzinfo=CAIRO)

    found = schedule.announced_at(newsletter, moment)

    assert f"{found.astimezone(CAIRO):%a %Y-%m-%d %H:%M}" == expected


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    moment=st.datetimes(
        dt.datetime(2024, 1, 1), dt.datetime(2030, 1, 1), timezones=st.just(dt.UTC)
    ),
    weekend=st.sampled_from(["56", "45", "34", "4", "6"]),
    zone=st.sampled_from(["Africa/Cairo", "Africa/Casablanca", "Europe/Lisbon"]),
)
def test_it_is_announced_in_time_and_not_long_before(
    moment: dt.datetime, weekend: str, zone: str
) -> None:
    newsletter = Newsletter(timezone=zone, weekend=weekend)

    found = schedule.announced_at(newsletter, moment)

    assert moment - 4 * DAY <= found <= moment - 23 * HOUR


@pytest.mark.usefixtures("colleagues")
def test_those_who_may_send_are_told_once(due: Cadence) -> None:
    publish("story", at=MONDAY - 3 * DAY)
    SubscriptionFactory(newsletter=due.newsletter)

    assert announce(MONDAY - 25 * HOUR) == []
    assert announce(MONDAY - DAY) == ["administrator@example.org", "sender@example.org"]
    cache.clear()
    assert announce(MONDAY - 2 * HOUR) == []
    assert not Issue.objects.exists()


@pytest.mark.usefixtures("colleagues")
def test_the_mail_says_when_and_to_how_many(due: Cadence) -> None:
    publish("story", at=MONDAY - 3 * DAY)
    SubscriptionFactory(newsletter=due.newsletter)
    announce(MONDAY - DAY)

    posted = Letter.objects.first()
    assert posted is not None
    mail = letter(kind=posted.kind, language="en", params=posted.params | {"discreet": ""})
    assert mail.subject.startswith("A digest leaves on Monday")
    # Two may leave on one day: their mails are told apart by the rhythm.
    assert mail.subject.endswith("(every week)")
    assert "As things stand it goes to 1 reader." in mail.text
    assert posted.params["look_url"] in mail.text


@pytest.mark.usefixtures("colleagues")
def test_what_would_reach_nobody_is_announced_when_it_would(due: Cadence) -> None:
    SubscriptionFactory(newsletter=due.newsletter)
    assert announce(MONDAY - DAY) == []

    publish("story", at=MONDAY - 10 * HOUR)
    assert announce(MONDAY - 9 * HOUR - DAY / 25) == []
    cache.clear()
    assert len(announce(MONDAY - 9 * HOUR)) == 2


@pytest.mark.usefixtures("colleagues")
def test_another_hour_is_announced_anew(due: Cadence) -> None:
    publish("story", at=MONDAY - 3 * DAY)
    SubscriptionFactory(newsletter=due.newsletter)
    announce(MONDAY - DAY)
    Cadence.objects.update(next_at=MONDAY + HOUR)

    assert len(announce(MONDAY - DAY + 2 * HOUR)) == 2


@pytest.mark.usefixtures("colleagues")
def test_a_cloned_database_announces_nothing(due: Cadence) -> None:
    own_this_database("https://elsewhere.example")
    publish("story", at=MONDAY - 3 * DAY)
    SubscriptionFactory(newsletter=due.newsletter)

    assert announce(MONDAY - DAY) == []


def test_nobody_looks_and_it_leaves_by_itself(due: Cadence) -> None:
    assert [issue.cutoff_at for issue in schedule.open_due(MONDAY)] == [MONDAY]


def test_what_is_skipped_leaves_a_week_later_with_all_that_is_new(due: Cadence) -> None:
    assert schedule.skip(due, seen=MONDAY, now=MONDAY - DAY)

    due.refresh_from_db()
    assert due.next_at == MONDAY + 7 * DAY
    assert schedule.open_due(MONDAY) == []


def test_a_press_on_an_old_page_changes_nothing(due: Cadence) -> None:
    assert not schedule.skip(due, seen=MONDAY - DAY, now=MONDAY - 2 * DAY)
    assert not schedule.send_early(due, seen=MONDAY - DAY)

    assert schedule.send_early(due, seen=MONDAY, now=MONDAY - DAY)
    assert [issue.cutoff_at for issue in schedule.open_due(MONDAY - DAY)] == [MONDAY - DAY]
    due.refresh_from_db()
    assert due.next_at == MONDAY
