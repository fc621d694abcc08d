"""In: a colleague, the clock. Out: what the pages of the site want of this colleague, in sentences.

Each names one page, or says how many there are; the number of queries does not grow. Only pages
that the colleague may change.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext
from wagtail.models import Page, PageLogEntry
from wagtail.permissions import page_permission_policy

from alumni import vocabulary
from cms import countries, places, scheduled, titles, translations
from cms.models import CountryFact, UpdatePage
from newsletters.today import Sentence, Urgency

HELD_BACK = "cms.held_back"
"""What the history says of a story that did not go live on its day."""
SOON = dt.timedelta(days=2)
CLOSES = dt.timedelta(days=7)
CLOSED = dt.timedelta(days=14)
"""So long after its last day a call is asked about, unless somebody has touched it since."""
DRAFTED = dt.timedelta(days=14)
NEW = dt.timedelta(days=60)
"""How long a page's want of a translation is worth a sentence here."""


def sentences(user: Any, now: dt.datetime) -> Iterator[Sentence]:
    """What waits, in no order: each says itself how urgent it is."""
    theirs = page_permission_policy.instances_user_has_permission_for(user, "change").values("pk")
    day = timezone.localdate(now)
    yield from _held_back(user, theirs, now)
    yield from _scheduled(theirs, now)
    yield from _closing(theirs, day)
    yield from _closed(theirs, day)
    yield from _drafts(theirs, now)
    yield from _untranslated(theirs, now)
    if user.has_perm("cms.change_countryfact"):
        yield from _stale_facts(day)
    if page_permission_policy.user_has_permission(user, "add"):
        yield from _silent_countries(user)


def facts_to_verify() -> str:
    """Where they are listed."""
    model: Any = CountryFact
    listed = reverse(model.snippet_viewset.get_url_name("list"))
    return f"{listed}?verified=no"


def _held_back(user: Any, theirs: QuerySet[Page], now: dt.datetime) -> Iterator[Sentence]:
    """Stories that were not published on their day, and have not been since."""
    rows = PageLogEntry.objects.filter(
        action=HELD_BACK, timestamp__gt=now - DRAFTED, page__in=theirs
    ).exclude(page__last_published_at__gt=now - DRAFTED)
    for row in rows.select_related("page").order_by("-timestamp")[:1]:
        text = gettext("“%(title)s” was not published on its day: somebody in it has not agreed.")
        button, url = gettext("Look at the story"), _editing(row.page)
        if user.has_perm("alumni.view_profile"):
            button, url = gettext("Ask the person"), reverse("story_people", args=[row.page_id])
        yield Sentence(text % {"title": row.page.draft_title}, button, url, Urgency.NOW)


def _scheduled(theirs: QuerySet[Page], now: dt.datetime) -> Iterator[Sentence]:
    pages = scheduled.pages().filter(
        pk__in=theirs, goes_live_at__gt=now, goes_live_at__lte=now + SOON
    )
    found = list(pages.order_by("goes_live_at", "pk"))
    if not found:
        return
    text = ngettext(
        "“%(title)s” is published on %(when)s.",
        "%(n)d pages are published by themselves, the first on %(when)s: “%(title)s”.",
        len(found),
    )
    when = places.by_the_clock(found[0].goes_live_at)
    words = {"title": found[0].draft_title, "when": when, "n": len(found)}
    url = _editing(found[0]) if len(found) == 1 else reverse("scheduled_pages")
    yield Sentence(text % words, gettext("Look once more"), url, Urgency.SOON)


def _closing(theirs: QuerySet[Page], day: dt.date) -> Iterator[Sentence]:
    calls = _calls(theirs).filter(deadline__gte=day, deadline__lte=day + CLOSES)
    found = list(calls.order_by("deadline", "pk").defer_streamfields())
    if found:
        call = titles.quoted(found[0], theirs)
        text = ngettext(
            "“%(title)s” closes on %(day)s.",
            "%(n)d calls close within a week, the first on %(day)s: “%(title)s”.",
            len(found),
        )
        words = {"title": call.title, "day": _day(found[0].deadline), "n": len(found)}
        yield Sentence(text % words, gettext("Look at the call"), _editing(call.page), Urgency.SOON)


