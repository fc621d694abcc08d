"""What the pages of the site want of an editor: each sentence, for whom, and for how long."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from wagtail.models import GroupPagePermission, Page

from alumni.models import User
from cms import namings, today, waiting
from cms.models import CountryFact, ShortTranslation, StoryPage, UpdatePage
from cms.tasks import keep_to_the_schedule
from newsletters.models import Cadence, Pulse
from newsletters.today import Sentence, Urgency
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.cms import CountryFactory, StoryFactory, Tree, UpdateFactory, translated
from tests.factories.newsletters import (
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
DAY = NOON.date()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOON, tick=False):
        own_this_database()
        Pulse.objects.update_or_create(name="tick", defaults={"at": NOON})
        yield


def said(user: User, **kept: Any) -> list[str]:
    """The sentences of pages; of one urgency, where it is given."""
    found = waiting.sentences(User.objects.get(pk=user.pk), NOON)
    return [one.text for one in found if all(getattr(one, name) == kept[name] for name in kept)]


def ago(**span: float) -> dt.datetime:
    return NOON - dt.timedelta(**span)


def old(**fields: Any) -> Any:
    """A story that is no news."""
    return StoryFactory(first_published_at=ago(days=100), **fields)


def scheduled(page: Page, at: dt.datetime) -> Page:
    page.go_live_at = at
    page.save_revision(approved_go_live_at=at).publish()
    return page


def test_a_page_that_goes_live_by_itself_is_told_two_days_before(tree: Tree, editor: User) -> None:
    later = StoryFactory(parent=tree.stories["en"], title="Later", live=False)
    scheduled(later, NOON + dt.timedelta(days=3))
    assert said(editor, urgency=Urgency.SOON) == []

    page = StoryFactory(parent=tree.stories["en"], title="Tomorrow", live=False)
    scheduled(page, NOON + dt.timedelta(hours=19))

    [one] = [one for one in today.everything(editor) if one.urgency == Urgency.SOON]
    assert one.text == "“Tomorrow” is published on 27 November 2026, 09:00 (Cairo time)."
    assert one.url == reverse("wagtailadmin_pages:edit", args=[page.pk])


def test_a_story_that_missed_its_day_is_told_at_once(tree: Tree, editor: User) -> None:
    page = StoryFactory(parent=tree.stories["en"], title="Held", live=False)
    scheduled(page, NOON + dt.timedelta(hours=1))
    namings.add(page=page, profile=ProfileFactory(joined=True), what="picture")
    with time_machine.travel(NOON + dt.timedelta(hours=2), tick=False):
        keep_to_the_schedule()
        [text] = said(editor, urgency=Urgency.NOW)

    assert text == "“Held” was not published on its day: somebody in it has not agreed."


def test_a_call_is_told_in_its_last_week_and_once_it_is_over(tree: Tree, editor: User) -> None:
    def closing(days: int, title: str) -> UpdatePage:
        published = ago(days=40)
        return UpdateFactory(
            parent=tree.updates["en"],
            title=title,
            deadline=DAY + dt.timedelta(days=days),
            first_published_at=published,
            last_published_at=published,
        )

    closing(8, "In eight days")
    assert said(editor) == []
    page = closing(4, "In four days")
    translated(page, "ar")
    assert said(editor) == ["“In four days” closes on 30 November 2026."]

    over = closing(-2, "Over")
    closing(-20, "Long over")
    told = (
        "“Over” closed on 24 November 2026 and still stands: say what came of it, or take it down."
    )
    assert said(editor, urgency=Urgency.SOMETIME) == [told]
    over.save_revision().publish()
    assert said(editor, urgency=Urgency.SOMETIME) == []


def test_a_call_is_named_in_the_language_of_the_desk(tree: Tree, editor: User) -> None:
    def told(language: str) -> Sentence:
        with translation.override(language):
            [sentence] = waiting.sentences(User.objects.get(pk=editor.pk), NOON)
        return sentence

    call = UpdateFactory(parent=tree.updates["en"], title="A grant", deadline=DAY)
    ShortTranslation.objects.create(page=call, language="fr", title="Une bourse")
    arabic = translated(call, "ar", title="منحة")

    assert "A grant" in told("pt").text
    assert "Une bourse" in told("fr").text
    assert "منحة" in told("ar").text
    assert told("ar").url == reverse("wagtailadmin_pages:edit", args=[arabic.pk])
    # A page that is no longer live there is not what readers have.
    arabic.unpublish()
    assert "A grant" in told("ar").text


def test_changes_that_nobody_published_for_two_weeks(tree: Tree, editor: User) -> None:
    page = StoryFactory(parent=tree.stories["en"], title="Begun", first_published_at=ago(days=90))
    page.save_revision()
    assert said(editor, urgency=Urgency.WAITS) == []

    Page.objects.filter(pk=page.pk).update(latest_revision_created_at=ago(days=15))

    assert said(editor, urgency=Urgency.WAITS) == [
        "“Begun” has waited to be published since 11 November 2026."
    ]
    page.refresh_from_db()
    scheduled(page, NOON + dt.timedelta(days=9))
    Page.objects.filter(pk=page.pk).update(latest_revision_created_at=ago(days=15))
    assert said(editor, urgency=Urgency.WAITS) == []


def reader(*languages: str) -> None:
    person = SubscriberFactory(languages=list(languages))
    SubscriptionFactory(subscriber=person, newsletter=NewsletterFactory(), state="confirmed")


def lacking(user: User) -> list[str]:
    return [text for text in said(user) if "in one language" in text]


def test_a_new_page_in_one_language_where_readers_read_another(tree: Tree, editor: User) -> None:
    page = StoryFactory(parent=tree.stories["en"])
    old(parent=tree.stories["en"])
    reader("en", "ar")
    assert lacking(editor) == []

    reader("ar")
    assert lacking(editor) == [
        "1 new page is in one language alone; readers here read English, Arabic."
    ]

    ShortTranslation.objects.create(page=page, language="ar", title="قصة")
    assert lacking(editor) == []
    ShortTranslation.objects.all().delete()
    translated(page, "ar")
    assert lacking(editor) == []


def test_facts_nobody_verified_and_countries_without_a_story(
    tree: Tree, editor: User, settings: Any
) -> None:
    fact = CountryFact.objects.create(
        country="KE",
        label={"en": "A law"},
        value={"en": "holds"},
        source="https://example.org/",
        as_at=dt.date(2025, 11, 26),
    )
    assert said(editor) == []
    fact.as_at = dt.date(2025, 11, 25)
    fact.save()
    assert said(editor) == ["Nobody has verified 1 fact of a country for a year."]
    CountryFact.objects.all().delete()

    codes = list(settings.PACK.countries)
    old(parent=tree.stories["en"], countries=tuple(codes[2:]))
    [text] = said(editor)
    assert text.startswith("2 countries have no story yet, such as ")
    old(parent=tree.stories["en"], countries=tuple(codes[:1]))
    assert len(said(editor)) == 1
    old(parent=tree.stories["en"], countries=tuple(codes[1:2]))
    assert said(editor) == []


def test_the_digest_that_leaves_says_to_how_many(editor: User) -> None:
    newsletter = NewsletterFactory(kind="digest")
    for state, paused in (
        ("confirmed", None),
        ("confirmed", None),
        ("confirmed", NOON + dt.timedelta(days=30)),
        ("left", None),
    ):
        SubscriptionFactory(
            newsletter=newsletter, state=state, frequency="weekly", paused_until=paused
        )
    Cadence.objects.update_or_create(
        newsletter=newsletter,
        frequency="weekly",
        defaults={"next_at": NOON + dt.timedelta(hours=20)},
    )

    [text] = [one.text for one in today.everything(editor) if "leaves on" in one.text]
    assert "to those of 2 readers for whom something is new" in text
    assert f"“{newsletter}, every week”" in text


def test_of_digests_on_one_day_the_widest_is_told_first_and_none_that_nobody_reads(
    editor: User,
) -> None:
    newsletter = NewsletterFactory(kind="digest")
    for frequency in ("daily", "weekly", "weekly"):
        SubscriptionFactory(newsletter=newsletter, state="confirmed", frequency=frequency)
    for frequency in ("daily", "weekly", "monthly"):
        Cadence.objects.update_or_create(
            newsletter=newsletter,
            frequency=frequency,
            defaults={"next_at": NOON + dt.timedelta(hours=20)},
        )

    told = [one.text for one in today.everything(editor) if "leaves on" in one.text]

    assert [text.split("”")[0].rpartition(", ")[2] for text in told] == ["every week", "every day"]


def country_editor(section: Page) -> User:
    group = Group.objects.create(name="One country")
    for right in ("add_page", "change_page", "publish_page"):
        GroupPagePermission.objects.create(
            group=group, page=section, permission_type=right.removesuffix("_page")
        )
    user = UserFactory()
    user.groups.add(group)
    return User.objects.get(pk=user.pk)


def test_editors_are_told_of_their_own_pages_alone(tree: Tree) -> None:
    section = CountryFactory(parent=tree.countries["en"], country="KE")
    own, other = country_editor(section), UserFactory()
    for parent in (section, tree.stories["en"]):
        page = StoryFactory(parent=parent, title=f"Below {parent.title}", live=False)
        scheduled(page, NOON + dt.timedelta(hours=19))

    assert said(own, urgency=Urgency.SOON) == [
        f"“Below {section.title}” is published on 27 November 2026, 09:00 (Cairo time)."
    ]
    assert said(other) == []


def test_every_button_leads_to_a_screen_and_all_stand_behind_the_seven(
    tree: Tree, editor: User
) -> None:
    world(tree)
    world(tree)
    client = Client()
    client.force_login(editor)

    found = today.everything(User.objects.get(pk=editor.pk))
    assert len(found) >= 5
    assert {client.get(one.url).status_code for one in found} == {200}
    assert [one.urgency for one in found] == sorted(one.urgency for one in found)
    page = client.get(reverse("everything_that_waits")).content.decode()
    assert page.count("data-today") == len(found)


def test_on_a_quiet_day_there_is_something_to_begin(tree: Tree, editor: User) -> None:
    client = Client()
    client.force_login(editor)

    page = client.get("/cms/").content.decode()

    assert "Nothing waits for you." in page
    assert [one.button for one in today.suggestions(editor)] == [
        "Write a story",
        "Translate a page",
        "Look at the mailings",
    ]
    assert {client.get(one.url).status_code for one in today.suggestions(editor)} == {200}


def world(tree: Tree) -> None:
    """One of each thing that a sentence is about."""
    reader("ar")
    page = StoryFactory(parent=tree.stories["en"], live=False)
    scheduled(page, NOON + dt.timedelta(hours=19))
    StoryFactory(parent=tree.stories["en"])
    draft = StoryFactory(parent=tree.stories["en"], live=False)
    draft.save_revision()
    Page.objects.filter(pk=draft.pk).update(latest_revision_created_at=ago(days=15))
    for days in (3, -3):
        UpdateFactory(
            parent=tree.updates["en"],
            deadline=DAY + dt.timedelta(days=days),
            last_published_at=ago(days=40),
        )
    CountryFact.objects.create(
        country="KE",
        label={"en": f"Law {page.pk}"},
        value={"en": "holds"},
        source="https://example.org/",
        as_at=dt.date(2025, 1, 1),
    )


def test_queries_do_not_grow(tree: Tree, editor: User) -> None:
    def count() -> int:
        user = User.objects.get(pk=editor.pk)
        with CaptureQueriesContext(connection) as found:
            list(waiting.sentences(user, NOON))
        return len(found)

    world(tree)
    world(tree)
    two = count()
    world(tree)
    world(tree)
    assert count() == two
    assert StoryPage.objects.count() == 12


def test_a_page_that_was_founded_waits_for_nothing(editor: User) -> None:
    call_command("setup", no_input=True)
    Page.objects.update(latest_revision_created_at=ago(days=15))

    assert not Page.objects.filter(has_unpublished_changes=True).exists()
    assert said(editor, urgency=Urgency.WAITS) == []
