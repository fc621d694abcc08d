"""Which page stands in which language: in full, as a draft, in short, or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.models import Page, get_page_models

from cms.models import Content, ShortTranslation, StoryPage, UpdatePage
from newsletters.models import Subscriber, Subscription


class Standing(StrEnum):
    """How a page stands in a language, the best first."""

    FULL = "full"
    DRAFT = "draft"
    SHORT = "short"
    MISSING = "missing"


def kinds() -> list[type[Content]]:
    """The kinds of pages that tell something."""
    return [model for model in get_page_models() if issubclass(model, Content)]


def of_kinds(*models: type[Page]) -> Any:
    """Pages of these kinds."""
    types = ContentType.objects.get_for_models(*models, for_concrete_models=False).values()
    return Page.objects.filter(content_type__in=types)


def firsts(*models: type[Page]) -> Any:
    """Live pages of these kinds, each once: the one its translations were made from."""
    earlier = Page.objects.live().filter(
        translation_key=OuterRef("translation_key"), alias_of=None, pk__lt=OuterRef("pk")
    )
    return of_kinds(*models).live().filter(~Exists(earlier), alias_of=None)


def standing_in(pages: QuerySet[Any], language: str, standing: str) -> QuerySet[Any]:
    """Those of the pages that stand so in the language."""
    same = Page.objects.filter(
        translation_key=OuterRef("translation_key"), alias_of=None, locale__language_code=language
    )
    full, draft = Exists(same.filter(live=True)), Exists(same.filter(live=False))
    short = Exists(_short(language))
    if standing == Standing.FULL:
        return pages.filter(full)
    if standing == Standing.DRAFT:
        return pages.filter(~full, draft)
    if standing == Standing.SHORT:
        return pages.filter(~full, ~draft, short)
    return pages.filter(~full, ~draft, ~short)


def in_one_language_alone(read: Iterable[str]) -> Any:
    """Stories and open calls in one language, where readers read another one best."""
    other = Page.objects.live().filter(
        ~Q(pk=OuterRef("pk")), translation_key=OuterRef("translation_key"), alias_of=None
    )
    over = UpdatePage.objects.filter(deadline__lt=timezone.localdate())
    languages = set(read)
    found = firsts(StoryPage, UpdatePage).filter(~Exists(other), ~Exists(_short()))
    if len(languages) < 2:
        # With one language, what is not in it; with none, nothing.
        found = found.exclude(locale__language_code__in=languages) if languages else found.none()
    return found.exclude(pk__in=over.values("pk"))


def languages_read() -> list[str]:
    """The site's languages that some confirmed reader reads best, in the site's order."""
    confirmed = Subscription.objects.confirmed().filter(subscriber=OuterRef("pk"))
    rows = Subscriber.objects.filter(Exists(confirmed)).order_by()
    read = set(rows.values_list("languages__0", flat=True).distinct())
    return [code for code, _name in settings.LANGUAGES if code in read]


def standings(pages: list[Any]) -> dict[int, dict[str, tuple[Standing, int | None]]]:
    """By page and language: how it stands there, and the page to open; two queries."""
    keys = [page.translation_key for page in pages]
    same = Page.objects.filter(translation_key__in=keys, alias_of=None).order_by("live", "pk")
    written = {
        (row["translation_key"], row["locale__language_code"]): (row["pk"], row["live"])
        for row in same.values("translation_key", "locale__language_code", "pk", "live")
    }
    short = dict.fromkeys(
        ShortTranslation.objects.filter(page__translation_key__in=keys).values_list(
            "page__translation_key", "language"
        )
    )
    found: dict[int, dict[str, tuple[Standing, int | None]]] = {}
    for page in pages:
        row = found[page.pk] = {}
        for code, _name in settings.LANGUAGES:
            place = (page.translation_key, code)
            pk, live = written.get(place, (None, False))
            if pk is not None:
                row[code] = (Standing.FULL if live else Standing.DRAFT, pk)
            else:
                row[code] = (Standing.SHORT if place in short else Standing.MISSING, None)
    return found


def _short(language: str = "") -> QuerySet[ShortTranslation]:
    rows = ShortTranslation.objects.filter(page__translation_key=OuterRef("translation_key"))
    return rows.filter(language=language) if language else rows
