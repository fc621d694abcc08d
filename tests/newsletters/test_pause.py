"""Pause: no call begins later than two seconds after it, as the mail service itself saw it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from localmail import Mailbox, judge
from newsletters import issues, tallies
from newsletters.models import Issue
from newsletters.pipeline import deliver, freeze
from tests.factories.newsletters import IssueFactory, SubscriptionFactory, own_this_database
from tests.newsletters import services
from tests.newsletters.fake_source import publish
from tests.newsletters.test_deliver import _limited
from tests.newsletters.test_interleavings import _nobody

pytestmark = pytest.mark.django_db(transaction=True)

READERS = 60
SECONDS = 1.0
"""What the service takes to answer: the mails that are left would take ten more at least."""
LATEST = 2.0


@pytest.fixture(params=["smtp", "http"])
def service(request: Any, settings: Any, monkeypatch: Any, tmp_path: Path) -> Iterator[Mailbox]:
    """A slow one: over SMTP four connections and handfuls of twenty, over HTTP calls for four."""
    with Mailbox(tmp_path, api_key="key-of-the-tests", test_mode=True, smtp_port=0) as running:
        if request.param == "smtp":
            services.choose("smtp", settings, monkeypatch)
            settings.EMAIL_HOST, settings.EMAIL_PORT = running.host, running.smtp_port
            settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
            settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
            running.client.turn(smtp_delay={"seconds": SECONDS})
        else:
            settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
            settings.ANYMAIL = settings.ANYMAIL | {"MAILGUN_API_URL": running.api_url}
            monkeypatch.setattr("newsletters.providers.PROVIDERS", {"mailgun": _limited(4)})
            running.client.turn(delay={"seconds": SECONDS})
        yield running


@pytest.fixture
def sending(service: Mailbox) -> Issue:
    own_this_database()
    issue = IssueFactory()
    publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory.create_batch(READERS, newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    issue.refresh_from_db()
    return issue


def deliver_all() -> None:
    """What a worker does until nothing is left that it may send."""
    try:
        while deliver.take_turn("worker"):
            pass
    finally:
        connection.close()


def test_no_call_begins_later_than_two_seconds_after_the_pause(
    sending: Issue, service: Mailbox, tmp_path: Path
) -> None:
    worker = threading.Thread(target=deliver_all)
    worker.start()
    service.client.wait(count=5)

    issues.pause(sending, by=_nobody())
    paused = time.time()
    worker.join(30)

    calls = {row.call: row.at for row in judge.rows(tmp_path)}
    assert max(calls.values()) <= paused + LATEST
    tally = tallies.tally(sending)
    taken = sum(1 for _row in judge.rows(tmp_path))
    assert (tally.accepted, tally.queued) == (taken, READERS - taken)
    assert tally.queued > READERS / 2, "else it had been sent before anybody could pause it"


def test_after_going_on_everybody_has_got_it_once(
    sending: Issue, service: Mailbox, tmp_path: Path
) -> None:
    worker = threading.Thread(target=deliver_all)
    worker.start()
    service.client.wait(count=5)
    issues.pause(sending, by=_nobody())
    worker.join(30)
    service.client.normal()

    issues.resume(sending, by=_nobody())
    deliver_all()

    got = [row.recipient for row in judge.rows(tmp_path)]
    assert len(got) == len(set(got)) == READERS
    sending.refresh_from_db()
    assert (sending.state, tallies.tally(sending).accepted) == (Issue.State.DONE, READERS)
