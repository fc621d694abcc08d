"""Before a list stands: no word of an editor is one that the mail service would fill in."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from newsletters import issues, reports
from newsletters.markup import JOINER
from newsletters.models import Batch, Delivery, Edition, Fragment, Issue, Newsletter
from newsletters.pipeline import deliver, editions, freeze, message
from newsletters.providers import PROVIDERS
from tests.factories.newsletters import IssueFactory, SubscriptionFactory
from tests.newsletters import fake_source, services
from tests.newsletters.fake_source import publish, write
from tests.newsletters.test_interleavings import _nobody

HOUR = dt.timedelta(hours=1)
MEANT = {
    "mailgun": "%recipient.name%",
    "brevo": "{{ contact.NAME }}",
    "mailjet": "[[data:name:you]]",
    "sparkpost": "{{name}}",
    "sendgrid": "[%name%]",
}
"""What an editor writes who is used to the service, so that readers are greeted by name."""
OPENERS = [(name, opener) for name, one in PROVIDERS.items() for opener in one.openers]


@pytest.fixture(params=MEANT)
def words(request: Any, settings: Any, monkeypatch: Any) -> str:
    """The words, and the service as the one that this site sends through."""
    services.choose(request.param, settings, monkeypatch)
    return MEANT[request.param]


@pytest.fixture
def letter(newsletter: Newsletter) -> Issue:
    """Written by editors, to one reader."""
    write("letter")
    SubscriptionFactory(newsletter=newsletter)
    return IssueFactory(newsletter=newsletter, kind="written", frequency="", reference="letter")


def rewrite(**changes: str) -> None:
    (manuscript,) = fake_source.manuscripts["letter"]
    fake_source.manuscripts["letter"] = [replace(manuscript, **changes)]


def draw_up(issue: Issue) -> Issue:
    freeze.freeze_or_halt(issue.pk)
    issue.refresh_from_db()
    return issue


@pytest.mark.parametrize("place", ["subject", "preheader", "text"])
def test_a_mailing_that_would_be_filled_in_is_refused_before_anything_is_frozen(
    words: str, letter: Issue, place: str
) -> None:
    rewrite(**{place: f"A good day to you,\n{words.upper()} and {words}, and to yours."[-90:]})

    draw_up(letter)

    assert letter.state == Issue.State.HALTED
    sentence = reports.reason(letter)
    assert "the mail service would fill something in there" in sentence
    assert words.casefold() in sentence.casefold()
    for nothing in (Edition, Fragment, Batch, Delivery):
        assert not nothing.objects.exists()

    write("letter")
    issues.resume(letter, by=_nobody())
    assert draw_up(letter).audience == 1


def test_the_body_says_what_was_written_and_nothing_fills_it_in(words: str, letter: Issue) -> None:
    rewrite(html=f"<p>Write {words} in your own mails.</p>")

    assert draw_up(letter).state == Issue.State.SENDING

    mail = editions.mail(Edition.objects.get())
    assert words not in mail.html
    assert words not in mail.text


@pytest.mark.parametrize(("name", "opener"), OPENERS)
def test_a_story_that_tells_of_such_words_goes_out_as_it_is(
    issue: Issue, settings: Any, monkeypatch: Any, name: str, opener: str
) -> None:
    services.choose(name, settings, monkeypatch)
    told = f"Why {opener} name %}} }} %] |* is a trap"
    entry = publish("kenya", at=issue.cutoff_at - HOUR)
    fake_source.published[:] = [
        replace(entry, texts=tuple(replace(text, title=told, note=told) for text in entry.texts))
    ]
    SubscriptionFactory(newsletter=issue.newsletter)

    assert draw_up(issue).state == Issue.State.SENDING

    claim = deliver.claim_batch("w")
    assert claim is not None
    people = deliver.look_again(claim)
    (mail,) = message.build(claim.batch, people)
    leaving = [mail.subject, mail.body, mail.alternatives[0][0], *mail.extra_headers.values()]
    own = {PROVIDERS[name].placeholder(value) for value in ("u", "p")}
    for part in leaving:
        for one in own:
            part = part.replace(one, "")
        assert opener not in part
    assert opener in mail.subject.replace(JOINER, "")
    assert told in mail.body.replace(JOINER, "")


def test_what_no_rendering_made_harmless_is_refused_too(issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR)
    SubscriptionFactory(newsletter=issue.newsletter)
    Newsletter.objects.update(reply_to="%recipient.u%@news.example.org")

    assert draw_up(issue).state == Issue.State.HALTED
    assert "%recipient.u%@news.example.org" in reports.reason(issue)
    assert not Delivery.objects.exists()
