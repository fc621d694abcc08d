"""The mail service reports all at once, doubled and shuffled, to a real site with a real worker.

`STORM_SECONDS=600` makes it ten minutes; the figures are printed (`-s` shows them), never judged.
"""

import json
import os
import random
import socket
import statistics
import threading
import time
from base64 import b64encode
from collections import defaultdict
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.newsletters.mailgun import URL, signed

pytestmark = pytest.mark.slow

RATE, SECONDS = 200, int(os.environ.get("STORM_SECONDS", "10"))
PEOPLE, CALLERS = 2_000, 16
NOW = int(time.time())

MAILED = """
WITH n AS (SELECT min(id) AS id FROM newsletters_newsletter),
s AS (
    INSERT INTO newsletters_subscriber (address, key, languages, discreet, created_at)
    SELECT 'storm-' || i || '@example.org', 'storm-' || i, '{en}', false, now()
    FROM generate_series(1, %s) i RETURNING id
), sub AS (
    INSERT INTO newsletters_subscription (subscriber_id, newsletter_id, key, state, frequency,
        interests, caught_up_at, created_at, confirmed_at, left_how)
    SELECT s.id, n.id, 'storm-' || s.id, 'confirmed', 'weekly', '{all}', now(), now(),
        '2026-01-01', '' FROM s, n
), i AS (
    INSERT INTO newsletters_issue (newsletter_id, key, kind, frequency, cutoff_at, reference,
        criteria, state, reason, not_after, audience, excluded, why, created_at, closed_at,
        caught_up_to, fallback, seen, seal)
    SELECT id, 'storm', 'written', '', now(), '', '{}', 'done', '', now(), 0, '{}', '', now(),
        now(), 0, '', 0, ''
    FROM n RETURNING id
), e AS (
    INSERT INTO newsletters_edition (issue_id, language, discreet, selection, pieces, holds,
        subject, preheader, sha256)
    SELECT id, 'en', false, '{}', '{}', '{}', '', '', '' FROM i RETURNING *
), b AS (
    INSERT INTO newsletters_batch (issue_id, edition_id, number, size, state, reason, owner, epoch,
        tries, next_at, key, looks, is_second_call)
    SELECT issue_id, id, 0, 0, 'accepted', '', '', 0, 0, now(), gen_random_uuid(), 0, false
    FROM e RETURNING *
)
INSERT INTO newsletters_delivery (issue_id, batch_id, subscriber_id, exception, reason)
SELECT b.issue_id, b.id, s.id, '', '' FROM b, s RETURNING id
"""
FACTS = """
SELECT id, extract(epoch FROM delivered_at)::int, extract(epoch FROM bounced_at)::int,
    extract(epoch FROM complained_at)::int
FROM newsletters_delivery WHERE id = ANY(%s)
"""
ADDRESSES = """
SELECT d.id, s.address FROM newsletters_delivery d JOIN newsletters_subscriber s
ON s.id = d.subscriber_id WHERE d.id = ANY(%s)
"""
KINDS = {
    "delivered": ("delivered", {}),
    "bounced": ("failed", {"severity": "permanent", "reason": "bounce"}),
    "complained": ("complained", {}),
    "opened": ("opened", {}),
}


