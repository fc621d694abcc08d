"""Stories and the people who told them: what changes when one hides, comes back or is erased."""

from __future__ import annotations

from django.db.models import QuerySet
from wagtail.models import Revision
from wagtail.search import index

from alumni import visibility
from alumni.models import Profile
from cms.models import BylineChange, ShortTranslation, StoryPage


def follow_sight(profiles: QuerySet[Profile]) -> None:
    """Bylines go out of the search, or come back; waiting mail tells no story that names them.

    Pages ask the policy at each view. A mail that was held back stays so when they come back.
    """
    pages = StoryPage.objects.filter(author__in=profiles).select_related("author", "locale")
    for page in pages.order_by("pk"):
        index.insert_or_update_object(page)
        hidden = visibility.is_hidden(page.author)
        tell_editors(page, BylineChange.What.HIDDEN if hidden else None)
        if hidden and page.live and _names(page, page.author):
            page.take_out_of_mailings()


def forget(profile: Profile) -> None:
    """No story, no older version of it and no note about it names the person any more."""
    pages = StoryPage.objects.filter(author=profile).select_related("author", "locale")
    for page in list(pages.order_by("pk")):
        if page.live and _names(page, profile):
            page.take_out_of_mailings()
        _forget_versions(page, profile)
        tell_editors(page, BylineChange.What.ERASED)
        StoryPage.objects.filter(pk=page.pk).update(author=None, byline="")
        page.author, page.byline = None, ""
        index.insert_or_update_object(page)


def tell_editors(page: StoryPage, what: BylineChange.What | None) -> None:
    """Once for a live story in all its languages; nothing where the byline is back by then."""
    unseen = BylineChange.objects.filter(page__translation_key=page.translation_key, seen_at=None)
    if what is None:
        unseen.filter(what=BylineChange.What.HIDDEN).delete()
    elif page.live and not unseen.update(what=what):
        BylineChange.objects.create(page=page, what=what)


def _forget_versions(page: StoryPage, profile: Profile) -> None:
    """Those that name the person as author, or are signed as the page is."""
    for version in Revision.page_revisions.filter(object_id=str(page.pk)):
        content = version.content
        if content.get("author") == profile.pk or content.get("byline") == page.byline:
            clean = content | {"author": None, "byline": ""}
            Revision.objects.filter(pk=version.pk).update(content=clean)


def _names(page: StoryPage, person: Profile) -> bool:
    """Whether what stands in lists and mails holds the name or the byline."""
    short = ShortTranslation.objects.filter(page_id=page.pk)
    texts = [page.title, page.standfirst]
    texts += [text for row in short for text in (row.title, row.standfirst)]
    names = [name for name in (person.name, person.family_name, page.byline) if len(name) > 2]
    said = "\n".join(texts).casefold()
    return any(name.casefold() in said for name in names)
