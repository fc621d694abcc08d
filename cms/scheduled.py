"""Pages with a day of their own, and pages that wait for one. Nothing is changed here."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Cast
from wagtail.models import Page, Revision


def pages() -> Any:
    """All pages with `goes_live_at`: when something of them is published by itself, or None."""
    approved = Revision.page_revisions.filter(
        object_id=Cast(OuterRef("pk"), CharField()), approved_go_live_at__isnull=False
    )
    soonest = approved.order_by("approved_go_live_at").values("approved_go_live_at")[:1]
    return Page.objects.annotate(goes_live_at=Subquery(soonest))


def unfinished() -> Any:
    """Pages with something newer than what readers see, and without a day for it."""
    waiting = pages().filter(
        has_unpublished_changes=True,
        goes_live_at=None,
        alias_of=None,
        latest_revision__isnull=False,
        expired=False,
    )
    return waiting.exclude(latest_revision=F("live_revision"))
