"""Our product from inside: readers in, an approved issue, and its content for the others to send.

With engine.py, the only file here that knows the engine's inside.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from benchmarks.content import REFERENCE
from benchmarks.people import LANGUAGES, readers
from newsletters.models import Batch, Fragment, Issue, Newsletter, SiteInstance, Wording
from newsletters.pipeline import freeze, message, render
from newsletters.providers import Recipient

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
SUBSCRIBER = "newsletters_subscriber (id, address, key, languages, discreet, created_at)"
SUBSCRIPTION = """newsletters_subscription (id, subscriber_id, newsletter_id, key, state, frequency,
interests, caught_up_at, created_at, confirmed_at, left_how)"""
ANYONE = Recipient(0, "reader@post.example.org", "", "")


def people(size: int) -> None:
    """Confirmed readers of one newsletter, by COPY. All read English, too."""
    SiteInstance.objects.update_or_create(id=1, defaults={"name": settings.SITE_INSTANCE})
    newsletter = Newsletter.objects.create(
        slug="stories",
        from_email="stories@news.example.org",
        reply_to="editors@news.example.org",
        postal_address="1 Garden Street\nCity",
        list_id="stories.news.example.org",
    )
    name = "What countries learned"
    words = {"name": name, "plain_name": "Reading for you", "description": name}
    for language in LANGUAGES:
        Wording.objects.create(newsletter=newsletter, language=language, **words)
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {SUBSCRIBER} FROM STDIN") as rows:
            for one in readers(size):
                languages = list(dict.fromkeys((one.language, "en")))
                rows.write_row(
                    (one.number, one.address, one.preferences, languages, False, LONG_AGO)
                )
        with cursor.copy(f"COPY {SUBSCRIPTION} FROM STDIN") as rows:
            for one in readers(size):
                rows.write_row(
                    (one.number, one.number, newsletter.pk, one.unsubscribe, "confirmed", "weekly",
                     list(one.interests), LONG_AGO, LONG_AGO, LONG_AGO, "")
                )  # fmt: skip
        cursor.execute("VACUUM ANALYZE")


def issue(kind: str) -> Issue:
    """Approved, its list not drawn up yet."""
    now = dt.datetime.now(dt.UTC)
    return Issue.objects.create(
        newsletter=Newsletter.objects.get(slug="stories"),
        kind=kind,
        frequency="weekly" if kind == Newsletter.Kind.DIGEST else "",
        reference=REFERENCE if kind == Newsletter.Kind.WRITTEN else "",
        cutoff_at=now,
        not_after=now + dt.timedelta(days=3),
        approved_at=now,
        state=Issue.State.APPROVED,
    )


def content(place: str) -> None:
    """Into a file: the written issue by language, and the digest's frames and cards, as they
    leave."""
    found: dict[str, Any] = {"written": {}, "digest": {}}
    for kind in found:
        frozen = freeze.freeze(issue(kind).pk)
        for batch in Batch.objects.filter(issue=frozen).select_related("edition", "issue"):
            if batch.edition.language not in found[kind]:
                mail: Any = message.build(batch, [ANYONE])[0]
                found[kind][batch.edition.language] = {
                    "from": mail.from_email,
                    "reply_to": mail.reply_to[0],
                    "headers": mail.extra_headers,
                    "subject": str(mail.subject),
                    "text": str(mail.body),
                    "html": str(mail.alternatives[0][0]),
                }
    for language, mail in found["digest"].items():
        pieces = Fragment.objects.filter(issue__kind="digest", language=language)
        # In full where anybody got it so, else as a title; no headings.
        pieces = pieces.exclude(entry="", form__startswith="~").order_by("-form", "pk")
        for body in ("html", "text"):
            mail[body] = {piece.entry.partition("@")[0]: getattr(piece, body) for piece in pieces}
            frame = render.REST.sub("", mail[body][""]).replace(render.PREHEADER, mail["subject"])
            for mark, name in ((render.UNSUBSCRIBE, "u"), (render.PREFERENCES, "p")):
                frame = frame.replace(mark, f"%recipient.{name}%")
            mail[body][""] = frame.replace(render.ENTRIES, "%entries%")
    Path(place).write_text(json.dumps(found, ensure_ascii=False))
