"""The first mail after a confirmation: the three newest of what this reader follows, once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from newsletters import links, subscriptions
from newsletters.models import Letter, Newsletter, Subscription
from newsletters.pipeline import closing, freeze
from newsletters.typeset import letter
from tests.factories.newsletters import IssueFactory
from tests.newsletters.fake_source import permitted, publish, published

HOUR = dt.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def now() -> dt.datetime:
    return timezone.now()


def begin(newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch, **facts: Any) -> Letter:
    """Subscribe and press the button twice; the one welcome."""
    tokens: list[str] = []
    real = links.secrets.token_urlsafe
    monkeypatch.setattr(
        links.secrets, "token_urlsafe", lambda size: tokens.append(real(size)) or tokens[-1]
    )
    facts = {"language": "en", "interests": ["country:KE"]} | facts
    subscriptions.subscribe(address="reader@example.org", newsletter=newsletter, **facts)
    for _press in range(2):
        assert subscriptions.confirm(tokens[-1], language=facts["language"])
    return Letter.objects.get(kind="welcome")


def titles(welcome: Letter) -> list[str]:
    names = ("first_title", "second_title", "third_title")
    return [welcome.params[name].partition(" ")[0] for name in names if name in welcome.params]


def test_the_three_newest_come_at_once_and_once(
    newsletter: Newsletter, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for days in (5, 1, 3, 2):
        publish(f"kenya-{days}", at=now - days * DAY, interests="country:KE")
    publish("zambia", at=now - HOUR, interests="country:ZM")

    welcome = begin(newsletter, monkeypatch)

    assert titles(welcome) == ["kenya-1", "kenya-2", "kenya-3"]
    mail = letter(kind=welcome.kind, language="en", params=welcome.params | {"discreet": ""})
    for part in (mail.text, mail.html):
        assert part.count("what one country learned") == 3
        assert "To begin with" in part


def test_only_what_the_reader_may_and_can_read(
    newsletter: Newsletter, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("arabic", at=now - HOUR, languages="ar")
    publish("members", at=now - 2 * HOUR, audience="members")
    publish("course", at=now - 3 * HOUR, audience="run:2022")
    publish("over", at=now - 4 * HOUR, kind="update", deadline=now.date() - DAY)
    publish("open", at=now - 5 * HOUR)
    permitted["members"] = {"reader@example.org"}

    welcome = begin(newsletter, monkeypatch, interests=["all"])

    assert titles(welcome) == ["members", "open"]
    assert welcome.params["first_standfirst"] == ""


def test_what_a_project_asks_to_be_said_is_said(
    newsletter: Newsletter, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = publish("kenya", at=now - DAY, interests="country:KE")
    text = replace(story.texts[0], acknowledgement="Made possible by somebody.")
    published[:] = [replace(story, texts=(text,))]

    welcome = begin(newsletter, monkeypatch)

    mail = letter(kind=welcome.kind, language="en", params=welcome.params | {"discreet": ""})
    assert mail.text.count("Made possible by somebody.") == 1
    assert mail.html.count("Made possible by somebody.") == 1


def test_without_anything_published_it_is_a_plain_welcome(
    newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    welcome = begin(newsletter, monkeypatch)

    assert titles(welcome) == []
    mail = letter(kind=welcome.kind, language="en", params=welcome.params | {"discreet": ""})
    assert "To begin with" not in mail.text + mail.html


def test_a_written_newsletter_begins_with_words_alone(
    newsletter: Newsletter, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("kenya", at=now - DAY, interests="country:KE")
    newsletter.kind = Newsletter.Kind.WRITTEN
    newsletter.save()

    assert titles(begin(newsletter, monkeypatch)) == []


def test_no_digest_tells_it_again(
    newsletter: Newsletter, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("kenya", at=now - HOUR, interests="country:KE")
    begin(newsletter, monkeypatch)
    subscription = Subscription.objects.get()
    later = IssueFactory(newsletter=newsletter, cutoff_at=now + DAY)

    frozen = freeze.freeze(later.pk)

    assert frozen is not None
    assert frozen.audience == 0
    assert not closing.close(frozen)
    assert subscription.heard_at == subscription.confirmed_at
