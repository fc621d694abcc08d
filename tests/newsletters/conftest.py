"""The engine against a fake source and, where mail leaves, the provider stand-in over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from localmail import Client, Mailbox
from newsletters.models import Issue, Newsletter
from tests.factories.newsletters import IssueFactory, NewsletterFactory, own_this_database
from tests.mailcheck import check_mail
from tests.newsletters import fake_source


@pytest.fixture(autouse=True)
def fake_sources(settings: Any) -> Iterator[None]:
    settings.RABITA_CONTENT_SOURCE = "tests.newsletters.fake_source"
    settings.RABITA_AUDIENCE_SOURCE = "tests.newsletters.fake_source"
    yield
    fake_source.published.clear()
    fake_source.permitted.clear()
    fake_source.falls.clear()
    fake_source.answered.clear()
    fake_source.linked.clear()
    fake_source.kept.clear()
    fake_source.looks.clear()
    fake_source.wants_text.clear()
    fake_source.manuscripts.clear()
    fake_source.more_interests.clear()
    fake_source.standings.clear()


@pytest.fixture
def newsletter(db: None) -> Newsletter:
    own_this_database()
    return NewsletterFactory()


@pytest.fixture
def issue(newsletter: Newsletter) -> Issue:
    """An approved weekly digest of the newsletter."""
    return IssueFactory(newsletter=newsletter)


@pytest.fixture
def mailbox(tmp_path: Path, settings: Any) -> Iterator[Client]:
    """A running provider; every bulk mail in it is checked when the test is over."""
    settings.EMAIL_BACKEND = "newsletters.mailgun.EmailBackend"
    with Mailbox(tmp_path, api_key="key-of-the-tests", test_mode=True) as running:
        settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": running.api_url}
        yield running.client
        for mail in running.client.mails():
            check_mail(
                message_from_bytes(running.client.raw(mail.id), policy=policy.default),
                bulk="list-unsubscribe" in mail.headers,
                text_alone=mail.to in fake_source.wants_text,
            )
