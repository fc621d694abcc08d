"""In: a table that waits. Out: what would become of each row; then subscriptions and consents.

Each is one pass of a few statements, whatever the number of rows. Nobody is mailed because of it.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from newsletters.explain import IMPORTED
from newsletters.models import Newsletter, ReaderRow, ReaderTable, Subscriber
from newsletters.signals import brought_in

IMPORTED_WORDING = "import"
"""The version of a wording that was not ours: where and how they agreed stands in its place."""

JUDGE = """
WITH sound AS (
    SELECT r.id, r.provenance, r.agreed_at, sub.state,
        row_number() OVER (PARTITION BY r.address, r.newsletter_id ORDER BY r.number) AS place,
        EXISTS (
            SELECT 1 FROM newsletters_suppression p
            WHERE p.address = r.address OR p.address_hash = r.address_hash
        ) AS is_kept_out
    FROM newsletters_readerrow r
    LEFT JOIN newsletters_subscriber s ON s.address = r.address
    LEFT JOIN newsletters_subscription sub
        ON sub.subscriber_id = s.id AND sub.newsletter_id = r.newsletter_id
    WHERE r.table_id = %(table)s AND cardinality(r.problems) = 0
)
UPDATE newsletters_readerrow r SET outcome = CASE
    WHEN sound.is_kept_out THEN 'kept_out'
    WHEN sound.place > 1 THEN 'repeated'
    WHEN sound.state = 'left' THEN 'left'
    WHEN sound.state = 'confirmed' THEN 'there'
    WHEN sound.provenance = '' OR sound.agreed_at IS NULL THEN 'waiting'
    ELSE 'new' END
FROM sound WHERE r.id = sound.id
"""
KEY = "rtrim(translate(encode(uuid_send(gen_random_uuid()), 'base64'), '+/', '-_'), '=')"
"""122 random bits in 22 characters that may stand in an address."""
READERS = f"""
INSERT INTO newsletters_subscriber
    (address, address_hash, key, languages, discreet, plain_text, created_at)
SELECT DISTINCT ON (address) address, address_hash, {KEY}, languages, false, false, %(now)s
FROM newsletters_readerrow
WHERE table_id = %(table)s AND outcome IN ('new', 'waiting') ORDER BY address, number
ON CONFLICT (address) DO NOTHING
"""  # noqa: S608  (nothing of it comes from anybody)
SUBSCRIPTIONS = f"""
INSERT INTO newsletters_subscription
    (subscriber_id, newsletter_id, key, state, frequency, interests, caught_up_at, heard_at,
     created_at, confirmed_at, left_how)
SELECT s.id, r.newsletter_id, {KEY}, CASE r.outcome WHEN 'new' THEN 'confirmed' ELSE 'pending' END,
    r.frequency, r.interests, CASE r.outcome WHEN 'new' THEN %(now)s END,
    CASE r.outcome WHEN 'new' THEN %(now)s END, %(now)s,
    CASE r.outcome WHEN 'new' THEN %(now)s END, ''
FROM newsletters_readerrow r JOIN newsletters_subscriber s ON s.address = r.address
WHERE r.table_id = %(table)s AND r.outcome IN ('new', 'waiting')
ON CONFLICT (subscriber_id, newsletter_id) DO UPDATE
    SET state = EXCLUDED.state, frequency = EXCLUDED.frequency, interests = EXCLUDED.interests,
        caught_up_at = EXCLUDED.caught_up_at, heard_at = EXCLUDED.heard_at,
        confirmed_at = EXCLUDED.confirmed_at
    WHERE newsletters_subscription.state = 'pending' AND EXCLUDED.state = 'confirmed'
"""  # noqa: S608
CONSENTS = """
INSERT INTO newsletters_consent
    (subject, purpose, given, wording, wording_version, language, how, at)
SELECT 'subscriber:' || s.id, 'newsletter:' || n.slug, true, r.provenance, %(version)s,
    r.languages[1], %(how)s, r.agreed_at
FROM newsletters_readerrow r
JOIN newsletters_subscriber s ON s.address = r.address
JOIN newsletters_newsletter n ON n.id = r.newsletter_id
WHERE r.table_id = %(table)s AND r.outcome = 'new' ORDER BY r.number
"""
KNOWN = """
SELECT FROM newsletters_subscriber s
WHERE s.address IN (SELECT address FROM newsletters_readerrow WHERE table_id = %(table)s)
ORDER BY s.id FOR UPDATE
"""
"""Whoever confirms or leaves meanwhile waits, and what he or she did counts."""


def judge(table: ReaderTable) -> None:
    """Say of each row what would become of it now. Changes nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(JUDGE, {"table": table.pk})


def take_in(table: ReaderTable) -> bool:
    """Do it, once: False where it was done. Rows are judged anew, by what holds at this moment.

    Who has proof of consent receives from now on, and nothing older; who has none waits, and goes
    after a week unless he or she confirms.
    """
    with transaction.atomic():
        waiting = ReaderTable.objects.filter(pk=table.pk, taken_in_at=None)
        if not waiting.update(taken_in_at=timezone.now()):
            return False
        params: dict[str, Any] = {
            "table": table.pk,
            "now": timezone.now(),
            "how": IMPORTED,
            "version": IMPORTED_WORDING,
        }
        with connection.cursor() as cursor:
            cursor.execute(KNOWN, params)
            judge(table)
            for statement in (READERS, SUBSCRIPTIONS, CONSENTS):
                cursor.execute(statement, params)
        _tell(table)
    table.refresh_from_db()
    return True


def _tell(table: ReaderTable) -> None:
    """For each newsletter, who receives it now."""
    agreed = table.rows.filter(outcome=ReaderRow.Outcome.NEW)
    for newsletter in Newsletter.objects.filter(pk__in=agreed.values("newsletter")).order_by("pk"):
        own = agreed.filter(newsletter=newsletter)
        readers = Subscriber.objects.filter(address__in=own.values("address"))
        brought_in.send(ReaderTable, newsletter=newsletter, readers=readers, how=IMPORTED)
