"""In: a page that the desk is told of. Out: the same in the colleague's own language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from wagtail.models import Page

from alumni.vocabulary import language_now


@dataclass(frozen=True)
class Quoted:
    """How a page is named to a colleague, and which of its languages the button opens."""

    title: str
    page: Any


def quoted(page: Any, theirs: QuerySet[Page]) -> Quoted:
    """The full text in the language of the moment, if it is live (as the page is, or as little as
    it is) and among the pages that are the colleague's; else what a short translation calls it;
    else its own title. A query or two.

    Only for what is true of all languages of a page: a day on which one of them is published, or
    a draft, is that one's alone.
    """
    language = language_now()
    if page.locale.language_code == language:
        return Quoted(page.title, page)
    others = type(page).objects.filter(
        translation_key=page.translation_key,
        locale__language_code=language,
        alias_of=None,
        live=page.live,
    )
    other = others.filter(pk__in=theirs).defer_streamfields().first()
    if other is not None:
        return Quoted(other.title, other)
    return Quoted(page.words_in(language).title, page)
