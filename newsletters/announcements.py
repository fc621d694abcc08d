"""In: the clock. Out: a mail to colleagues a working day before a digest leaves by itself.

Whoever does nothing agrees: the digest leaves. What would reach nobody is not announced; it is
looked at again every half hour, for something may be published meanwhile.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import transaction
from django.db.models import Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext, override

from newsletters import letters, preview, schedule
from newsletters.models import Cadence
from newsletters.pipeline.freeze import may_send

LOOKED_AT = 1800
"""Seconds until a digest that would reach nobody is looked at again."""


def post_due(now: dt.datetime | None = None) -> int:
    """Announce what leaves within 24 hours of working days, each once; the mails posted."""
    now = now or timezone.now()
    if not may_send():
        return 0
    return sum(_announce(row, now) for row in schedule.to_announce(now))


def _announce(row: Cadence, now: dt.datetime) -> int:
    if not cache.add(f"digest-looked-at:{row.pk}:{row.next_at.timestamp()}", 1, LOOKED_AT):
        return 0
    people = preview.would_leave(row, shown=0, now=now).people
    if not people:
        return 0
    with transaction.atomic():
        ours = Cadence.objects.filter(pk=row.pk, next_at=row.next_at)
        if not ours.exclude(announced_for=row.next_at).update(announced_for=row.next_at):
            return 0
        colleagues = _colleagues()
        for colleague in colleagues:
            _post(row, colleague, people)
    return len(colleagues)


def _colleagues() -> list[Any]:
    """Whoever may send what is due."""
    right = {"codename": "send_issue", "content_type__app_label": "newsletters"}
    own = {f"user_permissions__{name}": value for name, value in right.items()}
    by_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    users = get_user_model()._default_manager.filter(is_active=True).exclude(email="")
    return list(users.filter(Q(is_superuser=True) | Q(**own) | Q(**by_group)).distinct())


def _post(row: Cadence, colleague: Any, people: int) -> None:
    language = _language_of(colleague)
    with override(language):
        # The weekday as well: a digest is stopped in a hurry.
        local = row.next_at.astimezone(row.newsletter.zone)
        when = f"{date_format(local, 'l')} {date_format(local, 'DATETIME_FORMAT')}"
        readers = ngettext("%(n)d reader", "%(n)d readers", people) % {"n": people}
        letters.post(
            kind="digest_due",
            to=colleague.email,
            language=language,
            params={
                "newsletter": row.newsletter.wording(language).name,
                "rhythm": str(row.get_frequency_display()),
                "when": when,
                "readers": readers,
                "look_url": _address(row),
            },
        )


def _language_of(colleague: Any) -> str:
    """The language of the colleague's desk."""
    profile = getattr(colleague, "wagtail_userprofile", None)
    chosen = getattr(profile, "preferred_language", "")
    return chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _address(row: Cadence) -> str:
    """Where to look; the desk's first page where the engine runs without one."""
    try:
        return settings.SITE_URL + reverse("mailing_due", args=[row.pk])
    except NoReverseMatch:
        return str(settings.SITE_URL)
