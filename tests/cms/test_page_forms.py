"""The forms of pages: each field says in a full sentence what it is for; previews; the clock."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation
from wagtail.admin.panels import FieldPanel, InlinePanel
from wagtail.models import get_page_models
from wagtail.users.models import UserProfile

from alumni.models import User
from cms.models import ShortTranslation, StoryPage
from tests.factories.cms import StoryFactory, Tree, UpdateFactory, translated
from tests.factories.newsletters import NewsletterFactory

DAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PAGES = [model for model in get_page_models() if model._meta.app_label == "cms"]


def fields(panel: Any) -> Iterator[FieldPanel]:
    """Every field of a form, those of its lines included."""
    if isinstance(panel, FieldPanel):
        yield panel
    elif isinstance(panel, InlinePanel):
        yield from fields(panel.child_edit_handler)
    for child in getattr(panel, "children", ()):
        yield from fields(child)


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_every_field_of_a_page_says_what_it_is_for(model: Any) -> None:
    found = list(fields(model.get_edit_handler()))

    assert {"title", "slug", "go_live_at"} <= {panel.field_name for panel in found}
    helps = {panel.field_name: str(panel.help_text or panel.db_field.help_text) for panel in found}
    assert {name: text for name, text in helps.items() if not text.endswith(".")} == {}


@pytest.mark.django_db
def test_the_day_of_a_page_is_by_the_networks_clock(tree: Tree, desk: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"])

    page = desk.get(reverse("wagtailadmin_pages:edit", args=[story.pk])).content.decode()

    assert "Cairo time. Leave it empty to publish at once" in page
    account = desk.get(reverse("wagtailadmin_account")).content.decode()
    assert "current_time_zone" not in account


def preview(page: Any, mode: str, user: Any) -> str:
    client = Client()
    client.force_login(user)
    cookie = client.cookies.output(header="", sep=";").partition(";")[0]
    request = RequestFactory().get("/", HTTP_HOST="testserver", HTTP_COOKIE=cookie)
    response = page.make_preview_request(request, mode)
    return response.content.decode()


@pytest.fixture
def story(tree: Tree) -> StoryPage:
    page = StoryFactory(parent=tree.stories["en"], title="First words", standfirst="Told shortly.")
    ShortTranslation.objects.create(page=page, language="fr", title="En bref", standfirst="Dit.")
    return page


@pytest.mark.django_db
def test_a_story_is_looked_at_as_a_page_a_card_and_a_mail(story: StoryPage, editor: User) -> None:
    NewsletterFactory(kind="digest")
    assert [mode for mode, _name in story.preview_modes] == ["", "cards", "mail"]

    story.title = "Not saved yet"

    assert "What was done" in preview(story, "", editor)
    cards = preview(story, "cards", editor)
    assert "Not saved yet" in cards
    assert "En bref" in cards
    mail = preview(story, "mail", editor)
    assert "Not saved yet" in mail
    assert "Told shortly." in mail
    assert "What was done" not in mail


@pytest.mark.django_db
def test_its_other_languages_are_looked_at_as_they_will_be(story: StoryPage, editor: User) -> None:
    arabic = translated(story, "ar", title="كلمات أولى")
    arabic.title = "مسودة"
    arabic.save_revision()

    assert [mode for mode, _name in story.preview_modes] == ["", "cards", "mail", "in-ar"]
    shown = preview(story, "in-ar", editor)
    assert "مسودة" in shown
    assert 'dir="rtl"' in shown
    cards = preview(story, "cards", editor)
    assert "مسودة" in cards
    StoryPage.objects.filter(pk=arabic.pk).update(first_published_at=DAY)
    arabic.refresh_from_db()
    arabic.save_revision()
    assert "1 مارس 2026" in preview(story, "cards", editor)


@pytest.mark.django_db
def test_a_call_has_its_card_and_its_mail(tree: Tree, editor: User) -> None:
    call = UpdateFactory(parent=tree.updates["en"], title="A webinar", kind="webinar")

    assert "A webinar" in preview(call, "cards", editor)
    assert "A webinar" in preview(call, "mail", editor)


@pytest.mark.django_db
def test_the_front_screen_says_the_networks_name_in_the_editors_language(
    desk: Client, editor: User, settings: Any
) -> None:
    UserProfile.objects.update_or_create(user=editor, defaults={"preferred_language": "ar"})

    page = desk.get("/cms/").content.decode()

    with translation.override("ar"):
        name = settings.PACK.name_of(settings.PACK.network_name, "ar")
    assert name != settings.WAGTAIL_SITE_NAME
    [heading] = re.findall(r"<h1[^>]*>(.*?)</h1>", page, re.S)
    assert heading.strip() == name


def test_title_and_standfirst_are_written_in_their_own_direction(tree: Tree, desk: Client) -> None:
    address = reverse("wagtailadmin_pages:add", args=["cms", "storypage", tree.stories["ar"].pk])

    page = desk.get(address).content.decode()

    # Also while they are empty: a line without a word has no direction of its own.
    for name in ("title", "standfirst"):
        field = re.search(rf'<(?:input|textarea)[^>]*\sid="id_{name}"[^>]*>', page)
        assert field is not None
        assert 'dir="rtl"' in field.group()
        assert 'lang="ar"' in field.group()
    assert re.search(r'name="short_translations-__prefix__-title"[^>]*dir=\\?"auto', page)
