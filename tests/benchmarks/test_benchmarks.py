"""`make bench` with a handful of readers, so that it cannot rot; and the judge of its races."""

import json
import os
from collections import Counter
from contextlib import ExitStack

import pytest

from benchmarks import goals, pages, people, race, report, servers
from benchmarks.__main__ import read_arguments, run
from benchmarks.arena import Arena
from benchmarks.programme import ENGINES, LEAN, WRITTEN
from benchmarks.race import Row
from config.local import valkey
from config.local.servers import Servers


@pytest.fixture(scope="module")
def ground(tmp_path_factory, migrated_template):
    """The tests' database server, and a broker of one's own: races empty it."""
    folder = tmp_path_factory.mktemp("bench")
    with ExitStack() as stack:
        own = valkey.start(folder, log=folder / "valkey.log", scratch=True)
        stack.callback(own.stop)
        up = Servers(os.environ["DATABASE_URL"], own.broker_url, own.cache_url, None, own)
        yield Arena(folder, up, migrated_template)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("course", "contenders"),
    [
        ("written", ["raw loop", "L, the lean bound", "Rabita, 2 workers", "plain good practice",
                     "naive Celery, 2 workers"]),
        ("digest", ["L, the lean bound", "Rabita, 2 workers", "plain good practice"]),
        ("smtp", ["raw loop", "Rabita, 2 workers × 2 connections", "plain good practice"]),
    ],
)  # fmt: skip
def test_everyone_gets_one_mail_from_each_contender(ground, course, contenders):
    words = ["60", "--quick", "--courses", course, "--only", *contenders]

    rows = list(run(ground, read_arguments(words)))

    assert [(row.contender, row.size, row.fault) for row in rows] == [
        (name, 60, "") for name in contenders
    ]
    assert all(row.calls and row.octets and row.seconds and row.peak for row in rows)
    assert "| Rabita, 2 workers" in report.document(rows, report.machine(ground), "")


def test_a_reader_left_out_or_written_to_twice_is_a_fault(tmp_path):
    numbers = [1, 2, 2, 4]
    lines = [_line(call, people.ADDRESS.format(number)) for call, number in enumerate(numbers, 1)]
    (tmp_path / "calls.jsonl").write_text("".join(lines))

    assert race.count(tmp_path, 3) == (4, "1 missing, 1 more than once, 1 not on the list")


def test_two_of_the_same_size_are_the_same_readers():
    known = list(people.readers(300))

    assert list(people.readers(200)) == known[:200]
    assert len({one.address for one in known}) == 300
    assert [people.number_of(one.address) for one in known] == list(range(1, 301))
    assert Counter(one.language for one in known).most_common(1)[0][0] == "en"


def test_a_goal_says_whether_it_was_reached_and_what_was_not_measured():
    lean = Row(LEAN.name, WRITTEN, 10_000, ran=10_000, seconds=1, own_cpu=1, octets=100)
    ours = Row(ENGINES[1].name, WRITTEN, 10_000, ran=10_000, seconds=2, own_cpu=3, octets=100)

    found = {goal.words: goal.verdict for goal in goals.judged([lean, ours])}

    assert found["rate, of L"] == "reached"
    assert found["CPU a recipient, of L"] == "**not reached**"
    assert found["rate, times plain good practice"] == "not measured"


def _line(call, address):
    known = {"call": call, "at": 0.0, "id": "<1@a>", "body": "k", "recipients": [[address, "", {}]]}
    return json.dumps(known) + "\n"


def test_the_shipped_nginx_is_measured_and_what_wrk_says_is_read(tmp_path):
    text = servers.front(tmp_path, 8001, 8002, {"home": tmp_path / "home.html"}, "")

    assert "listen 127.0.0.1:8001;" in text
    assert "server 127.0.0.1:8002;" in text
    assert "location = /same/home {" in text
    assert "proxy_cache rabita;" in text
    assert not {"ssl", "CERTIFICATE"} & set(text.replace("_", " ").split())
    assert pages.rate_in("Requests/sec:   1234.50\nTransfer/sec: 1MB") == 1234.5
