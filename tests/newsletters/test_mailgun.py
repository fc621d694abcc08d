"""Our Mailgun payload against Anymail's own: the same call, whatever is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anymail.backends import mailgun as stock
from anymail.exceptions import AnymailInvalidAddress
from anymail.message import AnymailMessage

from newsletters import mailgun
from newsletters.providers import PROVIDERS
from tests.newsletters import services

PLAIN = ["amina@example.org", "o'neil+news@sub.example.org", "x=y@example.org"]
AWKWARD = [
    "badr%home@example.org",
    '"two words"@example.org',
    "Amina <amina@example.org>",
    "amina@مثال.example",
]
ARABIC = "رسالة «المرصد» — 100 %"


@pytest.fixture(autouse=True)
def _mailgun(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    services.choose("mailgun", settings, monkeypatch)


def mail(to: list[str]) -> AnymailMessage:
    """As the engine makes it, filled in for these people."""
    provider = PROVIDERS["mailgun"]
    leave = f"<https://example.org/n/u/{provider.placeholder('u')}/>"
    message = AnymailMessage(
        subject=ARABIC,
        body=f"{ARABIC}\r\n\n--x\nleave: {leave}",
        from_email='"شبكة" <news@example.org>',
        to=to,
        reply_to=["editors@example.org", "desk@example.org"],
        headers={"List-Id": "=?utf-8?b?2YY=?= <w.example.org>", "list-unsubscribe": leave},
    )
    message.attach_alternative(f"<p dir=rtl>{ARABIC} & %recipient.p%</p>", "text/html")
    message.tags = ["batch-1", "second"]
    message.metadata = {"batch": "batch-1", "delivery": provider.placeholder("d")}
    provider.fill(message, {one: {"u": f"u-{one}", "p": ARABIC, "d": "7"} for one in to})
    return message


def call(made_by: Any, message: AnymailMessage) -> dict[str, list[str]]:
    """The fields of a call as the service reads them, addresses and JSON taken apart."""
    backend = made_by.EmailBackend()
    request = backend.build_message_payload(message, backend.send_defaults).get_request_params(
        backend.api_url
    )
    fields = services.form(request)
    fields["to"] = ",".join(fields["to"]).replace(" ", "").split(",")
    variables = fields.get("recipient-variables", [])
    return fields | {"recipient-variables": [json.loads(value) for value in variables]}


@pytest.mark.parametrize(
    "to", [PLAIN[:1], PLAIN, [f"reader-{number}@example.org" for number in range(1000)], AWKWARD]
)
def test_it_says_what_anymail_says(to: list[str]) -> None:
    assert call(mailgun, mail(to)) == call(stock, mail(to))


def change_headers(message: AnymailMessage) -> None:
    message.merge_headers = {one: {"X-Own": one} for one in message.to}


def change_ids(message: AnymailMessage) -> None:
    message.merge_metadata = {one: {"own": one} for one in message.to}


def change_values(message: AnymailMessage) -> None:
    message.merge_global_data = {"network": ARABIC}


def change_to_one(message: AnymailMessage) -> None:
    del message.merge_data
    message.to = PLAIN[:1]


@pytest.mark.parametrize("change", [change_headers, change_ids, change_values, change_to_one])
def test_what_the_engine_never_asks_for_is_as_anymail_has_it(change: Any) -> None:
    ours, theirs = mail(PLAIN), mail(PLAIN)
    change(ours)
    change(theirs)

    assert call(mailgun, ours) == call(stock, theirs)


def test_files_are_left_to_requests() -> None:
    message = mail(PLAIN)
    message.attach("a.txt", "text", "text/plain")
    backend = mailgun.EmailBackend()

    payload = backend.build_message_payload(message, {})
    request = payload.get_request_params(backend.api_url)

    assert request["files"] == payload.files != []
    assert request["data"]["subject"] == ARABIC


@pytest.mark.parametrize("address", ["a@x.org,b@x.org", "a@x.org\r\nBcc: b@x.org", "", "a b@x.org"])
def test_what_is_no_single_address_is_refused_as_anymail_refuses_it(address: str) -> None:
    for made_by in (stock, mailgun):
        with pytest.raises((AnymailInvalidAddress, AssertionError)):
            assert len(call(made_by, mail([*PLAIN, address]))["to"]) == len(PLAIN) + 1
