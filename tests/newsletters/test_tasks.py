"""The edges to Celery: run in this process here, by a real worker in tests/faults."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from localmail import Client
from newsletters import tasks
from newsletters.models import Batch, Issue, Letter, Newsletter, Pulse
from tests.factories.newsletters import (
    LONG_AGO,
    CadenceFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters.fake_source import publish


@pytest.fixture
def bells(monkeypatch: Any) -> None:
    """Every bell rings at once and three times, as a broker that repeats itself would."""

    def thrice(task: Any) -> Any:
        depth = [0]

        def delay(*args: Any) -> None:
            if depth[0] < 1:
                depth[0] += 1
                for _ in range(3):
                    task(*args)
                depth[0] -= 1

        return delay

    for task in (tasks.send_due, tasks.deliver_batches, tasks.send_letter):
        monkeypatch.setattr(task, "delay", thrice(task))


@pytest.mark.usefixtures("bells")
def test_all_rhythms_of_a_newsletter_leave_in_one_go(
    newsletter: Newsletter, mailbox: Client
) -> None:
    now = timezone.now()
    publish("kenya", at=now - dt.timedelta(hours=1), languages="en ar")
    for frequency in ("daily", "weekly", "monthly"):
        CadenceFactory(newsletter=newsletter, frequency=frequency, next_at=now)
    for frequency in ("weekly", "weekly", "monthly"):
        SubscriptionFactory(newsletter=newsletter, frequency=frequency)

    tasks.send_due()

    issues = Issue.objects.order_by("pk").values_list("frequency", "state", "audience")
    assert list(issues) == [("daily", "done", 0), ("weekly", "done", 2), ("monthly", "done", 1)]
    assert len(mailbox.mails()) == 3
    assert Pulse.objects.get(name="tick").at >= now


@pytest.mark.usefixtures("bells")
def test_a_reader_who_changes_the_rhythm_meanwhile_is_told_once(
    newsletter: Newsletter, mailbox: Client
) -> None:
    now = timezone.now()
    publish("kenya", at=now - dt.timedelta(hours=1))
    for frequency in ("weekly", "monthly"):
        CadenceFactory(newsletter=newsletter, frequency=frequency, next_at=now)
    reader = SubscriptionFactory(
        newsletter=newsletter, subscriber=SubscriberFactory(address="amina@example.org")
    )

    tasks.schedule.open_due(now)
    tasks.freeze.freeze(Issue.objects.get().pk)
    type(reader).objects.update(frequency="monthly")
    tasks.send_due()

    assert [mail.to for mail in mailbox.mails()] == ["amina@example.org"]
    assert list(Issue.objects.order_by("pk").values_list("audience", flat=True)) == [1, 0]


def test_the_sweep_rings_for_every_kind_of_row_that_nobody_holds(
    issue: Issue, monkeypatch: Any
) -> None:
    """A lost message loses nothing: what waits stands in rows."""
    rung: list[Any] = []
    for name in ("deliver_batches", "send_letter", "resolve_doubts"):
        ring = partial(lambda name, *ids: rung.append((name, *ids)), name)
        monkeypatch.setattr(getattr(tasks, name), "delay", ring)
    tasks.sweep()
    assert rung == []
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1), languages="en ar fr")
    for language in ("en", "ar", "fr"):
        reader = SubscriberFactory(languages=[language])
        SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader)
    tasks.freeze.freeze(issue.pk)
    dead, doubtful, later = Batch.objects.order_by("pk")
    Batch.objects.filter(pk=dead.pk).update(state="claimed", owner="dead", lease_until=LONG_AGO)
    Batch.objects.filter(pk=doubtful.pk).update(state="uncertain", next_at=LONG_AGO)
    Batch.objects.filter(pk=later.pk).update(next_at=timezone.now() + dt.timedelta(hours=1))
    letter = Letter.objects.create(kind="welcome", to="amina@example.org", language="en")

    tasks.sweep()

    assert rung == [("send_letter", letter.pk), ("deliver_batches",), ("resolve_doubts",)]
    assert Pulse.objects.filter(name="sweep").exists()
