"""How fast pages are: `make bench ARGS=pages`, side by side and in turns, on one machine.

- through nginx with its micro-cache (deploy/nginx.conf), beside a file of the same octets with the
  same headers, served by the same nginx;
- from the application's own cache, beside the same page drawn anew, on the same gunicorn;
- lists drawn anew, beside the home page of an untouched `wagtail start` on a gunicorn with as many
  workers and threads and the same PostgreSQL.

A round takes every pair, one right after the other; a figure is the middle of the rounds' ratios.
Needs nginx and wrk on the path (apt install nginx-light wrk).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median

from benchmarks import arena, report
from benchmarks.arena import Arena
from benchmarks.goals import Goal
from benchmarks.paths import FRESH, LISTS, PAGES, SEARCH
from benchmarks.servers import Ground, found, running
from config.local import folders, steps, supervisor
from config.local.processes import LocalError

SECONDS, ROUNDS, WARM = 3, 5, 1
CONNECTIONS = 8


@dataclass
class Pair:
    """What is measured and what beside it; requests a second, round by round."""

    words: str
    ours: str
    other: str
    bound: float
    rates: list[tuple[float, float]] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The middle of the rounds' ratios."""
        return median(ours / other for ours, other in self.rates)


def main(words: list[str]) -> int:
    """Measure and print; `words`: the number of rounds, if not ROUNDS."""
    supervisor.stop_on_signals()
    try:
        with arena.opened(folders.ROOT / "var" / "bench") as ground:
            print("\n" + measured(ground, int(words[0]) if words else ROUNDS), flush=True)
    except LocalError as error:
        steps.complain(error)
        return 1
    return 0


def measured(arena_: Arena, rounds: int = ROUNDS) -> str:
    """Goals and rates as Markdown; LocalError where something lacks."""
    folder = arena_.folder / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    with running(arena_, folder) as (ground, queries):
        pairs = list(_pairs(ground))
        for number in range(rounds):
            with steps.step(f"round {number + 1} of {rounds}"):
                for pair in pairs:
                    first, second = pair.ours, pair.other
                    rates = {first: 0.0, second: 0.0}
                    # Whoever goes first changes from round to round.
                    for url in (first, second) if number % 2 else (second, first):
                        rates[url] = rate(url)
                    pair.rates.append((rates[first], rates[second]))
    return _report(pairs, queries, rounds)


def rate(url: str) -> float:
    """Requests a second over CONNECTIONS that are kept open; LocalError for a wrong answer."""
    _wrk(url, WARM)
    said = _wrk(url, SECONDS)
    if "Non-2xx" in said or "connect 0, read 0, write 0" not in said and "Socket errors" in said:
        raise LocalError(f"{url} did not always answer:\n{said}")
    return rate_in(said)


def rate_in(said: str) -> float:
    """The figure in what wrk says."""
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not found:
        raise LocalError(said)
    return float(found[1])


def _pairs(ground: Ground) -> Iterator[Pair]:
    for name, path in PAGES.items():
        yield Pair(
            f"{name} through nginx, of a file of the same octets",
            f"{ground.front}{path}",
            f"{ground.front}/same/{name}",
            0.7,
        )
    for name, path in PAGES.items():
        yield Pair(
            f"{name} from the application's cache, times drawn anew",
            f"{ground.site}{path}",
            f"{ground.site}{path}?{FRESH}",
            10,
        )
    for path, name in LISTS.items():
        # A search answers words that nobody foresaw: its rate is said, and judged by nothing.
        yield Pair(
            f"list drawn anew ({name}), times a stock home page",
            f"{ground.site}{path}",
            f"{ground.stock}/",
            0 if name == SEARCH else 1,
        )


def _wrk(url: str, seconds: int) -> str:
    command = [
        found("wrk") or "",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout=30s",
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _report(pairs: list[Pair], queries: Mapping[str, list[int]], rounds: int) -> str:
    goals = [Goal(pair.words, pair.ratio, "≥", pair.bound) for pair in pairs]
    goals += [
        Goal(f"queries of the first page after a publication ({LISTS[path]})", first, "≤", 6)
        for path, (_alone, first, _very_first) in queries.items()
    ]
    rates = [
        (
            pair.words,
            f"{median(ours for ours, _ in pair.rates):,.0f}",
            f"{median(other for _, other in pair.rates):,.0f}",
            f"{min(ours / other for ours, other in pair.rates):.3g}",
            f"{max(ours / other for ours, other in pair.rates):.3g}",
        )
        for pair in pairs
    ]
    counted = [
        ", ".join(f"{LISTS[path]} {counts[place]}" for path, counts in queries.items())
        for place in (0, 2)
    ]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return "\n\n".join(
        (
            "## Pages, this run",
            report.goals_table(goals),
            report.table(("pair", "a second", "beside it", "least", "most"), rates),
            f"Queries of each page after that: {counted[0]}.",
            f"Queries of a process's very first page: {counted[1]}.",
            f"{rounds} rounds of {SECONDS} s, {CONNECTIONS} connections; load at the end: {load}.",
        )
    )
