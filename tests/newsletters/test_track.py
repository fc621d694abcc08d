"""What the mail service reported, applied: facts beside the state, in whatever order they come."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletters import letters, receivers, reports, subscriptions, tallies
from newsletters.models import (
    Batch,
    Consent,
    Delivery,
    Issue,
    Letter,
    Report,
    Subscriber,
    Subscription,
    Suppression,
)
from newsletters.pipeline import audience, deliver, freeze, record, track
from newsletters.providers import Kind, Outcome
from tests.factories.newsletters import (
    LONG_AGO,
    BatchFactory,
    DeliveryFactory,
    IssueFactory,
    NewsletterFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters.fake_source import publish

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
_numbers = itertools.count()


def reported(
    delivery: Delivery, kind: str, *, recipient: str = "", reason: str = "", at: Any = None
) -> Report:
    """One event in the inbox, as the door puts it there."""
    reader = Subscriber.objects.get(pk=delivery.subscriber_id)
    told = AnymailTrackingEvent(
        event_type=kind,
        event_id=f"event-{next(_numbers)}",
        timestamp=at or timezone.now(),
        recipient=recipient or reader.address,
        reject_reason=reason or None,
        metadata={"delivery": str(delivery.pk)},
    )
    [row] = receivers.rows([told], service="a service")
    row.save()
    return row


def facts(delivery: Delivery) -> tuple[Any, Any, Any]:
    delivery.refresh_from_db()
    return delivery.delivered_at, delivery.bounced_at, delivery.complained_at


def reasons() -> dict[str, str]:
    return dict(Suppression.objects.values_list("address", "reason"))


@pytest.fixture
def delivery(db: None) -> Delivery:
    return DeliveryFactory(reader__subscriber__address="amina@example.org")


@pytest.fixture
def mailed(delivery: Delivery) -> Callable[[], Delivery]:
    """One more mailing to the same reader."""
    return lambda: DeliveryFactory(
        batch__edition__issue__newsletter=delivery.issue.newsletter,
        subscriber_id=delivery.subscriber_id,
    )


def test_the_earliest_report_is_the_fact(delivery: Delivery) -> None:
    now = timezone.now()
    for hours in (2, 3, 1):
        reported(delivery, "delivered", at=now - hours * HOUR)

    assert track.apply_reports() == 3

    assert facts(delivery) == (now - 3 * HOUR, None, None)
    assert not Report.objects.filter(applied_at=None).exists()
    assert not Report.objects.exclude(recipient="").exists()


@pytest.mark.parametrize(
    ("kind", "reason", "suppressed"),
    [
        ("bounced", "bounced", "bounce"),
        ("bounced", "invalid", "bounce"),
        ("rejected", "bounced", "bounce"),
        ("bounced", "other", ""),
        ("bounced", "", ""),
        ("rejected", "blocked", ""),
        ("failed", "", ""),
        ("complained", "spam", "complaint"),
        ("delivered", "", ""),
        ("unsubscribed", "", ""),
    ],
)
def test_a_complaint_or_a_bounce_for_good_suppresses(
    delivery: Delivery, kind: str, reason: str, suppressed: str
) -> None:
    reported(delivery, kind, reason=reason)

    track.apply_reports()

    assert reasons() == ({"amina@example.org": suppressed} if suppressed else {})
    assert (facts(delivery)[1] is not None) == (kind in {"bounced", "rejected", "failed"})


def test_who_complains_leaves_every_newsletter_and_cannot_be_brought_back(
    delivery: Delivery,
) -> None:
    reader = Subscriber.objects.get()
    SubscriptionFactory(subscriber=reader)
    reported(delivery, "complained")
    reported(delivery, "complained")

    track.apply_reports()

    left = Subscription.objects.values_list("state", "left_how")
    assert list(left) == [("left", "complaint")] * 2
    assert list(Consent.objects.values_list("given", "how")) == [(False, "complaint")] * 2


@pytest.mark.parametrize(
    ("kind", "reason"), [("complained", ""), ("bounced", "bounced"), ("bounced", "other")]
)
def test_a_new_import_does_not_bring_an_address_back(
    mailed: Callable[[], Delivery], kind: str, reason: str
) -> None:
    for _mailing in range(5):
        reported(mailed(), kind, reason=reason)
    track.apply_reports()
    Subscriber.objects.filter(address="amina@example.org").delete()

    again = SubscriptionFactory(subscriber__address="amina@example.org")
    subscriptions.subscribe(
        address="amina@example.org", newsletter=NewsletterFactory(), language="en"
    )

    left_out = audience.considered(IssueFactory(newsletter=again.newsletter))
    assert [row["excluded"] for row in left_out] == ["suppressed"]
    assert not Letter.objects.exists()


def test_who_asks_the_mail_service_to_stop_leaves_that_newsletter(delivery: Delivery) -> None:
    other = SubscriptionFactory(subscriber=Subscriber.objects.get())
    reported(delivery, "unsubscribed")

    track.apply_reports()
    track.apply_reports()

    left = Subscription.objects.exclude(pk=other.pk).get()
    assert (left.state, left.left_how) == ("left", Subscription.MAIL_SERVICE)
    other.refresh_from_db()
    assert other.state == "confirmed"
    assert Consent.objects.get().purpose == f"newsletter:{left.newsletter.slug}"
    assert reasons() == {}


def test_who_came_back_since_is_not_sent_away_by_an_old_report(delivery: Delivery) -> None:
    now = timezone.now()
    Subscription.objects.update(confirmed_at=now - HOUR)
    reported(delivery, "unsubscribed", at=now - 2 * HOUR)

    track.apply_reports()

    assert Subscription.objects.get().state == "confirmed"


def test_an_address_that_we_did_not_mail_is_left_alone(delivery: Delivery) -> None:
    stranger = SubscriptionFactory(subscriber__address="stranger@example.org").subscriber
    for kind, reason in (("complained", ""), ("bounced", "bounced"), ("unsubscribed", "")):
        reported(delivery, kind, reason=reason, recipient=stranger.address)

    track.apply_reports()

    assert reasons() == {}
    assert not Subscription.objects.exclude(state="confirmed").exists()


def test_an_address_changed_since_is_another_mailbox(delivery: Delivery) -> None:
    reported(delivery, "bounced", reason="bounced")
    Subscriber.objects.update(address="new.amina@example.org")

    track.apply_reports()

    assert reasons() == {}
    assert facts(delivery)[1] is not None


def test_what_is_of_no_delivery_is_put_away(delivery: Delivery) -> None:
    odd = [
        {"delivery": "999999"},
        {"delivery": "9" * 20},
        {"delivery": "no number"},
        {"delivery": "", "batch": "no key"},
        {"delivery": "", "batch": str(delivery.batch.key), "recipient": "stranger@example.org"},
        {"delivery": str(delivery.pk), "kind": "nonsense", "reject_reason": "bounced"},
    ]
    for number, words in enumerate(odd):
        Report.objects.create(**{"key": f"odd {number}", "kind": "complained"} | words)

    assert track.apply_reports() == len(odd)

    assert facts(delivery) == (None, None, None)
    assert (track.apply_reports(), reasons()) == (0, {})


def test_one_odd_row_does_not_block_the_others(delivery: Delivery) -> None:
    """An address that the database refuses to suppress: no writer of ours would store it."""
    odd = DeliveryFactory(reader__subscriber__address="Odd@example.org")
    rows = [reported(delivery, "delivered"), reported(odd, "complained")]
    rows += [reported(delivery, "complained"), reported(odd, "delivered")]
    Report.objects.filter(pk=rows[1].pk).update(recipient="Odd@example.org")

    assert track.apply_reports() == 4

    assert reasons() == {"amina@example.org": "complaint"}
    assert facts(delivery)[0] is not None
    assert facts(odd)[0] is not None
    assert facts(odd)[2] is None
    assert track.apply_reports() == 0
    assert not Report.objects.exclude(recipient="").exists()


# --- soft bounces ---------------------------------------------------------------------------------
def test_five_mails_that_came_back_suppress(mailed: Callable[[], Delivery]) -> None:
    for _mailing in range(4):
        reported(mailed(), "bounced", reason="other")
    track.apply_reports()
    assert reasons() == {}

    reported(mailed(), "bounced")
    track.apply_reports()

    assert reasons() == {"amina@example.org": "soft"}


def test_five_reports_of_one_mail_are_one(delivery: Delivery) -> None:
    for _time in range(6):
        reported(delivery, "bounced", reason="other")

    track.apply_reports()

    assert reasons() == {}


@pytest.mark.parametrize("arrived", [0, 1])
def test_what_arrived_in_the_end_did_not_come_back(
    mailed: Callable[[], Delivery], arrived: int
) -> None:
    mails = [mailed() for _mailing in range(5)]
    for mail in mails:
        reported(mail, "bounced", reason="other")
    for mail in mails[:arrived]:
        reported(mail, "delivered")

    track.apply_reports()

    assert reasons() == ({} if arrived else {"amina@example.org": "soft"})


@pytest.mark.parametrize(
    ("days", "reason"), [(61, "other"), (1, "blocked"), (1, "spam"), (1, "unsubscribed")]
)
def test_what_says_nothing_of_the_mailbox_or_is_old_does_not_count(
    mailed: Callable[[], Delivery], days: int, reason: str
) -> None:
    for _mailing in range(4):
        reported(mailed(), "bounced", reason=reason, at=timezone.now() - days * DAY)
    reported(mailed(), "bounced", reason="other")

    track.apply_reports()

    assert reasons() == {}


def test_soft_bounces_of_a_former_address_do_not_count(mailed: Callable[[], Delivery]) -> None:
    for _mailing in range(4):
        reported(mailed(), "bounced", reason="other")
    track.apply_reports()
    amina = Subscriber.objects.filter(address="amina@example.org")
    amina.update(address="new.amina@example.org")

    reported(mailed(), "bounced", reason="other")
    track.apply_reports()

    assert reasons() == {}


def test_the_reason_only_grows_worse(mailed: Callable[[], Delivery]) -> None:
    found = []
    for _mailing in range(5):
        reported(mailed(), "bounced", reason="other")
    for kind, reason in (
        ("", ""),
        ("bounced", "bounced"),
        ("complained", ""),
        ("bounced", "bounced"),
    ):
        if kind:
            reported(mailed(), kind, reason=reason)
        track.apply_reports()
        found.append(reasons()["amina@example.org"])

    assert found == ["soft", "bounce", "complaint", "complaint"]


@pytest.mark.parametrize("reason", ["asked", "erased"])
def test_what_a_person_decided_stays(delivery: Delivery, reason: str) -> None:
    Suppression.objects.create(address="amina@example.org", reason=reason)
    reported(delivery, "complained")

    track.apply_reports()

    assert reasons() == {"amina@example.org": reason}


# --- beside the state -----------------------------------------------------------------------------
def test_a_report_may_come_before_the_answer_is_recorded(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("worker")
    assert claim is not None
    recipients = deliver.look_again(claim)
    attempt = deliver.begin(claim, recipients)
    assert attempt is not None
    mail = Delivery.objects.get()
    reported(mail, "delivered")
    reported(mail, "complained")

    track.apply_reports()
    early = facts(mail)
    assert Batch.objects.get().state == Batch.State.SUBMITTING
    accepted = record.Result((mail.pk,), Outcome(Kind.ACCEPTED, 200))
    record.finish(claim, attempt, [accepted])

    assert facts(mail) == early
    assert None not in (early[0], early[2])
    assert tallies.tally(issue).parts["accepted"] == 1


def test_a_report_of_another_site_with_this_account_says_nothing_of_our_people(
    delivery: Delivery,
) -> None:
    """A copy of the site counts its deliveries as we do; the keys of its batches are its own."""
    theirs = reported(delivery, "bounced", reason="bounced")
    Report.objects.filter(pk=theirs.pk).update(batch=str(uuid.uuid4()))
    track.apply_reports()
    assert facts(delivery) == (None, None, None)
    assert reasons() == {}

    # Of another batch of the same mailing: people move.
    ours = reported(delivery, "delivered")
    other = BatchFactory(edition=delivery.batch.edition)
    Report.objects.filter(pk=ours.pk).update(batch=str(other.key))
    track.apply_reports()
    assert facts(delivery)[0] is not None


@pytest.mark.parametrize("state", Batch.State.values)
@pytest.mark.parametrize("kind", ["delivered", "bounced", "complained", "unsubscribed"])
def test_no_report_moves_a_batch_or_an_exception(delivery: Delivery, state: str, kind: str) -> None:
    Batch.objects.update(state=state)
    Delivery.objects.update(exception="failed", reason="refused")
    before = list(Batch.objects.values("state", "epoch", "next_at", "tries", "reason"))
    reported(delivery, kind, reason="bounced")

    track.apply_reports()

    assert list(Batch.objects.values("state", "epoch", "next_at", "tries", "reason")) == before
    delivery.refresh_from_db()
    assert (delivery.exception, delivery.reason) == ("failed", "refused")
    assert delivery.issue.state == "sending"


EVENTS = [
    # reader, kind, reason, hours ago
    (0, "delivered", "", 9),
    (0, "delivered", "", 8),
    (0, "complained", "", 7),
    (0, "complained", "", 5),
    (1, "bounced", "other", 9),
    (1, "delivered", "", 6),
    (1, "unsubscribed", "", 4),
    (2, "delivered", "", 9),
    (2, "bounced", "bounced", 3),
    (2, "complained", "", 2),
]


def outcome_of(order: list[int], sizes: list[int]) -> list[Any]:
    """Everything that reports can change after these came in this order, taken back at the end."""
    now = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    with transaction.atomic():
        batch = BatchFactory(size=3)
        mails = [
            DeliveryFactory(batch=batch, reader__subscriber__address=f"reader-{n}@example.org")
            for n in range(3)
        ]
        waiting = list(order)
        for size in itertools.chain(sizes, itertools.repeat(2)):
            if not waiting:
                break
            for number in waiting[:size]:
                reader, kind, reason, hours = EVENTS[number]
                reported(mails[reader], kind, reason=reason, at=now - hours * HOUR)
            waiting = waiting[size:]
            track.apply_reports(most=3)
        while track.apply_reports(most=3):
            pass
        found = [[facts(mail) for mail in mails], reasons()]
        found.append(
            list(Subscription.objects.order_by("subscriber__address").values_list("state"))
        )
        found.append(Consent.objects.filter(given=False).count())
        transaction.set_rollback(True)
    return found


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    order=st.permutations([*range(len(EVENTS)), 0, 3, 6, 8]),
    sizes=st.lists(st.integers(1, 14), max_size=6),
)
def test_every_order_and_doubling_gives_the_same(order: list[int], sizes: list[int]) -> None:
    assert outcome_of(order, sizes) == outcome_of(list(range(len(EVENTS))), [1] * len(EVENTS))


# --- the whole mailing ----------------------------------------------------------------------------
@pytest.fixture
def big(db: None) -> Batch:
    """A mailing being sent: 1,000 people handed over, of whom we look at a few."""
    return BatchFactory(size=1000, edition__issue__state=Issue.State.SENDING)


def complain(batch: Batch, people: int, **how: Any) -> None:
    for mail in DeliveryFactory.create_batch(people, batch=batch):
        reported(mail, "complained", **how)
    track.apply_reports()


def stop(batch: Batch) -> tuple[str, str]:
    issue = Issue.objects.get(pk=batch.issue_id)
    return issue.state, reports.reason(issue)


def test_the_complaint_rate_is_of_those_handed_over(big: Batch) -> None:
    waiting = BatchFactory(edition=big.edition, size=5000, state="queued")
    DeliveryFactory(batch=big, exception="failed")
    DeliveryFactory(batch=waiting, exception="accepted")
    assert track.complaint_rate(big.issue) == 0

    complain(big, 1)

    assert track.complaint_rate(big.issue) == 1 / 1000
    assert tallies.tally(big.issue).accepted == 1000


def test_three_in_a_thousand_stop_a_mailing(big: Batch) -> None:
    complain(big, 2)
    assert stop(big)[0] == "sending"

    complain(big, 1)

    assert stop(big)[0] == "halted"
    assert "3 / 1000" in stop(big)[1]
    assert "spam" in stop(big)[1]


def test_one_complaint_stops_nothing_however_small_the_mailing(db: None) -> None:
    small = BatchFactory(size=10)

    complain(small, 1)
    assert stop(small)[0] == "sending"
    complain(small, 1)
    assert stop(small)[0] == "halted"


@pytest.mark.parametrize("state", ["paused", "done", "cancelled"])
def test_only_what_is_being_sent_stops(big: Batch, state: str) -> None:
    Issue.objects.update(state=state)

    complain(big, 4)

    assert stop(big)[0] == state


def test_before_anybody_is_handed_over_there_is_no_rate(big: Batch) -> None:
    Batch.objects.update(state="submitting")

    complain(big, 2)

    assert track.complaint_rate(big.issue) == 0
    assert stop(big)[0] == "sending"


def test_what_a_person_let_go_on_is_counted_anew(big: Batch) -> None:
    complain(big, 3, at=timezone.now() - 2 * HOUR)
    Issue.objects.update(state="sending", reason="", resumed_at=timezone.now() - HOUR)

    complain(big, 2)
    assert stop(big)[0] == "sending"
    complain(big, 1)

    assert stop(big)[0] == "halted"
    assert track.complaint_rate(big.issue) == 6 / 1000


def test_five_hundred_reports_take_a_handful_of_statements(big: Batch) -> None:
    readers = Subscriber.objects.bulk_create(
        Subscriber(address=f"r{n}@example.org", languages=["en"]) for n in range(500)
    )
    Subscription.objects.bulk_create(
        Subscription(
            subscriber=reader,
            newsletter=big.issue.newsletter,
            state="confirmed",
            confirmed_at=LONG_AGO,
            caught_up_at=LONG_AGO,
        )
        for reader in readers
    )
    mails = Delivery.objects.bulk_create(
        Delivery(batch=big, issue=big.issue, subscriber_id=reader.pk) for reader in readers
    )
    kinds = ["delivered", "bounced", "complained", "unsubscribed", "delivered"]
    for mail, kind, reason in zip(mails, kinds * 100, ["", "bounced"] * 250, strict=True):
        reported(mail, kind, reason=reason)

    with CaptureQueriesContext(connection) as queries:
        assert track.apply_reports() == 500

    statements = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(statements) <= 13
    assert Consent.objects.count() == Subscription.objects.filter(state="left").count() == 200


def test_reports_are_forgotten_after_sixty_days(delivery: Delivery) -> None:
    old, waiting, young = (reported(delivery, "delivered") for _report in range(3))
    long_ago = timezone.now() - 61 * DAY
    Report.objects.filter(pk__in=[old.pk, waiting.pk]).update(received_at=long_ago)
    Report.objects.exclude(pk=waiting.pk).update(applied_at=timezone.now())

    assert track.forget_reports(timezone.now()) == 1

    assert set(Report.objects.values_list("pk", flat=True)) == {waiting.pk, young.pk}


def test_letters_are_held_back_by_a_bounce_for_good_only(delivery: Delivery) -> None:
    own_this_database()
    sent = {}
    for reason in Suppression.Reason.values:
        Suppression.objects.update_or_create(
            address="amina@example.org", defaults={"reason": reason}
        )
        letter = letters.post(
            kind="preferences_link",
            to="amina@example.org",
            language="en",
            params={"preferences_url": "http://testserver/n/p/x/"},
        )
        done = letters.hand_over(letter.pk)
        sent[reason] = done.state if done else ""

    assert sent.pop("bounce") == "failed"
    assert set(sent.values()) == {"handed_over"}
