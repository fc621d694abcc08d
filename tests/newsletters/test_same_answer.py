"""Known, unknown, suppressed: a request costs the same, so that its time tells nobody."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from newsletters import letters, subscriptions
from newsletters.addresses import keyed_hash
from newsletters.models import Letter, Newsletter, Subscriber, Subscription, Suppression
from tests.factories.newsletters import NewsletterFactory, SubscriberFactory, SubscriptionFactory

ADDRESSES = {
    "receives": "receives@example.org",
    "has left": "left@example.org",
    "waits": "waits@example.org",
    "asked just now": "again@example.org",
    "unknown": "unknown@example.org",
    "bounced": "bounced@example.org",
    "erased": "erased@example.org",
}


@pytest.fixture
def bells(monkeypatch: Any) -> list[int]:
    heard: list[int] = []
    monkeypatch.setattr(letters, "ring", heard.append)
    return heard


@pytest.fixture
def everybody(newsletter: Newsletter, bells: list[int]) -> Newsletter:
    for address, state in (("receives", "confirmed"), ("has left", "left"), ("waits", "pending")):
        SubscriptionFactory(
            newsletter=newsletter,
            subscriber=SubscriberFactory(address=ADDRESSES[address]),
            state=state,
        )
    again = SubscriptionFactory(
        newsletter=newsletter,
        subscriber=SubscriberFactory(address=ADDRESSES["asked just now"]),
        state="left",
    )
    for kind in ("confirm", "preferences_link"):
        letters.post(kind=kind, to=again.subscriber.address, language="en", params={})
    Suppression.objects.create(address=ADDRESSES["bounced"], reason="bounce")
    Suppression.objects.create(address_hash=keyed_hash(ADDRESSES["erased"]), reason="erased")
    bells.clear()
    return newsletter


def cost(ask: Callable[[str], None], bells: list[int], capture: Any) -> dict[str, tuple[int, int]]:
    """Queries and bells of a request, by who is asked for."""
    spent = {}
    for who, address in ADDRESSES.items():
        bells.clear()
        with CaptureQueriesContext(connection) as queries, capture(execute=True):
            ask(address)
        spent[who] = (len(queries), len(bells))
    return spent


@pytest.mark.parametrize("interests", [["all"], ["country:KE", "topic:referral"]])
def test_asking_for_a_newsletter_costs_the_same_for_everybody(
    everybody: Newsletter,
    bells: list[int],
    django_capture_on_commit_callbacks: Any,
    interests: list[str],
) -> None:
    before = Letter.objects.count()

    def ask(address: str) -> None:
        subscriptions.subscribe(
            address=address, newsletter=everybody, language="en", interests=interests
        )

    spent = cost(ask, bells, django_capture_on_commit_callbacks)

    assert len(set(spent.values())) == 1, spent
    assert spent["unknown"][1] == 1
    asked = Letter.objects.order_by("pk")[before:]
    assert [(letter.kind, letter.to) for letter in asked] == [
        ("preferences_link", ADDRESSES["receives"]),
        ("confirm", ADDRESSES["has left"]),
        ("confirm", ADDRESSES["waits"]),
        ("confirm", ADDRESSES["unknown"]),
    ]
    kept = Subscriber.objects.values_list("address", flat=True)
    assert not set(kept) & {ADDRESSES["bounced"], ADDRESSES["erased"]}


def test_asking_for_the_link_costs_the_same_for_everybody(
    everybody: Newsletter, bells: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    before, known = Letter.objects.count(), Subscriber.objects.count()

    def ask(address: str) -> None:
        subscriptions.send_preferences_link(address=address, language="en")

    spent = cost(ask, bells, django_capture_on_commit_callbacks)

    assert len(set(spent.values())) == 1, spent
    assert spent["unknown"][1] == 1
    asked = Letter.objects.order_by("pk").values_list("to", flat=True)[before:]
    assert list(asked) == [ADDRESSES[who] for who in ("receives", "has left", "waits")]
    assert Subscriber.objects.count() == known


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("state", ["confirmed", "left", None])
def test_many_requests_at_once_are_one_letter(state: str | None, bells: list[int]) -> None:
    newsletter, address = NewsletterFactory(), "amina@example.org"
    if state:
        subscriber = SubscriberFactory(address=address)
        SubscriptionFactory(newsletter=newsletter, subscriber=subscriber, state=state)
    start, failed = threading.Barrier(6), []

    def ask() -> None:
        start.wait(20)
        try:
            subscriptions.subscribe(address=address, newsletter=newsletter, language="en")
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failed == []
    assert Letter.objects.count() == 1
    assert Subscription.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_in_between_stands(monkeypatch: Any, bells: list[int]) -> None:
    newsletter, address = NewsletterFactory(), "amina@example.org"
    subscriptions.subscribe(address=address, newsletter=newsletter, language="en")
    token = Letter.objects.get().params["confirm_url"].split("/")[-2]
    Letter.objects.all().delete()
    make = secrets.token_urlsafe

    def confirm() -> None:
        subscriptions.confirm(token, language="en")
        connection.close()

    def meanwhile(size: int) -> str:
        """Called by the second request, when it has read what there is."""
        if not confirming.ident:
            confirming.start()
            while confirming.is_alive() and not someone_waits():
                confirming.join(0.01)
        return make(size)

    confirming = threading.Thread(target=confirm)
    monkeypatch.setattr(secrets, "token_urlsafe", meanwhile)
    subscriptions.subscribe(
        address=address, newsletter=newsletter, language="ar", frequency="monthly"
    )
    confirming.join(30)

    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.frequency) == ("confirmed", "weekly")
    assert subscription.subscriber.languages == ["en"]
    assert not subscription.links.filter(used_at=None).exists()


def someone_waits() -> bool:
    """Whether another connection of this database stands before a row that is held."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])
