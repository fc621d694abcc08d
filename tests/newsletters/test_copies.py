"""A reader's copy against the mail that Django makes for that reader alone."""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy
from email.message import EmailMessage as Parsed
from typing import Any

import pytest
from anymail.message import AnymailMessage

from newsletters import copies
from newsletters.models import Issue
from newsletters.pipeline import deliver, freeze, message
from newsletters.providers import PROVIDERS, Recipient
from tests.factories.newsletters import SubscriberFactory, SubscriptionFactory
from tests.newsletters import services
from tests.newsletters.fake_source import publish

HOUR = dt.timedelta(hours=1)

ARABIC = "رسالة «المرصد»"
AMINA = Recipient(1, "amina.o'neil+news@a-rather-long-name.example.org", "u" * 22, "p-_" * 7)


def mail(reader: Recipient, body: str) -> AnymailMessage:
    provider = PROVIDERS["smtp"]
    made = AnymailMessage(
        subject=ARABIC,
        body=f"{body}\nhttps://example.org/n/u/{provider.placeholder('u')}/",
        from_email=f'"{ARABIC}" <news@example.org>',
        to=[reader.address],
        reply_to=["editors@example.org"],
        headers={"List-Unsubscribe": f"<https://example.org/n/u/{provider.placeholder('u')}/>"},
    )
    made.attach_alternative(f"<p>{body}</p>{provider.placeholder('p')}", "text/html")
    provider.fill(made, {reader.address: {"u": reader.unsubscribe, "p": reader.preferences}})
    return made


def read(made: Any) -> tuple[dict[str, str], list[str]]:
    """Headers and parts; what differs from mail to mail must be there, whatever it says."""
    parsed = message_from_bytes(made.message().as_bytes(linesep="\r\n"), policy=policy.default)
    assert isinstance(parsed, Parsed)
    headers = {name: str(value) for name, value in parsed.items()}
    for own in ("Date", "Message-ID", "Content-Type"):
        assert headers.pop(own)
    return headers, [part.get_content() for part in parsed.iter_parts()]


@pytest.mark.parametrize("body", ["text", ARABIC, "café " * 15, f"From {ARABIC}\n.\n..\n" * 400])
def test_a_copy_says_what_the_readers_own_mail_says(body: str) -> None:
    nobody = copies.stand_in()
    pattern = copies.pattern(mail(nobody, body), nobody)

    assert pattern is not None
    copy, own = pattern.copy(AMINA), mail(AMINA, body)
    assert read(copy) == read(own)
    assert (copy.from_email, copy.recipients()) == (own.from_email, own.recipients())
    octets = copy.as_bytes()
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert nobody.unsubscribe.encode() not in octets


def test_every_copy_has_a_date_and_an_id_of_its_own() -> None:
    nobody = copies.stand_in()
    pattern = copies.pattern(mail(nobody, "text"), nobody)
    assert pattern is not None

    made = [message_from_bytes(pattern.copy(AMINA).as_bytes()) for _copy in range(2)]

    assert len({one["Message-ID"] for one in made}) == 2
    assert all(one["Date"].endswith("-0000") for one in made)


def test_what_an_encoding_breaks_is_left_alone() -> None:
    """A line of a thousand octets is broken where a word may stand."""
    broken = []
    for length in range(80):
        nobody, body = copies.stand_in(), ARABIC * 70 + "x" * length
        pattern = copies.pattern(mail(nobody, body), nobody)
        broken.append(pattern is None)
        assert pattern is None or read(pattern.copy(AMINA)) == read(mail(AMINA, body))

    assert 0 < sum(broken) < 40


@pytest.mark.parametrize("address", ["amina@example.org", '"two words"@example.org'])
def test_the_engine_sends_each_reader_the_own_words(
    issue: Issue, settings: Any, monkeypatch: Any, address: str
) -> None:
    services.choose("smtp", settings, monkeypatch)
    publish("kenya", at=issue.cutoff_at - HOUR)
    readers = [SubscriberFactory(), SubscriberFactory()]
    subscriptions = [
        SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader) for reader in readers
    ]
    type(readers[0]).objects.filter(pk=readers[0].pk).update(address=address)
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("worker")
    assert claim is not None

    made = message.build(claim.batch, deliver.look_again(claim))

    assert [isinstance(one, copies.Copy) for one in made] == [address[0] != '"'] * 2
    for one, reader, subscription in zip(made, readers, subscriptions, strict=True):
        whole = one.message().as_bytes(linesep="\r\n").decode()
        assert whole.count(f"/n/u/{subscription.key}/") == 3
        assert f"/n/p/{reader.key}/" in whole
