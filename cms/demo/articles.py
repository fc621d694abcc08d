"""The pack's stories, calls and countries, published over the past weeks; what stands is left."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.html import escape
from django.utils.text import slugify
from wagtail.models import Page
from wagtail.rich_text import RichText

from alumni.models import CourseRun, Profile
from alumni.vocabulary import country_name
from cms import namings
from cms.demo import pictures
from cms.demo.people import HOW
from cms.founding import publish
from cms.models import (
    Content,
    CountryFact,
    CountryIndexPage,
    CountryPage,
    CoursePage,
    FirstLive,
    Naming,
    Picture,
    ShortTranslation,
    StoryIndexPage,
    StoryPage,
    UpdateIndexPage,
    UpdatePage,
)

if TYPE_CHECKING:
    from packs.demonstration import (
        CountryPlan,
        FactPlan,
        PageText,
        ResourcePlan,
        ShortText,
        StoryPlan,
        UpdatePlan,
    )

    PagePlan = StoryPlan | UpdatePlan | ResourcePlan


def country(plan: CountryPlan) -> bool:
    """A country's page in each language the pack wrote; False when it stands."""
    if CountryPage.objects.filter(country=plan.country).exists():
        return False
    key = uuid4()
    for index in _in_their_order(CountryIndexPage, plan.standfirst):
        language = index.locale.language_code
        page = CountryPage(
            title=country_name(plan.country, language),
            slug=slugify(country_name(plan.country, "en")),
            country=plan.country,
            standfirst=plan.standfirst[language],
            locale=index.locale,
            translation_key=key,
        )
        publish(page, beneath=index)
    return True


def fact(plan: FactPlan) -> bool:
    """A fact of a country; False when the country has one of that kind."""
    if CountryFact.objects.filter(country=plan.country, kind=plan.kind).exists():
        return False
    CountryFact.objects.create(
        country=plan.country,
        kind=plan.kind,
        label=plan.label,
        value=plan.value,
        source=plan.source,
        as_at=timezone.localdate() - dt.timedelta(days=plan.verified_days_ago),
    )
    return True


def story(name: str, plan: StoryPlan) -> bool:
    """A story in each of its languages; False when there is one of that name."""
    if stands(StoryIndexPage, name, plan):
        return False
    run = CourseRun.objects.get(slug=plan.run) if plan.run else None
    key = uuid4()
    author = _author(key, plan)

    def page(text: PageText) -> StoryPage:
        return StoryPage(
            byline=text.byline,
            author=author,
            picture=_picture(plan.picture, text),
            countries=list(plan.countries),
            topics=list(plan.topics),
            course_run=run,
            body=body(text),
        )

    write(StoryIndexPage, name, plan, page, key)
    return True


def draft(name: str, plan: StoryPlan) -> bool:
    """A story in one language that waits to be published; False when there is one of that name."""
    if stands(StoryIndexPage, name, plan):
        return False
    index = _in_their_order(StoryIndexPage, plan.texts)[0]
    text = plan.texts[index.locale.language_code]
    page = StoryPage(
        title=text.title,
        slug=name,
        standfirst=text.standfirst,
        byline=text.byline,
        countries=list(plan.countries),
        topics=list(plan.topics),
        audience=plan.audience,
        body=body(text),
        short_translations=_short(plan.short),
        locale=index.locale,
        live=False,
    )
    Page.objects.get(pk=index.pk).add_child(instance=page)
    page.save_revision()
    return True


def update(name: str, plan: UpdatePlan) -> bool:
    """A call in each of its languages, closing some days from now; False when it stands."""
    if stands(UpdateIndexPage, name, plan):
        return False
    deadline = None
    if plan.closes_in_days is not None:
        deadline = timezone.localdate() + dt.timedelta(days=plan.closes_in_days)

    def page(text: PageText) -> UpdatePage:
        return UpdatePage(
            kind=plan.kind,
            deadline=deadline,
            eligible_countries=list(plan.countries),
            topics=list(plan.topics),
            body=body(text),
        )

    write(UpdateIndexPage, name, plan, page, uuid4())
    return True


