"""The naive fan-out's Celery application: a task for each reader renders and sends one mail."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from celery import Celery

from benchmarks.driver import content
from benchmarks.rivals.plain import single

app = Celery("naive", broker=os.environ["CELERY_BROKER_URL"], set_as_current=False)
app.conf.task_ignore_result = True


@app.task
def send_one(reader_id: int) -> None:
    """What most projects begin with."""
    from django.template.loader import render_to_string

    from benchmarks.rivals.models import Reader

    reader = Reader.objects.get(pk=reader_id)
    text, html = (
        render_to_string(f"{reader.language}.{end}", reader.tokens) for end in ("text", "html")
    )
    single(mails()[reader.language], reader, text, html).send()


@cache
def mails() -> dict[str, dict[str, Any]]:
    """The issue by language; read once a process."""
    return content("written")
