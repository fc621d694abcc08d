"""A correction: to exactly those who received a mailing, by whichever try, and to nobody twice."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from localmail import Client
from newsletters import (
    approving,
    archive,
    correcting,
    explain,
    issues,
    proposals,
    reports,
    schedule,
)
from newsletters.approving import CannotPropose
from newsletters.correcting import CannotCorrect
from newsletters.models import Batch, Cadence, Delivery, Issue, Newsletter, Subscription
from newsletters.pipeline import closing, deliver, freeze, sealing
from newsletters.proposals import Plan
from newsletters.sources import PersonalLink
from tests.factories.newsletters import (
    LONG_AGO,
    CadenceFactory,
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters import fake_source
from tests.newsletters.hands import colleague, write
from tests.newsletters.test_following import fared, send, to
from tests.newsletters.test_interleavings import _nobody

HOUR = dt.timedelta(hours=1)
NAMES = ("amina", "badr", "chanda", "daoud")
SORRY = "dispatch:sorry"


def reader(newsletter: Newsletter, name: str, languages: str = "en") -> Subscription:
    subscriber = SubscriberFactory(address=f"{name}@example.org", languages=languages.split())
    return SubscriptionFactory(newsletter=newsletter, subscriber=subscriber)


@pytest.fixture
def wrong(issue: Issue, mailbox: Client) -> Issue:
    """A digest that four have received and that told something wrong."""
    fake_source.publish("kenya", at=issue.cutoff_at - HOUR)
    for name in NAMES:
        reader(issue.newsletter, name)
    write(SORRY, "en")
    return send(issue)


@pytest.fixture
def writer(db: None) -> Any:
    return colleague("writer", "compose_issue")


@pytest.fixture
def second(db: None) -> Any:
    return colleague("second", "approve_issue")


def plan(issue: Issue, reference: str = SORRY, **facts: Any) -> Plan:
    return Plan(newsletter=issue.newsletter, reference=reference, corrects=issue, **facts)


def corrected(issue: Issue, writer: Any, second: Any) -> Issue:
    proposed = approving.propose(plan(issue), by=writer)
    return send(approving.approve(proposed, by=second))


def twice(mailbox: Client) -> list[str]:
    """Who got a second mail."""
    got = to(mailbox)
    return sorted({name for name in got if got.count(name) > 1})


def test_only_those_who_received_it_get_it(
    wrong: Issue, writer: Any, second: Any, mailbox: Client
) -> None:
    fared(wrong, "badr", "failed")
    fared(wrong, "chanda", "unknown")
    reader(wrong.newsletter, "joined later")

    correction = corrected(wrong, writer, second)

    assert (correction.state, correction.seen, correction.audience) == ("done", 3, 3)
    assert (correction.follows, correction.why, correction.kind) == (wrong, "correct", "written")
    assert twice(mailbox) == ["amina", "chanda", "daoud"]
    assert to(mailbox).count("badr") == 1


@pytest.mark.parametrize(
    ("state", "gets"),
    [("accepted", True), ("unknown", True), ("uncertain", True)]
    + [(state, False) for state in ("failed", "expired", "cancelled")],
)
def test_whose_batch_may_have_arrived_gets_it(wrong: Issue, state: str, gets: bool) -> None:
    Batch.objects.filter(issue=wrong).update(state=state)

    assert correcting.people(wrong) == (4 if gets else 0)
    assert proposals.reach(plan(wrong), ["en"]).people == (4 if gets else 0)


def test_its_readers_stay_where_they_were_told_up_to(
    wrong: Issue, writer: Any, second: Any, mailbox: Client
) -> None:
    later = reader(wrong.newsletter, "joined later")

    corrected(wrong, writer, second)

    later.refresh_from_db()
    told = set(Subscription.objects.exclude(pk=later.pk).values_list("caught_up_at", flat=True))
    assert (told, later.caught_up_at) == ({wrong.cutoff_at}, LONG_AGO)


def test_who_left_or_must_not_be_written_to_is_counted_and_left_out(
    wrong: Issue, writer: Any, second: Any, mailbox: Client
) -> None:
    mine = Subscription.objects.all()
    mine.filter(subscriber__address="amina@example.org").update(state="left")
    mine.filter(subscriber__address="badr@example.org").update(
        paused_until=timezone.now() + dt.timedelta(days=9)
    )
    gone = mine.get(subscriber__address="chanda@example.org").subscriber
    gone.subscriptions.all().delete()
    gone.delete()
    reader(wrong.newsletter, "joined later")

    found = proposals.reach(plan(wrong), ["en"])

    assert (found.people, dict(found.left_out)) == (1, {"left": 2, "paused": 1})
    correction = corrected(wrong, writer, second)
    assert correction.excluded == {"left": 1, "paused": 1}
    assert twice(mailbox) == ["daoud"]


def test_whoever_a_later_try_reached_gets_it_too(
    wrong: Issue, writer: Any, second: Any, mailbox: Client
) -> None:
    fared(wrong, "badr", "failed")
    Subscription.objects.update(caught_up_at=LONG_AGO)
    again = send(issues.send_again(wrong, why="retry", by=_nobody()))
    assert again.audience == 1

    assert correcting.original(again) == wrong
    assert correcting.people(wrong) == 4
    corrected(wrong, writer, second)

    assert twice(mailbox) == list(NAMES)


def test_stopped_halfway_and_proposed_again_it_reaches_the_others_only(
    wrong: Issue, writer: Any, second: Any, mailbox: Client
) -> None:
    proposed = approving.propose(plan(wrong), by=writer)
    first = approving.approve(proposed, by=second)
    freeze.freeze(first.pk)
    Batch.objects.filter(issue=first).update(state="cancelled")
    Delivery.objects.filter(issue=first).update(exception="")
    fared(first, "amina", "accepted")
    Issue.objects.filter(pk=first.pk).update(state="cancelled")
    closing.close_done()

    correction = corrected(wrong, writer, second)

    assert correction.excluded == {"received": 1}
    assert twice(mailbox) == ["badr", "chanda", "daoud"]


def test_it_can_be_corrected_and_sent_again_itself(
    wrong: Issue, writer: Any, second: Any, mailbox: Client
) -> None:
    first = corrected(wrong, writer, second)
    fared(first, "amina", "failed")
    write("dispatch:sorrier", "en")

    again = send(issues.send_again(first, why="retry", by=_nobody()))
    proposed = approving.propose(plan(first, "dispatch:sorrier"), by=writer)
    last = send(approving.approve(proposed, by=second))

    assert (again.audience, last.audience) == (1, 4)
    assert approving.standing(SORRY) == first
    assert approving.latest([SORRY, "dispatch:sorrier"]) == {SORRY: first, "dispatch:sorrier": last}


def test_its_seal_holds_what_it_corrects(wrong: Issue, writer: Any) -> None:
    other = IssueFactory(newsletter=wrong.newsletter, frequency="daily", state="done")
    proposed = approving.propose(plan(wrong), by=writer)
    assert approving.standing(SORRY) == proposed
    assert not sealing.broken(proposed)

    Issue.objects.filter(pk=proposed.pk).update(follows=other)

    assert sealing.broken(Issue.objects.get(pk=proposed.pk)) == sealing.BROKEN


def test_a_change_ends_its_approval_and_the_reason_stands(wrong: Issue, writer: Any) -> None:
    approving.propose(plan(wrong), by=writer)

    assert approving.void(SORRY, changes=["subject@en"])

    ended = approving.ended(SORRY)
    assert ended is not None
    assert "The subject was changed" in reports.reason(ended)
    assert approving.propose(plan(wrong), by=writer).state == Issue.State.DRAFT


def test_what_has_not_ended_or_reached_nobody_is_not_corrected(
    wrong: Issue, writer: Any, mailbox: Client
) -> None:
    fared(wrong, "badr", "failed")
    again = issues.send_again(wrong, why="retry", by=_nobody())
    with pytest.raises(CannotCorrect, match="is being sent again"):
        correcting.look(wrong)
    Issue.objects.filter(pk=again.pk).update(state="cancelled", closed_at=timezone.now())
    correcting.look(wrong)

    Delivery.objects.filter(issue=wrong).update(exception="failed")
    with pytest.raises(CannotCorrect, match="Nobody received"):
        correcting.look(wrong)
    Issue.objects.filter(pk=wrong.pk).update(state="sending", closed_at=None)
    with pytest.raises(CannotCorrect, match="has not ended yet"):
        correcting.look(wrong)
    with pytest.raises(CannotPropose, match="has not ended yet"):
        approving.propose(plan(wrong), by=writer)


def test_where_all_of_them_have_left_it_is_not_proposed(wrong: Issue, writer: Any) -> None:
    Subscription.objects.update(state="left")

    with pytest.raises(CannotPropose, match="none of those who received it"):
        approving.propose(plan(wrong), by=writer)


def test_the_next_digest_does_not_wait_for_it(wrong: Issue, writer: Any) -> None:
    CadenceFactory(newsletter=wrong.newsletter, next_at=timezone.now() - HOUR)
    approving.propose(plan(wrong), by=writer)
    assert Cadence.objects.count() == 1

    (digest,) = schedule.open_due()

    assert digest.kind == Newsletter.Kind.DIGEST


def test_it_is_said_why_somebody_did_not_get_it(
    wrong: Issue, writer: Any, second: Any, mailbox: Client
) -> None:
    fared(wrong, "badr", "failed")
    paused = Subscription.objects.filter(subscriber__address="amina@example.org")
    paused.update(paused_until=timezone.now() + dt.timedelta(days=9))
    correction = corrected(wrong, writer, second)

    (why,) = explain.explain(correction, "badr@example.org")
    (rests,) = explain.explain(correction, "amina@example.org")

    assert why == "It corrects a mailing that this reader did not receive."
    assert "Had paused the newsletter" in rests


def test_it_says_for_whom_it_is(wrong: Issue, writer: Any) -> None:
    moment = dt.datetime(2026, 6, 3, 22, 30, tzinfo=dt.UTC)  # the fourth in Cairo
    Issue.objects.filter(pk=wrong.pk).update(frozen_at=moment)
    wrong.refresh_from_db()

    assert correcting.for_whom(wrong) == (
        f"Only the 4 people who received “\u2068{wrong.newsletter}\u2069” of 4 June 2026 get it."
    )
    fared(wrong, "amina", "failed")
    assert "Only the 3 people" in correcting.for_whom(wrong)


def test_of_a_written_one_the_subject_is_said(wrong: Issue, writer: Any, second: Any) -> None:
    correction = corrected(wrong, writer, second)

    assert correcting.name_of(correction) == "A letter to all of you (en)"


@pytest.mark.parametrize("public", [True, False])
def test_it_is_as_public_as_what_it_corrects(
    issue: Issue, writer: Any, second: Any, mailbox: Client, public: bool
) -> None:
    audience = "public" if public else "members"
    fake_source.publish("kenya", at=issue.cutoff_at - HOUR, audience=audience)
    reader(issue.newsletter, "amina")
    fake_source.permitted["members"] = {"amina@example.org"}
    write(SORRY, "en")
    assert send(issue).audience == 1
    assert archive.is_public(issue.pk) is public

    correction = corrected(issue, writer, second)

    assert (correction in archive.archived("en")) is public


def test_what_corrects_a_question_is_in_no_archive(
    newsletter: Newsletter, writer: Any, second: Any, mailbox: Client
) -> None:
    step = newsletter.steps.create(code="asks", order=0, criteria={})
    asked = reader(newsletter, "amina")
    buttons = (PersonalLink("Yes", "answer:asks:run:yes"),)
    fake_source.write("asks:run", "en", links=buttons)
    question = IssueFactory(
        newsletter=newsletter, kind="written", frequency="", reference="asks:run", step=step
    )
    step.passages.create(
        subscriber=asked.subscriber, anchor="run", issue=question, at=timezone.now()
    )
    write(SORRY, "en")
    assert send(question).audience == 1

    correction = corrected(question, writer, second)

    assert correction.audience == 1
    assert not archive.is_public(correction.pk)
    assert correction not in archive.archived("en")


def test_a_turn_more_sends_nothing(wrong: Issue, writer: Any, second: Any, mailbox: Client) -> None:
    correction = corrected(wrong, writer, second)
    before = to(mailbox)

    assert freeze.freeze(correction.pk) is None
    assert not deliver.take_turn("w")
    with pytest.raises(CannotPropose, match="already"):
        approving.propose(plan(wrong), by=writer)
    assert to(mailbox) == before
