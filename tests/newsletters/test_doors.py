"""Other mail services than Mailgun, each in its own words, behind the same door."""

from __future__ import annotations

import json
import secrets
import sys
from base64 import b64encode
from types import ModuleType
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import Resolver404, include, path, resolve

from newsletters import receivers, webhooks
from newsletters.models import Delivery, Report, Suppression
from newsletters.pipeline import track
from tests.factories.newsletters import DeliveryFactory
from tests.newsletters.mailgun import SECRET

AMINA = "amina@example.org"


@pytest.fixture
def delivery(db: None) -> Delivery:
    return DeliveryFactory(reader__subscriber__address=AMINA)


@pytest.fixture
def service(settings: Any, monkeypatch: Any) -> Any:
    """Make another service the one in use, as a deployment would by EMAIL_PROVIDER."""

    def use(provider: str, **keys: str) -> None:
        settings.EMAIL_PROVIDER = provider
        settings.ANYMAIL = settings.ANYMAIL | keys
        addresses = ModuleType("addresses_of_the_test")
        addresses.urlpatterns = [path("anymail/", include(webhooks.urls(provider)))]  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, addresses.__name__, addresses)
        settings.ROOT_URLCONF = addresses.__name__

    return use


def tell(provider: str, body: Any, *, auth: str = SECRET) -> HttpResponse:
    shown = {"Authorization": "Basic " + b64encode(auth.encode()).decode()} if auth else {}
    return Client().post(
        f"/anymail/{provider}/tracking/",
        body if isinstance(body, str) else json.dumps(body),
        content_type="application/json",
        headers=shown,
    )


def brevo(kind: str, ids: dict[str, str], **facts: Any) -> Any:
    return {"event": kind, "email": AMINA, "X-Mailin-custom": json.dumps(ids), **facts}


def mailjet(kind: str, ids: dict[str, str], **facts: Any) -> Any:
    return [{"event": kind, "email": AMINA, "Payload": json.dumps(ids), **facts}]


def mandrill(kind: str, ids: dict[str, str]) -> Any:
    return {"event": kind, "_id": kind, "msg": {"email": AMINA, "metadata": ids}}


def postmark(kind: str, ids: dict[str, str], **facts: Any) -> Any:
    return {"RecordType": kind, "Email": AMINA, "Recipient": AMINA, "Metadata": ids, **facts}


def sparkpost(kind: str, ids: dict[str, str], **facts: Any) -> Any:
    told = {"type": kind, "raw_rcpt_to": AMINA, "rcpt_meta": ids, "event_id": "7", **facts}
    return [{"msys": {"message_event": told}}]


def resend(kind: str, ids: dict[str, str], **facts: Any) -> Any:
    headers = [{"name": "X-Metadata", "value": json.dumps(ids)}]
    return {"type": f"email.{kind}", "data": {"to": [AMINA], "headers": headers, **facts}}


def mailtrap(kind: str, ids: dict[str, str]) -> Any:
    told = {"event": kind, "email": AMINA, "custom_variables": ids, "timestamp": 1_790_000_000}
    return {"events": [told | {"message_id": "m", "event_id": "e"}]}


GONE, FULL = (
    {"bounce": {"type": kind, "message": "sent a bounce message"}}
    for kind in ("Permanent", "Transient")
)


