"""From an approved issue to mails at the provider, over real HTTP."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.db.models import F
from django.utils import timezone

from localmail import Client
from newsletters import attention, reports, tallies
from newsletters.models import (
    Attempt,
    Batch,
    Delivery,
    Edition,
    Issue,
    Newsletter,
    SiteInstance,
    Subscription,
    Suppression,
)
from newsletters.pipeline import deliver, freeze, resolve
from tests.factories.newsletters import LONG_AGO, SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import permitted, publish

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def readers(issue: Issue) -> list[Subscription]:
    """Three readers of one story in two languages."""
    publish("kenya", at=issue.cutoff_at - HOUR, languages="en ar", interests="country:KE")
    return [
        SubscriptionFactory(
            newsletter=issue.newsletter,
            subscriber=SubscriberFactory(address=f"{name}@example.org", languages=languages),
        )
        for name, languages in (("amina", ["en"]), ("badr", ["ar", "en"]), ("chanda", ["en"]))
    ]


def send(issue: Issue) -> Issue:
    """Freeze and deliver until nothing waits."""
    freeze.freeze(issue.pk)
    while deliver.take_turn("test"):
        pass
    issue.refresh_from_db()
    return issue


def sum_of(issue: Issue) -> dict[str, int]:
    issue.refresh_from_db()
    tally = tallies.tally(issue)
    assert tally.closes
    return {name: count for name, count in tally.parts.items() if count}


def test_everyone_gets_one_mail_in_the_own_language(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    assert send(issue).state == Issue.State.DONE

    mails = {mail.to: mail for mail in mailbox.mails()}
    assert sorted(mails) == ["amina@example.org", "badr@example.org", "chanda@example.org"]
    assert 'dir="rtl"' in mails["badr@example.org"].html
    assert "kenya in ar" in mails["badr@example.org"].subject
    assert sum_of(issue) == {"accepted": 3}
    for subscription in readers:
        mail = mails[subscription.subscriber.address]
        address = f"http://testserver/n/u/{subscription.key}/"
        assert mail.headers["list-unsubscribe"] == f"<{address}>"
        assert address in mail.text
        assert address in mail.html
        assert f"/n/p/{subscription.subscriber.key}/" in mail.html


def test_one_call_takes_a_whole_edition(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    send(issue)

    assert Edition.objects.count() == Batch.objects.count() == Attempt.objects.count() == 2


def test_batches_are_cut_to_the_limit_of_the_provider(
    issue: Issue, readers: list[Subscription], mailbox: Client, monkeypatch: Any
) -> None:
    monkeypatch.setattr(
        "newsletters.providers.PROVIDERS",
        {"mailgun": _limited(1)},
    )

    send(issue)

    assert sorted(Batch.objects.values_list("size", flat=True)) == [1, 1, 1]
    assert len(mailbox.mails()) == 3


def _limited(limit: int) -> Any:
    from dataclasses import replace

    from newsletters import providers

    return replace(providers.PROVIDERS["mailgun"], batch_limit=limit)


def test_freezing_and_delivering_again_changes_nothing(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    send(issue)
    rows = list(Delivery.objects.order_by("pk").values())

    assert freeze.freeze(issue.pk) is None
    assert not deliver.take_turn("again")

    assert list(Delivery.objects.order_by("pk").values()) == rows
    assert len(mailbox.mails()) == 3


def test_what_was_told_is_not_told_again(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    send(issue)
    later = Issue.objects.create(
        newsletter=issue.newsletter,
        kind=issue.kind,
        frequency="weekly",
        cutoff_at=issue.cutoff_at + HOUR,
        not_after=issue.cutoff_at + 24 * HOUR,
        state=Issue.State.APPROVED,
    )

    send(later)

    assert (later.state, later.reason) == (Issue.State.DONE, freeze.NOTHING_PUBLISHED)
    assert later.excluded == {"nothing_new": 3}
    assert len(mailbox.mails()) == 3


def test_who_leaves_after_freezing_gets_nothing(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    Subscription.objects.filter(pk=readers[0].pk).update(state="left")
    Suppression.objects.create(address="badr@example.org", reason="complaint")
    while deliver.take_turn("test"):
        pass

    assert [mail.to for mail in mailbox.mails()] == ["chanda@example.org"]
    assert sum_of(issue) == {"accepted": 1, "left": 1, "suppressed": 1}
    issue.refresh_from_db()
    assert issue.state == Issue.State.DONE
    assert Subscription.objects.get(pk=readers[0].pk).caught_up_at == LONG_AGO


def test_a_reader_who_was_erased_after_freezing_is_counted(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    readers[0].subscriber.delete()
    while deliver.take_turn("test"):
        pass

    assert sum_of(issue) == {"accepted": 2, "suppressed": 1}


def test_a_changed_address_is_used(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    readers[0].subscriber.address = "amina.new@example.org"
    readers[0].subscriber.save()
    while deliver.take_turn("test"):
        pass

    assert "amina.new@example.org" in [mail.to for mail in mailbox.mails()]


def test_a_members_entry_goes_as_title_and_link_and_to_members_only(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    publish("secret", at=issue.cutoff_at - 2 * HOUR, audience="members")
    permitted["members"] = {"amina@example.org"}

    send(issue)

    mails = {mail.to: mail.html + mail.text for mail in mailbox.mails()}
    assert "secret in en" in mails["amina@example.org"]
    assert "standfirst of secret" not in mails["amina@example.org"]
    assert "secret" not in mails["chanda@example.org"]


def test_a_discreet_reader_sees_neither_newsletter_nor_story_outside_the_mail(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    readers[0].subscriber.discreet = True
    readers[0].subscriber.save()

    send(issue)

    mail = next(mail for mail in mailbox.mails() if mail.to == "amina@example.org")
    outside = " ".join([mail.subject, *mail.headers.values()])
    assert "Reading for you" in mail.headers["from"]
    for word in ("What countries learned", "kenya"):
        assert word not in outside


def test_a_cloned_database_never_mails(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    SiteInstance.objects.update(name="https://elsewhere.example")

    assert not deliver.take_turn("test")
    assert freeze.freeze(issue.pk) is None
    assert mailbox.mails() == []
    assert "belongs to another site" in attention.warnings()[0]


def test_a_dead_worker_before_the_call_loses_nobody(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("dead")
    assert claim is not None
    Batch.objects.filter(pk=claim.batch.pk).update(lease_until=timezone.now() - HOUR)

    resolve.sweep()
    send(issue)

    assert len(mailbox.mails()) == 3
    assert sum_of(issue) == {"accepted": 3}


def test_a_dead_worker_during_the_call_leaves_a_named_doubt(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("dead")
    assert claim is not None
    deliver.begin(claim, deliver.look_again(claim))
    Batch.objects.filter(pk=claim.batch.pk).update(lease_until=timezone.now() - HOUR)

    resolve.sweep()
    send(issue)

    batch = Batch.objects.get(pk=claim.batch.pk)
    assert batch.state == Batch.State.UNCERTAIN
    assert "stopped between hand-over and record" in batch.reason
    assert sum_of(issue) == {"accepted": 3 - batch.size, "uncertain": batch.size}
    assert len(mailbox.mails()) == 3 - batch.size
    assert any("not known whether" in warning for warning in attention.warnings())


@pytest.mark.parametrize("next_one", ["quick", "slow"], ids=["another worker", "the same again"])
def test_a_worker_that_lost_its_lease_writes_nothing(
    issue: Issue, readers: list[Subscription], mailbox: Client, next_one: str
) -> None:
    freeze.freeze(issue.pk)
    slow = deliver.claim_batch("slow")
    assert slow is not None
    Batch.objects.filter(pk=slow.batch.pk).update(state="queued", owner="", lease_until=None)
    quick = deliver.claim_batch(next_one)
    assert quick is not None
    assert quick.batch.pk == slow.batch.pk

    assert deliver.begin(slow, deliver.look_again(slow)) is None
    assert Batch.objects.get(pk=quick.batch.pk).owner == next_one
    assert Attempt.objects.count() == 0


def test_a_lease_runs_by_the_databases_clock(issue: Issue, readers: list[Subscription]) -> None:
    freeze.freeze(issue.pk)

    with time_machine.travel(timezone.now() - 24 * HOUR):
        claim = deliver.claim_batch("its clock is a day behind")
    assert claim is not None
    with time_machine.travel(timezone.now() + 24 * HOUR):
        resolve.sweep()

    assert Batch.objects.get(pk=claim.batch.pk).state == Batch.State.CLAIMED


def test_a_worker_that_wakes_up_after_its_lease_makes_no_call(
    issue: Issue, readers: list[Subscription], mailbox: Client, settings: Any
) -> None:
    freeze.freeze(issue.pk)
    lease, settings.RABITA_LEASE_SECONDS = settings.RABITA_LEASE_SECONDS, 0

    assert deliver.take_turn("sleepy")
    assert mailbox.mails() == []
    assert sum_of(issue) == {"queued": 3}

    settings.RABITA_LEASE_SECONDS = lease
    send(issue)
    assert len(mailbox.mails()) == 3


def test_an_issue_that_is_not_being_sent_is_not_called_for(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("test")
    assert claim is not None
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.PAUSED)

    assert deliver.begin(claim, deliver.look_again(claim)) is None
    assert not deliver.take_turn("test")
    assert sum_of(issue) == {"queued": 3}


def test_a_wrong_key_halts_before_the_second_call(
    issue: Issue, readers: list[Subscription], mailbox: Client, settings: Any
) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_KEY": "wrong"}

    send(issue)

    assert issue.state == Issue.State.HALTED
    assert issue.reason
    assert Attempt.objects.count() == 1
    assert sum_of(issue) == {"queued": 3}


def test_an_unreachable_provider_is_tried_again_later(
    issue: Issue, readers: list[Subscription], settings: Any
) -> None:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:9/v3"}

    send(issue)

    assert sum_of(issue) == {"queued": 3}
    assert Attempt.objects.filter(outcome=Attempt.Outcome.NOT_SENT).count() == 2
    assert not Batch.objects.filter(next_at__lt=timezone.now()).exists()


def test_a_refused_address_costs_only_itself(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    readers[0].subscriber.address = "not..valid@example.org"
    readers[0].subscriber.save()

    send(issue)

    assert sorted(mail.to for mail in mailbox.mails()) == ["badr@example.org", "chanda@example.org"]
    assert sum_of(issue) == {"accepted": 2, "failed": 1}
    assert issue.state == Issue.State.DONE


def test_what_is_too_late_stays(issue: Issue, readers: list[Subscription], mailbox: Client) -> None:
    freeze.freeze(issue.pk)
    Issue.objects.filter(pk=issue.pk).update(not_after=timezone.now() - HOUR)

    assert not deliver.take_turn("test")
    resolve.sweep()

    assert sum_of(issue) == {"expired": 3}
    assert mailbox.mails() == []


def test_what_cannot_be_made_leaves_no_doubt(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    freeze.freeze(issue.pk)
    Newsletter.objects.update(reply_to="desk@example.org>\r\nBcc: all@example.org")

    while deliver.take_turn("test"):
        pass

    issue.refresh_from_db()
    assert (issue.state, issue.reason[:8]) == (Issue.State.HALTED, "content|")
    assert sum_of(issue) == {"queued": 3}
    assert (mailbox.mails(), Attempt.objects.count()) == ([], 0)


def test_a_service_that_takes_fewer_gets_the_waiting_ones_in_parts(
    issue: Issue, readers: list[Subscription], mailbox: Client, monkeypatch: Any
) -> None:
    SubscriptionFactory.create_batch(3, newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    assert sorted(Batch.objects.values_list("size", flat=True)) == [1, 5]
    monkeypatch.setattr("newsletters.providers.PROVIDERS", {"mailgun": _limited(2)})

    while deliver.take_turn("test"):
        pass

    assert sorted(Batch.objects.values_list("size", flat=True)) == [1, 1, 2, 2]
    assert len({mail.to for mail in mailbox.mails()}) == len(mailbox.mails()) == 6
    assert sum_of(issue) == {"accepted": 6}


def test_an_empty_audience_says_why(issue: Issue) -> None:
    SubscriptionFactory(newsletter=issue.newsletter, interests=["country:TN"])
    publish("kenya", at=issue.cutoff_at - HOUR, interests="country:KE")

    freeze.freeze(issue.pk)
    issue.refresh_from_db()

    assert (issue.state, issue.reason) == (Issue.State.DONE, freeze.NOTHING_MATCHED)
    assert reports.reason(issue).startswith("What is new matches nothing")


def test_two_people_never_share_a_row(
    issue: Issue, readers: list[Subscription], mailbox: Client
) -> None:
    """Every delivery is of this issue, every person once, every batch's size what points to it."""
    send(issue)

    assert Delivery.objects.values("subscriber_id").distinct().count() == Delivery.objects.count()
    for batch in Batch.objects.annotate(own=F("size")):
        assert Delivery.objects.filter(batch=batch).count() == batch.own
