"""In: addresses of a running site. Out: what Lighthouse's phone on a slow line says of each.

The phone, the line and the rules are Lighthouse's own defaults, which change with its version only;
node/package-lock.json pins it.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median_low
from typing import Any

from config.local.processes import LocalError

TARGETS = {"performance": 98, "accessibility": 100, "best-practices": 100, "seo": 100}
"""The least of a hundred, by category."""
TIMES = {
    "first-contentful-paint": "first paint",
    "largest-contentful-paint": "largest paint",
    "total-blocking-time": "blocked",
    "cumulative-layout-shift": "shift",
}
CRAWLABLE = "is-crawlable"
"""Fails wherever a page forbids search machines; some pages do so on purpose."""
RUNS = 3
TRIES, RUN_AGAIN = 3, "Please run Lighthouse again"
"""The browser now and then does not record what Lighthouse waits for; it says so itself."""
SANDBOX = ["--no-sandbox"] if os.geteuid() == 0 else []
FLAGS = " ".join(["--headless=new", "--disable-gpu", *SANDBOX])
REST = 1000
"""The benchmark index below which Lighthouse itself calls the machine too slow to judge by."""
LONGEST = 240  # seconds; a crowded machine is slow, one that hangs is not waited for


@dataclass(frozen=True)
class Page:
    """One page to look at; `listed` where search machines may list it."""

    name: str
    url: str
    listed: bool = True
    cookie: str = ""


@dataclass(frozen=True)
class Look:
    """What one run found: scores of a hundred, times as Lighthouse writes them, what failed."""

    page: Page
    scores: dict[str, int]
    times: dict[str, str]
    octets: int
    pace: int
    failed: tuple[str, ...]

    def faults(self) -> list[str]:
        """A line for each score below its target."""
        busy = f"; the machine is too busy or too slow: {self.pace}, at rest above {REST}"
        return [
            f"{self.page.name}: {category} {self.scores[category]}, to reach {least}"
            f" ({', '.join(self.failed) or 'see its times'})"
            f"{busy if category == 'performance' and self.pace < REST else ''}"
            for category, least in TARGETS.items()
            if self.scores[category] < least
        ]


def look(page: Page, *, tool: Path, chromium: Path, folder: Path) -> Look:
    """The middle one of some runs by performance; the reports stay in the folder."""
    looks = [_once(page, tool, chromium, folder / f"{page.name}-{n}.json") for n in range(RUNS)]
    middle = median_low(one.scores["performance"] for one in looks)
    return next(one for one in looks if one.scores["performance"] == middle)


def table(looks: Sequence[Look]) -> list[tuple[str, ...]]:
    """A row a page, its headings first."""
    heads = ("page", *TARGETS, *TIMES.values(), "kB", "machine")
    rows = [
        (
            one.page.name + ("" if one.page.listed else " *"),
            *(str(one.scores[category]) for category in TARGETS),
            *(one.times[time] for time in TIMES),
            f"{one.octets / 1000:.0f}",
            str(one.pace),
        )
        for one in looks
    ]
    return [heads, *rows]


def _once(page: Page, tool: Path, chromium: Path, report: Path) -> Look:
    command = [
        *(str(tool), page.url, "--quiet", "--output=json", f"--output-path={report}"),
        f"--only-categories={','.join(TARGETS)}",
        f"--chrome-flags={FLAGS}",
    ]
    if not page.listed:
        command.append(f"--skip-audits={CRAWLABLE}")
    if page.cookie:
        command.append(f"--extra-headers={json.dumps({'Cookie': page.cookie})}")
    env = os.environ | {"CHROME_PATH": str(chromium)}
    for _again in range(TRIES):
        report.unlink(missing_ok=True)
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, check=False, timeout=LONGEST
        )
        if not done.returncode and report.exists():
            return read(page, json.loads(report.read_text()))
        if RUN_AGAIN not in done.stderr:
            break
    raise LocalError(f"Lighthouse did not look at {page.url}:\n{done.stderr[-600:]}")


def read(page: Page, report: Mapping[str, Any]) -> Look:
    """A report of Lighthouse in our words; LocalError where it could not look."""
    if trouble := report.get("runtimeError"):
        raise LocalError(f"Lighthouse could not look at {page.url}: {trouble['message']}")
    audits = report["audits"]
    scores = {
        name: round(100 * found["score"])
        for name, found in report["categories"].items()
        if found["score"] is not None
    }
    counted = {
        part["id"]
        for category in report["categories"].values()
        for part in category["auditRefs"]
        if part["weight"]
    }
    failed = sorted(name for name in counted if audits[name]["score"] not in {1, None})
    return Look(
        page,
        scores,
        {name: audits[name].get("displayValue", "").replace("\xa0", " ") for name in TIMES},
        int(audits["total-byte-weight"]["numericValue"]),
        round(report["environment"]["benchmarkIndex"]),
        tuple(failed),
    )
