"""Stories and the people who told them: what changes when one hides, comes back or is erased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from wagtail.models import Revision
from wagtail.search import index

from alumni import visibility
from alumni.models import Hiding, Profile
from cms.models import BylineChange, Naming, ShortTranslation, StoryPage
from cms.models.namings import comparable, names_in_text
from newsletters import archive

What = BylineChange.What
ENDS_BY_ITSELF = (What.HIDDEN, What.NAMED)


def follow_sight(profiles: QuerySet[Profile]) -> None:
    """Bylines go out of the search, or come back; waiting mail tells no story that names them.

    Pages ask the policy at each view. A mail that was held back stays so when they come back. Who
    is named or pictured cannot be taken out of a text by a rule: the editors are told.
    """
    pages = StoryPage.objects.filter(author__in=profiles).select_related("author", "locale")
    for page in pages.order_by("pk"):
        index.insert_or_update_object(page)
        hidden = visibility.is_hidden(page.author)
        tell_editors(page, What.HIDDEN if hidden else None)
        if hidden and page.live and (_names(page, page.author) or _was_told_of(page, page.author)):
            page.take_out_of_mailings()
    for row in _others(profiles).filter(state=Naming.State.GIVEN):
        hidden = visibility.is_hidden(row.profile)
        for page in StoryPage.objects.filter(translation_key=row.story).select_related("locale"):
            tell_editors(page, What.NAMED if hidden else None)
            if hidden and page.live:
                page.take_out_of_mailings()


def untold() -> set[UUID]:
    """Stories that no mail begins to tell for now, by their translation key: their words name an
    author who is hidden, or somebody else who is hidden is named or pictured in them.

    The number of queries does not depend on how many there are.
    """
    hidden = Profile.objects.filter(Hiding.objects.of_each())
    shown = _others(hidden).filter(state=Naming.State.GIVEN, story=OuterRef("translation_key"))
    found = StoryPage.objects.live().annotate(shows_others=Exists(shown))
    found = found.filter(Q(author__in=hidden) | Q(shows_others=True)).select_related("author")
    pages = list(found.defer_streamfields())
    short: dict[int, list[ShortTranslation]] = defaultdict(list)
    for row in ShortTranslation.objects.filter(page__in=[page.pk for page in pages]):
        short[row.page_id].append(row)
    return {
        page.translation_key
        for page in pages
        if page.shows_others or _names(page, page.author, short[page.pk])
    }


def forget(profile: Profile) -> None:
    """No story, no older version of it and no note about it names the person any more.

    A story whose words or pictures show the person is taken down, as by a consent taken back.
    """
    pages = StoryPage.objects.filter(author=profile).select_related("author", "locale")
    for page in list(pages.order_by("pk")):
        if page.live and (_names(page, profile) or _was_told_of(page, profile)):
            page.take_out_of_mailings()
        _forget_versions(page, profile)
        tell_editors(page, What.ERASED)
        StoryPage.objects.filter(pk=page.pk).update(author=None, byline="")
        page.author, page.byline = None, ""
        index.insert_or_update_object(page)
        if names_in_text(page, profile):
            take_down(page)
    shown = _others(Profile.objects.filter(pk=profile.pk)).values("story")
    for page in StoryPage.objects.filter(translation_key__in=shown).select_related("locale"):
        take_down(page)


def take_down(page: StoryPage) -> None:
    """Somebody in it may not be shown any more; what was to go live by itself must not, either."""
    Revision.page_revisions.filter(object_id=str(page.pk)).update(approved_go_live_at=None)
    if page.live:
        tell_editors(page, What.TAKEN_DOWN)
        page.unpublish()


def tell_editors(page: StoryPage, what: BylineChange.What | None) -> None:
    """Once for a live story in all its languages; nothing where the byline is back by then.

    That somebody hides may end by itself: it takes the place of no other news.
    """
    unseen = BylineChange.objects.filter(page__translation_key=page.translation_key, seen_at=None)
    if what is None:
        unseen.filter(what__in=ENDS_BY_ITSELF).delete()
    elif not page.live or (what in ENDS_BY_ITSELF and unseen.exists()):
        return
    elif not unseen.update(what=what):
        BylineChange.objects.create(page=page, what=what)


def _others(profiles: QuerySet[Profile]) -> QuerySet[Naming]:
    """Where these people are named or pictured in what others tell."""
    rows = Naming.objects.filter(profile__in=profiles).exclude(what=Naming.What.BYLINE)
    return rows.select_related("profile").order_by("pk")


def _forget_versions(page: StoryPage, profile: Profile) -> None:
    """Those that name the person as author, or are signed as the page is."""
    for version in Revision.page_revisions.filter(object_id=str(page.pk)):
        content = version.content
        signed_so = page.byline and content.get("byline") == page.byline
        if content.get("author") == profile.pk or signed_so:
            clean = content | {"author": None, "byline": ""}
            Revision.objects.filter(pk=version.pk).update(content=clean)


def _names(
    page: StoryPage, person: Profile, short: Iterable[ShortTranslation] | None = None
) -> bool:
    """Whether what stands in lists and mails holds the name or the byline."""
    rows = ShortTranslation.objects.filter(page_id=page.pk) if short is None else short
    texts = [page.title, page.standfirst]
    texts += [text for row in rows for text in (row.title, row.standfirst)]
    return _holds_name(texts, page, person)


def _was_told_of(page: StoryPage, person: Profile) -> bool:
    """Whether a mailing or the archive holds it: what was told under an older title stands there
    in the words of then."""
    return _holds_name(archive.words_told(page.entry_key), page, person)


def _holds_name(texts: Iterable[str], page: StoryPage, person: Profile) -> bool:
    said = comparable("\n".join(texts))
    names = map(comparable, (person.name, person.family_name, page.byline))
    return any(len(name) > 2 and name in said for name in names)
