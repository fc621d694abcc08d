"""The lean bound L: what drawing up, handing over and recording cost without product duties.

Own small tables, filled by `INSERT … SELECT`; a lean body a batch; one commit a batch; two
processes that share the batches by their number. No claims, no leases, no second look at who has
left, no attempts, no budget, no checks.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from functools import lru_cache
from typing import Any

import psycopg

from benchmarks.driver import Race, content
from benchmarks.lean.body import Door, compose, head, whole
from benchmarks.people import entry_interests

PROCESSES = 2
A_CALL = 1000

TABLES = """
CREATE TABLE lean_batch (
    id bigint PRIMARY KEY, language text NOT NULL, mask bigint NOT NULL,
    state text NOT NULL DEFAULT 'queued', message_id text
);
CREATE TABLE lean_delivery (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    batch_id bigint NOT NULL, subscriber_id bigint NOT NULL
);
CREATE INDEX ON lean_delivery (batch_id);
"""
EVERYONE = """
SELECT s.id, s.languages[1] AS language, 0::bigint AS mask
FROM newsletters_subscriber s JOIN newsletters_subscription x ON x.subscriber_id = s.id
WHERE x.state = 'confirmed'
"""
CHOSEN = """
SELECT s.id, s.languages[1] AS language, bit_or(1::bigint << t.bit) AS mask
FROM newsletters_subscriber s JOIN newsletters_subscription x ON x.subscriber_id = s.id
JOIN unnest(%(interests)s::text[], %(bits)s::int[]) AS t(interest, bit)
    ON t.interest = ANY (x.interests)
WHERE x.state = 'confirmed' GROUP BY s.id
"""
NUMBERED = """
CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
SELECT id, language, mask, dense_rank() OVER (ORDER BY language, mask, part) AS batch_id FROM (
    SELECT *, (row_number() OVER (PARTITION BY language, mask ORDER BY id) - 1) / {a_call} AS part
    FROM ({people}) p
) q
"""
FREEZE = """
INSERT INTO lean_batch (id, language, mask) SELECT DISTINCT batch_id, language, mask FROM numbered;
INSERT INTO lean_delivery (batch_id, subscriber_id) SELECT batch_id, id FROM numbered
ORDER BY batch_id, id;
"""
OPEN = "SELECT id, language, mask FROM lean_batch WHERE id %% %s = %s ORDER BY id"
RECIPIENTS = """
SELECT d.id, s.address, x.key, s.key FROM lean_delivery d
JOIN newsletters_subscriber s ON s.id = d.subscriber_id
JOIN newsletters_subscription x ON x.subscriber_id = s.id WHERE d.batch_id = %s
"""
TAKEN = "UPDATE lean_batch SET state = 'accepted', message_id = %s WHERE id = %s"


def prepare() -> Race:
    """Two empty tables."""
    with connect() as connection:
        connection.execute(TABLES)
    return race


def race() -> dict[str, Any]:
    """Draw up the list, then send side by side."""
    kind, began = os.environ["BENCH_KIND"], time.time()
    freeze(kind)
    frozen = time.time() - began
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        pool.starmap(send, [(kind, share) for share in range(PROCESSES)], chunksize=1)
    return {"frozen": frozen}


def connect() -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(os.environ["DATABASE_URL"])


def freeze(kind: str) -> None:
    """Batches and deliveries in one transaction."""
    told = [(one, bit) for bit, some in enumerate(entry_interests()) for one in (*some, "all")]
    interests, bits = map(list, zip(*told, strict=True))
    people = CHOSEN if kind == "digest" else EVERYONE
    with connect() as connection:
        connection.execute(
            NUMBERED.format(people=people, a_call=A_CALL), {"interests": interests, "bits": bits}
        )
        connection.execute(FREEZE)


def send(kind: str, share: int) -> None:
    """Every batch of this share, one after the other."""
    mails, door = content(kind), Door()

    @lru_cache(maxsize=4)
    def common(language: str, mask: int) -> bytes:
        return head(compose(mails[language], mask))

    with connect() as connection:
        batches = connection.execute(OPEN, [PROCESSES, share]).fetchall()
        connection.commit()
        for number, language, mask in batches:
            people: Any = connection.execute(RECIPIENTS, [number]).fetchall()
            message_id = door.post(whole(common(language, mask), number, people))
            connection.execute(TAKEN, [message_id, number])
            connection.commit()