def _closed(theirs: QuerySet[Page], day: dt.date) -> Iterator[Sentence]:
    """Calls that are over and untouched since: readers still find them."""
    over = _calls(theirs).filter(deadline__lt=day, deadline__gte=day - CLOSED)
    found = list(over.order_by("-deadline", "pk").defer_streamfields())
    found = [one for one in found if timezone.localdate(one.last_published_at) <= one.deadline]
    if found:
        call = titles.quoted(found[0], theirs)
        text = ngettext(
            "“%(title)s” closed on %(day)s and still stands: say what came of it, or take it down.",
            "%(n)d calls have closed and still stand, such as “%(title)s” on %(day)s: say what "
            "came of them, or take them down.",
            len(found),
        )
        words = {"title": call.title, "day": _day(found[0].deadline), "n": len(found)}
        yield Sentence(
            text % words, gettext("Open the call"), _editing(call.page), Urgency.SOMETIME
        )


def _drafts(theirs: QuerySet[Page], now: dt.datetime) -> Iterator[Sentence]:
    pages = scheduled.unfinished().filter(
        pk__in=theirs, latest_revision_created_at__lt=now - DRAFTED
    )
    oldest, n = pages.order_by("latest_revision_created_at").first(), pages.count()
    if oldest is None:
        return
    text = ngettext(
        "“%(title)s” has waited to be published since %(day)s.",
        "%(n)d pages with something new wait to be published, the first since %(day)s: "
        "“%(title)s”.",
        n,
    )
    since = timezone.localtime(oldest.latest_revision_created_at)
    words = {"title": oldest.draft_title, "day": _day(since), "n": n}
    url = _editing(oldest) if n == 1 else reverse("unfinished_pages")
    button = ngettext("Finish it", "See which", n)
    yield Sentence(text % words, button, url)


def _untranslated(theirs: QuerySet[Page], now: dt.datetime) -> Iterator[Sentence]:
    read = translations.languages_read()
    pages = translations.in_one_language_alone(read).filter(
        pk__in=theirs, first_published_at__gt=now - NEW
    )
    n = pages.count()
    if n:
        text = ngettext(
            "%(n)d new page is in one language alone; readers here read %(languages)s.",
            "%(n)d new pages are in one language alone; readers here read %(languages)s.",
            n,
        )
        words = {"n": n, "languages": vocabulary.listed(vocabulary.language_names(read))}
        yield Sentence(
            text % words,
            gettext("See what to translate"),
            f"{reverse('translations')}?there=none",
            Urgency.SOMETIME,
        )


def _stale_facts(day: dt.date) -> Iterator[Sentence]:
    n = CountryFact.objects.stale(day).count()
    if n:
        text = ngettext(
            "Nobody has verified %(n)d fact of a country for a year.",
            "Nobody has verified %(n)d facts of countries for a year.",
            n,
        )
        yield Sentence(text % {"n": n}, gettext("Verify them"), facts_to_verify(), Urgency.SOMETIME)


def _silent_countries(user: Any) -> Iterator[Sentence]:
    """Countries without a story, once there is any story at all."""
    told = countries.told(user)
    silent = [name for code, name in countries.looked_after(user) if code not in told]
    if told and silent:
        text = ngettext(
            "%(country)s has no story yet.",
            "%(n)d countries have no story yet, such as %(country)s.",
            len(silent),
        )
        words = {"n": len(silent), "country": silent[0]}
        url = f"{reverse('countries_report')}?told=no"
        yield Sentence(text % words, gettext("See which"), url, Urgency.SOMETIME)


def _calls(theirs: QuerySet[Page]) -> Any:
    """Live calls, each once whatever its translations."""
    first = UpdatePage.objects.filter(
        translation_key=OuterRef("translation_key"), pk__lt=OuterRef("pk")
    )
    live = UpdatePage.objects.live().select_related("locale")
    return live.filter(~Exists(first), alias_of=None, pk__in=theirs)


def _editing(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _day(day: dt.date) -> str:
    return str(date_format(day, "DATE_FORMAT"))
