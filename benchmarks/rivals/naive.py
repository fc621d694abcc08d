"""Naive fan-out: one process rings once for each reader, two Celery workers do the rest."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from urllib.request import urlopen

import django

from benchmarks.driver import as_template, race
from benchmarks.rivals.tasks import mails, send_one
from benchmarks.workers import celery

WORKERS = "2"


def main() -> None:
    django.setup()
    from benchmarks.rivals.models import Reader, make_tables

    make_tables()
    folder = Path(os.environ["BENCH_SIGNS"]) / "templates"
    folder.mkdir()
    for language, mail in mails().items():
        for end in ("text", "html"):
            (folder / f"{language}.{end}").write_text(as_template(mail[end], u="u", p="p"))

    def run() -> None:
        for number in Reader.objects.values_list("pk", flat=True).iterator():
            send_one.delay(number)
        while taken() < Reader.objects.count():
            time.sleep(0.1)

    with celery("benchmarks.rivals.tasks", "worker", "--concurrency", WORKERS):
        race(run)


def taken() -> int:
    """How many calls or mails the sink has had: nothing of ours records it."""
    place = os.environ["MAILGUN_API_URL"].removesuffix("/v3")
    with urlopen(f"{place}/api/healthz", timeout=10) as answer:  # noqa: S310 (our own)
        return int(json.load(answer)["calls"])


if __name__ == "__main__":
    main()
