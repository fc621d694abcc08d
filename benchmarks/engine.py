"""Our engine as a contender: real Celery workers and beat, one bell, and the rows say the rest.

    python -m benchmarks.engine WORKERS

With product.py, the only file here that knows the engine.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import django

from benchmarks import product
from benchmarks.driver import race
from benchmarks.workers import celery

LOOK_EVERY = 0.2
"""Seconds between two looks at the issue, which notes itself when it was done."""
WORKER = ("worker", "--without-gossip", "--without-mingle", "--concurrency")


def main() -> None:
    django.setup()
    product.issue(os.environ["BENCH_KIND"])
    beat = ("beat", "--schedule", f"{os.environ['BENCH_SIGNS']}/schedule", "--pidfile", "")
    with celery("config", *WORKER, sys.argv[1]), celery("config", *beat):
        race(run)


def run() -> dict[str, Any]:
    """Ring once and wait for the end."""
    from django.db.models import Sum

    from newsletters import tasks
    from newsletters.models import Batch, Delivery, Issue

    began = time.time()
    tasks.send_due.delay()
    issue: Any = None
    while issue is None or issue.state in {"approved", "freezing", "sending"}:
        time.sleep(LOOK_EVERY)
        issue = Issue.objects.latest("pk")
    if issue.state != "done":
        return {"fault": f"the issue is {issue.state}: {issue.reason}"}
    frozen = issue.frozen_at.timestamp() - began
    # The database must say what the sink says: everyone handed over, none in another state.
    batches = Batch.objects.filter(issue=issue, state="accepted")
    accepted = batches.aggregate(all=Sum("size", default=0))["all"]
    others = Delivery.objects.filter(issue=issue).exclude(exception="").count()
    fault = f"{accepted:,} of {issue.audience:,} are recorded, {others:,} otherwise"
    right = accepted == issue.audience and not others
    return {"at": issue.closed_at.timestamp(), "frozen": frozen, "fault": "" if right else fault}


if __name__ == "__main__":
    main()
