"""A reader who wants plain text gets it, beside others who get the designed mail."""

from __future__ import annotations

import datetime as dt

import pytest

from localmail import Client
from newsletters import tallies
from newsletters.models import Batch, Issue, Subscriber
from newsletters.pipeline import freeze, record
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish, wants_text
from tests.newsletters.test_deliver import send

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def two(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    for name, plain in (("amina", True), ("badr", False), ("chanda", True)):
        subscriber = SubscriberFactory(address=f"{name}@example.org", plain_text=plain)
        SubscriptionFactory(newsletter=issue.newsletter, subscriber=subscriber)
        if plain:
            wants_text.add(subscriber.address)


def test_the_mail_of_who_wants_text_has_no_html_part(
    issue: Issue, two: None, mailbox: Client
) -> None:
    send(issue)

    mails = {mail.to.partition("@")[0]: mail for mail in mailbox.mails()}
    assert {name: bool(mail.html) for name, mail in mails.items()} == {
        "amina": False,
        "badr": True,
        "chanda": False,
    }
    assert mails["amina"].text.replace("amina", "") != ""
    assert "kenya in en" in mails["amina"].text
    for mail in mails.values():
        assert mail.headers["list-unsubscribe"].strip("<>") in mail.text
    assert tallies.tally(issue).accepted == 3


def test_they_have_batches_of_their_own_of_the_same_edition(issue: Issue, two: None) -> None:
    freeze.freeze(issue.pk)

    batches = Batch.objects.filter(issue=issue)
    assert batches.values_list("edition").distinct().count() == 1
    assert sorted(batches.values_list("plain_text", "size")) == [(False, 1), (True, 2)]
    assert batches.get(plain_text=False).number == 0


def test_a_part_of_such_a_batch_stays_text(issue: Issue, two: None) -> None:
    freeze.freeze(issue.pk)
    batch = Batch.objects.get(plain_text=True)
    first = batch.deliveries.order_by("pk").first()

    part = record._move(batch, [first.pk], state=Batch.State.QUEUED)

    assert part.plain_text
    assert Subscriber.objects.filter(plain_text=True).count() == 2
