"""Two hands at once, on two connections: whoever is second changes nothing that the first did."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from psycopg import connect

from localmail import Client
from newsletters import issues, schedule, tallies
from newsletters.models import Attempt, Batch, Delivery, Edition, Issue, Subscription
from newsletters.pipeline import closing, deliver, freeze, record, resolve
from newsletters.pipeline.claim import Claim
from newsletters.providers import Kind, Outcome
from tests.factories.newsletters import (
    LONG_AGO,
    CadenceFactory,
    IssueFactory,
    NewsletterFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters.fake_source import publish

pytestmark = pytest.mark.django_db(transaction=True)

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run each job in a thread with a connection of its own, all released together."""
    start, results = threading.Barrier(len(jobs)), list[Any]([None] * len(jobs))

    def run(place: int, job: Callable[[], Any]) -> None:
        start.wait(20)
        try:
            results[place] = job()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.fixture
def frozen() -> Issue:
    """An issue being sent, of six readers in three batches of two."""
    own_this_database()
    issue = IssueFactory()
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory.create_batch(6, newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    edition = Edition.objects.get()
    people = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    Batch.objects.update(size=2)
    for number in (1, 2):
        batch = Batch.objects.create(issue=issue, edition=edition, number=number, size=2)
        part = people[2 * number : 2 * number + 2]
        Delivery.objects.filter(pk__in=part).update(batch=batch)
    issue.refresh_from_db()
    return issue


def test_two_beats_at_once_open_one_issue() -> None:
    own_this_database()
    newsletter = NewsletterFactory()
    CadenceFactory(newsletter=newsletter, next_at=NOW)

    opened = at_once(*[lambda: schedule.open_due(NOW)] * 4)

    assert sum(len(issues) for issues in opened) == Issue.objects.count() == 1


def test_two_freezes_at_once_freeze_once() -> None:
    own_this_database()
    issue = IssueFactory()
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory.create_batch(3, newsletter=issue.newsletter)

    done = at_once(*[lambda: freeze.freeze(issue.pk)] * 3)

    assert sum(result is not None for result in done) == 1
    assert Delivery.objects.count() == 3


def test_workers_at_once_claim_different_batches(frozen: Issue) -> None:
    claims = at_once(*[lambda: deliver.claim_batch("w")] * 5)

    held = [claim.batch.pk for claim in claims if claim]
    assert len(held) == len(set(held)) == 3


def test_a_claim_waits_for_nobody(frozen: Issue) -> None:
    """A worker that holds the first row in a long transaction must not hold up the others."""

    def claim() -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        return deliver.claim_batch("w")

    with transaction.atomic():
        first = Batch.objects.select_for_update().order_by("next_at", "id")[0]
        (taken,) = at_once(claim)

    assert taken is not None
    assert taken.batch.pk != first.pk


def test_two_workers_halving_at_once_lose_nobody(frozen: Issue) -> None:
    def refused(worker: str) -> Callable[[], None]:
        claim = deliver.claim_batch(worker)
        assert claim is not None
        attempt = deliver.begin(claim, deliver.look_again(claim))
        assert attempt is not None
        return lambda: finish(claim, attempt, Outcome(Kind.RECIPIENT, 400, "refused"))

    at_once(refused("a"), refused("b"), refused("c"))

    tally = tallies.tally(frozen)
    assert tally.closes
    assert (tally.queued, tally.uncertain, tally.in_flight) == (6, 0, 0)


def test_a_row_that_a_worker_holds_does_not_keep_the_sweep_from_the_others(frozen: Issue) -> None:
    for worker in ("stands still", "dead"):
        claim = deliver.claim_batch(worker)
        assert claim is not None
        assert deliver.begin(claim, deliver.look_again(claim)) is not None
    Batch.objects.exclude(lease_until=None).update(lease_until=LONG_AGO)
    held, swept = threading.Event(), threading.Event()

    def stand_still() -> None:
        with transaction.atomic():
            Batch.objects.select_for_update().get(owner="stands still")
            held.set()
            swept.wait(20)

    def sweep() -> None:
        held.wait(20)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            resolve.sweep()
        finally:
            swept.set()

    at_once(stand_still, sweep)

    owners = Batch.objects.exclude(state="queued").order_by("state")
    assert list(owners.values_list("state", "owner")) == [
        ("submitting", "stands still"),
        ("uncertain", ""),
    ]


def test_a_double_press_sends_once_and_keeps_the_rhythm() -> None:
    own_this_database()
    newsletter = NewsletterFactory()
    cadence = CadenceFactory(newsletter=newsletter, next_at=NOW)
    for _press in range(2):
        schedule.bring_forward(newsletter, now=NOW)
        for issue in schedule.open_due(NOW):
            freeze.freeze(issue.pk)

    cadence.refresh_from_db()
    assert Issue.objects.count() == 1
    assert cadence.next_at > NOW


@pytest.mark.parametrize("dies", ["before the call", "during the call", "after the answer"])
def test_cancelled_while_a_worker_dies_tells_nobody_twice(frozen: Issue, dies: str) -> None:
    claim = deliver.claim_batch("dead")
    assert claim is not None
    if dies != "before the call":
        attempt = deliver.begin(claim, deliver.look_again(claim))
        assert attempt is not None
        if dies == "after the answer":
            finish(claim, attempt, Outcome(Kind.ACCEPTED, 200))
    issues.cancel(frozen, by=_nobody())
    Batch.objects.filter(pk=claim.batch.pk).exclude(lease_until=None).update(lease_until=LONG_AGO)

    resolve.sweep()
    resolve.sweep()
    if dies == "during the call":
        assert sum_of_open(frozen) == ["uncertain"]
        Issue.objects.update(not_after=LONG_AGO)
        Batch.objects.update(next_at=LONG_AGO)
        assert resolve.resolve_next("w")

    frozen.refresh_from_db()
    told = Subscription.objects.filter(caught_up_at=frozen.cutoff_at).count()
    assert tallies.tally(frozen).closes
    assert not Batch.objects.filter(state__in=Batch.OPEN).exists()
    assert (frozen.state, told) == ("cancelled", 0 if dies == "before the call" else 2)


def test_a_mailing_that_cannot_be_drawn_up_stops_alone(monkeypatch: Any) -> None:
    own_this_database()
    broken, whole = IssueFactory(), IssueFactory()
    publish("kenya", at=broken.cutoff_at - dt.timedelta(hours=1))
    for issue in (broken, whole):
        SubscriptionFactory(newsletter=issue.newsletter)
    monkeypatch.setattr(
        type(broken.newsletter), "wording", _broken_for(broken.newsletter.pk, broken.newsletter)
    )

    for issue in (broken, whole):
        freeze.freeze_or_halt(issue.pk)

    broken.refresh_from_db()
    whole.refresh_from_db()
    assert (broken.state, broken.reason) == ("halted", "ValueError: no such name")
    assert whole.state == "sending"

    monkeypatch.undo()
    issues.resume(broken, by=_nobody())
    freeze.freeze_or_halt(broken.pk)
    broken.refresh_from_db()
    assert (broken.state, broken.audience) == ("sending", 1)


def test_who_asks_for_discretion_meanwhile_gets_the_next_one(frozen: Issue) -> None:
    reader = Subscription.objects.first()
    assert reader is not None
    type(reader.subscriber).objects.filter(pk=reader.subscriber_id).update(discreet=True)
    while (claim := deliver.claim_batch("w")) is not None:
        attempt = deliver.begin(claim, deliver.look_again(claim))
        assert attempt is not None
        finish(claim, attempt, Outcome(Kind.ACCEPTED, 200))
    closing.close(frozen)

    reader.refresh_from_db()
    assert reader.caught_up_at == LONG_AGO
    assert tallies.tally(frozen).suppressed == 1


def test_a_worker_that_lost_its_lease_marks_nobody(frozen: Issue) -> None:
    slow = deliver.claim_batch("slow")
    assert slow is not None
    Batch.objects.filter(pk=slow.batch.pk).update(owner="quick", epoch=slow.batch.epoch + 1)
    Subscription.objects.update(state="left", left_at=timezone.now())

    deliver.look_again(slow)

    assert not Delivery.objects.exclude(exception="").exists()


def test_a_worker_that_lost_its_batch_cuts_nothing_of_it(frozen: Issue) -> None:
    slow = deliver.claim_batch("slow")
    assert slow is not None
    Batch.objects.filter(pk=slow.batch.pk).update(owner="quick", epoch=slow.batch.epoch + 1)

    record.cut(slow, 1)

    assert Batch.objects.count() == 3


def test_what_is_taken_down_while_its_batch_is_cut_is_not_sent(frozen: Issue) -> None:
    claim = deliver.claim_batch("w")
    assert claim is not None
    issues.withdraw("kenya", ["en"])

    record.cut(claim, 1)

    assert not Batch.objects.filter(state="queued").exists()


def test_two_tries_drawn_up_at_once_reach_nobody_twice(frozen: Issue) -> None:
    Batch.objects.update(state="failed")
    closing.close(frozen)
    second = issues.send_again(frozen, why="retry", by=_nobody())
    freeze.freeze(second.pk)
    Batch.objects.filter(issue=second).update(state="failed")
    closing.close(second)
    # Of digests one is open at a time; of what editors write there may be more.
    Issue.objects.update(kind="written")
    both = Issue.objects.order_by("pk")
    tries = [issues.send_again(issue, why="retry", by=_nobody()) for issue in list(both)]

    at_once(*[lambda pk=issue.pk: freeze.freeze(pk) for issue in tries])

    audiences = Issue.objects.filter(pk__in=[issue.pk for issue in tries])
    assert sorted(audiences.values_list("audience", flat=True)) == [0, 6]


def test_reports_that_come_before_the_record_do_not_cost_the_answer(frozen: Issue) -> None:
    """A service reports on people of a call in the moment in which its answers are recorded."""
    people = list(Delivery.objects.order_by("pk"))
    Delivery.objects.update(batch=people[0].batch)
    claim = deliver.claim_batch("w")
    assert claim is not None
    attempt = deliver.begin(claim, deliver.look_again(claim))
    assert attempt is not None
    kinds = [Kind.ACCEPTED, Kind.NOT_SENT, *[Kind.ACCEPTED, Kind.RECIPIENT] * 2]
    fates = [
        record.Result((one.pk,), Outcome(kind)) for one, kind in zip(people, kinds, strict=True)
    ]
    ids = [one.pk for one in people]
    with transaction.atomic():
        # As reports are applied: the people in the order of their numbers, one after the other.
        Delivery.objects.select_for_update(no_key=True).get(pk=ids[1])
        recording = threading.Thread(target=_closing(lambda: record.finish(claim, attempt, fates)))
        recording.start()
        recording.join(0.5)
        list(Delivery.objects.filter(pk__in=ids[3:]).order_by("pk").select_for_update(no_key=True))
    recording.join(20)

    assert Attempt.objects.get().finished_at is not None


def _closing(job: Callable[[], Any]) -> Callable[[], None]:
    """The job of a thread with a connection of its own."""

    def run() -> None:
        try:
            job()
        finally:
            connection.close()

    return run


def test_a_sum_taken_while_an_answer_is_recorded_is_of_one_moment(frozen: Issue) -> None:
    claim = deliver.claim_batch("w")
    assert claim is not None
    recipients = deliver.look_again(claim)
    attempt = deliver.begin(claim, recipients)
    assert attempt is not None
    one, other = (recipient.delivery_id for recipient in recipients)
    fates = [
        record.Result((one,), Outcome(Kind.ACCEPTED)),
        record.Result((other,), Outcome(Kind.RECIPIENT)),
    ]
    recorded: list[Any] = []

    def meanwhile(execute: Any, *call: Any) -> Any:
        result = execute(*call)
        if not recorded:
            recorded.append(True)
            at_once(lambda: record.finish(claim, attempt, fates))
        return result

    with connection.execute_wrapper(meanwhile):
        tally = tallies.tally(frozen)

    assert tally.closes
    assert min(tally.parts.values()) == 0


def _nobody() -> Any:
    from django.contrib.auth.models import AnonymousUser

    return AnonymousUser()


def _broken_for(pk: int, newsletter: Any) -> Any:
    whole = type(newsletter).wording

    def wording(self: Any, language: str | None = None) -> Any:
        if self.pk == pk:
            raise ValueError("no such name")
        return whole(self, language)

    return wording


def finish(claim: Claim, attempt: Any, outcome: Outcome) -> None:
    """What one call for all of the batch came to."""
    people = Delivery.objects.filter(batch=claim.batch).values_list("pk", flat=True)
    record.finish(claim, attempt, [record.Result(tuple(people), outcome)])


def sum_of_open(issue: Issue) -> list[str]:
    return list(
        Batch.objects.filter(issue=issue, state__in=Batch.OPEN).values_list("state", flat=True)
    )


def other_connection() -> Any:
    """A hand of its own on the same database."""
    parameters = connection.get_connection_params()
    return connect(
        **{k: v for k, v in parameters.items() if k not in {"cursor_factory", "context"}}
    )


def test_of_two_that_close_a_mailing_one_moves_its_readers(frozen: Issue) -> None:
    """The other would go through all of them again, slice by slice behind the first."""
    Batch.objects.update(state="accepted")
    connection.cursor().execute("SET lock_timeout = '5s'")

    with other_connection() as mover:
        mover.execute(
            "SELECT 1 FROM newsletters_issue WHERE id = %s FOR NO KEY UPDATE", [frozen.pk]
        )
        assert not closing.close(frozen)

    assert closing.close(frozen)
    assert set(Subscription.objects.values_list("caught_up_at", flat=True)) == {frozen.cutoff_at}


def test_of_two_that_end_the_last_batches_at_once_one_closes_the_mailing(frozen: Issue) -> None:
    """Each sees the other's batch still open; the next turn finds nothing left, and looks."""
    first, *last = [_called(f"worker {number}") for number in range(3)]
    assert not first()
    seen: list[bool] = []

    with transaction.atomic():
        seen.append(last[0]())
        seen += at_once(last[1])

    assert seen == [False, False]
    assert not deliver.take_turn("w")
    frozen.refresh_from_db()
    assert frozen.state == "done"


def test_whose_batch_is_the_last_one_is_told_so(frozen: Issue) -> None:
    assert [_called("w")() for _batch in range(3)] == [False, False, True]


def _called(worker: str) -> Callable[[], bool]:
    """A worker that has made its call, and has the answer to write down."""
    claim = deliver.claim_batch(worker)
    assert claim is not None
    recipients = deliver.look_again(claim)
    attempt = deliver.begin(claim, recipients)
    assert attempt is not None
    people = tuple(one.delivery_id for one in recipients)
    results = [record.Result(people, Outcome(Kind.ACCEPTED, 200))]
    return lambda: record.finish(claim, attempt, results)


def test_an_answer_outlives_a_database_that_goes_away(
    frozen: Issue, mailbox: Client, monkeypatch: Any
) -> None:
    """Only this process knows it: written down late is better than a doubt."""

    def away(point: str) -> None:
        if point == "P4":
            with other_connection() as other:
                other.execute(
                    "SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid]
                )

    monkeypatch.setattr(deliver, "reached", away)

    assert deliver.take_turn("w")

    assert [attempt.outcome for attempt in Attempt.objects.all()] == ["accepted"]
    assert sorted(Batch.objects.values_list("state", flat=True)) == ["accepted", "queued", "queued"]
