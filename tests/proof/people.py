"""Readers by the million, a digest for them, and how its rows are hurried along."""

from __future__ import annotations

from dataclasses import replace

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from newsletters import providers
from newsletters.models import Issue, Newsletter
from newsletters.pipeline import freeze
from tests.factories.newsletters import IssueFactory, NewsletterFactory, own_this_database

READERS = """
WITH readers AS (
    INSERT INTO newsletters_subscriber (address, key, languages, discreet, created_at)
    SELECT 'reader-' || i || '@example.org', 'reader-' || i,
        CASE WHEN i %% %s = 0 THEN '{ar,en}' ELSE '{en}' END::varchar[], false, now()
    FROM generate_series(1, %s) i RETURNING id
)
INSERT INTO newsletters_subscription (subscriber_id, newsletter_id, key, state, frequency,
    interests, caught_up_at, created_at, confirmed_at, left_how)
SELECT id, %s, 'to-' || id, 'confirmed', 'weekly', '{all}', '2026-01-01', now(), '2026-01-01', ''
FROM readers
"""
LEAVE = """
UPDATE newsletters_subscription SET state = 'left', left_at = now()
WHERE subscriber_id IN (
    SELECT subscriber_id FROM newsletters_delivery WHERE issue_id = %s AND id %% 97 = 0)
"""
SUPPRESS = """
INSERT INTO newsletters_suppression (address, reason, note, created_at)
SELECT s.address, 'asked', '', now() FROM newsletters_delivery d
JOIN newsletters_subscriber s ON s.id = d.subscriber_id WHERE d.issue_id = %s AND d.id %% 101 = 0
ON CONFLICT DO NOTHING
"""
LEASES_END = """
UPDATE newsletters_batch SET lease_until = now() - interval '1 second' WHERE lease_until > now()
"""
NO_WAIT = """
UPDATE newsletters_batch SET next_at = now()
WHERE state IN ('uncertain', 'queued') AND next_at > now()
"""
"""Skips the minutes in which a service's record may lag behind: this one's does not."""


def readers(people: int, *, arabic_every: int = 5) -> Newsletter:
    """Nothing but this database's own name, a newsletter, and so many readers of it."""
    models = apps.get_app_config("newsletters").get_models()
    tables = ", ".join(model._meta.db_table for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}")
        own_this_database(settings.SITE_INSTANCE)
        newsletter = NewsletterFactory()
        cursor.execute(READERS, [arabic_every, people, newsletter.pk])
        cursor.execute("ANALYZE newsletters_subscriber, newsletters_subscription")
    return newsletter


def written_down(people: int, *, arabic_every: int = 5) -> Issue:
    """An approved digest for so many readers."""
    newsletter = readers(people, arabic_every=arabic_every)
    return IssueFactory(newsletter=newsletter, cutoff_at=timezone.now(), created_at=timezone.now())


def frozen(issue: Issue, a_call: int = 0) -> Issue:
    """Drawn up; with `a_call`, in smaller batches than the service takes, to have many."""
    usual = providers.current()
    providers.PROVIDERS[usual.name] = replace(usual, batch_limit=a_call or usual.batch_limit)
    try:
        drawn_up = freeze.freeze(issue.pk)
    finally:
        providers.PROVIDERS[usual.name] = usual
    assert drawn_up is not None
    return drawn_up


def reconsidered(issue: Issue) -> Issue:
    """Since it was drawn up some have left, and some must no longer be written to."""
    with connection.cursor() as cursor:
        cursor.execute(LEAVE, [issue.pk])
        cursor.execute(SUPPRESS, [issue.pk])
        cursor.execute("ANALYZE newsletters_delivery, newsletters_batch")
    return issue


def in_batches(batches: int, a_call: int) -> Issue:
    """A digest in exactly so many batches, each with so many readers."""
    people = batches * a_call
    return frozen(written_down(people, arabic_every=people + 1), a_call)


def begun(people: int, a_call: int = 0) -> Issue:
    """A digest that is being sent to so many readers."""
    return reconsidered(frozen(written_down(people), a_call))


def hurry(*, dead: bool = False) -> None:
    """What waits for a later moment waits no more; with `dead`, every lease has ended."""
    with connection.cursor() as cursor:
        if dead:
            cursor.execute(LEASES_END)
        cursor.execute(NO_WAIT)