def cover_of_its_course(name: str) -> bool:
    """Lend a story's picture to the page of the course it comes out of, where that has none."""
    lent = False
    for told in StoryPage.objects.filter(slug=name).exclude(picture=None):
        bare = CoursePage.objects.filter(
            course_run=told.course_run, locale=told.locale, picture=None
        )
        for page in bare:
            page.picture = told.picture
            page.save_revision().publish()
            lent = True
    return lent


def write(
    list_of: type[Any],
    name: str,
    plan: PagePlan,
    page_of: Callable[[PageText], Content],
    key: UUID,
) -> None:
    """What `page_of` makes of each text, beneath the list of its language, some days ago."""
    indexes = _in_their_order(list_of, plan.texts)
    for place, index in enumerate(indexes):
        text = plan.texts[index.locale.language_code]
        page = page_of(text)
        page.title = text.title
        page.slug = name
        page.standfirst = text.standfirst
        page.audience = plan.audience
        page.locale = index.locale
        page.translation_key = key
        if place == 0:
            page.short_translations = _short(plan.short)
        publish(page, beneath=index)
        _date_back(page, plan.days_ago)


def _author(key: UUID, plan: StoryPlan) -> Profile | None:
    """The member who tells the story to be, with the consent to be named so."""
    if not plan.author:
        return None
    author = Profile.objects.get(address=plan.author)
    naming = Naming.objects.create(story=key, profile=author, what=Naming.What.BYLINE)
    language = settings.PACK.languages[0]
    namings.note_on_paper(
        naming=naming, agrees=True, form=plan.signed_by, how=HOW, language=language
    )
    return author


def stands(list_of: type[Any], name: str, plan: PagePlan) -> bool:
    """Whether the list has a page of that name."""
    first = _in_their_order(list_of, plan.texts)[0]
    return Page.objects.child_of(first).filter(slug=name).exists()


def _in_their_order(list_of: type[Any], texts: Mapping[str, Any]) -> list[Any]:
    """The lists of the languages there is a text in; the one it was told in first."""
    written = list_of.objects.filter(locale__language_code__in=texts).select_related("locale")
    order = list(texts)
    return sorted(written, key=lambda index: order.index(index.locale.language_code))


def _short(texts: Mapping[str, ShortText]) -> list[ShortTranslation]:
    return [
        ShortTranslation(language=language, title=text.title, standfirst=text.standfirst)
        for language, text in texts.items()
    ]


def body(text: PageText) -> list[tuple[str, Any]]:
    """A text alone is a paragraph; otherwise the one key names the block."""
    return [_block(part) for part in text.body]


def _block(part: Any) -> tuple[str, Any]:
    if isinstance(part, str):
        return "paragraph", RichText(f"<p>{escape(part.strip())}</p>")
    ((kind, value),) = part.items()
    return kind, value


def _picture(composition: str, text: PageText) -> Picture:
    """The drawn cover, once a language: what it shows and its caption are words."""
    title = text.caption or text.alt
    found = Picture.objects.filter(title=title).first()
    if found is not None:
        return found
    file = ContentFile(_drawn(composition), name=f"{composition}.png")
    return Picture.objects.create(title=title, file=file, description=text.alt, credit=text.caption)


@cache
def _drawn(composition: str) -> bytes:
    return pictures.draw(composition)


def _date_back(page: Content, days: int) -> None:
    """As if published some days ago: in lists, feeds and for readers of the digest."""
    moment = timezone.now() - dt.timedelta(days=days)
    type(page).objects.filter(pk=page.pk).update(
        first_published_at=moment, last_published_at=moment, latest_revision_created_at=moment
    )
    FirstLive.objects.filter(page_id=page.pk).update(mailable_at=moment)
