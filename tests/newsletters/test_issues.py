"""The editor's verbs: each press counts once, and nobody is told twice after it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from localmail import Client
from newsletters import issues, tallies
from newsletters.models import Batch, Issue, Subscription
from newsletters.pipeline import closing, deliver, freeze
from tests.factories.newsletters import LONG_AGO
from tests.newsletters.test_deliver import readers  # noqa: F401

State = Issue.State


@pytest.fixture
def editor() -> Any:
    return get_user_model()(email="editor@example.org")


@pytest.fixture
def sending(issue: Issue, readers: list[Subscription]) -> Issue:  # noqa: F811
    freeze.freeze(issue.pk)
    return issue


def test_a_paused_mailing_makes_no_call_until_it_goes_on(
    sending: Issue, editor: Any, mailbox: Client
) -> None:
    assert issues.pause(sending, by=editor)
    assert not issues.pause(sending, by=editor)
    assert not deliver.take_turn("test")

    assert issues.resume(sending, by=editor)
    while deliver.take_turn("test"):
        pass

    assert len(mailbox.mails()) == 3


def test_cancelling_keeps_who_was_told_and_who_was_not_apart(
    sending: Issue, editor: Any, mailbox: Client
) -> None:
    deliver.take_turn("test")
    told = {mail.to for mail in mailbox.mails()}

    assert issues.cancel(sending, by=editor)
    assert not deliver.take_turn("test")

    sending.refresh_from_db()
    tally = tallies.tally(sending)
    assert (sending.state, tally.accepted, tally.cancelled) == (
        State.CANCELLED,
        len(told),
        3 - len(told),
    )
    assert tally.closes
    untold = Subscription.objects.filter(caught_up_at=LONG_AGO)
    assert {row.subscriber.address for row in untold} == {
        "amina@example.org",
        "badr@example.org",
        "chanda@example.org",
    } - told


def test_a_batch_in_hand_when_the_mailing_is_cancelled_is_not_sent(
    sending: Issue, editor: Any, mailbox: Client
) -> None:
    claim = deliver.claim_batch("test")
    assert claim is not None
    issues.cancel(sending, by=editor)

    assert deliver.begin(claim, deliver.look_again(claim)) is None
    closing.close(sending)
    assert Batch.objects.get(pk=claim.batch.pk).state == Batch.State.CANCELLED


def test_a_stopped_mailing_goes_on_after_the_mend(
    sending: Issue, editor: Any, mailbox: Client, settings: Any
) -> None:
    right = settings.ANYMAIL
    settings.ANYMAIL = right | {"MAILGUN_API_KEY": "wrong"}
    deliver.take_turn("test")
    settings.ANYMAIL = right

    assert issues.resume(sending, by=editor)
    while deliver.take_turn("test"):
        pass

    sending.refresh_from_db()
    assert (sending.state, len(mailbox.mails())) == (State.DONE, 3)
