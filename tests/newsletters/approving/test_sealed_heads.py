"""Who a mailing comes from, who gets the answers and what list it is of are approved as well."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from localmail import Client
from newsletters import approving, reports
from newsletters.approving import CannotApprove
from newsletters.models import Issue, Newsletter
from newsletters.pipeline import sealing
from newsletters.proposals import Plan
from tests.newsletters.hands import send

State = Issue.State


@pytest.mark.parametrize(
    "change",
    [
        {"from_email": "other@example.net"},
        {"reply_to": "other@example.net"},
        {"list_id": "other.example.net"},
    ],
)
def test_another_sender_than_was_approved_sends_nothing_and_says_why(
    proposed: Issue,
    plan: Plan,
    writer: Any,
    second: Any,
    mailbox: Client,
    change: Any,
) -> None:
    approving.approve(proposed, by=second)
    Newsletter.objects.update(**change)

    issue = send(proposed)

    assert (issue.state, mailbox.mails()) == (State.HALTED, [])
    assert "The address it comes from" in reports.reason(issue)
    assert "propose it again" in reports.reason(issue)
    fresh = Plan(newsletter=Newsletter.objects.get(), reference=plan.reference)
    again = send(approving.approve(approving.propose(fresh, by=writer), by=second))
    assert (again.state, len(mailbox.mails())) == (State.DONE, 2)


def test_it_cannot_be_approved_either(proposed: Issue, second: Any) -> None:
    Newsletter.objects.update(reply_to="other@example.net")

    with pytest.raises(CannotApprove, match="the one for answers"):
        approving.approve(proposed, by=second)


def test_the_name_of_a_discreet_sender_is_sealed_too(proposed: Issue) -> None:
    assert sealing.broken(proposed) == ""

    proposed.newsletter.wordings.update(plain_name="Another plain name")

    assert sealing.broken(Issue.objects.get(pk=proposed.pk)) == sealing.SENDER


def test_a_seal_from_before_the_heads_were_in_it_is_proposed_again(
    proposed: Issue,
    second: Any,
) -> None:
    Issue.objects.update(seal=hashlib.sha256(b"as it was made then").hexdigest())

    with pytest.raises(CannotApprove, match="not what was proposed any more"):
        approving.approve(Issue.objects.get(pk=proposed.pk), by=second)
