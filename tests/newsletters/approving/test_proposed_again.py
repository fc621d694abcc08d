"""Stopped half-way and proposed again, a written mailing reaches those who have not got it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from localmail import Client
from newsletters import approving, explain, issues, proposals, reports
from newsletters.approving import CannotPropose
from newsletters.models import Batch, Issue, Subscription
from newsletters.pipeline import closing, deliver, freeze
from newsletters.proposals import Plan
from tests.newsletters.hands import send

State = Issue.State


@pytest.fixture
def cancelled(proposed: Issue, second: Any, mailbox: Client) -> Issue:
    """One of its two languages has left when it is cancelled."""
    approving.approve(proposed, by=second)
    freeze.freeze_or_halt(proposed.pk)
    deliver.take_turn("w")
    issues.cancel(proposed, by=second)
    return proposed


def got(mailbox: Client) -> Counter[str]:
    return Counter(mail.to for mail in mailbox.mails())


def test_nobody_gets_it_twice(
    cancelled: Issue,
    plan: Plan,
    writer: Any,
    second: Any,
    mailbox: Client,
) -> None:
    assert got(mailbox).total() == 1

    again = send(approving.approve(approving.propose(plan, by=writer), by=second))

    assert got(mailbox) == {"amina@example.org": 1, "badr@example.org": 1}
    assert (again.state, again.seen, again.audience) == (State.DONE, 1, 1)
    assert again.excluded == {"received": 1, "not_in_their_language": 1}
    assert ("have received it already", 1) in reports.left_out(again)


def test_the_count_before_it_is_proposed_says_so_and_closes(
    cancelled: Issue,
    plan: Plan,
    readers: list[Subscription],
) -> None:
    found = proposals.reach(plan, ["en", "ar"])

    assert dict(found.left_out) == {"received": 1, "not_in_their_language": 1}
    assert found.people + found.left_out.total() == len(readers)


@pytest.mark.parametrize(
    ("state", "gets"), [("accepted", False), ("unknown", False), ("uncertain", False)]
    + [(state, True) for state in ("failed", "expired", "cancelled")],
)  # fmt: skip
def test_whom_it_may_have_reached_does_not_get_it_again(
    cancelled: Issue,
    plan: Plan,
    state: str,
    gets: bool,
) -> None:
    Batch.objects.filter(issue=cancelled).update(state=state)

    assert proposals.reach(plan, ["en", "ar"]).people == (2 if gets else 0)


def test_other_words_go_to_everybody(cancelled: Issue, plan: Plan) -> None:
    other = Plan(newsletter=plan.newsletter, reference="dispatch:another")

    assert proposals.reach(other, ["en", "ar"]).people == 2


def test_it_is_not_proposed_while_a_call_of_the_first_is_being_made(
    cancelled: Issue,
    plan: Plan,
    writer: Any,
) -> None:
    Batch.objects.filter(state="cancelled").update(state="submitting")

    with pytest.raises(CannotPropose, match="still on its way"):
        approving.propose(plan, by=writer)


def test_it_is_not_proposed_while_the_first_is_tried_again_nor_tried_again_after_that(
    cancelled: Issue,
    plan: Plan,
    writer: Any,
    second: Any,
) -> None:
    Batch.objects.filter(state="cancelled").update(state="failed")
    tried = issues.send_again(cancelled, why="retry", by=second)
    with pytest.raises(CannotPropose, match="still on its way"):
        approving.propose(plan, by=writer)
    issues.cancel(tried, by=second)
    closing.close_done()

    again = approving.propose(plan, by=writer)

    with pytest.raises(issues.CannotFollow, match="proposed again since"):
        issues.send_again(cancelled, why="retry", by=second)
    assert approving.take_back(again, by=second)
    assert issues.send_again(cancelled, why="retry", by=second)


def test_a_reader_who_had_it_is_told_apart_from_one_who_was_not_meant(
    cancelled: Issue,
    plan: Plan,
    writer: Any,
    second: Any,
    mailbox: Client,
) -> None:
    ((address, _n),) = got(mailbox).items()
    again = send(approving.approve(approving.propose(plan, by=writer), by=second))

    said = explain.explain(again, address)

    assert said == ["Had received it already: the rest was stopped then, and proposed again."]
