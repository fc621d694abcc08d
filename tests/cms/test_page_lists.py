"""Editors' lists and reports: who sees them, what they narrow to, what they cost."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission

from alumni.models import User
from cms import desks
from cms.models import CountryDesk, CountryFact, CountryPage, ShortTranslation, StoryPage
from tests.factories import cms as make
from tests.factories.alumni import UserFactory
from tests.factories.cms import CountryFactory, StoryFactory, Tree, UpdateFactory, translated

pytestmark = pytest.mark.django_db


def listed(desk: Client, name: str, **asked: str) -> set[str]:
    """Titles of the rows."""
    context = desk.get(reverse(name), asked).context
    return {page.title for page in context["object_list"]}


def test_stories_are_narrowed_by_country_topic_language_status_and_audience(
    tree: Tree, desk: Client
) -> None:
    make.topic("referral", en="Referral")
    kenya = StoryFactory(parent=tree.stories["en"], title="Kenya", topics=("referral",))
    StoryFactory(parent=tree.stories["en"], title="Zambia", countries=("ZM",), audience="members")
    StoryFactory(parent=tree.stories["en"], title="Draft", countries=("ZM",), live=False)
    translated(kenya, "ar", title="كينيا")
    coming = StoryFactory(parent=tree.stories["en"], title="Coming", countries=("GH",), live=False)
    coming.go_live_at = timezone.now() + dt.timedelta(days=1)
    coming.save_revision().publish()
    changed = StoryFactory(parent=tree.stories["en"], title="Changed", countries=("GH",))
    changed.save_revision()

    found = listed(desk, "stories:index")
    assert found == {"Kenya", "كينيا", "Zambia", "Draft", "Coming", "Changed"}
    assert listed(desk, "stories:index", country="KE") == {"Kenya", "كينيا"}
    assert listed(desk, "stories:index", topic="referral") == {"Kenya", "كينيا"}
    assert listed(desk, "stories:index", locale="ar") == {"كينيا"}
    assert listed(desk, "stories:index", audience="members") == {"Zambia"}
    assert listed(desk, "stories:index", state="draft") == {"Draft", "Coming"}
    assert listed(desk, "stories:index", state="scheduled") == {"Coming"}
    assert listed(desk, "stories:index", state="changed") == {"Changed"}
    assert listed(desk, "stories:index", q="Zam", audience="members") == {"Zambia"}


def test_a_new_story_is_asked_for_its_language(tree: Tree, desk: Client) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE", title="Kenya")
    address = reverse("stories:choose_parent")

    page = desk.get(address)

    assert "Story: in which language?" in page.content.decode()
    assert [(one.label, one.own_name) for one in page.context["ways"]] == [
        ("Arabic", "العربيّة"),
        ("English", ""),
    ]
    form = reverse("wagtailadmin_pages:add", args=["cms", "storypage", tree.stories["ar"].pk])
    assert page.context["ways"][0].url == form
    assert f'href="{form}"' in page.content.decode()
    assert desk.get(form).status_code == 200


def test_whoever_keeps_a_country_may_write_there_as_well(tree: Tree, client: Client) -> None:
    kenya = CountryFactory(parent=tree.countries["en"], country="KE", title="Kenya")
    CountryFactory(parent=tree.countries["en"], country="ZM", title="Zambia")
    desk = desks.set_up(desk=CountryDesk(name="Nairobi", countries=["KE"]))
    translators = Group.objects.create(name="Translators")
    GroupPagePermission.objects.create(
        group=translators,
        page=tree.stories["ar"].page_ptr,
        permission=Permission.objects.get(codename="add_page"),
    )
    user = UserFactory()
    user.groups.add(translators, desk.group)
    client.force_login(user)
    address = reverse("stories:choose_parent")

    ways = client.get(address).context["ways"]

    assert [one.label for one in ways] == ["Arabic", "Kenya, English"]
    assert ways[1].url.endswith(f"/{kenya.pk}/")
    assert client.get(ways[1].url).status_code == 200


def test_calls_are_narrowed_by_kind_country_and_whether_they_are_open(
    tree: Tree, desk: Client
) -> None:
    day = timezone.localdate()
    UpdateFactory(parent=tree.updates["en"], title="Open", deadline=day, kind="grant")
    over = day - dt.timedelta(days=1)
    UpdateFactory(parent=tree.updates["en"], title="Over", deadline=over, eligible_countries=["KE"])

    assert listed(desk, "calls:index", open="yes") == {"Open"}
    assert listed(desk, "calls:index", open="no") == {"Over"}
    assert listed(desk, "calls:index", kind="grant") == {"Open"}
    assert listed(desk, "calls:index", country="ZM") == {"Open"}


def test_translations_say_how_each_page_stands_in_each_language(tree: Tree, desk: Client) -> None:
    both = StoryFactory(parent=tree.stories["en"], title="Both")
    translated(both, "ar")
    begun = StoryFactory(parent=tree.stories["en"], title="Begun")
    draft = translated(begun, "ar")
    draft.unpublish()
    short = StoryFactory(parent=tree.stories["en"], title="Short", countries=("ZM",))
    ShortTranslation.objects.create(page=short, language="ar", title="باختصار")
    UpdateFactory(parent=tree.updates["en"], title="Alone")
    StoryFactory(parent=tree.stories["en"], title="Unseen", live=False)

    rows = desk.get(reverse("translations")).context["object_list"]
    standing = {page.title: str(page.standings["ar"]["standing"]) for page in rows}
    assert standing == {"Both": "full", "Begun": "draft", "Short": "short", "Alone": "missing"}
    assert listed(desk, "translations", language="ar") == {"Alone"}
    assert listed(desk, "translations", language="ar", there="full") == {"Both"}
    assert listed(desk, "translations", language="ar", there="draft") == {"Begun"}
    assert listed(desk, "translations", language="ar", there="short") == {"Short"}
    assert listed(desk, "translations", there="none") == {"Alone", "Begun"}
    assert listed(desk, "translations", kind="updatepage") == {"Alone"}
    assert listed(desk, "translations", country="ZM") == {"Short"}
    page = desk.get(reverse("translations")).content.decode()
    assert reverse("wagtail_localize:submit_page_translation", args=[short.pk]) in page


def test_scheduled_says_when_by_the_networks_clock(tree: Tree, desk: Client) -> None:
    coming = StoryFactory(parent=tree.stories["en"], title="Coming", live=False)
    coming.go_live_at = dt.datetime(2126, 1, 2, 7, tzinfo=dt.UTC)
    coming.save_revision().publish()
    StoryFactory(parent=tree.stories["en"], title="Going", expire_at=coming.go_live_at)
    StoryFactory(parent=tree.stories["en"], title="Neither")

    assert listed(desk, "scheduled_pages") == {"Coming", "Going"}
    page = desk.get(reverse("scheduled_pages")).content.decode()
    assert page.count("2 January 2126, 09:00 (Cairo time)") == 2


def test_countries_say_what_they_told_and_how_old_their_facts_are(
    tree: Tree, desk: Client, settings: Any
) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE")
    translated(StoryFactory(parent=tree.stories["en"]), "ar")
    for day in (dt.date(2026, 1, 2), dt.date(2025, 1, 2)):
        CountryFact.objects.create(
            country="KE",
            label={"en": str(day)},
            value={"en": "holds"},
            source="https://example.org/",
            as_at=day,
        )

    rows = desk.get(reverse("countries_report")).context["rows"]
    assert len(rows) == len(settings.PACK.countries)
    [kenya] = [row for row in rows if row.code == "KE"]
    assert (kenya.page, kenya.stories) == (CountryPage.objects.get().pk, 1)
    assert (kenya.facts, kenya.oldest) == (2, dt.date(2025, 1, 2))
    silent = desk.get(reverse("countries_report"), {"told": "no"}).context["rows"]
    assert len(silent) == len(rows) - 1


def test_facts_that_nobody_verified_are_listed_apart(desk: Client) -> None:
    for age in (10, 400):
        CountryFact.objects.create(
            country="KE",
            label={"en": f"{age} days"},
            value={"en": "holds"},
            source="https://example.org/",
            as_at=timezone.localdate() - dt.timedelta(days=age),
        )
    address = reverse(CountryFact.snippet_viewset.get_url_name("list"))

    rows = desk.get(address, {"verified": "no"}).context["object_list"]

    assert [fact.label["en"] for fact in rows] == ["400 days"]


SCREENS = (
    "stories:index",
    "calls:index",
    "translations",
    "scheduled_pages",
    "unfinished_pages",
    "countries_report",
)


def test_whoever_has_no_page_sees_none(tree: Tree, client: Client) -> None:
    StoryFactory(parent=tree.stories["en"], title="A secret title")
    user = UserFactory()
    user.user_permissions.add(*_access())
    client.force_login(User.objects.get(pk=user.pk))

    for name in SCREENS:
        answer = client.get(reverse(name))
        assert answer.status_code in {302, 403}
        assert "A secret title" not in answer.content.decode()
    menu = client.get("/cms/").content.decode()
    assert reverse("stories:index") not in menu


def _access() -> Any:
    return Permission.objects.filter(codename="access_admin")


@pytest.mark.parametrize("name", SCREENS)
def test_queries_do_not_grow(name: str, tree: Tree, desk: Client) -> None:
    def add() -> None:
        story = StoryFactory(parent=tree.stories["en"])
        translated(story, "ar")
        UpdateFactory(parent=tree.updates["en"])
        coming = StoryFactory(parent=tree.stories["en"], live=False)
        coming.go_live_at = timezone.now() + dt.timedelta(days=1)
        coming.save_revision().publish()
        StoryFactory(parent=tree.stories["en"], live=False).save_revision()

    def count() -> int:
        with CaptureQueriesContext(connection) as found:
            assert desk.get(reverse(name)).status_code == 200
        return len(found)

    add()
    count()
    add()
    two = count()
    add()
    add()
    assert count() == two
    assert StoryPage.objects.count() == 16
