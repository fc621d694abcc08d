"""The site as its pages are measured: the demonstration, and stories enough for several leaves.

Needs Django set up with the product's settings.
"""

from __future__ import annotations

import json
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.paths import LISTS
from cms import generations
from cms.models import StoryIndexPage, StoryPage

MORE = 40


def fill() -> None:
    """The demonstration, and MORE stories that everyone may read."""
    call_command("demo", force=True)
    index = StoryIndexPage.objects.get(locale__language_code="en")
    told = list(StoryPage.objects.filter(locale=index.locale, audience="public", live=True))
    for number in range(MORE):
        like = told[number % len(told)]
        index.add_child(
            instance=StoryPage(
                title=f"{like.title} ({number})",
                slug=f"another-{number}",
                standfirst=like.standfirst,
                body=like.body,
                countries=like.countries,
                topics=like.topics,
                picture=like.picture,
                first_published_at=timezone.now(),
            )
        )
    call_command("rebuild_references_index", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def count(place: str, host: str) -> None:
    """Queries of each list into a file: of the page alone, of the first page after something was
    published, and of a process's very first."""
    client = Client(headers={"host": host})
    found = {}
    for path in LISTS:
        generations.begin()
        very_first = _queries(client, path)
        generations.begin(around=False)
        first = _queries(client, path)
        found[path] = (_queries(client, path), first, very_first)
    Path(place).write_text(json.dumps(found))


def _queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        status = client.get(path).status_code
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        return len(captured)
