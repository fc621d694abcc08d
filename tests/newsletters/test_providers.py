"""The table of mail services, held against Anymail itself; nothing leaves the machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from anymail.exceptions import AnymailUnsupportedFeature
from anymail.message import AnymailMessage

from config.settings import mail
from localmail.mailgun import expand
from newsletters import providers
from newsletters.providers import PROVIDERS, Provider
from tests.newsletters import services

AMINA, BADR = "amina@example.org", "badr@example.org"
VALUES = {
    AMINA: {"u": "leave-1", "p": "prefer-1", "d": "1"},
    BADR: {"u": "leave-2", "p": "prefer-2", "d": "2"},
}
HEADERS = {
    "List-Id": '"A newsletter" <weekly.news.example.org>',
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "Precedence": "bulk",
}
ANYMAIL = [name for name in PROVIDERS if name != "smtp"]
MERGING = [name for name, provider in PROVIDERS.items() if provider.merges]

SILENT = {"mailtrap"}
"""Anymail takes values for a body here, and nobody ever fills them in."""


@pytest.fixture(params=PROVIDERS)
def provider(request: Any, settings: Any, monkeypatch: Any) -> Provider:
    services.choose(request.param, settings, monkeypatch)
    return PROVIDERS[request.param]


def letter(provider: Provider, *to: str) -> AnymailMessage:
    """A mail as the engine makes it, the recipients' values still to be filled in."""
    leave, prefer = provider.placeholder("u"), provider.placeholder("p")
    message = AnymailMessage(
        subject="A subject",
        body=f"text, leave at https://example.org/n/u/{leave}/",
        from_email="Network <news@news.example.org>",
        to=list(to),
        reply_to=["editors@example.org"],
        headers=HEADERS | {"List-Unsubscribe": f"<https://example.org/n/u/{leave}/>"},
    )
    message.attach_alternative(f'<a href="https://example.org/n/p/{prefer}/">x</a>', "text/html")
    message.tags = ["batch-1"]
    if provider.metadata:
        message.metadata = {"batch": "batch-1", "delivery": provider.placeholder("d")}
    return message


def batch(provider: Provider) -> AnymailMessage:
    """One mail for two people, everything that the engine knows of each with it."""
    message = letter(provider, AMINA, BADR)
    provider.fill(message, VALUES)
    return message


def test_the_table_has_every_back_end_that_is_set_up() -> None:
    assert list(PROVIDERS) == list(mail.SERVICES)
    for name, provider in PROVIDERS.items():
        assert name == provider.name
        assert provider.backend == (
            mail.SERVICES[name].backend or f"anymail.backends.{name}.EmailBackend"
        )


@pytest.mark.parametrize("name", MERGING)
def test_each_recipient_gets_the_own_values_and_sees_nobody_else(
    name: str, settings: Any, monkeypatch: Any
) -> None:
    services.choose(name, settings, monkeypatch)
    provider = PROVIDERS[name]

    mails = {to: rest for to, *rest in READERS[name](services.payload(name, batch(provider)))}

    assert sorted(mails) == [f"['{AMINA}']", f"['{BADR}']"]
    for number, (text, html, headers, metadata) in enumerate(mails.values(), start=1):
        assert text == f"text, leave at https://example.org/n/u/leave-{number}/"
        assert html == f'<a href="https://example.org/n/p/prefer-{number}/">x</a>'
        headers = {key.title(): value for key, value in headers.items()}
        assert headers["List-Unsubscribe"] == f"<https://example.org/n/u/leave-{number}/>"
        assert {key: headers.get(key.title()) for key in HEADERS} == HEADERS
        assert metadata["batch"] == "batch-1"
        assert metadata["delivery"] == str(number)


