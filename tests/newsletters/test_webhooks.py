"""The mail service's reports: signed, fresh, once; odd ones get a 400, never a 500."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import secrets
import time
from base64 import b64encode
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from newsletters.models import Consent, Delivery, Issue, Subscription, Suppression
from newsletters.pipeline import freeze
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish

URL = "/anymail/mailgun/tracking/"


@pytest.fixture
def delivery(issue: Issue) -> Delivery:
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory(
        newsletter=issue.newsletter, subscriber=SubscriberFactory(address="amina@example.org")
    )
    freeze.freeze(issue.pk)
    return Delivery.objects.get()


def signed(event: Any, *, key: str = "w" * 40, age: float = 0, token: str = "") -> dict[str, Any]:
    timestamp, token = str(int(time.time() - age)), token or secrets.token_hex(25)
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    stamp = {"timestamp": timestamp, "token": token, "signature": signature}
    return {"signature": stamp, "event-data": event}


def event(delivery: Delivery, kind: str = "delivered", **facts: Any) -> dict[str, Any]:
    return {
        "event": kind,
        "timestamp": time.time(),
        "recipient": "amina@example.org",
        "user-variables": {"delivery": str(delivery.pk)},
        **facts,
    }


def answer(body: Any, *, auth: str = "webhooks:" + "w" * 40, **headers: Any) -> HttpResponse:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return Client(raise_request_exception=True).post(
        URL,
        text,
        content_type=headers.pop("content_type", "application/json"),
        headers={"Authorization": "Basic " + b64encode(auth.encode()).decode()},
    )


def post(body: Any, **how: Any) -> int:
    return answer(body, **how).status_code


def refused(body: Any) -> tuple[int, str]:
    given = answer(body)
    return given.status_code, given.content.decode()


def test_delivered_is_a_fact_and_the_first_one_stays(delivery: Delivery) -> None:
    early = event(delivery, timestamp=1_790_000_000.0)

    assert post(signed(early)) == 200
    assert post(signed(event(delivery))) == 200

    delivery.refresh_from_db()
    assert delivery.delivered_at is not None
    assert delivery.delivered_at.timestamp() == 1_790_000_000


def test_a_hard_bounce_suppresses_the_address(delivery: Delivery) -> None:
    post(signed(event(delivery, "failed", severity="permanent", reason="bounce")))

    assert Suppression.objects.get().reason == "bounce"
    delivery.refresh_from_db()
    assert delivery.bounced_at is not None


def test_a_soft_bounce_suppresses_nobody(delivery: Delivery) -> None:
    assert post(signed(event(delivery, "failed", severity="temporary", reason="generic"))) == 200

    assert not Suppression.objects.exists()


def test_a_complaint_suppresses_and_leaves(delivery: Delivery) -> None:
    post(signed(event(delivery, "complained")))

    assert Suppression.objects.get().reason == "complaint"
    assert Subscription.objects.get().state == Subscription.State.LEFT


def test_an_address_we_did_not_mail_is_not_suppressed(delivery: Delivery) -> None:
    post(signed(event(delivery, "complained", recipient="victim@example.org")))
    post(signed(event(delivery, "complained", **{"user-variables": {"delivery": "999999"}})))

    assert not Suppression.objects.exists()


def test_a_report_counts_once(delivery: Delivery) -> None:
    report = signed(event(delivery, "complained"))
    post(report)
    Suppression.objects.all().delete()

    assert post(report) == 200
    assert not Suppression.objects.exists()


ODD = "not a report of the mail service"
UNSIGNED = "not signed by the mail service"
MUTE = {"event": "delivered", "timestamp": 1}


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "application/json is expected"),
        ("null", ODD),
        ("[]", ODD),
        ("17", ODD),
        ('"text"', ODD),
        ("{", UNSIGNED),
        (b"\xff\xfe", UNSIGNED),
        ({}, UNSIGNED),
        ({"signature": None, "event-data": None}, ODD),
        ({"signature": {"timestamp": 1, "token": [], "signature": {}}}, UNSIGNED),
    ],
)
def test_what_is_no_report_is_a_bad_request(body: Any, why: str) -> None:
    assert refused(body) == (400, why)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("event", "stamp", "why"),
    [
        ({}, {}, ODD),
        (None, {}, ODD),
        ([], {}, ODD),
        (MUTE | {"timestamp": "never"}, {}, ODD),
        (MUTE | {"timestamp": 1e300}, {}, ODD),
        (MUTE | {"event": ["delivered"]}, {}, ODD),
        (MUTE | {"user-variables": []}, {}, ODD),
        (MUTE, {"key": "x" * 40}, UNSIGNED),
        (MUTE, {"age": 3600}, "too old"),
        (MUTE, {"age": -3600}, "too old"),
        (MUTE, {"token": "ü"}, ODD),
    ],
)
def test_an_odd_report_is_a_bad_request(event: Any, stamp: dict[str, Any], why: str) -> None:
    assert refused(signed(event, **stamp)) == (400, why)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("variables", [{"delivery": [1]}, {"delivery": "1 OR 1"}, {"delivery": 7}])
def test_odd_ids_are_of_no_delivery(variables: dict[str, Any]) -> None:
    body = {"event": "delivered", "timestamp": 1, "user-variables": variables}

    assert post(signed(body)) == 200
    assert not Delivery.objects.exclude(delivered_at=None).exists()


@pytest.mark.usefixtures("db")
def test_a_stranger_is_refused() -> None:
    assert post(signed({"event": "delivered", "timestamp": 1}), auth="who:ever") == 400
    assert post("a=b", content_type="application/x-www-form-urlencoded") == 400
    assert post(" " * (1024 * 1024 + 1)) == 400
    assert Client().get(URL).status_code == 405


def test_a_report_that_was_not_stored_counts_when_it_comes_again(
    delivery: Delivery, monkeypatch: Any
) -> None:
    from newsletters.pipeline import track

    report = signed(event(delivery, "complained"))
    with monkeypatch.context() as broken:
        broken.setattr(track, "record", _fails)
        with pytest.raises(RuntimeError):
            post(report)

    assert post(report) == 200
    assert Suppression.objects.get().reason == "complaint"
    assert list(Consent.objects.values_list("given", "how")) == [(False, "complaint")]


def _fails(**facts: Any) -> None:
    raise RuntimeError("the database went away")


def test_a_shifted_border_is_no_new_report(delivery: Delivery) -> None:
    report = signed(event(delivery), token="e0" + "a" * 48)
    stamp = report["signature"]
    stamp["timestamp"], stamp["token"] = stamp["timestamp"] + "e0", stamp["token"][2:]

    assert refused(report) == (400, ODD)