@pytest.mark.parametrize(
    ("provider", "words", "told"),
    [
        ("brevo", lambda ids: brevo("hard_bounce", ids), ("bounced", "bounce")),
        ("brevo", lambda ids: brevo("invalid_email", ids), ("bounced", "bounce")),
        ("brevo", lambda ids: brevo("soft_bounce", ids), ("bounced", "")),
        ("brevo", lambda ids: brevo("spam", ids), ("complained", "complaint")),
        ("mailjet", lambda ids: mailjet("bounce", ids, hard_bounce=True), ("bounced", "bounce")),
        (
            "mailjet",
            lambda ids: mailjet("bounce", ids, hard_bounce=False, error="quota exceeded"),
            ("bounced", ""),
        ),
        ("mailtrap", lambda ids: mailtrap("bounce", ids), ("bounced", "bounce")),
        ("mailtrap", lambda ids: mailtrap("delivery", ids), ("delivered", "")),
        ("postmark", lambda ids: postmark("Bounce", ids, Type="HardBounce"), ("bounced", "bounce")),
        ("postmark", lambda ids: postmark("Bounce", ids, Type="SoftBounce"), ("bounced", "")),
        (
            "postmark",
            lambda ids: postmark("Bounce", ids, Type="BadEmailAddress"),
            ("rejected", "bounce"),
        ),
        ("postmark", lambda ids: postmark("Delivery", ids), ("delivered", "")),
        ("resend", lambda ids: resend("bounced", ids, **GONE), ("bounced", "bounce")),
        ("resend", lambda ids: resend("bounced", ids, **FULL), ("bounced", "")),
        (
            "sparkpost",
            lambda ids: sparkpost("bounce", ids, bounce_class="10"),
            ("bounced", "bounce"),
        ),
        ("sparkpost", lambda ids: sparkpost("bounce", ids, bounce_class="22"), ("bounced", "")),
        ("sparkpost", lambda ids: sparkpost("delivery", ids), ("delivered", "")),
    ],
)
def test_only_what_is_for_good_suppresses(
    delivery: Delivery, service: Any, provider: str, words: Any, told: tuple[str, str]
) -> None:
    service(provider)
    body = words({"delivery": str(delivery.pk), "batch": str(delivery.batch.key)})

    assert [tell(provider, body).status_code for _twice in range(2)] == [200, 200]

    kept = Report.objects.get()
    assert (kept.kind, kept.delivery) == (told[0], str(delivery.pk))
    assert kept.batch == str(delivery.batch.key)
    track.apply_reports()
    assert "".join(Suppression.objects.values_list("reason", flat=True)) == told[1]


@pytest.mark.parametrize(
    ("name", "said", "reason"),
    [
        ("Amazon SES", {"bounce": {"bounceType": "Permanent"}}, "bounced"),
        ("Amazon SES", {"bounce": {"bounceType": "Transient"}}, "other"),
        ("Amazon SES", {"bounce": {}}, "other"),
        ("MailerSend", {"data": {"type": "hard_bounced"}}, "bounced"),
        ("MailerSend", {"data": {"type": "soft_bounced"}}, "other"),
        ("Mandrill", {"event": "hard_bounce"}, "bounced"),
        ("Mandrill", {"event": "soft_bounce"}, "other"),
        ("SendGrid", {"event": "bounce", "type": "bounce"}, "bounced"),
        ("SendGrid", {"event": "bounce", "type": "blocked"}, "other"),
        ("Unisender Go", {}, "bounced"),
    ],
)
def test_services_whose_packages_are_not_here(name: str, said: Any, reason: str) -> None:
    bounce = AnymailTrackingEvent(
        event_type="bounced", reject_reason="bounced", recipient=AMINA, esp_event=said
    )

    [row] = receivers.rows([bounce], service=name)

    assert row.reject_reason == reason


def test_one_event_about_several_people_is_one_row_each() -> None:
    """Amazon tells of all that bounced under one id."""
    events = [
        AnymailTrackingEvent(
            event_type="delivered", event_id="sns-1", recipient=address, esp_event={}
        )
        for address in (AMINA, "badr@example.org", AMINA)
    ]

    first, second, again = receivers.rows(events, service="Amazon SES")

    assert first.key == again.key != second.key


def test_where_no_ids_travel_with_a_mail_the_tag_and_the_address_name_it(
    delivery: Delivery, service: Any
) -> None:
    moved = DeliveryFactory(batch__edition=delivery.batch.edition).batch
    Delivery.objects.filter(pk=delivery.pk).update(batch=moved)
    service("postmark")
    words = {"RecordType": "Delivery", "Recipient": AMINA, "Tag": str(delivery.batch.key)}

    assert tell("postmark", words).status_code == 200
    assert tell("postmark", words | {"Recipient": "stranger@example.org"}).status_code == 200
    track.apply_reports()

    delivery.refresh_from_db()
    assert delivery.delivered_at is not None
    assert Delivery.objects.exclude(delivered_at=None).count() == 1
    assert sorted(Report.objects.values_list("delivery", flat=True)) == ["", str(delivery.pk)]


