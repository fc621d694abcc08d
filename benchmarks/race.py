"""One race: a contender, a course, a number of readers. Out comes a row of the table.

From "go" to the moment at which the contender is through, drawing up its list included. CPU is
read before and after; start-up of processes does not count.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import measure, people, pypi
from benchmarks.arena import EMPTY, Arena, Sink, wait_until
from benchmarks.driver import DONE, GO, READY
from config.local import processes, steps
from config.local.processes import LocalError
from config.local.site import HOST
from localmail import judge

SIGN_OF_LIFE = 10
LOOK_EVERY = 0.5
"""Seconds between two looks at memory; the kernel keeps each process's peak in between."""


@dataclass(frozen=True)
class Course:
    """What is sent, through which door, and how long the sink takes for an answer."""

    kind: str
    """`written` or `digest`."""
    door: str = "http"
    """`http` or `smtp`."""
    answer_ms: int = 0

    @property
    def knobs(self) -> dict[str, Any]:
        return {"delay": {"seconds": self.answer_ms / 1000}} if self.answer_ms else {}


@dataclass(frozen=True)
class Contender:
    """A module with `prepare`, as driver.py says, and what it needs."""

    name: str
    command: tuple[str, ...]
    """The module, and words for its `prepare`."""
    settings: str = ""
    """None: it does without Django."""
    apps: str = ""
    """The INSTALLED_APPS of the rivals' settings."""
    connections: int = 4
    """A worker of the product keeps so many open where a mail is a call."""
    from_pypi: bool = False
    """It has the other Python and an empty database, and loads the readers itself."""


@dataclass(frozen=True)
class Row:
    """What a race has shown."""

    contender: str
    course: Course
    size: int
    """Readers it was to be run with."""
    fault: str = ""
    """Nothing below counts then."""
    ran: int = 0
    """Readers it was run with; fewer where that would have taken too long."""
    seconds: float = 0
    frozen: float = 0
    """Seconds of these until the list was drawn up; 0: it has no such step, or does not say."""
    own_cpu: float = 0
    database_cpu: float = 0
    broker_cpu: float = 0
    sink_cpu: float = 0
    peak: int = 0
    calls: int = 0
    octets: int = 0

    @property
    def rate(self) -> float:
        """Recipients a second."""
        return self.ran / self.seconds if self.seconds else 0

    @property
    def sending_rate(self) -> float:
        """The same from the moment at which the list stood."""
        return self.ran / (self.seconds - self.frozen) if self.seconds else 0

    def expected(self, size: int) -> float:
        """Seconds that so many readers would take; the list's part grows little."""
        return self.frozen + size / self.sending_rate

    @property
    def cpu(self) -> float:
        """Seconds for 100,000 recipients: workers and database."""
        return (self.own_cpu + self.database_cpu) / self.ran * 1e5 if self.ran else 0

    @property
    def weight(self) -> float:
        """Octets on the wire for each recipient."""
        return self.octets / self.ran if self.ran else 0


def run(arena: Arena, contender: Contender, course: Course, size: int, longest: float) -> Row:
    """Run it, for so many seconds at most; what goes wrong stands in the row."""
    try:
        # These say for themselves what they do, when it is the first time.
        content = arena.content()
        template = EMPTY if contender.from_pypi else arena.people(size)
        python = pypi.python(arena.folder / "pypi") if contender.from_pypi else Path(sys.executable)
        print(f"  {contender.name}, {size:,} …", end=" ", flush=True)
        with arena.copy_of(template) as database, arena.sink(course.knobs) as sink:
            env = arena.environment(database) | {
                "DJANGO_SETTINGS_MODULE": contender.settings,
                "BENCH_APPS": contender.apps,
                "BENCH_KIND": course.kind,
                "BENCH_DOOR": course.door,
                "BENCH_SIZE": str(size),
                "BENCH_CONTENT": str(content),
                "BENCH_SIGNS": str(arena.folder / "signs"),
                "EMAIL_PROVIDER": "smtp" if course.door == "smtp" else "mailgun",
                "MAILGUN_API_URL": f"{sink.url}/v3",
                "SMTP_HOST": HOST,
                "SMTP_PORT": str(sink.smtp_port),
                "SMTP_TLS": "none",
                "SMTP_CONNECTIONS": str(contender.connections),
            }
            found = _race(
                arena,
                [str(python), "-m", "benchmarks.driver", *contender.command],
                env,
                sink,
                longest,
            )
            octets = sink.stop()
            calls, fault = count(sink.ledger, size)
        fault = found.pop("fault", "") or fault
        row = Row(contender.name, course, size, fault, size, calls=calls, octets=octets, **found)
    except LocalError as error:
        row = Row(contender.name, course, size, str(error))
    print(row.fault or f"{row.rate:,.0f} a second, {row.cpu:,.1f} s CPU for 100,000", flush=True)
    return row


def count(ledger: Path, expected: int) -> tuple[int, str]:
    """The sink's calls; and who of the first so many readers is missing or doubled, or nobody's."""
    got = bytearray(expected + 1)
    calls = last = strangers = 0
    for row in judge.rows(ledger):
        calls, last = calls + (row.call != last), row.call
        number = people.number_of(row.recipient)
        if 0 < number <= expected:
            got[number] = min(255, got[number] + 1)
        else:
            strangers += 1
    missing = got.count(0) - 1
    doubled = expected - missing - got.count(1)
    faults = {"missing": missing, "more than once": doubled, "not on the list": strangers}
    return calls, ", ".join(f"{n:,} {what}" for what, n in faults.items() if n)


def _race(
    arena: Arena, command: list[str], env: Mapping[str, str], sink: Sink, longest: float
) -> dict[str, Any]:
    """Time, CPU and memory of one contender, by the names of a row."""
    signs, log = Path(env["BENCH_SIGNS"]), arena.logs / "contender.log"
    shutil.rmtree(signs, ignore_errors=True)
    signs.mkdir()
    child = processes.start(command, log=log, env=env)
    try:
        wait_until((signs / READY).exists, child, log)
        arena.settle()
        pids = {"own": [child.pid], "sink": [sink.child.pid], **arena.pids}
        before = {name: measure.cpu(roots) for name, roots in pids.items()}
        peak, look, tell = 0, 0.0, SIGN_OF_LIFE
        began = time.time()
        (signs / GO).touch()
        while not (signs / DONE).exists():
            time.sleep(0.02)
            passed = time.time() - began
            if passed > look:
                peak, look = max(peak, measure.peak(pids["own"])), passed + LOOK_EVERY
            if passed > tell:
                print(f"{tell} s …", end=" ", flush=True)
                tell += SIGN_OF_LIFE
            if child.poll() is not None:
                raise LocalError(f"it ended early:\n{steps.tail(log)}")
            if passed > longest:
                raise LocalError(f"not through in {longest:.0f} seconds")
        used = {f"{name}_cpu": measure.cpu(pids[name]) - before[name] for name in pids}
        peak = max(peak, measure.peak(pids["own"]))
    finally:
        processes.stop(child)
    facts = json.loads((signs / DONE).read_text())
    seconds = facts.pop("at") - began
    return {**facts, **used, "seconds": seconds, "peak": peak}
