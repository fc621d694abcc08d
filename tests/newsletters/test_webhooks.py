"""The door for the mail service's reports: signed, fresh, once; odd ones get a 400, never a 500."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletters import tasks
from newsletters.models import Delivery, Report, Suppression
from newsletters.pipeline import track
from tests.factories.newsletters import DeliveryFactory
from tests.newsletters.mailgun import SECRET, URL, answer, event, post, refused, signed


@pytest.fixture
def delivery(db: None) -> Delivery:
    return DeliveryFactory(reader__subscriber__address="amina@example.org")


@pytest.fixture
def bells(monkeypatch: Any) -> list[str]:
    """Each bell that is rung, instead of the broker."""
    rung: list[str] = []
    cache.clear()
    monkeypatch.setattr(tasks.apply_reports, "delay", lambda: rung.append("reports"))
    return rung


def test_a_report_is_kept_and_nothing_else_happens_yet(delivery: Delivery) -> None:
    body = event(delivery, "failed", severity="permanent", reason="bounce")
    body |= {"recipient": "Amina@Example.org", "id": "X" * 22, "timestamp": 1_790_000_000.0}

    assert post(signed(body, token="t" * 50)) == 200

    kept = Report.objects.get()
    assert (kept.kind, kept.reject_reason, kept.token) == ("bounced", "bounced", "t" * 50)
    assert (kept.delivery, kept.recipient) == (str(delivery.pk), "amina@example.org")
    assert kept.at is not None
    assert kept.at.timestamp() == 1_790_000_000
    assert kept.applied_at is None
    assert not Suppression.objects.exists()


def test_it_takes_one_statement(delivery: Delivery, django_assert_num_queries: Any) -> None:
    report = signed(event(delivery))

    with django_assert_num_queries(1):
        assert post(report) == 200


def test_a_report_counts_once(delivery: Delivery) -> None:
    report = signed(event(delivery, "complained"))

    assert [post(report), post(report)] == [200, 200]
    assert Report.objects.count() == 1


def test_the_same_event_in_another_call_counts_once(delivery: Delivery) -> None:
    bounce = event(delivery, "failed", severity="permanent", reason="bounce", id="event-1")

    assert [post(signed(bounce)), post(signed(bounce))] == [200, 200]
    assert Report.objects.count() == 1


def test_an_id_is_known_again_for_the_same_kind_and_person_only(delivery: Delivery) -> None:
    """Mailgun promises that they differ within one day, not longer."""
    other = DeliveryFactory(reader__subscriber__address="badr@example.org")
    post(signed(event(delivery, id="event-1")))
    post(signed(event(delivery, "complained", id="event-1")))
    post(signed(event(other, id="event-1", recipient="badr@example.org")))

    assert Report.objects.count() == 3


def test_events_without_an_id_are_told_apart_by_what_they_say(delivery: Delivery) -> None:
    early, late = (event(delivery, timestamp=at) for at in (1_790_000_000.0, 1_790_000_001.0))

    assert [post(signed(body)) for body in (early, late, early)] == [200, 200, 200]
    assert Report.objects.count() == 2


@pytest.mark.parametrize("first", ["delivered", "opened", "accepted"])
def test_a_token_does_not_come_back_with_another_body(delivery: Delivery, first: str) -> None:
    """Mailgun's signature covers a time and a token, nothing of what is said."""
    report = signed(event(delivery, first))
    forged = report | {"event-data": event(delivery, "complained")}

    assert [post(report), post(forged)] == [200, 200]

    track.apply_reports()
    assert not Suppression.objects.exists()
    assert Report.objects.count() == 1


def test_of_opens_and_clicks_nothing_is_kept_but_the_token(delivery: Delivery) -> None:
    post(signed(event(delivery, "clicked", url="https://example.org/"), token="t" * 50))

    kept = Report.objects.get()
    assert (kept.token, kept.kind, kept.delivery, kept.batch) == ("t" * 50, "", "", "")
    assert (kept.recipient, kept.at) == ("", None)
    assert kept.applied_at is not None


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
        ("[" * 100_000, ODD),
        ({}, UNSIGNED),
        ({"signature": None, "event-data": None}, ODD),
        ({"signature": {"timestamp": 1, "token": [], "signature": {}}}, UNSIGNED),
    ],
)
def test_what_is_no_report_is_a_bad_request(body: Any, why: str) -> None:
    assert refused(body) == (400, why)
    assert not Report.objects.exists()


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    ("event", "stamp", "why"),
    [
        ({}, {}, ODD),
        (None, {}, ODD),
        ([], {}, ODD),
        (MUTE | {"timestamp": "never"}, {}, ODD),
        (MUTE | {"timestamp": 1e300}, {}, ODD),
        (MUTE | {"timestamp": float("nan")}, {}, ODD),
        (MUTE | {"event": ["delivered"]}, {}, ODD),
        (MUTE | {"user-variables": []}, {}, ODD),
        (MUTE | {"message": {"headers": {"message-id": 7}}}, {}, ODD),
        (MUTE, {"key": "x" * 40}, UNSIGNED),
        (MUTE, {"age": 3600}, "too old"),
        (MUTE, {"age": 16 * 60}, "too old"),
        (MUTE, {"age": -3600}, "too old"),
        (MUTE, {"token": "ü"}, ODD),
        (MUTE, {"token": "t" * 121}, ODD),
    ],
)
def test_an_odd_report_is_a_bad_request(event: Any, stamp: dict[str, Any], why: str) -> None:
    assert refused(signed(event, **stamp)) == (400, why)
    assert not Report.objects.exists()


