"""Both promises kept by lists in memory: the engine's tests publish here."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Case, F, QuerySet, TextField, Value, When

from newsletters.models import Subscriber
from newsletters.sources import LIVE, Elsewhere, Entry, Interest, Text, Written

published: list[Entry] = []
permitted: dict[str, set[str]] = {}
"""Audience → addresses that may read it."""
falls: dict[tuple[str, dt.date], dict[str, set[str]]] = {}
"""What is asked and a day → anchor → addresses for whom it falls due."""
answered: set[str] = set()
"""Addresses of whom a step that had fallen due wants nothing any more."""
linked: dict[str, str] = {}
"""Purpose → the address of the reader's own page for it."""
wants_text: set[str] = set()
"""Addresses whose mails may have no HTML part: they asked for it."""
more_interests: list[Interest] = []
"""What else can be followed."""
manuscripts: dict[str, list[Written]] = {}
"""Reference → what was written under it."""
standings: dict[str, str] = {}
"""Path → what stands there, if it is not live."""


kept: dict[str, Elsewhere] = {}
"""Address → what is kept of its owner outside the engine."""


def entries(
    since: dt.datetime, until: dt.datetime, *, at: dt.datetime | None = None
) -> list[Entry]:
    return [
        entry
        for entry in published
        if any(since < text.mailable_at <= until for text in entry.texts)
    ]


def closing(now: dt.datetime, until: dt.date) -> list[Entry]:
    return [
        entry
        for entry in published
        if entry.deadline
        and now.date() <= entry.deadline <= until
        and any(text.mailable_at <= now for text in entry.texts)
    ]


def written(reference: str) -> list[Written]:
    return manuscripts.get(reference, [])


def write(reference: str, languages: str = "en", **facts: Any) -> None:
    """Write something in each language."""
    manuscripts[reference] = [
        Written(
            language=language,
            subject=f"A letter to all of you ({language})",
            preheader=f"What we learned in the second year, and what comes next ({language}).",
            **{
                "html": f"<h2>To all</h2><p>100%recipient.u% of <a href='http://testserver/'>us</a>"
                f" {{{{ params.x }}}} *|NAME|* in {language}.</p><script>alert(1)</script>",
                "text": f"To all\n\nEach of us in {language}.\nhttp://testserver/",
            }
            | facts,
        )
        for language in languages.split()
    ]


def interests(language: str) -> list[Interest]:
    return [
        Interest("country:KE", "Kenya", "Countries"),
        Interest("country:ZM", "Zambia", "Countries"),
        Interest("topic:referral", "Referral", "Topics"),
        *more_interests,
    ]


def standing(path: str) -> str:
    return standings.get(path, LIVE)


def narrow(readers: QuerySet[Subscriber], criteria: dict[str, Any]) -> QuerySet[Subscriber]:
    if "step" in criteria:
        return readers.exclude(address__in=answered)
    return readers.filter(address__in=permitted.get(criteria["audience"], set()))


def due(step: dict[str, Any], day: dt.date) -> QuerySet[Any]:
    """Whoever `falls` names for what the step asks and for this day."""
    anchors = falls.get((step["asks"], day), {})
    whens = [When(address__in=people, then=Value(anchor)) for anchor, people in anchors.items()]
    people = Subscriber.objects.filter(address__in=set().union(*anchors.values())).annotate(
        subscriber_id=F("pk"), anchor_key=Case(*whens, output_field=TextField())
    )
    return people.values_list("subscriber_id", "anchor_key")


def personal_link(subscriber_id: int, purpose: str) -> str | None:
    return linked.get(purpose)


def publish(
    key: str,
    *,
    at: dt.datetime,
    languages: str | dict[str, dt.datetime] = "en",
    interests: str = "",
    audience: str = "public",
    kind: str = "story",
    **facts: Any,
) -> Entry:
    """Publish an entry with a text in each language, mailable from `at` on."""
    times = languages if isinstance(languages, dict) else dict.fromkeys(languages.split(), at)
    entry = Entry(
        key=key,
        kind=kind,
        texts=tuple(
            Text(
                language=language,
                title=f"{key} in {language}: what one country learned",
                standfirst=f"The standfirst of {key} in {language}.",
                url=f"http://testserver/{language}/stories/{key}/",
                mailable_at=moment,
                kicker="Kenya",
            )
            for language, moment in times.items()
        ),
        interests=frozenset(interests.split()) | {"all"},
        audience=audience,
        **facts,
    )
    published.append(entry)
    return entry


def elsewhere(reader: Subscriber) -> Elsewhere:
    return kept.get(reader.address, Elsewhere())


def forget(reader: Subscriber, language: str) -> None:
    kept.pop(reader.address, None)


looks: list[tuple[str, str, str]] = []
"""How, detail and address of whom, one for each look of a colleague."""


def looked(readers: QuerySet[Subscriber], *, how: str, detail: str, by: Any) -> None:
    looks.extend((how, detail, reader.address) for reader in readers.order_by("address"))
