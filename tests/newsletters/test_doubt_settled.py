"""A worker dies between hand-over and record: the provider's own record settles it."""

from __future__ import annotations

import datetime as dt

from localmail import Client
from newsletters import connections, lookup, tallies
from newsletters.models import Batch, Issue
from newsletters.pipeline import deliver, freeze, message, resolve
from tests.factories.newsletters import LONG_AGO, SubscriptionFactory
from tests.newsletters.fake_source import publish


def dies(issue: Issue, *, handed_over: bool) -> None:
    """The only batch of the issue is left as a dead worker leaves it."""
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    for _reader in range(3):
        SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("dead")
    assert claim is not None
    recipients = deliver.look_again(claim)
    assert deliver.begin(claim, recipients) is not None
    if handed_over:
        (mail,) = message.build(claim.batch, recipients)
        assert connections.call(mail).kind == "accepted"
    Batch.objects.update(lease_until=LONG_AGO)
    resolve.sweep()


def look(times: int) -> None:
    for _look in range(times):
        Batch.objects.filter(state="uncertain").update(next_at=LONG_AGO)
        assert resolve.resolve_next("w")


def test_what_was_handed_over_is_found_and_not_sent_again(issue: Issue, mailbox: Client) -> None:
    dies(issue, handed_over=True)

    look(1)

    assert not deliver.take_turn("w")
    assert (tallies.tally(issue).accepted, len(mailbox.mails())) == (3, 3)
    issue.refresh_from_db()
    assert issue.state == Issue.State.DONE


def test_what_never_left_is_sent_after_two_looks(issue: Issue, mailbox: Client) -> None:
    dies(issue, handed_over=False)
    batch = Batch.objects.get()
    assert lookup.taken(str(batch.key), LONG_AGO) == set()

    look(2)
    while deliver.take_turn("w"):
        pass

    issue.refresh_from_db()
    assert tallies.tally(issue).closes
    assert (tallies.tally(issue).accepted, len(mailbox.mails())) == (3, 3)
