"""Letters leave at least once, and nothing of them is kept afterwards."""

from __future__ import annotations

import datetime as dt
import socket
from contextlib import closing
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from newsletters import connections, letters, providers, typeset
from newsletters.models import Letter, Newsletter, SiteInstance, Suppression
from tests.newsletters.test_connections import Service

pytestmark = pytest.mark.usefixtures("newsletter")


@pytest.fixture
def letter(newsletter: Newsletter, monkeypatch: Any) -> Letter:
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)
    return letters.post(
        kind="preferences_link",
        to="amina@example.org",
        language="ar",
        params={"preferences_url": "http://testserver/n/p/a-key/"},
    )


def test_it_leaves_once_in_the_readers_language_and_is_wiped(letter: Letter) -> None:
    letters.hand_over(letter.pk)
    letters.hand_over(letter.pk)

    (message,) = mail.outbox
    assert message.to == ["amina@example.org"]
    assert "http://testserver/n/p/a-key/" in message.body
    assert 'dir="rtl"' in message.alternatives[0][0]
    letter.refresh_from_db()
    assert (letter.state, letter.to, letter.params) == ("handed_over", "", {})


def test_a_dead_workers_letter_leaves_later(letter: Letter) -> None:
    Letter.objects.update(state="claimed", next_at=timezone.now() - dt.timedelta(seconds=1))

    assert letters.due() == [letter.pk]
    letters.hand_over(letter.pk)

    assert len(mail.outbox) == 1


def test_a_letter_in_work_is_left_alone(letter: Letter) -> None:
    Letter.objects.update(state="claimed", next_at=timezone.now() + dt.timedelta(minutes=1))

    assert letters.due() == []
    assert letters.hand_over(letter.pk) is None
    assert mail.outbox == []


def test_an_unreachable_provider_is_tried_again(letter: Letter, settings: Any) -> None:
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": "http://127.0.0.1:9/v3"}

    letters.hand_over(letter.pk)

    letter.refresh_from_db()
    assert (letter.state, letter.tries, letter.to) == ("queued", 1, "amina@example.org")
    assert letter.next_at > timezone.now()


def test_a_bounced_mailbox_gets_none(letter: Letter) -> None:
    Suppression.objects.create(address="amina@example.org", reason="bounce")

    letters.hand_over(letter.pk)

    letter.refresh_from_db()
    assert (letter.state, mail.outbox) == ("failed", [])


def test_a_cloned_database_writes_none(letter: Letter) -> None:
    SiteInstance.objects.update(name="https://elsewhere.example")

    assert letters.hand_over(letter.pk) is None
    assert mail.outbox == []


def test_a_letter_that_cannot_be_made_is_given_up(newsletter: Newsletter, letter: Letter) -> None:
    Letter.objects.update(kind="no_such_kind")

    letters.hand_over(letter.pk)

    letter.refresh_from_db()
    assert (letter.state, letter.to, letter.params) == ("failed", "", {})


def test_a_letter_whose_worker_always_dies_is_given_up(letter: Letter) -> None:
    Letter.objects.update(tries=letters.MOST_TRIES)

    letters.hand_over(letter.pk)

    letter.refresh_from_db()
    assert (letter.state, mail.outbox) == ("failed", [])


def test_the_service_says_when_to_try_again(letter: Letter, monkeypatch: Any) -> None:
    told = providers.Outcome(providers.Kind.NOT_SENT, 429, "slow down", retry_after=1800)
    monkeypatch.setattr(connections, "call", lambda message: told)

    letters.hand_over(letter.pk)

    letter.refresh_from_db()
    assert letter.state == "queued"
    assert letter.next_at - timezone.now() > dt.timedelta(minutes=29)


@pytest.mark.parametrize("kind", ["confirm", "welcome", "preferences_link"])
def test_a_discreet_letter_names_neither_network_nor_subject(
    newsletter: Newsletter, monkeypatch: Any, settings: Any, kind: str
) -> None:
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)
    settings.DEFAULT_FROM_EMAIL = "A Network Against Trafficking <hello@news.example.org>"
    names = {text for text in typeset.house("en").values() if "://" not in text}
    params = {
        "newsletter": newsletter.wording("en").name,
        "confirm_url": "http://testserver/n/c/a-token/",
        "preferences_url": "http://testserver/n/p/a-key/",
    }
    discreet, plain = (
        letters.post(
            kind=kind, to="amina@example.org", language="en", params=params, discreet=discreet
        )
        for discreet in (True, False)
    )

    letters.hand_over(discreet.pk)
    letters.hand_over(plain.pk)

    first, second = mail.outbox
    assert first.from_email == "hello@news.example.org"
    assert second.from_email == "A Network Against Trafficking <hello@news.example.org>"
    assert not any(name in first.subject for name in {*names, params["newsletter"]})
    assert "discreet" not in first.body


def test_a_letter_without_a_clear_answer_leaves_again(letter: Letter, settings: Any) -> None:
    """At least once: a second confirmation does no harm, none at all keeps a reader out."""
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        Service(server, lambda _call: b"HTTP/1.1 500 Oh\r\nContent-Length: 2\r\n\r\n{}")
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v3"
        settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": url}
        letters.hand_over(letter.pk)

    letter.refresh_from_db()
    assert (letter.state, letter.tries, letter.to) == ("queued", 1, "amina@example.org")


def test_the_bell_rings_after_the_commit(django_capture_on_commit_callbacks: Any) -> None:
    """Before it a worker would find no row; after a rollback there is none."""
    with django_capture_on_commit_callbacks() as bells:
        letters.post(kind="welcome", to="amina@example.org", language="en", params={})

    assert len(bells) == 1
