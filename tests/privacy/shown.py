"""The table of who sees what, written out anew: the crawls ask it, never the policy.

Each line names fields and the tiers whose canaries a visitor must meet. Whatever stands in no line
of a visitor is for him or her to be found nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from tests.privacy.canaries import Place

Lines = dict[tuple[str, ...], tuple[str, ...]]

TOLD = ("title", "slug", "standfirst", "body", "search_description")
SIGNED = tuple(
    f"by {tier}"
    for tier in ("public", "hidden", "hidden by staff", "erased", "cohort", "protected")
)
"""Stories that are open to all, whatever became of who tells them."""


def _page(kind: str, *more: str) -> tuple[str, ...]:
    return tuple(f"cms.{kind}.{name}" for name in (*TOLD, *more))


FILE = ("cms.ResourceDocument.title", "cms.ResourceDocument.document", "wagtaildocs.Document.file")
"""What a resource offers, what is in it, and the name by which its address ends."""

EVERYONE: Lines = {
    _page("StoryPage", "picture_caption"): ("public", *SIGNED),
    ("cms.StoryPage.byline",): ("public",),
    # A yes to being named beneath a story, which holds.
    ("alumni.Profile.given_name", "alumni.Profile.family_name"): ("public",),
    _page("UpdatePage", "link"): ("public",),
    _page("CountryPage"): ("public",),
    _page("CoursePage"): ("public",),
    _page("ProgrammePage"): ("public",),
    _page("ProjectPage"): ("public",),
    _page("ResourcePage"): ("public",),
    FILE: ("public",),
    ("cms.Picture.description", "cms.Picture.credit"): ("public",),
    (
        "newsletters.Fragment.title",
        "newsletters.Fragment.url",
        "newsletters.Issue.key",
    ): ("public",),
}
_COUNTRY = tuple(name for name in _page("CountryPage") if not name.endswith(".slug"))
"""The list of countries leads to one page of a country, which is the public one here."""
OF_MEMBERS: Lines = {
    _page("StoryPage", "picture_caption", "byline"): ("members",),
    _page("UpdatePage", "link"): ("members",),
    _COUNTRY: ("members",),
    _page("CoursePage"): ("members",),
    _page("ProgrammePage"): ("members",),
    _page("ProjectPage"): ("members",),
    _page("ResourcePage"): ("members",),
    FILE: ("members",),
    ("cms.Picture.description", "cms.Picture.credit"): ("members",),
}
OF_THE_RUN: Lines = {
    _page("StoryPage", "picture_caption", "byline"): ("run",),
    _page("UpdatePage", "link"): ("run",),
    _COUNTRY: ("run",),
    _page("CoursePage"): ("run",),
    _page("ProgrammePage"): ("run",),
    _page("ProjectPage"): ("run",),
    _page("ResourcePage"): ("run",),
    FILE: ("run",),
}

NAME = ("alumni.Profile.given_name", "alumni.Profile.family_name")
WORK = (
    "alumni.Profile.institution",
    "alumni.Profile.post",
    "alumni.Position.institution",
    "alumni.Position.post",
)
FINDABLE = ("network", "institution", "public")
"""Whom every member finds by name."""

MEMBER: Lines = {
    NAME: FINDABLE,
    ("alumni.Profile.biography", "alumni.Profile.key"): (*FINDABLE, "initials"),
    WORK: ("institution",),
}
CLASSMATE: Lines = {
    NAME: (*FINDABLE, "cohort"),
    ("alumni.Profile.biography",): (*FINDABLE, "cohort", "initials"),
    ("alumni.Profile.key",): (
        *FINDABLE,
        "cohort",
        "initials",
        "protected",
        "undecided",
        "public but protected",
    ),
    WORK: (*FINDABLE, "cohort", "initials"),
}

VISITORS: dict[str, tuple[Lines, ...]] = {
    "stranger": (EVERYONE,),
    "reader": (EVERYONE,),
    "waiting": (EVERYONE,),
    "member": (EVERYONE, OF_MEMBERS, MEMBER),
    "classmate": (EVERYONE, OF_MEMBERS, OF_THE_RUN, CLASSMATE),
}

ALLOWED = frozenset(
    {
        "cms.CountryPage.slug",
        "cms.Picture.title",
        "cms.ShortTranslation.standfirst",
        "cms.ShortTranslation.title",
        "cms.StoryPage.seo_title",
    }
)
"""May be shown with what it belongs to, need not: only in the tiers that the visitor reads."""


def must_find(visitor: str) -> set[Place]:
    """What the visitor has to meet, or the crawl proves nothing."""
    return {
        Place(*field.rsplit(".", 1), tier)
        for lines in VISITORS[visitor]
        for fields, tiers in lines.items()
        for field in fields
        for tier in tiers
    }


def leaks(visitor: str, found: Iterable[Place]) -> set[Place]:
    """What was met and is in no line."""
    read = {tier for lines in VISITORS[visitor] for tiers in lines.values() for tier in tiers}
    return {
        place
        for place in set(found) - must_find(visitor)
        if f"{place.model}.{place.field}" not in ALLOWED or place.tier not in read
    }
