"""What the mail account allows holds across workers, in rows."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from localmail import Client
from newsletters.models import Attempt, Batch, Issue, SendBudget
from newsletters.pipeline import budget, deliver, freeze
from tests.factories.newsletters import LONG_AGO, SubscriptionFactory
from tests.newsletters.fake_source import publish

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def limits(settings: Any, db: None) -> Any:
    settings.RABITA_SEND_LIMITS = {3600: 100, 86400: 150}
    return settings


def test_what_is_used_up_says_when_to_ask_again(limits: Any) -> None:
    budget.take(60)
    budget.take(40)

    with pytest.raises(budget.UsedUp) as full:
        budget.take(1)

    assert 3500 < full.value.seconds <= 3600
    assert list(SendBudget.objects.order_by("seconds").values_list("used", flat=True)) == [100, 100]


def test_a_new_period_begins_with_nothing_used(limits: Any) -> None:
    budget.take(100)
    SendBudget.objects.filter(seconds=3600).update(resets_at=LONG_AGO)

    budget.take(50)
    with pytest.raises(budget.UsedUp) as full:
        budget.take(1)

    assert full.value.seconds > 3600


def test_nothing_is_used_when_one_of_the_periods_is_full(limits: Any) -> None:
    budget.take(100)
    SendBudget.objects.filter(seconds=3600).update(resets_at=LONG_AGO)

    with pytest.raises(budget.UsedUp):
        budget.take(80)

    assert SendBudget.objects.get(seconds=3600).used == 100


def test_a_call_larger_than_the_allowance_lasts_as_long_as_it_fills(limits: Any) -> None:
    limits.RABITA_SEND_LIMITS = {1: 100}

    budget.take(1000)

    left = SendBudget.objects.get().resets_at - timezone.now()
    assert dt.timedelta(seconds=9) < left <= dt.timedelta(seconds=10)


def test_the_service_closes_the_account_until_it_says(limits: Any) -> None:
    budget.close_until(timezone.now() + HOUR)

    with pytest.raises(budget.UsedUp):
        budget.take(1)


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_take_no_more_than_there_is(settings: Any) -> None:
    settings.RABITA_SEND_LIMITS = {3600: 10}
    ready, taken = threading.Barrier(4), []

    def worker() -> None:
        ready.wait()
        try:
            for _call in range(5):
                budget.take(1)
                taken.append(1)
        except budget.UsedUp:
            pass
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _worker in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert sum(taken) == 10


def test_a_batch_waits_for_the_allowance_without_an_attempt(
    issue: Issue, mailbox: Client, settings: Any, monkeypatch: Any
) -> None:
    from dataclasses import replace

    from newsletters import providers

    one_a_call = replace(providers.PROVIDERS["mailgun"], batch_limit=1)
    monkeypatch.setattr(providers, "PROVIDERS", {"mailgun": one_a_call})
    settings.RABITA_SEND_LIMITS = {3600: 2}
    publish("kenya", at=issue.cutoff_at - HOUR)
    for _reader in range(3):
        SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)

    assert deliver.take_turn("w")
    assert deliver.take_turn("w")
    with pytest.raises(budget.UsedUp):
        deliver.take_turn("w")

    assert (len(mailbox.mails()), Attempt.objects.count()) == (2, 2)
    waiting = Batch.objects.get(state="queued")
    assert (waiting.tries, waiting.owner) == (0, "")
    assert waiting.next_at > timezone.now() + HOUR / 2
