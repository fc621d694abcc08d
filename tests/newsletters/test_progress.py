"""What the editors' screens say of a mailing on its way: how far, how fast, what is left."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import translation

from newsletters import progress, tallies
from newsletters.models import Attempt, Batch, Delivery, Edition, Issue, Newsletter
from newsletters.progress import Progress
from tests.factories.newsletters import CadenceFactory, IssueFactory, own_this_database

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def sending(newsletter: Newsletter) -> Issue:
    """2,140 people; 1,200 have been handed over, 40 are in flight."""
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING, audience=2140)
    edition = Edition.objects.create(issue=issue, language="en", selection=[])
    for number, (state, size) in enumerate(
        (("accepted", 1000), ("accepted", 200), ("submitting", 40), ("queued", 900))
    ):
        Batch.objects.create(issue=issue, edition=edition, number=number, size=size, state=state)
    return issue


def accept(issue: Issue, number: int, *, started: dt.timedelta, **facts: Any) -> None:
    """The mail service took this batch a second after it was asked."""
    started_at = NOW - started
    answer = {"outcome": "accepted", "finished_at": started_at + SECOND} | facts
    Attempt.objects.create(
        batch=issue.batches.get(number=number),
        epoch=1,
        started_at=started_at,
        deadline_at=NOW,
        **answer,
    )


def far(issue: Issue) -> Progress:
    issue.refresh_from_db()
    (found,) = progress.of([issue], tallies.tallies([issue]), NOW)
    return found


def test_the_bar_in_words(sending: Issue) -> None:
    assert far(sending).figures == "1,200 of 2,140 done, 940 to come."
    assert far(sending).has_bar


def test_a_pace_and_what_is_left_are_those_of_the_last_minute(sending: Issue) -> None:
    accept(sending, 0, started=600 * SECOND)
    assert far(sending).pace == ""

    accept(sending, 1, started=30 * SECOND)

    assert far(sending).pace == "About 400 a minute. About 2 minutes left."


def test_a_pace_that_nobody_knows_yet_is_not_told(sending: Issue) -> None:
    accept(sending, 0, started=3 * SECOND)
    accept(sending, 1, started=20 * SECOND, outcome="ambiguous")

    assert far(sending).pace == ""


def test_of_a_batch_that_was_partly_taken_the_pace_counts_whom_the_service_took(
    sending: Issue,
) -> None:
    mixed = {str(n): "accepted" if n < 150 else "recipient" for n in range(151)}
    accept(sending, 1, started=30 * SECOND, outcome="recipient", fates=mixed)

    assert far(sending).pace.startswith("About 300 a minute.")


def test_of_a_batch_in_doubt_the_pace_counts_whom_the_service_took(sending: Issue) -> None:
    mixed = {"1": "ambiguous"} | {str(n): "accepted" for n in range(2, 22)}
    accept(sending, 2, started=30 * SECOND, outcome="ambiguous", fates=mixed)
    accept(sending, 0, started=20 * SECOND, outcome="recipient", fates={"31": "recipient"})

    assert far(sending).pace.startswith("About 40 a minute.")


def test_who_was_left_out_of_a_batch_is_not_in_the_pace(sending: Issue) -> None:
    batch = sending.batches.get(number=1)
    for number, exception in enumerate(("left", "suppressed", "failed", "")):
        for person in range(25):
            Delivery.objects.create(
                issue=sending, batch=batch, subscriber_id=100 * number + person, exception=exception
            )
    accept(sending, 1, started=30 * SECOND)

    assert far(sending).pace.startswith("About 250 a minute.")


def test_a_mailing_that_rests_tells_no_pace(sending: Issue) -> None:
    accept(sending, 1, started=30 * SECOND)
    Issue.objects.filter(pk=sending.pk).update(state=Issue.State.PAUSED)

    assert far(sending).pace == ""


@pytest.mark.parametrize(
    ("people", "left"),
    [
        (1000, "About 2,000 a minute. Less than a minute left."),
        (6, "About 12 a minute. About 78 minutes left."),
        (1, "About 2 a minute. About 8 hours left."),
    ],
)
def test_what_is_left_comes_in_words_one_says(sending: Issue, people: int, left: str) -> None:
    Batch.objects.filter(issue=sending, number=0).update(size=people)
    accept(sending, 0, started=30 * SECOND)

    assert far(sending).pace == left


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        ("draft", False),
        ("approved", True),
        ("freezing", True),
        ("ready", True),
        ("sending", True),
        ("paused", False),
        ("halted", False),
        ("done", False),
        ("cancelled", False),
    ],
)
def test_what_moves_by_itself(issue: Issue, state: str, moves: bool) -> None:
    Issue.objects.filter(pk=issue.pk).update(state=state)

    assert far(issue).moves is moves
    assert bool(progress.happening([far(issue)])) is moves


def test_a_paused_mailing_moves_until_its_last_call_is_answered(sending: Issue) -> None:
    Issue.objects.filter(pk=sending.pk).update(state=Issue.State.PAUSED)
    assert "The last mails of" in progress.happening([far(sending)])[0]

    sending.batches.filter(state="submitting").update(state="accepted")

    assert progress.happening([far(sending)]) == []


def test_what_is_due_moves_unless_a_mailing_is_in_its_way(newsletter: Newsletter) -> None:
    CadenceFactory(newsletter=newsletter, next_at=NOW)
    before, after = NOW - SECOND, NOW + SECOND

    assert progress.waiting([], progress.due_now(before)) == []
    assert progress.waiting([], progress.due_now(after)) == [
        "The digest of “What countries learned” is being drawn up."
    ]
    stopped = IssueFactory(newsletter=newsletter, state=Issue.State.HALTED)
    assert progress.waiting([far(stopped)], progress.due_now(after)) == []


def test_nothing_moves_in_a_copied_database(sending: Issue, newsletter: Newsletter) -> None:
    CadenceFactory(newsletter=newsletter, next_at=NOW)
    own_this_database("http://elsewhere")

    assert progress.happening([far(sending)]) == []
    assert progress.waiting([], progress.due_now(NOW)) == []


def test_a_pace_costs_one_statement_for_any_number(
    sending: Issue, django_assert_num_queries: Any
) -> None:
    more = [
        IssueFactory(newsletter=sending.newsletter, kind="written", state=Issue.State.SENDING)
        for _n in range(3)
    ]
    sums = tallies.tallies([sending, *more])

    for issues in ([sending], [sending, *more]):
        with django_assert_num_queries(1):
            progress.of(issues, sums, NOW)


def test_a_mailing_is_named_by_the_grammar_of_the_page(issue: Issue) -> None:
    Issue.objects.filter(pk=issue.pk).update(cutoff_at=NOW)
    issue.refresh_from_db()

    with translation.override("en"):
        assert str(issue) == "What countries learned (every week), 24 November 2026, 12:00"
