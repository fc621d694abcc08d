"""What an inbox shows of a letter to somebody at risk: no network, no centre, no subject matter."""

from __future__ import annotations

from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.core import context
from bs4 import BeautifulSoup
from django.conf import settings
from django.core import mail
from django.test import RequestFactory
from django.utils.translation import override

from newsletters import letters, typeset
from tests.factories.newsletters import own_this_database
from tests.test_account_mails import PREFIXES, VALUES

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "emails"
KINDS = sorted(path.parent.name for path in TEMPLATES.glob("*/subject.txt"))
LANGUAGES = [code for code, _name in settings.LANGUAGES]
NEWSLETTER = "What countries learned about trafficking"
SENDER = "A Network Against Trafficking <hello@news.example.org>"
PARAMS = {
    "newsletter": NEWSLETTER,
    "interests": "victim protection",
    "address": "a…@example.org",
    "until": "3 December 2026",
    "initials": "A. O.",
    "again": "",
    "site": settings.SITE_URL,
} | {
    f"{name}_url": f"{settings.SITE_URL}/n/c/a-token/"
    for name in (
        *("confirm", "preferences", "invitation", "message", "profile", "data", "move", "stories"),
        "look",
    )
}


def telling_words(language: str) -> set[str]:
    """Names that would say to whoever looks over a shoulder what this is about."""
    pack = settings.PACK
    topics = {pack.name_of(topic.names, language) for topic in pack.topics}
    house = {text for text in typeset.house(language).values() if "://" not in text}
    return house | topics | {NEWSLETTER, "trafficking", "victim protection"}


def shown_by_an_inbox(message: Any) -> str:
    """Sender, subject, list headers, and the hidden line that follows the subject."""
    page = BeautifulSoup(str(message.alternatives[0][0]), "html.parser")
    first = page.find(style=lambda style: style and "display:none" in style)
    assert first is not None
    headers = [f"{name}: {value}" for name, value in message.extra_headers.items()]
    return "\n".join([message.from_email, message.subject, first.get_text(), *headers])


def test_there_are_letters_to_look_at() -> None:
    assert {"invitation", "message_waits", "confirm", "own_data", "story_asks"} <= set(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.django_db
def test_a_letter_shows_an_inbox_nothing(
    kind: str, language: str, monkeypatch: Any, settings: Any
) -> None:
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)
    settings.DEFAULT_FROM_EMAIL = SENDER
    own_this_database()
    letter = letters.post(
        kind=kind, to="amina@example.org", language=language, params=PARAMS, discreet=True
    )

    letters.hand_over(letter.pk)

    (message,) = mail.outbox
    shown = shown_by_an_inbox(message)
    assert message.from_email == "hello@news.example.org"
    assert not any(name.startswith("List-") for name in message.extra_headers)
    assert [word for word in telling_words(language) if word.casefold() in shown.casefold()] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_sign_in_mail_shows_an_inbox_nothing(prefix: str, language: str, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = SENDER

    with override(language), context.request_context(RequestFactory().get("/")):
        message = get_adapter().render_mail(prefix, "reader@example.net", VALUES)

    shown = shown_by_an_inbox(message)
    assert parseaddr(message.from_email) == ("", "hello@news.example.org")
    assert [word for word in telling_words(language) if word.casefold() in shown.casefold()] == []