@pytest.mark.usefixtures("db")
def test_a_number_that_python_will_not_read_is_a_bad_request() -> None:
    text = json.dumps(signed(MUTE | {"user-variables": {"delivery": 17_171_717}}))

    assert refused(text.replace("17171717", "9" * 5000)) == (400, UNSIGNED)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "facts",
    [
        {"user-variables": {"delivery": [1]}},
        {"user-variables": {"delivery": "1 OR 1"}},
        {"user-variables": {"delivery": "٣"}},
        {"user-variables": {"delivery": "9" * 19}},
        {"user-variables": {"delivery": True, "batch": {"a": 1}}},
        {"user-variables": None, "tags": {"a": 1}},
        {"recipient": ["amina@example.org"]},
        {"recipient": "amina\x00@example.org", "id": "\x00"},
        {"recipient": "\ud800@example.org", "id": "\ud800", "tags": ["\ud800"]},
        {"recipient": "x" * 300 + "@example.org"},
        {"timestamp": 253_402_300_799.0},
        {"timestamp": -62_135_596_800.0},
    ],
)
def test_odd_words_in_a_report_change_nothing(facts: dict[str, Any]) -> None:
    assert post(signed(MUTE | facts)) == 200

    kept = Report.objects.get()
    assert (kept.delivery, kept.batch, kept.recipient, kept.at) == ("", "", "", None)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*event(None), "id", "tags", "severity"]), inner)
    ),
    max_leaves=12,
)


@pytest.mark.django_db
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=JSON, kind=st.sampled_from(["delivered", "failed", "complained", "unsubscribed"]))
def test_no_shape_of_a_signed_report_is_an_error_of_ours(said: Any, kind: str) -> None:
    body = {"event": kind} | said if isinstance(said, dict) else said

    assert post(signed(body)) in {200, 400}
    track.apply_reports()
    assert not Report.objects.filter(applied_at=None).exists()


@pytest.mark.usefixtures("db")
def test_a_stranger_is_refused() -> None:
    assert post(signed(MUTE), auth="who:ever") == 400
    assert post(signed(MUTE), auth="") == 400
    assert post("a=b", content_type="application/x-www-form-urlencoded") == 400
    assert Client().get(URL).status_code == 405
    assert not Report.objects.exists()


def test_a_stranger_s_body_is_not_even_looked_at() -> None:
    for body, kind in (("x" * 1024 * 1025, "application/json"), ("a=b", "text/plain")):
        given = answer(body, auth="who:ever", content_type=kind)
        assert (given.status_code, given.content.decode()) == (400, UNSIGNED)


@pytest.mark.usefixtures("db")
def test_without_a_secret_nobody_gets_in(settings: Any) -> None:
    settings.ANYMAIL = settings.ANYMAIL | {"WEBHOOK_SECRET": ""}

    assert refused(signed(MUTE)) == (400, UNSIGNED)


def test_one_megabyte_is_the_most(delivery: Delivery) -> None:
    text = json.dumps(signed(event(delivery)))
    longest = 1024 * 1024

    assert refused(text + " " * (longest + 1 - len(text))) == (400, "too large")
    assert post(text + " " * (longest - len(text))) == 200


def test_a_shifted_border_is_no_new_report(delivery: Delivery) -> None:
    report = signed(event(delivery), token="e0" + "a" * 48)
    stamp = report["signature"]
    stamp["timestamp"], stamp["token"] = stamp["timestamp"] + "e0", stamp["token"][2:]

    assert refused(report) == (400, ODD)


def test_a_report_that_was_not_stored_counts_when_it_comes_again(delivery: Delivery) -> None:
    def down(execute: Any, sql: str, *rest: Any) -> Any:
        raise OperationalError("the database went away")

    report = signed(event(delivery, "complained"))
    with connection.execute_wrapper(down), pytest.raises(OperationalError), transaction.atomic():
        post(report)

    assert post(report) == 200
    assert Report.objects.get().kind == "complained"


def test_many_reports_ring_once(delivery: Delivery, bells: list[str]) -> None:
    for number in range(3):
        assert post(signed(event(delivery, id=f"event-{number}"))) == 200

    assert bells == ["reports"]
    cache.clear()
    assert post(signed(event(delivery, id="event-4"))) == 200
    assert bells == ["reports"] * 2


def test_the_sweep_rings_for_what_waits(delivery: Delivery, bells: list[str]) -> None:
    tasks.ring_for_waiting()
    assert bells == []

    post(signed(event(delivery)))
    bells.clear()
    tasks.ring_for_waiting()

    assert bells == ["reports"]


def test_the_task_applies_until_nothing_waits(delivery: Delivery, monkeypatch: Any) -> None:
    for number in range(3):
        post(signed(event(delivery, id=f"event-{number}")))
    one_by_one = track.apply_reports
    monkeypatch.setattr(track, "apply_reports", lambda: one_by_one(1))

    tasks.apply_reports()

    assert not Report.objects.filter(applied_at=None).exists()


def test_a_cache_that_is_down_costs_nothing(delivery: Delivery, settings: Any) -> None:
    nobody = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": nobody}}

    assert post(signed(event(delivery))) == 200
    assert Report.objects.count() == 1


def test_the_secret_is_as_configured() -> None:
    from django.conf import settings as configured

    assert configured.ANYMAIL["WEBHOOK_SECRET"] == SECRET