class Service:
    """The mail service's side: everything it has to tell, and how the site answered."""

    def __init__(self, live):
        environment = live.environment
        self.port, self.key = live.site.port, environment["MAILGUN_WEBHOOK_SIGNING_KEY"]
        pair = b64encode(environment["ANYMAIL_WEBHOOK_SECRET"].encode()).decode()
        self.headers = {"Content-Type": "application/json", "Authorization": f"Basic {pair}"}
        self.answers, self.lock = [], threading.Lock()

    def body(self, delivery, address, kind, at):
        event, words = KINDS[kind]
        said = {
            "event": event,
            "id": f"{delivery} {kind} {at}",
            "timestamp": float(at),
            "recipient": address,
            "user-variables": {"delivery": str(delivery)},
        }
        return json.dumps(signed(said | words, key=self.key)).encode()

    def connect(self):
        return closing(HTTPConnection("127.0.0.1", self.port, timeout=30))

    def post(self, body, connection):
        """Status, and seconds until the whole answer was read."""
        begun = time.perf_counter()
        connection.request("POST", URL, body=body, headers=self.headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, time.perf_counter() - begun

    def storm(self, bodies):
        """All of them at RATE a second, over a handful of connections; how long it took."""
        todo, begun = iter(enumerate(bodies)), time.monotonic()

        def call():
            with self.connect() as connection:
                while True:
                    with self.lock:
                        number, body = next(todo, (0, None))
                    if body is None:
                        return
                    time.sleep(max(0, begun + number / RATE - time.monotonic()))
                    self.answers.append(self.post(body, connection))

        callers = [threading.Thread(target=call) for _caller in range(CALLERS)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        return time.monotonic() - begun


def say(figures):
    print(f"\n{figures}")  # noqa: T201  (what the run is for)


def told(mails, count):
    """Events of mails in the order of their times, and the facts that they amount to."""
    chance, facts = random.Random(11), defaultdict(dict)
    times = sorted(chance.sample(range(NOW - 5_000_000, NOW - 1), count))
    weights, events = [80, 4, 2, 14], []
    for at in times:
        delivery, kind = chance.choice(mails), chance.choices(list(KINDS), weights)[0]
        events.append((delivery, kind, at))
        if kind != "opened":
            facts[delivery].setdefault(kind, at)
    return events, facts


def test_a_storm_of_reports_gives_the_same_facts_as_in_order(live):
    mails = [pk for (pk,) in live.sql(MAILED, PEOPLE)]
    addresses = dict(live.sql(ADDRESSES, mails))
    events, facts = told(mails, RATE * SECONDS * 10 // 13)
    live.start_web()
    live.start_worker()
    service, chance = Service(live), random.Random(13)
    bodies = [service.body(pk, addresses[pk], kind, at) for pk, kind, at in events]
    bodies += chance.sample(bodies, len(bodies) * 3 // 10)
    chance.shuffle(bodies)

    took = service.storm(bodies)
    waiting = "SELECT count(*) FROM newsletters_report WHERE applied_at IS NULL"
    behind = live.sql(waiting)[0][0]
    live.ring("sweep")
    live.until(lambda: live.sql(waiting) == [(0,)])

    statuses, seconds = zip(*service.answers, strict=True)
    hundredths = statistics.quantiles(seconds, n=100)
    say(
        f"{len(bodies)} reports in {took:.1f} s: median {1000 * hundredths[49]:.0f} ms, "
        f"p99 {1000 * hundredths[98]:.0f} ms, longest {1000 * max(seconds):.0f} ms; "
        f"{behind} not applied when the last was answered"
    )
    assert set(statuses) == {200}
    assert live.sql("SELECT count(*) FROM newsletters_report") == [(len(events),)]
    assert {row[0]: row[1:] for row in live.sql(FACTS, mails)} == {
        pk: tuple(facts[pk].get(kind) for kind in ("delivered", "bounced", "complained"))
        for pk in mails
    }
    expected = {
        addresses[pk]: "complaint" if "complained" in kinds else "bounce"
        for pk, kinds in facts.items()
        if "complained" in kinds or "bounced" in kinds
    }
    suppressed = (
        "SELECT address, reason FROM newsletters_suppression WHERE starts_with(address, %s)"
    )
    assert dict(live.sql(suppressed, "storm-")) == expected


@pytest.fixture
def deaf_port():
    """A port that takes connections and never says a word."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        yield deaf.getsockname()[1]


@pytest.fixture
def closed_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("broker", ["closed_port", "deaf_port"])
def test_a_broker_that_is_down_costs_a_report_nothing(live, request, broker):
    [mail, *_others] = mails = [pk for (pk,) in live.sql(MAILED, 3)]
    working = live.environment["CELERY_BROKER_URL"]
    port = request.getfixturevalue(broker)
    live.environment["CELERY_BROKER_URL"] = f"redis://127.0.0.1:{port}/0"
    live.start_web()
    service = Service(live)

    answers = []
    for seconds in (3, 9, 6):
        with service.connect() as connection:
            body = service.body(mail, "", "delivered", NOW - seconds)
            answers.append(service.post(body, connection))
    live.environment["CELERY_BROKER_URL"] = working
    live.start_worker()
    live.ring("sweep")
    live.until(lambda: live.sql(FACTS, [mail]) == [(mail, NOW - 9, None, None)])

    say(f"answered in {', '.join(f'{1000 * took:.0f}' for _status, took in answers)} ms")
    assert [status for status, _took in answers] == [200] * 3
    assert len(live.sql(FACTS, mails)) == 3
