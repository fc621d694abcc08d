"""A call that closes before the next digest leaves at once, alone, and is told once."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from newsletters import issues, notices, schedule, sources
from newsletters.models import Cadence, Delivery, Issue, Newsletter, Subscription
from newsletters.pipeline import closing, editions, freeze
from tests.factories.newsletters import (
    CadenceFactory,
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters.fake_source import publish, published

CAIRO = ZoneInfo("Africa/Cairo")
# A Tuesday; the weekly digest leaves on Monday the 30th, the monthly one on Monday, 7 December.
NOW = dt.datetime(2026, 11, 24, 12, tzinfo=CAIRO)
HOUR = dt.timedelta(hours=1)


@pytest.fixture(autouse=True)
def digest(newsletter: Newsletter) -> Any:
    for frequency in ("daily", "weekly", "monthly"):
        moment = schedule.next_due(newsletter, frequency, NOW)
        CadenceFactory(newsletter=newsletter, frequency=frequency, next_at=moment)
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def call(key: str, day: int, month: int = 11, **facts: Any) -> None:
    facts = {"at": NOW - HOUR, "kind": "update", "interests": "country:KE"} | facts
    publish(key, deadline=dt.date(2026, month, day), **facts)


def reader(newsletter: Newsletter, name: str, **facts: Any) -> Subscription:
    person = SubscriberFactory(address=f"{name}@example.org")
    facts = {"caught_up_at": NOW - 48 * HOUR, "heard_at": NOW - 48 * HOUR} | facts
    return SubscriptionFactory(newsletter=newsletter, subscriber=person, **facts)


def send(now: dt.datetime = NOW) -> list[tuple[str, str, list[str]]]:
    """All notices that leave now: call, rhythm, names; every mail is taken."""
    left = []
    while opened := notices.open_due(now):
        for issue in opened:
            left.append((issue.reference, issue.frequency, deliver(issue)))
    return left


def deliver(issue: Issue, fate: str = "accepted") -> list[str]:
    frozen = freeze.freeze(issue.pk)
    assert frozen is not None
    frozen.batches.update(state=fate)
    closing.close(frozen)
    people = Delivery.objects.filter(issue=issue).values_list("subscriber_id", flat=True)
    rows = Subscription.objects.filter(subscriber__in=people).order_by("pk")
    return [row.subscriber.address.partition("@")[0] for row in rows.select_related("subscriber")]


def test_what_closes_before_the_next_digest_leaves_at_once(newsletter: Newsletter) -> None:
    call("soon", 27)
    reader(newsletter, "daily", frequency="daily")
    reader(newsletter, "weekly")
    reader(newsletter, "monthly", frequency="monthly")

    assert send() == [("soon", "weekly", ["weekly"]), ("soon", "monthly", ["monthly"])]
    assert send(NOW + HOUR) == []


@pytest.mark.parametrize(
    ("day", "month", "rhythms"),
    [
        (24, 11, ["daily", "weekly", "monthly"]),
        (25, 11, ["daily", "weekly", "monthly"]),
        (26, 11, ["weekly", "monthly"]),
        (30, 11, ["weekly", "monthly"]),
        (1, 12, ["monthly"]),
        (7, 12, ["monthly"]),
        (8, 12, []),
        (23, 11, []),
    ],
)
def test_the_last_day_of_a_call_is_too_late_for_a_digest(
    newsletter: Newsletter, day: int, month: int, rhythms: list[str]
) -> None:
    call("soon", day, month)
    for frequency in ("daily", "weekly", "monthly"):
        reader(newsletter, frequency, frequency=frequency)

    assert [frequency for _key, frequency, _names in send()] == rhythms


def test_the_mail_tells_of_the_call_alone(newsletter: Newsletter) -> None:
    call("soon", 27)
    publish("story", at=NOW - HOUR, interests="country:KE")
    row = reader(newsletter, "weekly", interests=["country:KE"])
    [issue] = notices.open_due(NOW)
    deliver(issue)

    edition = issue.editions.get()
    assert edition.pieces == ["country:KE soon@en"]
    assert edition.subject == "soon in en: what one country learned"
    assert "Because you follow Kenya." in editions.mail(edition).text
    row.refresh_from_db()
    # Everything else is still new, and nobody calls this reader silent.
    assert (row.caught_up_at, row.heard_at) == (NOW - 48 * HOUR, NOW)


def test_the_digest_does_not_tell_it_again(newsletter: Newsletter) -> None:
    call("soon", 27)
    publish("story", at=NOW - HOUR, interests="country:KE")
    row = reader(newsletter, "weekly")
    send()
    Subscription.objects.filter(pk=row.pk).update(frequency="daily")
    cutoff = NOW + 2 * HOUR
    digest = IssueFactory(newsletter=newsletter, frequency="daily", cutoff_at=cutoff)

    deliver(digest)

    assert digest.editions.get().selection == ["story@en"]


def test_a_notice_that_failed_comes_with_the_digest(newsletter: Newsletter) -> None:
    call("soon", 27)
    row = reader(newsletter, "weekly")
    [issue] = notices.open_due(NOW)
    deliver(issue, "failed")
    Subscription.objects.filter(pk=row.pk).update(frequency="daily")
    digest = IssueFactory(newsletter=newsletter, frequency="daily", cutoff_at=NOW + 2 * HOUR)

    assert deliver(digest) == ["weekly"]


def test_what_a_digest_told_is_no_notice(newsletter: Newsletter) -> None:
    call("soon", 27)
    reader(newsletter, "weekly", caught_up_at=NOW)

    assert send() == []
    assert not Issue.objects.exists()


def test_only_readers_who_follow_an_eligible_country_or_everything_hear_of_it(
    newsletter: Newsletter,
) -> None:
    call("soon", 27, interests="country:KE country:ZM")
    reader(newsletter, "kenya", interests=["country:KE"])
    reader(newsletter, "tunisia", interests=["country:TN"])
    reader(newsletter, "topic", interests=["topic:referral"])
    reader(newsletter, "everything")

    assert send() == [("soon", "weekly", ["kenya", "everything"])]


def test_nobody_gets_a_notice_who_left_or_rests(newsletter: Newsletter) -> None:
    call("soon", 27)
    reader(newsletter, "left", state="left")
    reader(newsletter, "rests", paused_until=NOW + 24 * HOUR)
    reader(newsletter, "receives")

    assert send() == [("soon", "weekly", ["receives"])]


def test_a_late_translation_is_a_notice_to_those_who_wait_for_it(newsletter: Newsletter) -> None:
    call("soon", 27, languages={"en": NOW - HOUR, "ar": NOW + HOUR}, at=NOW)
    reader(newsletter, "english")
    waits = reader(newsletter, "arabic")
    type(waits.subscriber).objects.filter(pk=waits.subscriber_id).update(languages=["ar"])

    assert send() == [("soon", "weekly", ["english"])]
    assert send(NOW + 2 * HOUR) == [("soon", "weekly", ["arabic"])]


def test_a_digest_that_is_skipped_leaves_its_calls_to_notices(newsletter: Newsletter) -> None:
    call("in-time", 2, 12)
    reader(newsletter, "weekly")
    assert send() == []

    row = newsletter.cadences.get(frequency="weekly")
    assert schedule.skip(row, seen=row.next_at, now=NOW)

    assert send() == [("in-time", "weekly", ["weekly"])]


def test_a_digest_that_waits_for_a_person_keeps_no_call_back(newsletter: Newsletter) -> None:
    call("soon", 27)
    call("in-time", 9, 12)
    reader(newsletter, "weekly")
    long_due = NOW - dt.timedelta(hours=newsletter.grace_hours + 1)
    newsletter.cadences.filter(frequency="weekly").update(next_at=long_due)

    assert send() == [("soon", "weekly", ["weekly"])]


def test_two_beats_open_one_notice(newsletter: Newsletter) -> None:
    call("soon", 27)
    reader(newsletter, "weekly")

    assert [issue.reference for issue in notices.open_due(NOW)] == ["soon"]
    assert notices.open_due(NOW) == []


def test_it_waits_for_an_open_digest_and_a_due_one_tells_it_itself(newsletter: Newsletter) -> None:
    call("soon", 27)
    reader(newsletter, "weekly")
    halted = IssueFactory(newsletter=newsletter, state=Issue.State.HALTED)
    assert notices.open_due(NOW) == []

    halted.delete()
    newsletter.cadences.filter(frequency="weekly").update(next_at=NOW)
    assert send() == []


def test_a_cloned_database_opens_none(newsletter: Newsletter) -> None:
    own_this_database("https://elsewhere.example")
    call("soon", 27)
    reader(newsletter, "weekly")

    assert notices.open_due(NOW) == []


def test_nothing_of_it_leaves_when_the_call_is_over(newsletter: Newsletter) -> None:
    call("soon", 25)
    reader(newsletter, "weekly")
    [issue] = notices.open_due(NOW)
    assert issue.not_after == dt.datetime(2026, 11, 26, tzinfo=CAIRO)
    deliver(issue, "failed")

    again = issues.send_again(issue, why=Issue.Why.RETRY, by=_somebody())

    assert again.not_after == issue.not_after


def test_a_call_that_is_taken_down_meanwhile_goes_to_nobody(newsletter: Newsletter) -> None:
    call("soon", 27)
    reader(newsletter, "weekly")
    [issue] = notices.open_due(NOW)
    published.clear()

    assert deliver(issue) == []


def _somebody() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model()._default_manager.create(email="colleague@example.org")


def test_a_notice_that_is_cancelled_lets_no_digest_pass(
    newsletter: Newsletter, digest: Any
) -> None:
    call("soon", 27)
    reader(newsletter, "weekly")
    (notice,) = notices.open_due(NOW)
    rhythm = newsletter.cadences.filter(frequency=notice.frequency)
    rhythm.update(next_at=NOW + HOUR)
    digest.move_to(NOW + 2 * HOUR)
    frozen = freeze.freeze(notice.pk)
    assert frozen is not None

    issues.cancel(frozen, by=_somebody())

    assert rhythm.get().next_at == NOW + HOUR


def test_a_call_that_a_digest_had_no_room_for_does_not_wait_for_the_next(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "MOST_ENTRIES", 3)
    call("soon", 27, at=NOW - 20 * HOUR)
    for hours in range(1, 6):
        publish(f"story{hours}", at=NOW - hours * HOUR, interests="country:KE")
    rested, regular = reader(newsletter, "rested"), reader(newsletter, "regular")
    Subscription.objects.filter(pk=regular.pk).update(caught_up_at=NOW - 2 * HOUR)
    Cadence.objects.filter(newsletter=newsletter, frequency="weekly").update(next_at=NOW)
    [issue] = schedule.open_due(NOW)
    assert deliver(issue) == ["rested", "regular"]
    rested.refresh_from_db()
    before = rested.owed

    assert send(NOW + HOUR) == [("soon", "weekly", ["rested"])]
    assert send(NOW + 2 * HOUR) == []
    rested.refresh_from_db()
    assert rested.owed == before, "of a notice nothing else was told"
