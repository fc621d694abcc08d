"""What is published while a list is drawn up is in this digest or the next, never in none."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from newsletters import approving, issues, publishing
from newsletters.models import Batch, Issue
from newsletters.pipeline import compile, freeze
from newsletters.proposals import Plan
from tests.factories.newsletters import (
    IssueFactory,
    NewsletterFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters import fake_source
from tests.newsletters.hands import colleague, reader, write

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_publication_under_way_is_waited_for() -> None:
    newsletter = NewsletterFactory()
    SubscriptionFactory(newsletter=newsletter)
    noted, commit = threading.Event(), threading.Event()

    def publish() -> None:
        """A slow publication: the time is noted, the commit comes later."""
        with transaction.atomic():
            moment = publishing.publishing_moment()
            noted.set()
            commit.wait(20)
            fake_source.publish("slow", at=moment)
        connection.close()

    publisher = threading.Thread(target=publish)
    publisher.start()
    assert noted.wait(20)
    issue = IssueFactory(newsletter=newsletter, cutoff_at=timezone.now())
    found: list[Any] = []

    def draw_up() -> None:
        publishing.wait_for_publishers()
        with transaction.atomic():
            found.extend(compile.draw_up(Issue.objects.get(pk=issue.pk)).entries)
        connection.close()

    reader = threading.Thread(target=draw_up)
    reader.start()
    reader.join(0.5)
    commit.set()
    publisher.join(20)
    reader.join(20)

    assert [entry.key for entry in found] == ["slow"]


def test_a_later_publication_is_for_the_next_one() -> None:
    cutoff = timezone.now()

    with transaction.atomic():
        moment = publishing.publishing_moment()

    assert moment > cutoff
    assert moment - cutoff < dt.timedelta(minutes=1)


def in_a_thread(job: Any) -> threading.Thread:
    """Run it on a connection of its own."""

    def run() -> None:
        try:
            job()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def due() -> Issue:
    own_this_database()
    issue = IssueFactory()
    SubscriptionFactory(newsletter=issue.newsletter)
    fake_source.publish("kenya", at=issue.cutoff_at - dt.timedelta(hours=1))
    return issue


def test_what_is_taken_down_while_a_list_is_drawn_up_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    issue = due()
    read, go_on = threading.Event(), threading.Event()
    entries = fake_source.entries

    def slowly(since: dt.datetime, until: dt.datetime) -> Any:
        found = entries(since, until)
        read.set()
        go_on.wait(20)
        return found

    monkeypatch.setattr(fake_source, "entries", slowly)
    drawing = in_a_thread(lambda: freeze.freeze(issue.pk))
    assert read.wait(20)
    taking = in_a_thread(lambda: issues.withdraw("kenya", ["en"]))
    taking.join(0.5)
    go_on.set()
    drawing.join(20)
    taking.join(20)

    assert list(Batch.objects.values_list("state", flat=True)) == ["cancelled"]


def test_a_list_waits_for_what_is_being_taken_down() -> None:
    issue = due()
    with transaction.atomic():
        issues.withdraw("kenya", ["en"])
        drawing = in_a_thread(lambda: freeze.freeze(issue.pk))
        drawing.join(0.5)
        fake_source.published.clear()
    drawing.join(20)

    issue.refresh_from_db()
    assert (issue.state, issue.audience) == ("done", 0)


def test_a_list_that_is_due_only_now_waits_too() -> None:
    issue = due()
    Issue.objects.update(state="draft")
    with transaction.atomic():
        issues.withdraw("kenya", ["en"])

        def approve_and_freeze() -> None:
            Issue.objects.update(state="approved")
            freeze.freeze(issue.pk)

        drawing = in_a_thread(approve_and_freeze)
        drawing.join(0.5)
        fake_source.published.clear()
    drawing.join(20)

    issue.refresh_from_db()
    assert (issue.state, issue.audience) == ("done", 0)


def proposing() -> tuple[Plan, Any, Any]:
    """What would be proposed, who proposes, who approves; it tells of a story."""
    own_this_database()
    newsletter = NewsletterFactory(kind="written")
    reader(newsletter, "amina", ["en"])
    write("dispatch:a-key", "en", holds=("kenya@en",))
    plan = Plan(newsletter=newsletter, reference="dispatch:a-key")
    return plan, colleague("writer", "compose_issue"), colleague("second", "approve_issue")


def test_what_is_taken_down_while_it_is_proposed_ends_the_proposal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan, writer, second = proposing()
    rendering, go_on = threading.Event(), threading.Event()
    seal_written = approving.editions.seal_written

    def slowly(*args: Any) -> Any:
        rendering.set()
        go_on.wait(20)
        return seal_written(*args)

    monkeypatch.setattr(approving.editions, "seal_written", slowly)
    proposes = in_a_thread(lambda: approving.propose(plan, by=writer))
    assert rendering.wait(20)
    taking = in_a_thread(lambda: issues.withdraw("kenya", ["en"]))
    taking.join(0.5)
    go_on.set()
    proposes.join(20)
    taking.join(20)

    issue = Issue.objects.get()
    assert (issue.state, issue.reason) == ("cancelled", "void|taken_down@")
    with pytest.raises(approving.CannotApprove):
        approving.approve(issue, by=second)


def test_what_is_being_taken_down_is_waited_for_before_the_words_are_read() -> None:
    plan, writer, _second = proposing()
    refused: list[str] = []

    def propose() -> None:
        try:
            approving.propose(plan, by=writer)
        except approving.CannotPropose as why:
            refused.append(str(why))

    with transaction.atomic():
        issues.withdraw("kenya", ["en"])
        proposes = in_a_thread(propose)
        proposes.join(0.5)
        fake_source.manuscripts.clear()
    proposes.join(20)

    assert refused == ["Nothing is written yet: finish the words in a language."]
    assert not Issue.objects.exists()
