"""The naive fan-out's Celery application: a task for each reader renders and sends one mail."""

from __future__ import annotations

import os

import django
from celery import Celery
from django.template.loader import render_to_string

from benchmarks.driver import content

django.setup()

from benchmarks.rivals.models import Reader  # noqa: E402 (models want Django ready)
from benchmarks.rivals.plain import single  # noqa: E402

app = Celery("naive", broker=os.environ["CELERY_BROKER_URL"], set_as_current=False)
app.conf.task_ignore_result = True
MAILS = content("written")


@app.task
def send_one(reader_id: int) -> None:
    """What most projects begin with."""
    reader = Reader.objects.get(pk=reader_id)
    text, html = (
        render_to_string(f"{reader.language}.{end}", reader.tokens) for end in ("text", "html")
    )
    single(MAILS[reader.language], reader, text, html).send()
