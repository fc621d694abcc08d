"""What stands in a mail's links and headers for one reader: a word that tells nobody anything."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from email.utils import parseaddr
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from newsletters import letters
from newsletters.models import Newsletter, Subscription
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory

AMINA = "amina@example.org"


@pytest.fixture
def subscription(newsletter: Newsletter) -> Subscription:
    return SubscriptionFactory(newsletter=newsletter, subscriber=SubscriberFactory(address=AMINA))


def test_the_token_names_a_person_and_a_list_and_holds_no_address(
    subscription: Subscription,
) -> None:
    other = SubscriptionFactory(subscriber=subscription.subscriber)

    keys = {subscription.key, other.key, subscription.subscriber.key}

    assert len(keys) == 3
    assert all(re.fullmatch(r"[\w-]{22}", key) for key in keys)


def test_the_token_outlives_the_site_s_keys_and_ten_years(
    subscription: Subscription, settings: Any
) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = secrets.token_hex(32), []
    settings.ADDRESS_HASH_KEY = secrets.token_hex(32)

    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=3650), tick=False):
        answer = Client().post(
            f"/n/u/{subscription.key}/", {"List-Unsubscribe": "One-Click"}, follow=False
        )

    assert answer.status_code == 200
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.LEFT


def test_the_page_behind_it_masks_the_address(subscription: Subscription) -> None:
    for kind, key in (("u", subscription.key), ("p", subscription.subscriber.key)):
        page = Client().get(f"/n/{kind}/{key}/").content.decode()
        assert "a…@example.org" in page
        assert AMINA not in page


def test_a_letter_has_a_sender_of_its_own_and_no_header_of_a_list(
    newsletter: Newsletter, settings: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)
    url = f"{settings.SITE_URL}/n/p/a-token/"
    letter = letters.post(
        kind="preferences_link", to=AMINA, language="en", params={"preferences_url": url}
    )

    letters.hand_over(letter.pk)

    (sent,) = mail.outbox
    assert parseaddr(sent.from_email)[1] == parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    assert parseaddr(sent.from_email)[1] != newsletter.from_email
    assert not [name for name in sent.extra_headers if name.startswith("List-")]