def test_many_events_in_one_call_take_one_statement(
    delivery: Delivery, service: Any, django_assert_num_queries: Any
) -> None:
    service("sparkpost")
    ids = {"delivery": str(delivery.pk)}
    many = [sparkpost("delivery", ids, event_id=str(number))[0] for number in range(1_000)]

    with django_assert_num_queries(1):
        assert tell("sparkpost", many).status_code == 200

    assert Report.objects.count() == 1_000


def test_an_empty_call_is_fine(db: None, service: Any) -> None:
    """SparkPost asks like this whether somebody is there."""
    service("sparkpost")

    assert tell("sparkpost", [{"msys": {}}]).status_code == 200
    assert not Report.objects.exists()


@pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")
@pytest.mark.parametrize("provider", sorted(set(webhooks.VIEWS) - {"amazon_ses"}))
@pytest.mark.parametrize("body", ["", "null", "[]", "7", '{"a": [[]]}', "[[]]", '"' + "x" * 99])
def test_a_stranger_and_odd_bodies_are_no_error_of_ours(
    db: None, service: Any, provider: str, body: str
) -> None:
    keys = dict.fromkeys(
        (f"{provider.upper()}_{name}" for name in ("WEBHOOK_KEY", "API_KEY", "SIGNING_SECRET")),
        secrets.token_hex(16),
    )
    service(provider, **({} if provider == "resend" else keys))

    assert tell(provider, body, auth="").status_code == 400
    assert tell(provider, body).status_code in {200, 400}
    assert not Report.objects.exists()


def test_only_the_service_in_use_has_an_address(db: None, service: Any) -> None:
    service("postmark")

    assert tell("postmark", {"RecordType": "Open"}).status_code == 200
    with pytest.raises(Resolver404):
        resolve("/anymail/mailgun/tracking/")
    assert webhooks.urls("smtp") == webhooks.urls("scaleway") == []


@pytest.mark.parametrize(
    ("provider", "options", "found"),
    [
        ("mailgun", {}, []),
        ("smtp", {"WEBHOOK_SECRET": ""}, []),
        ("mailgun", {"WEBHOOK_SECRET": ""}, ["WEBHOOK_SECRET"]),
        ("mailgun", {"WEBHOOK_SECRET": "w" * 40}, ["WEBHOOK_SECRET"]),
        ("postmark", {"WEBHOOK_SECRET": "name:short"}, ["WEBHOOK_SECRET"]),
        ("postmark", {"WEBHOOK_SECRET": [SECRET, "name:short"]}, ["WEBHOOK_SECRET"]),
        ("postmark", {"WEBHOOK_SECRET": []}, ["WEBHOOK_SECRET", "insecure"]),
        ("mandrill", {}, ["MANDRILL_WEBHOOK_KEY"]),
        ("postal", {}, ["POSTAL_WEBHOOK_KEY"]),
        ("mailersend", {}, ["MAILERSEND_SIGNING_SECRET"]),
        ("amazon_ses", {}, ["boto3"]),
    ],
)
def test_what_lacks_is_told_at_the_start(
    settings: Any, provider: str, options: Any, found: list[str]
) -> None:
    settings.EMAIL_PROVIDER, settings.ANYMAIL = provider, settings.ANYMAIL | options

    errors = webhooks.check_door(None)

    assert len(errors) == len(found)
    assert all(part in str(error) for part, error in zip(found, errors, strict=True))


def test_amazon_is_asked_for_the_secret() -> None:
    asked = webhooks.AmazonDoor.post(object(), RequestFactory().post("/"))  # type: ignore[arg-type]

    assert (asked.status_code, asked["WWW-Authenticate"]) == (401, 'Basic realm="webhooks"')
