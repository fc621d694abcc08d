"""The messages of a batch, as each mail service takes them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from newsletters.models import Attempt, Batch, Issue
from newsletters.pipeline import deliver, freeze, message
from newsletters.pipeline.claim import Claim
from newsletters.providers import PROVIDERS, Provider
from tests.factories.newsletters import SubscriptionFactory
from tests.newsletters import services
from tests.newsletters.fake_source import publish

HOUR = dt.timedelta(hours=1)


@pytest.fixture(params=PROVIDERS)
def provider(request: Any, settings: Any, monkeypatch: Any) -> Provider:
    services.choose(request.param, settings, monkeypatch)
    return PROVIDERS[request.param]


@pytest.fixture
def claim(issue: Issue) -> Claim:
    """Three people in one batch that a worker holds."""
    publish("kenya", at=issue.cutoff_at - HOUR)
    for _reader in range(3):
        SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    claim = deliver.claim_batch("worker")
    assert claim is not None
    return claim


def test_every_service_takes_a_batch(provider: Provider, claim: Claim) -> None:
    people = deliver.look_again(claim)

    made = message.build(claim.batch, people)

    assert len(made) == (1 if provider.merges else 3)
    assert [to for mail in made for to in mail.to] == [one.address for one in people]
    for mail in made:
        if provider.fills_metadata:
            assert mail.metadata["delivery"] == provider.placeholder("d")
            assert [own["d"] for own in mail.merge_data.values()] == [
                str(one.delivery_id) for one in people
            ]
        elif provider.merges:
            ids = {one.address: str(one.delivery_id) for one in people}
            assert {to: own["delivery"] for to, own in mail.merge_metadata.items()} == ids
        elif provider.metadata:
            (one,) = (one for one in people if one.address in mail.to)
            assert mail.metadata["delivery"] == str(one.delivery_id)
        if provider.name == "smtp":
            whole = mail.message().as_bytes(linesep="\r\n").decode()
        elif provider.name == "amazon_ses":
            whole = services.payload("amazon_ses", mail)["Content"]["Raw"]["Data"].decode()
        else:
            whole = str(services.payload(provider.name, mail))
        for one in people:
            assert (one.address in whole) == (one.address in mail.to)
            assert (one.unsubscribe in whole) == (one.address in mail.to)
            assert (one.preferences in whole) == (one.address in mail.to)
        assert (str(claim.batch.key) in whole) == (provider.name != "smtp")
        assert "\ue000" not in whole


def test_a_persons_call_has_the_same_key_whenever_it_is_made(
    claim: Claim, settings: Any, monkeypatch: Any
) -> None:
    services.choose("resend", settings, monkeypatch)
    people = deliver.look_again(claim)

    keys = [_resend(mail) for mail in message.build(claim.batch, people)]
    claim.batch.epoch += 1
    (again,) = message.build(claim.batch, people[1:2])

    assert len(set(keys)) == 3
    assert _resend(again) == keys[1]


def test_a_batchs_call_has_a_new_key_unless_it_repeats_one_in_doubt(
    claim: Claim, settings: Any, monkeypatch: Any
) -> None:
    services.choose("brevo", settings, monkeypatch)
    people = deliver.look_again(claim)

    attempt = deliver.begin(claim, people)
    first = _brevo(claim.batch, people)
    claim.batch.epoch += 1
    second = _brevo(claim.batch, people)
    claim.batch.is_second_call = True

    assert attempt is not None
    assert str(UUID(first)) == attempt.key
    assert second != first
    assert _brevo(claim.batch, people) == first


@pytest.mark.parametrize(("age", "calls"), [(14, 2), (16, 1)])
def test_a_call_in_doubt_is_made_again_only_while_its_key_lives(
    claim: Claim, settings: Any, monkeypatch: Any, age: int, calls: int
) -> None:
    services.choose("brevo", settings, monkeypatch)
    again = _in_doubt(claim, age)

    deliver.begin(again, deliver.look_again(again))

    assert Attempt.objects.count() == calls
    assert Batch.objects.get().state == ("submitting" if calls == 2 else "unknown")


@pytest.mark.parametrize(("name", "calls"), [("resend", 2), ("brevo", 1)])
def test_fewer_people_make_another_call_only_where_they_share_one(
    claim: Claim, settings: Any, monkeypatch: Any, name: str, calls: int
) -> None:
    services.choose(name, settings, monkeypatch)
    again = _in_doubt(claim, 1)

    deliver.begin(again, deliver.look_again(again)[1:])

    assert Attempt.objects.count() == calls


def _in_doubt(claim: Claim, age: int) -> Claim:
    """The batch claimed for its second call, so many minutes after the first."""
    assert deliver.begin(claim, deliver.look_again(claim)) is not None
    Attempt.objects.update(started_at=timezone.now() - dt.timedelta(minutes=age))
    Batch.objects.update(state="queued", is_second_call=True)
    again = deliver.claim_batch("worker")
    assert again is not None
    return again


def _resend(mail: Any) -> str:
    return services.payload("resend", mail)["headers"]["Idempotency-Key"]


def _brevo(batch: Batch, people: Any) -> str:
    (mail,) = message.build(batch, people)
    return json.loads(services.payload("brevo", mail)["data"])["headers"]["idempotencyKey"]
