"""Sent again, taken down: to whom, and to nobody twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import timezone

from localmail import Client
from newsletters import issues, tallies
from newsletters.models import Batch, Delivery, Edition, Issue, Subscription
from newsletters.pipeline import deliver, freeze, render, written
from tests.factories.newsletters import (
    LONG_AGO,
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters.fake_source import manuscripts, publish, write
from tests.newsletters.test_interleavings import _nobody

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def readers(issue: Issue) -> dict[str, Subscription]:
    publish("kenya", at=issue.cutoff_at - HOUR, languages="en ar")
    return {
        name: SubscriptionFactory(
            newsletter=issue.newsletter,
            subscriber=SubscriberFactory(address=f"{name}@example.org", languages=languages),
        )
        for name, languages in (("amina", ["en"]), ("badr", ["ar"]), ("chanda", ["en"]))
    }


def send(issue: Issue) -> Issue:
    freeze.freeze(issue.pk)
    while deliver.take_turn("w"):
        pass
    issue.refresh_from_db()
    return issue


def fared(issue: Issue, name: str, exception: str) -> None:
    row = Delivery.objects.filter(issue=issue, subscriber_id__in=_ids(name))
    row.update(exception=exception)


def _ids(*names: str) -> list[int]:
    found = Subscription.objects.filter(
        subscriber__address__in=[f"{name}@example.org" for name in names]
    )
    return list(found.values_list("subscriber", flat=True))


def to(mailbox: Client) -> list[str]:
    return sorted(mail.to.partition("@")[0] for mail in mailbox.mails())


def test_it_goes_again_to_those_it_failed_for_as_it_was_frozen(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    send(issue)
    fared(issue, "badr", "failed")
    Subscription.objects.filter(pk=readers["badr"].pk).update(caught_up_at=LONG_AGO)
    publish("zambia", at=issue.cutoff_at + HOUR, languages="ar")

    again = send(issues.send_again(issue, why="retry", by=_nobody()))

    assert to(mailbox) == ["amina", "badr", "badr", "chanda"]
    first, second = (mail for mail in mailbox.mails() if mail.to.startswith("badr"))
    assert (first.subject, first.html) == (second.subject, second.html)
    assert (again.state, again.audience, Edition.objects.filter(issue=again).count()) == (
        "done", 1, 0,
    )  # fmt: skip
    readers["badr"].refresh_from_db()
    assert readers["badr"].caught_up_at == issue.cutoff_at


def test_who_left_or_was_told_since_is_left_out(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    send(issue)
    for name in readers:
        fared(issue, name, "failed")
    Subscription.objects.filter(pk=readers["amina"].pk).update(state="left")
    Subscription.objects.filter(pk=readers["badr"].pk).update(caught_up_at=LONG_AGO)

    again = send(issues.send_again(issue, why="retry", by=_nobody()))

    assert again.excluded == {"left": 1, "told_since": 1}
    assert to(mailbox) == ["amina", "badr", "badr", "chanda"]


def test_pressed_twice_it_writes_once(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    send(issue)
    fared(issue, "amina", "unknown")
    again = issues.send_again(issue, why="unknown", by=_nobody())

    with pytest.raises(issues.CannotFollow):
        issues.send_again(issue, why="unknown", by=_nobody())
    send(again)
    third = send(issues.send_again(issue, why="unknown", by=_nobody()))

    assert to(mailbox) == ["amina", "amina", "badr", "chanda"]
    assert (third.audience, third.excluded) == (0, {"told_since": 1})


def test_tried_again_from_both_ends_of_a_chain_it_writes_once(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    write("letter", "en ar")
    first = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )
    send(first)
    fared(first, "amina", "failed")
    second = send(issues.send_again(first, why="retry", by=_nobody()))
    fared(second, "amina", "failed")

    third = send(issues.send_again(first, why="retry", by=_nobody()))
    fourth = send(issues.send_again(second, why="retry", by=_nobody()))

    assert (third.audience, fourth.audience, fourth.excluded) == (1, 0, {"told_since": 1})


def test_who_rests_now_does_not_get_it_again(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    send(issue)
    fared(issue, "amina", "failed")
    Subscription.objects.filter(pk=readers["amina"].pk).update(
        caught_up_at=LONG_AGO, paused_until=issue.cutoff_at + 24 * HOUR
    )

    again = send(issues.send_again(issue, why="retry", by=_nobody()))

    assert (again.audience, again.excluded) == (0, {"paused": 1})


def test_nothing_follows_what_has_not_ended_or_failed_for_nobody(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    fared(issue, "amina", "failed")
    with pytest.raises(issues.CannotFollow, match="has not ended"):
        issues.send_again(issue, why="retry", by=_nobody())
    fared(issue, "amina", "")
    with pytest.raises(issues.CannotFollow, match="nobody"):
        issues.send_again(issue, why="retry", by=_nobody())


def test_a_written_mailing_tells_of_no_story(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    write("letter", "en ar")
    written = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )

    assert send(written).state == Issue.State.DONE
    assert set(Subscription.objects.values_list("caught_up_at", flat=True)) == {LONG_AGO}
    assert send(issue).audience == 3


def test_a_written_mailing_reaches_everyone_in_the_own_language(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    write("letter", "en ar")
    written = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )
    SubscriptionFactory(newsletter=issue.newsletter, subscriber=SubscriberFactory(languages=["pt"]))

    send(written)

    assert written.state == "done"
    assert written.excluded == {"not_in_their_language": 1}
    mails = {mail.to: mail for mail in mailbox.mails()}
    assert sorted(mails) == ["amina@example.org", "badr@example.org", "chanda@example.org"]
    assert "ar" in mails["badr@example.org"].subject
    assert 'dir="rtl"' in mails["badr@example.org"].html
    body = mails["amina@example.org"].html
    assert "alert(1)" not in body
    for live_token in ("100%recipient", "{{", "*|"):
        assert live_token not in body
    assert readers["amina"].key in body


def test_a_written_mailing_tells_nobody_of_the_digests_stories(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    write("letter", "en ar")
    written = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )
    send(written)

    assert send(issue).audience == 3


def test_what_is_taken_down_reaches_nobody_who_still_waits(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    assert deliver.take_turn("w")
    reached = to(mailbox)

    held_back = issues.withdraw("kenya", ["en", "ar"])

    assert not deliver.take_turn("w")
    issue.refresh_from_db()
    tally = tallies.tally(issue)
    assert (tally.cancelled, held_back) == (3 - len(reached), 3 - len(reached))
    assert (to(mailbox), issue.state, tally.closes) == (reached, "done", True)
    untold = Subscription.objects.filter(caught_up_at=LONG_AGO).count()
    assert untold == held_back


def test_one_language_taken_down_leaves_the_others(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)

    issues.withdraw("kenya", ["ar"])
    while deliver.take_turn("w"):
        pass

    assert to(mailbox) == ["amina", "chanda"]


def test_a_claim_made_before_it_was_taken_down_sends_nothing(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("w")
    assert claim is not None
    recipients = deliver.look_again(claim)

    issues.withdraw("kenya", ["en", "ar"])

    assert deliver.begin(claim, recipients) is None
    assert set(Batch.objects.values_list("state", flat=True)) == {"cancelled"}


def test_a_written_mailing_that_tells_of_it_stops(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    write("letter", "en ar", holds=("kenya@en",))
    written = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )
    freeze.freeze(written.pk)

    issues.withdraw("kenya", ["en"])

    written.refresh_from_db()
    assert (written.state, written.reason) == ("halted", "withdrawn|")
    assert not deliver.take_turn("w")


@pytest.mark.parametrize("order", ["the second, then the first", "the first, then the second"])
def test_who_was_reached_at_the_third_try_is_not_written_to_at_the_fourth(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client, order: str
) -> None:
    """The second try failed too; then somebody presses at both of them."""
    write("letter", "en ar")
    written = IssueFactory(
        newsletter=issue.newsletter, kind="written", frequency="", reference="letter"
    )
    send(written)
    fared(written, "amina", "failed")
    second = send(issues.send_again(written, why="retry", by=_nobody()))
    fared(second, "amina", "failed")
    pressed = [second, written] if order.startswith("the second") else [written, second]
    third = send(issues.send_again(pressed[0], why="retry", by=_nobody()))
    reached = to(mailbox)

    fourth = send(issues.send_again(pressed[1], why="retry", by=_nobody()))

    assert third.audience == 1
    assert to(mailbox) == reached
    assert fourth.excluded == {"told_since": 1}


def test_who_was_reported_to_have_it_does_not_get_it_again(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    send(issue)
    for name in readers:
        fared(issue, name, "unknown")
    rows = Delivery.objects.filter(issue=issue)
    rows.filter(subscriber_id__in=_ids("amina")).update(delivered_at=timezone.now())
    rows.filter(subscriber_id__in=_ids("badr")).update(complained_at=timezone.now())
    reached = to(mailbox)

    again = send(issues.send_again(issue, why="unknown", by=_nobody()))

    assert to(mailbox) == sorted([*reached, "chanda"])
    assert again.excluded == {"told_since": 2}


def test_whose_answer_came_too_late_to_count_does_not_get_it_again(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    """Without a look-up the doubt was named at once; then the worker woke up and noted it."""
    send(issue)
    Batch.objects.update(state="unknown")
    mixed = Batch.objects.get(deliveries__subscriber_id=_ids("amina")[0])
    fates = {
        str(pk): "accepted" if subscriber in _ids("amina") else "ambiguous"
        for pk, subscriber in mixed.deliveries.values_list("pk", "subscriber_id")
    }
    mixed.attempts.update(outcome="ambiguous", fates=fates)
    reached = to(mailbox)

    again = send(issues.send_again(issue, why="unknown", by=_nobody()))

    assert to(mailbox) == sorted([*reached, "chanda"])
    assert again.excluded == {"told_since": 2}


def test_who_rests_is_not_written_to_again(
    issue: Issue, readers: dict[str, Subscription], mailbox: Client
) -> None:
    send(issue)
    fared(issue, "amina", "unknown")
    Subscription.objects.update(paused_until=timezone.now() + HOUR)

    again = send(issues.send_again(issue, why="unknown", by=_nobody()))

    assert again.excluded == {"paused": 1}


def test_what_editors_write_never_stands_for_a_token() -> None:
    """A link of theirs would carry every reader's key to another host."""
    write("letter", "en")
    [letter] = manuscripts["letter"]
    mark = render.PREFERENCES
    link = f"<p><a href='https://elsewhere.example/?k={mark}'>{mark}</a></p>"

    card = written.card(replace(letter, html=letter.html + link, text=letter.text + mark))

    assert mark not in card.html
    assert mark not in card.text
    assert "https://elsewhere.example/?k=p" in card.html
