"""When an issue stops by itself, and when it does not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from localmail import Client
from newsletters import connections, issues, providers, reports, tallies
from newsletters.models import Attempt, Batch, Delivery, Issue
from newsletters.pipeline import alarms, deliver, freeze
from newsletters.providers import Kind, Outcome
from tests.factories.newsletters import (
    LONG_AGO,
    BatchFactory,
    EditionFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters.fake_source import publish
from tests.newsletters.test_interleavings import _nobody

HOUR = dt.timedelta(hours=1)


def frozen(issue: Issue, readers: int, *, a_call: int, monkeypatch: Any) -> Issue:
    """An issue on its way to so many readers, so many a call."""
    from dataclasses import replace

    mailgun = replace(providers.PROVIDERS["mailgun"], batch_limit=a_call)
    monkeypatch.setattr(providers, "PROVIDERS", {"mailgun": mailgun})
    publish("kenya", at=issue.cutoff_at - HOUR)
    for number in range(readers):
        SubscriptionFactory(
            newsletter=issue.newsletter,
            subscriber=SubscriberFactory(address=f"reader-{number}@example.org"),
        )
    freeze.freeze(issue.pk)
    return issue


def answers(monkeypatch: Any, answer: Any) -> list[int]:
    """Let every call be answered by a function of its recipients; the sizes of the calls."""
    calls: list[int] = []

    def call(message: Any) -> Outcome:
        calls.append(len(message.to))
        return answer(message)

    monkeypatch.setattr(connections, "call", call)
    return calls


def send(issue: Issue) -> None:
    while deliver.take_turn("w"):
        Batch.objects.filter(state="queued", next_at__gt=timezone.now()).update(
            next_at=timezone.now()
        )
    issue.refresh_from_db()


def refuses(*numbers: int) -> Any:
    def answer(message: Any) -> Outcome:
        bad = {f"reader-{number}@example.org" for number in numbers}
        return Outcome(Kind.CONTENT if bad & set(message.to) else Kind.ACCEPTED, 400, "odd value")

    return answer


def test_one_poison_row_costs_only_itself(issue: Issue, monkeypatch: Any) -> None:
    frozen(issue, 64, a_call=64, monkeypatch=monkeypatch)
    calls = answers(monkeypatch, refuses(17))

    send(issue)

    assert issue.state == Issue.State.DONE
    tally = tallies.tally(issue)
    assert (tally.accepted, tally.failed, tally.closes) == (63, 1, True)
    assert len(calls) == 13


def test_content_that_is_always_refused_stops_it_early(issue: Issue, monkeypatch: Any) -> None:
    frozen(issue, 256, a_call=16, monkeypatch=monkeypatch)
    calls = answers(monkeypatch, refuses(*range(256)))

    send(issue)

    assert issue.state == Issue.State.HALTED
    assert issue.reason == "content|odd value"
    assert "refuses what the mailing says" in reports.reason(issue)
    assert len(calls) <= 10
    assert tallies.tally(issue).closes


@pytest.mark.django_db
@pytest.mark.parametrize(("settled", "halted"), [(17, True), (100, False)])
def test_three_of_the_first_twenty_stop_a_large_mailing(settled: int, halted: bool) -> None:
    """Long before they are one in a hundred of everybody."""
    edition = EditionFactory(issue__audience=100_000)
    BatchFactory(edition=edition, size=settled)
    for batch in BatchFactory.create_batch(3, edition=edition, state="failed"):
        now = timezone.now() + HOUR
        Attempt.objects.create(
            batch=batch, epoch=1, deadline_at=now, finished_at=now, outcome="content"
        )

    alarms.look(edition.issue, Outcome(Kind.CONTENT, 400, "odd value"))

    assert Issue.objects.get().state == ("halted" if halted else "sending")


def test_one_refused_in_a_hundred_and_three_of_them_stop_it(issue: Issue, monkeypatch: Any) -> None:
    frozen(issue, 120, a_call=30, monkeypatch=monkeypatch)
    answers(monkeypatch, refuses(40, 70, 100))

    send(issue)

    assert issue.state == Issue.State.HALTED


def test_ten_calls_in_a_row_without_an_answer_stop_it(issue: Issue, monkeypatch: Any) -> None:
    frozen(issue, 30, a_call=1, monkeypatch=monkeypatch)
    calls = answers(monkeypatch, lambda _m: Outcome(Kind.AMBIGUOUS, 500, "oh"))

    send(issue)

    assert issue.state == Issue.State.HALTED
    assert issue.reason == "silence|oh"
    assert len(calls) == alarms.IN_A_ROW
    assert tallies.tally(issue).uncertain == 10


def test_more_than_a_fifth_of_the_last_hundred_calls_stops_it(
    issue: Issue, monkeypatch: Any
) -> None:
    frozen(issue, 150, a_call=1, monkeypatch=monkeypatch)
    numbers = iter(range(1000))

    def answer(_message: Any) -> Outcome:
        lost = next(numbers) % 4 == 3
        return Outcome(Kind.AMBIGUOUS if lost else Kind.ACCEPTED, 500, "oh")

    calls = answers(monkeypatch, answer)

    send(issue)

    assert issue.state == Issue.State.HALTED
    assert len(calls) == alarms.LAST_CALLS


def test_going_on_forgives_what_was_before(issue: Issue, monkeypatch: Any) -> None:
    frozen(issue, 30, a_call=1, monkeypatch=monkeypatch)
    answers(monkeypatch, lambda _m: Outcome(Kind.AMBIGUOUS, 500, "oh"))
    send(issue)
    told = iter([Outcome(Kind.AMBIGUOUS, 500, "oh")] + [Outcome(Kind.ACCEPTED, 200)] * 50)
    answers(monkeypatch, lambda _m: next(told))

    assert issues.resume(issue, by=_nobody())
    send(issue)

    assert issue.state == Issue.State.SENDING
    assert tallies.tally(issue).parts | {"left": 0} == {
        **dict.fromkeys(tallies.LABELS, 0), "accepted": 19, "uncertain": 11,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "halted"), [(Kind.ACCOUNT, True), (Kind.QUOTA, False), (Kind.NOT_SENT, False)]
)
def test_what_the_account_says_counts_as_no_try(
    issue: Issue, monkeypatch: Any, kind: Kind, halted: bool
) -> None:
    frozen(issue, 3, a_call=1, monkeypatch=monkeypatch)
    answers(monkeypatch, lambda _m: Outcome(kind, 400, "no", retry_after=600))

    if kind == Kind.QUOTA:
        deliver.take_turn("w")
        from newsletters.pipeline import budget

        with pytest.raises(budget.UsedUp) as closed:
            deliver.take_turn("w")
        assert 590 < closed.value.seconds <= 600
    else:
        deliver.take_turn("w")

    issue.refresh_from_db()
    assert (issue.state == Issue.State.HALTED) is halted
    assert tallies.tally(issue).queued == 3
    tries = sorted(Batch.objects.values_list("tries", flat=True))
    assert tries == ([0, 0, 1] if kind == Kind.NOT_SENT else [0, 0, 0])


@pytest.mark.parametrize(
    ("said", "waits"),
    [(7200, 7200), (-86400, 30), (30 * 86400, 86400), (None, 3600)],
    ids=["as said", "long ago", "far away", "unsaid"],
)
def test_a_used_up_quota_opens_when_the_service_says_within_reason(
    issue: Issue, monkeypatch: Any, said: int | None, waits: int
) -> None:
    frozen(issue, 1, a_call=1, monkeypatch=monkeypatch)
    resets_at = None if said is None else timezone.now() + dt.timedelta(seconds=said)
    answers(monkeypatch, lambda _m: Outcome(Kind.QUOTA, 402, "no", resets_at=resets_at))

    deliver.take_turn("w")

    left = Batch.objects.get().next_at - timezone.now()
    assert waits - 20 < left.total_seconds() <= waits


def test_a_wrong_key_makes_one_call_only(
    issue: Issue, mailbox: Client, monkeypatch: Any, settings: Any
) -> None:
    frozen(issue, 5, a_call=1, monkeypatch=monkeypatch)
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_KEY": "wrong"}

    send(issue)

    assert (issue.state, Attempt.objects.count()) == (Issue.State.HALTED, 1)
    assert "refuses our account" in reports.reason(issue)


def test_a_refused_reader_is_not_suppressed(issue: Issue, monkeypatch: Any) -> None:
    from newsletters.models import Suppression

    frozen(issue, 4, a_call=4, monkeypatch=monkeypatch)

    def answer(message: Any) -> Outcome:
        refused = "reader-2@example.org" in message.to
        return Outcome(Kind.RECIPIENT if refused else Kind.ACCEPTED, 400, "no such address")

    answers(monkeypatch, answer)

    send(issue)

    assert not Suppression.objects.exists()
    assert tallies.tally(issue).failed == 1
    assert Delivery.objects.filter(batch__state="failed").count() == 1
    assert issue.closed_at > LONG_AGO
