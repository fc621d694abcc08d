"""Nobody is called for too late: after the lease, after the hour, after a story was taken down."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db.models import F

from localmail import Client
from newsletters import issues, reports, tasks
from newsletters.models import Batch, Delivery, Issue, Subscription
from newsletters.pipeline import closing, deliver, freeze, record, resolve
from newsletters.pipeline.claim import Claim
from newsletters.providers import Kind, Outcome
from tests.factories.newsletters import LONG_AGO, IssueFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish, write
from tests.newsletters.test_interleavings import _nobody
from tests.newsletters.test_resolve import parts


@pytest.fixture
def frozen(issue: Issue) -> Issue:
    """Three people in one batch."""
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory.create_batch(3, newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    return issue


def finish(claim: Claim, attempt: Any, kind: Kind) -> None:
    people = tuple(Delivery.objects.filter(batch=claim.batch).values_list("pk", flat=True))
    record.finish(claim, attempt, [record.Result(people, Outcome(kind))])


def test_a_worker_that_slept_before_the_call_asks_anew_who_is_left(frozen: Issue) -> None:
    claim = deliver.claim_batch("slept")
    assert claim is not None
    recipients = deliver.look_again(claim)
    Batch.objects.update(lease_until=LONG_AGO)
    Subscription.objects.update(state="left")

    assert deliver.begin(claim, recipients) is None
    assert parts() == {"queued": 3}


def test_a_worker_that_stood_still_since_its_last_look_looks_again(
    frozen: Issue, mailbox: Client
) -> None:
    """Within its lease nobody else takes the batch, but readers may have left it."""
    claim = deliver.claim_batch("slow")
    assert claim is not None
    recipients = deliver.look_again(claim)
    Subscription.objects.filter(pk=Subscription.objects.order_by("pk")[0].pk).update(state="left")
    stood_still = dt.timedelta(seconds=deliver.FRESH + 1)
    Batch.objects.update(lease_until=F("lease_until") - stood_still)

    assert deliver.begin(claim, recipients) is None
    while deliver.take_turn("w"):
        pass

    assert len(mailbox.mails()) == 2
    assert parts() == {"accepted": 2, "left": 1}


def test_a_worker_that_slept_past_its_lease_makes_no_call(frozen: Issue, mailbox: Client) -> None:
    """Others may have asked the mail service meanwhile, found nothing and sent it."""
    claim = deliver.claim_batch("slept")
    assert claim is not None
    recipients = deliver.look_again(claim)
    messages = deliver.prepare(claim, recipients)
    attempt = deliver.begin(claim, recipients)
    assert messages
    assert attempt
    slept = deliver.ticks() - 1

    record.finish(claim, attempt, deliver.hand_over(claim, messages, recipients, until=slept))

    assert mailbox.mails() == []
    assert parts() == {"queued": 3}


def test_the_last_call_of_a_task_ends_before_its_time_does(settings: Any) -> None:
    longest = tasks.TURNS_LAST + settings.RABITA_CALL_SECONDS

    assert longest < settings.CELERY_TASK_SOFT_TIME_LIMIT
    assert longest < settings.RABITA_LEASE_SECONDS


def test_what_comes_back_after_it_was_taken_down_is_not_sent(
    frozen: Issue, mailbox: Client
) -> None:
    claim = deliver.claim_batch("w")
    assert claim is not None
    attempt = deliver.begin(claim, deliver.look_again(claim))
    issues.withdraw("kenya", ["en"])
    finish(claim, attempt, Kind.NOT_SENT)
    Batch.objects.update(next_at=LONG_AGO)

    while deliver.take_turn("w"):
        pass

    assert mailbox.mails() == []
    assert parts() == {"cancelled": 3}


def test_what_was_taken_down_is_not_sent_again(frozen: Issue, mailbox: Client) -> None:
    claim = deliver.claim_batch("w")
    assert claim is not None
    Batch.objects.update(tries=record.MOST_TRIES)
    finish(claim, deliver.begin(claim, deliver.look_again(claim)), Kind.NOT_SENT)
    assert closing.close(frozen)
    issues.withdraw("kenya", ["en"])

    again = issues.send_again(frozen, why="retry", by=_nobody())
    freeze.freeze(again.pk)
    while deliver.take_turn("w"):
        pass

    assert mailbox.mails() == []


def test_a_paused_mailing_that_tells_of_it_stops_for_good(
    issue: Issue,
) -> None:
    write("letter", "en", holds=("kenya@en",))
    written = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )
    SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(written.pk)
    issues.pause(written, by=_nobody())
    issues.withdraw("kenya", ["en"])
    written.refresh_from_db()
    assert (written.state, written.reason) == ("halted", "withdrawn|")
    assert "it cannot go on. Cancel it" in reports.reason(written)

    with pytest.raises(issues.CannotGoOn, match="Cancel it; without the story"):
        issues.resume(written, by=_nobody())

    assert not deliver.take_turn("w")
    assert list(Batch.objects.values_list("state", flat=True)) == ["queued"]


@pytest.fixture
def failed(issue: Issue, mailbox: Client) -> Issue:
    """A written mailing that has ended and failed for its one reader."""
    write("letter", "en", holds=("kenya@en",))
    written = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )
    SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(written.pk)
    Batch.objects.update(state="failed")
    assert closing.close(written)
    return written


def test_a_written_mailing_is_not_tried_again_once_its_story_was_taken_down(failed: Issue) -> None:
    issues.withdraw("kenya", ["en"])

    with pytest.raises(issues.CannotFollow, match="was taken down, so it is not sent again"):
        issues.send_again(failed, why="retry", by=_nobody())

    assert not Issue.objects.filter(follows=failed).exists()


@pytest.mark.parametrize("nth", [2, 3])
def test_a_second_or_third_try_that_waits_ends_when_its_story_is_taken_down(
    failed: Issue, mailbox: Client, nth: int
) -> None:
    again = failed
    for _try in range(nth - 1):
        if again != failed:
            freeze.freeze(again.pk)
            Batch.objects.update(state="failed")
            assert closing.close(again)
        again = issues.send_again(again, why="retry", by=_nobody())

    issues.withdraw("kenya", ["en"])

    again.refresh_from_db()
    assert again.state == "cancelled"
    assert "was taken down" in reports.reason(again)
    assert freeze.freeze(again.pk) is None


def test_a_second_try_that_is_under_way_stops_and_does_not_go_on(
    failed: Issue, mailbox: Client
) -> None:
    again = issues.send_again(failed, why="retry", by=_nobody())
    freeze.freeze(again.pk)

    issues.withdraw("kenya", ["en"])

    again.refresh_from_db()
    assert (again.state, again.reason) == ("halted", "withdrawn|")
    with pytest.raises(issues.CannotGoOn):
        issues.resume(again, by=_nobody())
    # Whoever lets it go on all the same sends nothing.
    Issue.objects.filter(pk=again.pk).update(state="sending")
    while deliver.take_turn("w"):
        pass
    assert mailbox.mails() == []


def test_what_became_too_late_after_it_was_claimed_stays(frozen: Issue) -> None:
    claim = deliver.claim_batch("w")
    assert claim is not None
    recipients = deliver.look_again(claim)
    Issue.objects.update(not_after=LONG_AGO)

    assert deliver.begin(claim, recipients) is None

    resolve.sweep()
    assert parts() == {"expired": 3}