@pytest.mark.parametrize("name", [name for name in ANYMAIL if name not in MERGING])
def test_where_the_table_says_no_anymail_refuses_a_batch(
    name: str, settings: Any, monkeypatch: Any
) -> None:
    services.choose(name, settings, monkeypatch)
    merging = Provider(name, merges=True, opener="{{", closer="}}", metadata=False)
    message = letter(merging, AMINA, BADR)
    merging.fill(message, VALUES)

    if name in SILENT:
        body = json.loads(services.payload(name, message)["data"])
        assert body["requests"][0]["template_variables"] == VALUES[AMINA]
        assert "template_uuid" not in body["base"]
    else:
        with pytest.raises(AnymailUnsupportedFeature):
            services.payload(name, message)


def test_every_service_takes_a_mail_for_one_reader(provider: Provider) -> None:
    message = letter(provider, AMINA)
    if provider.merges:
        message.body = message.body.replace(provider.placeholder("u"), "leave-1")
        unsubscribe = message.extra_headers["List-Unsubscribe"]
        message.extra_headers["List-Unsubscribe"] = unsubscribe.replace(
            provider.placeholder("u"), "leave-1"
        )
        message.metadata["delivery"] = "1"
    else:
        provider.fill(message, {AMINA: VALUES[AMINA]})
    if provider.name == "smtp":
        whole = message.message().as_string()
    else:
        whole = str(services.payload(provider.name, message))
    if provider.name == "amazon_ses":
        raw = services.payload("amazon_ses", message)["Content"]["Raw"]["Data"]
        whole = message_from_bytes(raw, policy=policy.default).as_string()

    assert AMINA in whole
    assert "https://example.org/n/u/leave-1/" in whole
    assert "List-Unsubscribe=One-Click" in whole
    assert "weekly.news.example.org" in whole
    assert ("batch-1" in whole) == (provider.name != "smtp")
    assert not any(mark in whole for mark in "\ue000\ue001")


@pytest.mark.parametrize("name", [name for name in PROVIDERS if name not in MERGING])
def test_where_the_service_fills_nothing_in_we_do(name: str) -> None:
    provider = PROVIDERS[name]
    message = letter(provider, AMINA)

    provider.fill(message, {AMINA: VALUES[AMINA]})

    assert message.body == "text, leave at https://example.org/n/u/leave-1/"
    assert message.alternatives[0].content == '<a href="https://example.org/n/p/prefer-1/">x</a>'
    assert message.extra_headers["List-Unsubscribe"] == "<https://example.org/n/u/leave-1/>"
    assert provider.batch_limit == providers.HANDFUL


def test_a_mail_that_is_filled_in_here_has_one_reader() -> None:
    with pytest.raises(ValueError, match="unpack"):
        PROVIDERS["smtp"].fill(letter(PROVIDERS["smtp"], AMINA, BADR), VALUES)


def test_no_call_is_larger_than_the_service_takes() -> None:
    """Anymail never cuts: 1,200 recipients leave in one call."""
    takes = {"mailgun": 1000, "brevo": 1000, "mailjet": 50, "sparkpost": 1000, "sendgrid": 1000}

    assert {name: PROVIDERS[name].batch_limit for name in MERGING} == takes


def test_brevo_knows_a_call_by_the_key_in_its_headers(settings: Any, monkeypatch: Any) -> None:
    services.choose("brevo", settings, monkeypatch)
    message = batch(PROVIDERS["brevo"])

    PROVIDERS["brevo"].idempotency_key(message, "key-1")

    body = json.loads(services.payload("brevo", message)["data"])
    assert body["headers"]["idempotencyKey"] == "key-1"
    assert not any("idempotencyKey" in version["headers"] for version in body["messageVersions"])


def test_resend_knows_a_call_by_the_key_in_the_header_of_the_request(
    settings: Any, monkeypatch: Any
) -> None:
    services.choose("resend", settings, monkeypatch)
    message = letter(PROVIDERS["resend"], AMINA)

    PROVIDERS["resend"].idempotency_key(message, "key-1")

    request = services.payload("resend", message)
    assert request["headers"]["Idempotency-Key"] == "key-1"
    assert "key-1" not in request["data"]


