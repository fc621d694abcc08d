"""Both promises of a source: one story, in English and Arabic, published long ago."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import QuerySet

from newsletters.models import Subscriber
from newsletters.sources import Entry, Interest, Text, Written

PUBLISHED = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)


def entries(since: dt.datetime, until: dt.datetime) -> list[Entry]:
    texts = tuple(
        Text(
            language=language,
            title=title,
            standfirst=f"{title}.",
            url=f"http://testserver/{language}/stories/kenya/",
            mailable_at=PUBLISHED,
        )
        for language, title in (("en", "What Kenya learned"), ("ar", "ما تعلمته كينيا"))
    )
    told = [Entry("kenya", "story", texts, frozenset({"all"}))]
    return told if since < PUBLISHED <= until else []


def written(reference: str) -> list[Written]:
    return []


def interests(language: str) -> list[Interest]:
    return [Interest("all", "Everything", "Topics")]


def narrow(readers: QuerySet[Subscriber], criteria: dict[str, Any]) -> QuerySet[Subscriber]:
    return readers
