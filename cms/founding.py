"""A pack and an empty database in, a site that editors can work with out.

Every function adds what is missing and leaves what stands as it is, edited or not: safe to run
again. Each says how many rows it made. What is taught comes by `founding_training.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.utils import timezone
from django.utils.html import escape
from wagtail.models import Locale, Page, Site
from wagtail.rich_text import RichText

from alumni.followup import rounds
from cms.models import (
    CountryIndexPage,
    CourseIndexPage,
    HomePage,
    NoticePage,
    ProgrammeIndexPage,
    ResourceIndexPage,
    StoryIndexPage,
    Topic,
    UpdateIndexPage,
)
from newsletters.models import Newsletter, SiteInstance, Wording
from newsletters.plans import ensure_steps
from newsletters.schedule import ensure_cadences

if TYPE_CHECKING:
    from packs import Heading, NoticePlan, Pack
    from packs.letters import LetterNewsletter
    from packs.model import NewsletterPlan

LISTS: tuple[tuple[str, type[Page]], ...] = (
    ("countries", CountryIndexPage),
    ("stories", StoryIndexPage),
    ("calls", UpdateIndexPage),
    ("courses", CourseIndexPage),
    ("programmes", ProgrammeIndexPage),
    ("resources", ResourceIndexPage),
)
"""What stands beneath every home page, by the word in its address."""


def guard(*, claim_database: bool = False) -> SiteInstance:
    """Note whose database this is. Another deployment's stays silent until it is claimed."""
    mine = settings.SITE_INSTANCE
    instance, _made = SiteInstance.objects.get_or_create(id=1, defaults={"name": mine})
    if claim_database and instance.name != mine:
        SiteInstance.objects.update(name=mine)
        instance.name = mine
    return instance


def topics(pack: Pack) -> int:
    """The taxonomy, each term in every language of the site."""
    made = 0
    locales = _locales(pack)
    for order, topic in enumerate(pack.topics):
        standing = Topic.objects.filter(code=topic.code)
        key = standing.values_list("translation_key", flat=True).first() or uuid4()
        spoken = set(standing.values_list("locale__language_code", flat=True))
        for language in pack.languages:
            if language in spoken:
                continue
            Topic.objects.create(
                code=topic.code,
                title=pack.name_of(topic.names, language),
                parent=topic.parent or "",
                order=order,
                locale=locales[language],
                translation_key=key,
            )
            made += 1
    return made


def newsletters(pack: Pack) -> int:
    """Newsletters with their words in every language, and the rows by which they fall due."""
    made = 0
    for plan in pack.newsletters:
        found, new = newsletter(plan, pack)
        made += new
        if found.slug == pack.followup.newsletter:
            ensure_steps(found, rounds.steps())
        ensure_cadences(found)
    return made


def newsletter(plan: NewsletterPlan | LetterNewsletter, pack: Pack) -> tuple[Newsletter, bool]:
    """One of them with its words, and whether it is new."""
    found, new = Newsletter.objects.get_or_create(
        slug=plan.slug,
        defaults={
            "kind": plan.kind,
            "from_email": plan.from_email,
            "reply_to": plan.reply_to,
            "postal_address": pack.postal_address,
            "list_id": plan.list_id,
            "timezone": plan.timezone,
            "hour": plan.hour,
            "weekday": plan.weekday,
            "weekend": plan.weekend,
            "is_open": plan.is_open,
        },
    )
    for language in pack.languages:
        Wording.objects.get_or_create(
            newsletter=found,
            language=language,
            defaults={
                "name": pack.name_of(plan.names, language),
                "plain_name": pack.name_of(plan.plain_names, language),
                "description": pack.name_of(plan.descriptions, language),
            },
        )
    return found, new


def pages(pack: Pack) -> int:
    """A home page in each language with its lists and notices, and Wagtail's site to serve them."""
    before = Page.objects.count()
    root = Page.get_first_root_node()
    locales = _locales(pack)
    first = HomePage.objects.order_by("pk").first()
    key = first.translation_key if first else uuid4()
    for language in pack.languages:
        home = HomePage.objects.filter(translation_key=key, locale=locales[language]).first()
        if home is None:
            home = HomePage(
                title=pack.name_of(pack.network_name, language),
                slug=f"home-{language}",
                standfirst=pack.name_of(pack.tagline, language),
                locale=locales[language],
                translation_key=key,
            )
            publish(home, beneath=root)
        first = first or home
        for word, kind in LISTS:
            _list(home, kind, word, getattr(pack.pages, word), pack, language)
        for notice in NoticePage.Kind.values:
            _notice(home, notice, getattr(pack.pages, notice), pack, language)
    if first is not None:
        _serve(first, pack)
    return Page.objects.count() - before


def publish(page: Page, *, beneath: Page) -> Page:
    """Add a page, live, with the revision that editing it starts from."""
    parent = Page.objects.get(pk=beneath.pk)  # treebeard counts children on the row it is given
    page.first_published_at = page.last_published_at = timezone.now()
    parent.add_child(instance=page)
    Page.objects.filter(pk=page.pk).update(
        live_revision=page.save_revision(), has_unpublished_changes=False
    )
    page.refresh_from_db()
    return page


def paragraph(text: str) -> list[tuple[str, RichText]]:
    """As the body of a page; nothing where there are no words."""
    return [("paragraph", RichText(f"<p>{escape(text)}</p>"))] if text else []


def _list(
    home: HomePage, kind: type[Any], word: str, heading: Heading, pack: Pack, language: str
) -> None:
    if kind.objects.child_of(home).exists():
        return
    sibling = kind.objects.filter(slug=word).order_by("pk").first()
    page = kind(
        title=pack.name_of(heading.titles, language),
        standfirst=pack.name_of(heading.standfirsts, language),
        slug=word,
        show_in_menus=True,
        locale=home.locale,
        translation_key=sibling.translation_key if sibling else uuid4(),
    )
    publish(page, beneath=home)


def _notice(home: HomePage, word: str, plan: NoticePlan, pack: Pack, language: str) -> None:
    if NoticePage.objects.child_of(home).filter(kind=word).exists():
        return
    sibling = NoticePage.objects.filter(kind=word).order_by("pk").first()
    page = NoticePage(
        kind=word,
        title=pack.name_of(plan.titles, language),
        standfirst=pack.name_of(plan.standfirsts, language),
        slug=word,
        body=[
            block
            for part in plan.parts
            for block in (
                ("heading", pack.name_of(part.titles, language)),
                *paragraph(pack.name_of(part.texts, language)),
            )
        ],
        locale=home.locale,
        translation_key=sibling.translation_key if sibling else uuid4(),
    )
    publish(page, beneath=home)


def _serve(home: HomePage, pack: Pack) -> None:
    """Point Wagtail's site at the home page, once; then its welcome page has no purpose left."""
    address = urlsplit(settings.SITE_URL)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    if site.pk and Page.objects.type(HomePage).filter(pk=site.root_page_id).exists():
        return
    welcome = site.root_page_id
    site.root_page = home.page_ptr
    site.hostname = address.hostname or "localhost"
    site.port = address.port or (443 if address.scheme == "https" else 80)
    site.site_name = pack.name_of(pack.network_name, pack.languages[0])
    site.save()
    # Only Wagtail's own: a plain page; every page of ours has a kind.
    Page.objects.exact_type(Page).filter(pk=welcome, depth=2).delete()


def _locales(pack: Pack) -> dict[str, Locale]:
    return {
        language: Locale.objects.get_or_create(language_code=language)[0]
        for language in pack.languages
    }
