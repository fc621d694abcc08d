"""Programmes and projects in, their pages in every language out; what stands is left as it is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from alumni.models import Programme, Project
from cms.founding import publish
from cms.models import ProgrammeIndexPage, ProgrammePage, ProjectPage

if TYPE_CHECKING:
    from packs import Pack, Training
    from packs.values import Words


def pages(pack: Pack, taught: Training, languages: Collection[str]) -> int:
    """A page for each programme; beneath it, one for each of its projects that has a summary.

    Returns how many pages were made; safe to run again.
    """
    made = 0
    for line in taught.programmes:
        programme = Programme.objects.get(slug=line.slug)
        page = {"programme": programme, "slug": line.slug}
        lists = ProgrammeIndexPage.objects.filter(locale__language_code__in=languages)
        made += _in_each(ProgrammePage, page, lists, line.descriptions, pack)
    for funded in taught.projects:
        if not funded.summaries:
            continue
        project = Project.objects.select_related("programme").get(slug=funded.slug)
        page = {"project": project, "slug": funded.slug}
        lines = ProgrammePage.objects.filter(
            programme=project.programme, locale__language_code__in=languages
        )
        made += _in_each(ProjectPage, page, lines, funded.summaries, pack)
    return made


def _in_each(
    kind: type[Any], page: dict[str, Any], parents: Any, standfirsts: Words, pack: Pack
) -> int:
    """The page beneath each of the parents, in that one's language; none where one stands."""
    told = page.get("project") or page["programme"]
    if kind.objects.filter(**{name: page[name] for name in page.keys() - {"slug"}}).exists():
        return 0
    key, made = uuid4(), 0
    for parent in parents.select_related("locale").order_by("pk"):
        language = parent.locale.language_code
        text = {
            "title": told.title_in(language),
            "standfirst": pack.name_of(standfirsts, language),
        }
        publish(kind(locale=parent.locale, translation_key=key, **page, **text), beneath=parent)
        made += 1
    return made
