"""Whoever may no longer read what a mail tells does not get it, however long ago it was frozen."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from localmail import Client
from newsletters import explain, issues, tallies
from newsletters.models import Delivery, Issue, Subscription
from newsletters.pipeline import claim, deliver, follow, freeze
from tests.factories.newsletters import IssueFactory, SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import permitted, publish, write
from tests.newsletters.test_interleavings import _nobody

HOUR = dt.timedelta(hours=1)
AMINA, BADR = "amina@example.org", "badr@example.org"


@pytest.fixture
def badr(issue: Issue) -> Subscription:
    """One of two members."""
    permitted["members"] = {AMINA, BADR}
    both = [
        SubscriptionFactory(
            newsletter=issue.newsletter, subscriber=SubscriberFactory(address=address)
        )
        for address in (AMINA, BADR)
    ]
    return both[1]


@pytest.fixture
def letter(issue: Issue) -> Issue:
    """A written mailing to the members."""
    write("letter")
    return IssueFactory(
        newsletter=issue.newsletter,
        kind="written",
        frequency="",
        reference="letter",
        criteria={"audience": "members"},
    )


def send(issue: Issue) -> Issue:
    freeze.freeze(issue.pk)
    return go_on(issue)


def go_on(issue: Issue) -> Issue:
    while deliver.take_turn("w"):
        pass
    issue.refresh_from_db()
    return issue


def fared(issue: Issue, reader: Subscription, exception: str) -> None:
    mail = Delivery.objects.filter(issue=issue, subscriber_id=reader.subscriber_id)
    mail.update(exception=exception)


def to(mailbox: Client) -> list[str]:
    return sorted(mail.to for mail in mailbox.mails())


def test_a_member_no_more_gets_no_members_news_that_waited(
    issue: Issue, badr: Subscription, mailbox: Client
) -> None:
    publish("closed", at=issue.cutoff_at - HOUR, audience="members")
    freeze.freeze(issue.pk)
    issues.pause(issue, by=_nobody())
    permitted["members"] = {AMINA}
    issues.resume(issue, by=_nobody())

    go_on(issue)

    assert to(mailbox) == [AMINA]
    tally = tallies.tally(issue)
    assert (tally.accepted, tally.not_theirs, tally.closes) == (1, 1, True)
    assert issue.state == Issue.State.DONE


def test_what_is_open_to_all_comes_with_the_next_one(
    issue: Issue, badr: Subscription, mailbox: Client
) -> None:
    publish("closed", at=issue.cutoff_at - HOUR, audience="members")
    publish("open", at=issue.cutoff_at - HOUR)
    freeze.freeze(issue.pk)
    permitted["members"] = {AMINA}
    go_on(issue)

    later = IssueFactory(newsletter=issue.newsletter, cutoff_at=issue.cutoff_at + 24 * HOUR)
    send(later)

    [mail] = [mail for mail in mailbox.mails() if mail.to == BADR]
    assert "open in en" in mail.html
    assert "closed" not in mail.subject + mail.html + mail.text


def test_a_mailing_to_some_asks_again_whom_it_is_for(
    letter: Issue, badr: Subscription, mailbox: Client
) -> None:
    freeze.freeze(letter.pk)
    permitted["members"] = {AMINA}

    go_on(letter)

    assert to(mailbox) == [AMINA]
    assert tallies.tally(letter).not_theirs == 1


@pytest.mark.parametrize("why", ["retry", "unknown"])
def test_it_does_not_go_again_to_whom_it_is_not_for_now(
    issue: Issue, badr: Subscription, mailbox: Client, why: str
) -> None:
    publish("closed", at=issue.cutoff_at - HOUR, audience="members")
    send(issue)
    fared(issue, badr, "failed" if why == "retry" else "unknown")
    Subscription.objects.filter(pk=badr.pk).update(caught_up_at=issue.cutoff_at - 2 * HOUR)
    permitted["members"] = {AMINA}
    before = to(mailbox)

    again = send(issues.send_again(issue, why=why, by=_nobody()))

    assert to(mailbox) == before
    assert (again.audience, again.excluded) == (0, {"not_theirs": 1})


def test_many_editions_of_one_audience_are_asked_about_once(
    issue: Issue, badr: Subscription, mailbox: Client
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert follow.counts(issue, "retry") == {"not_theirs": 1}
        return len(captured)

    publish("closed", at=issue.cutoff_at - HOUR, audience="members", languages="en fr pt")
    for language in ("fr", "pt"):
        reader = SubscriberFactory(address=f"{language}@example.org", languages=[language])
        permitted["members"].add(reader.address)
        SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader)
    send(issue)
    assert issue.editions.exclude(only_for=[]).count() == 3
    fared(issue, badr, "failed")
    Subscription.objects.filter(pk=badr.pk).update(caught_up_at=issue.cutoff_at - 2 * HOUR)
    permitted["members"] = {AMINA}
    three = queries()

    issue.editions.filter(language="en").update(only_for=[{"audience": "members"}])
    issue.editions.exclude(language="en").update(only_for=[])

    assert queries() == three


def test_nor_when_it_was_drawn_up_again_before(
    letter: Issue, badr: Subscription, mailbox: Client
) -> None:
    send(letter)
    fared(letter, badr, "failed")
    before = to(mailbox)
    again = issues.send_again(letter, why="retry", by=_nobody())
    freeze.freeze(again.pk)
    permitted["members"] = {AMINA}

    go_on(again)

    assert to(mailbox) == before
    assert tallies.tally(again).not_theirs == 1


def test_the_desk_says_why(issue: Issue, badr: Subscription, mailbox: Client) -> None:
    publish("closed", at=issue.cutoff_at - HOUR, audience="members")
    freeze.freeze(issue.pk)
    permitted["members"] = {AMINA}
    go_on(issue)

    assert explain.explain(issue, BADR) == [
        "Stood on the list, but it was not for this reader any more, so nothing was handed over."
    ]


def test_what_is_open_to_all_asks_nobody(
    issue: Issue, badr: Subscription, django_assert_num_queries: Any
) -> None:
    publish("open", at=issue.cutoff_at - HOUR)
    freeze.freeze(issue.pk)
    held = claim.claim_batch("w")
    assert held is not None

    with django_assert_num_queries(1):
        assert len(claim.look_again(held)) == 2
