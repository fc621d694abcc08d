"""Our engine as a contender: real Celery workers and beat, one bell, and the rows say the rest.

With product.py, the only file here that knows the engine's inside.
"""

from __future__ import annotations

import os
import time
from typing import Any

from django.db.models import Sum

from benchmarks import product, workers
from benchmarks.driver import Race
from newsletters import tasks
from newsletters.models import Batch, Delivery, Issue

LOOK_EVERY = 0.2
"""Seconds between two looks at the issue, which notes itself when it was done."""


def prepare(count: str) -> Race:
    """So many workers and an approved issue."""
    product.issue(os.environ["BENCH_KIND"])
    schedule = f"{os.environ['BENCH_SIGNS']}/schedule"
    workers.start(
        "config", "worker", "--without-gossip", "--without-mingle", "--concurrency", count
    )
    workers.start("config", "beat", "--schedule", schedule, "--pidfile", "")
    return race


def race() -> dict[str, Any]:
    """Ring once and wait for the end."""
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
    right = accepted == issue.audience and not others
    fault = "" if right else f"{accepted} of {issue.audience} are recorded, {others} otherwise"
    return {"at": issue.closed_at.timestamp(), "frozen": frozen, "fault": fault}
