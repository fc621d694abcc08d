"""The reader's verbs: nobody is written to before the own mailbox said yes."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from newsletters import letters, links, subscriptions
from newsletters.models import (
    Consent,
    Letter,
    Newsletter,
    OneTimeLink,
    Subscriber,
    Subscription,
    Suppression,
)
from tests.factories.newsletters import (
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def frozen_time() -> Any:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture(autouse=True)
def no_bell(monkeypatch: Any) -> None:
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)


def ask(newsletter: Newsletter, address: str = "amina@example.org", **facts: Any) -> None:
    subscriptions.subscribe(address=address, newsletter=newsletter, language="en", **facts)


def token_of(letter: Letter) -> str:
    return re.search(r"/n/c/([^/]+)/", letter.params["confirm_url"])[1]  # type: ignore[index]


def test_asking_sends_one_confirmation_and_subscribes_nobody(newsletter: Newsletter) -> None:
    ask(newsletter)

    letter = Letter.objects.get()
    assert (letter.kind, letter.to) == ("confirm", "amina@example.org")
    assert Subscription.objects.get().state == Subscription.State.PENDING
    assert not Consent.objects.exists()


def test_confirming_records_consent_and_welcomes(newsletter: Newsletter) -> None:
    ask(newsletter)
    token = token_of(Letter.objects.get())

    subscriptions.confirm(token, language="en")
    again = subscriptions.confirm(token, language="en")

    subscription = Subscription.objects.get()
    assert again == subscription
    assert (subscription.state, subscription.caught_up_at) == ("confirmed", NOW)
    consent = Consent.objects.get()
    assert (consent.purpose, consent.given) == (f"newsletter:{newsletter.slug}", True)
    assert "What countries learned" in consent.wording
    assert list(Letter.objects.order_by("pk").values_list("kind", flat=True)) == [
        "confirm",
        "welcome",
    ]


def test_looking_at_the_link_confirms_nothing(newsletter: Newsletter) -> None:
    ask(newsletter)

    for _ in range(100):
        assert subscriptions.confirmable(token_of(Letter.objects.get()))

    assert Subscription.objects.get().state == Subscription.State.PENDING


def test_a_link_dies_after_seven_days(newsletter: Newsletter, frozen_time: Any) -> None:
    ask(newsletter)
    token = token_of(Letter.objects.get())
    frozen_time.shift(dt.timedelta(days=7, seconds=1))

    assert subscriptions.confirm(token, language="en") is None


def test_a_used_link_does_not_bring_back_who_left(newsletter: Newsletter) -> None:
    ask(newsletter)
    token = token_of(Letter.objects.get())
    subscriptions.confirm(token, language="en")
    subscriptions.unsubscribe(Subscription.objects.get(), how="link", language="en")

    assert subscriptions.confirm(token, language="en") is None
    assert Subscription.objects.get().state == Subscription.State.LEFT


def test_only_the_hash_of_a_link_is_kept(newsletter: Newsletter) -> None:
    ask(newsletter)

    assert token_of(Letter.objects.get()) not in str(OneTimeLink.objects.values().get())


def test_an_address_is_asked_once_a_day_and_three_times_a_month(
    newsletter: Newsletter, frozen_time: Any
) -> None:
    sent = []
    for _day in range(6):
        for _ in range(3):
            ask(newsletter)
        sent.append(Letter.objects.count())
        frozen_time.shift(dt.timedelta(days=1, seconds=1))

    assert sent == [1, 2, 3, 3, 3, 3]


def test_a_network_causes_five_mails_an_hour(newsletter: Newsletter) -> None:
    network = f"192.0.2.0/24 {newsletter.slug} {NOW}"
    for number in range(5):
        ask(newsletter, f"a{number}@example.org", network=network)

    with pytest.raises(links.TooManyRequests):
        ask(newsletter, "a6@example.org", network=network)


def test_a_reader_who_asks_again_gets_the_preference_link(newsletter: Newsletter) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter)

    ask(newsletter, subscription.subscriber.address)

    letter = Letter.objects.get()
    assert letter.kind == "preferences_link"
    assert subscription.subscriber.key in letter.params["preferences_url"]
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.CONFIRMED


def test_a_suppressed_or_erased_address_gets_nothing(newsletter: Newsletter) -> None:
    from newsletters.addresses import keyed_hash

    Suppression.objects.create(address="bounced@example.org", reason="bounce")
    Suppression.objects.create(address_hash=keyed_hash("erased@example.org"), reason="erased")

    ask(newsletter, "bounced@example.org")
    ask(newsletter, "erased@example.org")

    assert not Letter.objects.exists()
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    "nonsense",
    [
        *("", "@", "amina", "amina@", "a b@example.org", "a@b,c@d.org", "a@example.org\nBcc: x"),
        # One string that a library or a mail service reads as two, or fills in.
        *('"a,b"@example.org', '"a@example.org,b"@d.org', "a;b@example.org", "%x%@example.org"),
        *("{{x}}@example.org", "<a>@example.org"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(newsletter: Newsletter, nonsense: str) -> None:
    with pytest.raises(ValidationError, match="Write it like"):
        ask(newsletter, nonsense)


def test_two_spellings_are_one_address(newsletter: Newsletter) -> None:
    ask(newsletter, "Amina@Example.org ")
    ask(newsletter, "amina@example.org")

    assert Subscriber.objects.get().address == "amina@example.org"


def test_leaving_twice_is_leaving_once(newsletter: Newsletter) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter)

    assert subscriptions.unsubscribe(subscription, how="button", language="en")
    assert not subscriptions.unsubscribe(subscription, how="button", language="en")

    assert list(Consent.objects.values_list("given", flat=True)) == [False]


def test_a_consent_can_not_be_changed(newsletter: Newsletter) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter)
    subscriptions.record_consent(subscription, given=True, language="en", how="test")

    with pytest.raises(ProgrammingError, match="never changed"), transaction.atomic():
        Consent.objects.update(given=False)


def test_what_nobody_confirmed_is_forgotten_after_a_week(
    newsletter: Newsletter, frozen_time: Any
) -> None:
    ask(newsletter, "never@example.org")
    kept = SubscriptionFactory(newsletter=newsletter)
    frozen_time.shift(dt.timedelta(days=7, seconds=1))

    assert Subscription.objects.forget_unconfirmed(timezone.now()) == 1
    assert list(Subscriber.objects.all()) == [kept.subscriber]


def test_the_preference_link_goes_to_known_addresses_only(newsletter: Newsletter) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter)

    for address in (subscription.subscriber.address, "stranger@example.org"):
        subscriptions.send_preferences_link(address=address, language="en")

    assert [letter.to for letter in Letter.objects.all()] == [subscription.subscriber.address]


def test_a_stranger_cannot_change_the_row_of_who_left(newsletter: Newsletter) -> None:
    subscription = SubscriptionFactory(
        newsletter=newsletter, state="left", interests=["country:KE"], frequency="daily"
    )

    ask(newsletter, subscription.subscriber.address, frequency="monthly")

    subscription.refresh_from_db()
    assert (subscription.state, subscription.frequency) == ("left", "daily")
    assert subscription.interests == ["country:KE"]
    subscriptions.confirm(token_of(Letter.objects.get()), language="en")
    subscription.refresh_from_db()
    assert (subscription.state, subscription.frequency) == ("confirmed", "monthly")


def test_the_language_asked_for_last_comes_first(newsletter: Newsletter) -> None:
    ask(newsletter)
    subscriptions.subscribe(address="amina@example.org", newsletter=newsletter, language="ar")
    Subscriber.objects.get().subscriptions.get().links.all().delete()
    Letter.objects.all().delete()
    subscriptions.subscribe(address="amina@example.org", newsletter=newsletter, language="ar")
    subscriptions.confirm(token_of(Letter.objects.get()), language="ar")

    assert Subscriber.objects.get().languages == ["ar", "en"]


def test_an_older_link_does_not_bring_back_who_left(
    newsletter: Newsletter, frozen_time: Any
) -> None:
    ask(newsletter)
    first = token_of(Letter.objects.get())
    frozen_time.shift(dt.timedelta(days=1, seconds=1))
    ask(newsletter)
    second = token_of(Letter.objects.order_by("pk").last())
    subscriptions.confirm(first, language="en")
    subscriptions.unsubscribe(Subscription.objects.get(), how="link", language="en")

    assert subscriptions.confirmable(second) is None
    assert subscriptions.confirm(second, language="en") is None
    assert Subscription.objects.get().state == Subscription.State.LEFT


def test_a_suppression_holds_however_it_was_typed(newsletter: Newsletter) -> None:
    typed = Suppression(address="Amina@Example.ORG", reason="asked")

    typed.full_clean()

    assert typed.address == "amina@example.org"


def test_a_domain_that_grows_too_long_is_refused(newsletter: Newsletter) -> None:
    with pytest.raises(ValidationError, match="Write it like"):
        ask(newsletter, "a" * 238 + "@münchen.org")


@pytest.mark.parametrize("reason", ["bounce", "complaint", "asked", "erased"])
def test_a_suppressed_address_neither_undoes_nor_confirms(
    newsletter: Newsletter, reason: str
) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter)
    subscriptions.unsubscribe(subscription, how="link", language="en")
    ask(newsletter, subscription.subscriber.address)
    token = token_of(Letter.objects.get())
    Suppression.objects.create(address=subscription.subscriber.address, reason=reason)

    assert not subscriptions.return_to(subscription, language="en")
    assert subscriptions.confirm(token, language="en") is None

    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.LEFT
    assert Letter.objects.count() == 1


def test_leaving_is_undone_within_half_an_hour_only(
    newsletter: Newsletter, frozen_time: Any
) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter, interests=["country:KE"])
    told = subscription.caught_up_at
    subscriptions.unsubscribe(subscription, how="link", language="en")

    frozen_time.shift(subscriptions.UNDO_WITHIN - dt.timedelta(seconds=1))
    assert subscriptions.return_to(subscription, language="en")
    subscription.refresh_from_db()
    assert (subscription.state, subscription.caught_up_at) == ("confirmed", told)
    subscriptions.unsubscribe(subscription, how="link", language="en")
    frozen_time.shift(subscriptions.UNDO_WITHIN)
    assert not subscriptions.return_to(subscription, language="en")

    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.LEFT
    assert OneTimeLink.objects.get().asked["interests"] == ["country:KE"]


def test_who_left_by_complaint_does_not_come_back_by_the_page(newsletter: Newsletter) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter)
    subscriptions.unsubscribe(subscription, how=Subscription.COMPLAINT, language="en")

    assert not subscriptions.return_to(subscription, language="en")


def test_what_was_asked_before_coming_back_is_used_up(newsletter: Newsletter) -> None:
    subscription = SubscriptionFactory(newsletter=newsletter)
    subscriptions.unsubscribe(subscription, how="link", language="en")
    ask(newsletter, subscription.subscriber.address)
    token = token_of(Letter.objects.get())
    subscriptions.return_to(subscription, language="en")

    assert subscriptions.confirm(token, language="en") == subscription
    subscriptions.unsubscribe(subscription, how="link", language="en")

    assert subscriptions.confirm(token, language="en") is None


def test_letters_are_discreet_to_who_is_at_risk_and_to_who_may_be(newsletter: Newsletter) -> None:
    at_risk = SubscriptionFactory(
        newsletter=newsletter, subscriber=SubscriberFactory(discreet=True, address="a@example.org")
    )
    open_about_it = SubscriptionFactory(
        newsletter=newsletter, subscriber=SubscriberFactory(address="b@example.org")
    )
    for subscription in (at_risk, open_about_it):
        subscriptions.send_preferences_link(address=subscription.subscriber.address, language="en")
    ask(newsletter, "nobody-knows-whose@example.org")
    subscriptions.confirm(token_of(Letter.objects.get(kind="confirm")), language="en")

    rows = Letter.objects.order_by("pk").values_list("kind", "params__discreet")
    assert list(rows) == [
        ("preferences_link", True),
        ("preferences_link", False),
        ("confirm", True),
        ("welcome", False),
    ]


def test_the_database_takes_no_suppression_with_capitals(db: None) -> None:
    with pytest.raises(IntegrityError, match="suppressed_addresses_are_normalised"):
        Suppression.objects.create(address="Amina@example.org", reason="asked")


def test_an_address_is_asked_once_a_day_for_all_newsletters_together(
    newsletter: Newsletter,
) -> None:
    ask(newsletter)
    ask(NewsletterFactory())

    assert Letter.objects.filter(kind="confirm").count() == 1
