"""Anymail's own Mailgun back-end and webhook view are satisfied with the stand-in."""

import pytest
from anymail.exceptions import AnymailRequestsAPIError
from anymail.message import AnymailMessage
from django.core.mail import get_connection

from tests.localmail.conftest import KEY

PEOPLE = {"amina@example.org": "Amina", "youssef@example.org": "يوسف"}


@pytest.fixture
def backend(mailbox, settings):
    """Anymail, posting to `mailbox`."""
    settings.ANYMAIL = {"MAILGUN_API_KEY": KEY, "MAILGUN_API_URL": mailbox.api_url}
    with get_connection("anymail.backends.mailgun.EmailBackend") as connection:
        yield connection


def digest(backend, **changes):
    message = AnymailMessage(
        subject="Stories for %recipient.name%",
        body="Dear %recipient.name%\n\nhttps://news.example.net/n/u/%recipient.u%/",
        from_email='"Centre, for “all”" <news@news.example.net>',
        to=[f"{name} <{address}>" for address, name in PEOPLE.items()],
        connection=backend,
        **changes,
    )
    message.attach_alternative("<p>%recipient.name% — مرحبا</p>", "text/html")
    message.merge_data = {a: {"name": n, "u": f"u-{a}"} for a, n in PEOPLE.items()}
    message.merge_headers = {
        address: {"List-Unsubscribe": f"<https://news.example.net/n/u/u-{address}/>"}
        for address in PEOPLE
    }
    message.merge_metadata = {
        address: {"delivery": str(number)} for number, address in enumerate(PEOPLE)
    }
    message.metadata = {"batch": "7"}
    message.tags = ["weekly", "دعوة"]
    message.extra_headers = {
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": "Weekly <weekly.example.net>",
    }
    return message


def test_batch_with_merge_data_headers_and_metadata(backend, mailbox):
    message = digest(backend, reply_to=["Reader's desk <desk@example.net>"])

    assert message.send() == 1

    first, second = mailbox.client.mails()
    assert [first.to, second.to] == list(PEOPLE)
    assert second.subject == "Stories for يوسف"
    assert second.headers["to"] == "يوسف <youssef@example.org>"
    assert second.headers["from"] == '"Centre, for “all”" <news@news.example.net>'
    assert second.headers["reply-to"] == "Reader's desk <desk@example.net>"
    assert second.headers["list-unsubscribe"] == (
        "<https://news.example.net/n/u/u-youssef@example.org/>"
    )
    assert second.headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert second.html == "<p>يوسف — مرحبا</p>"
    assert second.text.endswith("/n/u/u-youssef@example.org/")
    assert second.variables == {"batch": "7", "delivery": "1"}
    assert second.tags == ["weekly", "دعوة"]
    assert message.anymail_status.message_id == first.message_id == second.message_id
    assert {status.status for status in message.anymail_status.recipients.values()} == {"queued"}


def test_batch_with_an_attachment_is_multipart(backend, mailbox):
    message = digest(backend)
    message.attach("تقويم.ics", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "text/calendar")

    message.send()

    first = mailbox.client.mails()[0]
    assert first.subject == "Stories for Amina"
    assert b"text/calendar" in mailbox.client.raw(first.id)


def test_wrong_key_and_bad_address_are_api_errors_with_their_status(backend, mailbox):
    backend.api_key = "wrong"
    with pytest.raises(AnymailRequestsAPIError) as refused:
        digest(backend).send()
    assert refused.value.status_code == 401

    backend.api_key = KEY
    message = digest(backend)
    message.to.append("nobody@nowhere")
    with pytest.raises(AnymailRequestsAPIError) as refused:
        message.send()
    assert refused.value.status_code == 400
    assert mailbox.client.mails() == []