def test_a_key_says_nothing_to_the_others(provider: Provider) -> None:
    message = letter(provider, AMINA)

    provider.idempotency_key(message, "key-1")

    known = provider.idempotent_for is not None
    assert known == (provider.set_key is not None)
    kept = str(message.extra_headers) + str(getattr(message, "esp_extra", ""))
    assert ("key-1" in kept) == known


def test_brevo_is_spared_encoded_words() -> None:
    message = letter(PROVIDERS["brevo"], AMINA)
    message.extra_headers["List-Id"] = "=?utf-8?b?2YbYtNix2Kk=?= <weekly.news.example.org>"

    PROVIDERS["brevo"].fill(message, {AMINA: VALUES[AMINA]})

    assert message.merge_headers[AMINA]["List-Id"] == "<weekly.news.example.org>"


def test_every_placeholder_opens_with_what_content_must_not_hold(provider: Provider) -> None:
    assert not provider.merges or provider.placeholder("u").startswith(provider.openers)


# How each service makes mails of a call: To, text, HTML, headers and metadata of each.
Mails = Iterator[tuple[str, str, str, dict[str, str], dict[str, str]]]


def _mailgun(request: dict[str, Any]) -> Mails:
    data = {name: values[0] for name, values in services.form(request).items()}
    everybody = json.loads(data["recipient-variables"])
    for address in data["to"].split(","):
        own = everybody[address]
        named = {key: expand(value, own) for key, value in data.items() if key[1:2] == ":"}
        yield (
            str([address]),
            expand(data["text"], own),
            expand(data["html"], own),
            {key[2:]: value for key, value in named.items() if key.startswith("h:")},
            {key[2:]: value for key, value in named.items() if key.startswith("v:")},
        )


def _brevo(request: dict[str, Any]) -> Mails:
    data = json.loads(request["data"])
    assert "to" not in data
    for version in data["messageVersions"]:
        headers = data["headers"] | version["headers"]
        yield (
            str([to["email"] for to in version["to"]]),
            _merged(data["textContent"], version["params"], "{{params.%s}}"),
            _merged(data["htmlContent"], version["params"], "{{params.%s}}"),
            headers,
            json.loads(headers["X-Mailin-custom"]),
        )


def _mailjet(request: dict[str, Any]) -> Mails:
    data = json.loads(request["data"])
    for message in data["Messages"]:
        yield (
            str([to["Email"] for to in message["To"]]),
            _merged(data["Globals"]["TextPart"], message["Variables"], "[[var:%s]]"),
            _merged(data["Globals"]["HTMLPart"], message["Variables"], "[[var:%s]]"),
            (data["Globals"] | message)["Headers"],
            json.loads(message["EventPayload"]),
        )


def _sparkpost(request: dict[str, Any]) -> Mails:
    data = json.loads(request["data"])
    content = data["content"]
    for recipient in data["recipients"]:
        own = recipient["substitution_data"]
        assert recipient["address"]["email"] == recipient["address"]["header_to"]
        yield (
            str([recipient["address"]["email"]]),
            _merged(content["text"], own, "{{%s}}"),
            _merged(content["html"], own, "{{%s}}"),
            {name: _merged(value, own, "{{%s}}") for name, value in content["headers"].items()},
            data["metadata"] | recipient["metadata"],
        )


def _sendgrid(request: dict[str, Any]) -> Mails:
    data = json.loads(request["data"])
    text, html = (part["value"] for part in data["content"])
    for person in data["personalizations"]:
        yield (
            str([to["email"] for to in person["to"]]),
            _merged(text, person["substitutions"], "%s"),
            _merged(html, person["substitutions"], "%s"),
            data["headers"] | person["headers"],
            data["custom_args"] | person["custom_args"],
        )


def _merged(text: str, own: dict[str, str], syntax: str) -> str:
    for name, value in own.items():
        text = text.replace(syntax % name, value)
    return text


READERS: dict[str, Callable[[dict[str, Any]], Mails]] = {
    "mailgun": _mailgun,
    "brevo": _brevo,
    "mailjet": _mailjet,
    "sparkpost": _sparkpost,
    "sendgrid": _sendgrid,
}
