"""Pages of programmes and projects: what is done under each, for whom, and whom they owe thanks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.search.index import insert_or_update_object

from alumni.models import CourseRun
from cms.models import ProgrammePage, ProjectPage, ShortTranslation, StoryPage
from tests.cms.test_machines import data_of
from tests.cms.test_pages import shown, titles
from tests.factories import cms as make
from tests.factories.alumni import CourseRunFactory, ProfileFactory, ProjectFactory
from tests.factories.cms import (
    CourseFactory,
    ProgrammePageFactory,
    ProjectPageFactory,
    ResourceFactory,
    StoryFactory,
    Tree,
    translated,
)

LINE, PROJECT, COURSE = "/en/programmes/line/", "/en/programmes/line/project/", "/en/courses/a/"


@pytest.fixture
def run(tree: Tree) -> CourseRun:
    """A run whose course and project are of one programme."""
    run = make.course_run("spring")
    run.project.donor = {"en": "A donor", "ar": "جهة مانحة"}
    run.project.administering_partner = {"en": "A partner"}
    run.project.starts_on, run.project.ends_on = dt.date(2026, 1, 1), dt.date(2027, 12, 31)
    run.project.programme = run.course.programme
    run.project.save()
    return run


@pytest.fixture
def told(tree: Tree, run: CourseRun) -> Tree:
    """A programme's page, its project's beneath it, a course, a story and a resource."""
    line = ProgrammePageFactory(
        parent=tree.programmes["en"], slug="line", title="Line", programme=run.course.programme
    )
    ProjectPageFactory(parent=line, slug="project", title="Project", project=run.project)
    CourseFactory(parent=tree.courses["en"], slug="a", title="Course", course_run=run)
    StoryFactory(parent=tree.stories["en"], title="Story", course_run=run)
    ResourceFactory(parent=tree.resources["en"], title="Resource", course_run=run)
    other = make.course_run("other")
    CourseFactory(parent=tree.courses["en"], title="Of others", course_run=other)
    StoryFactory(parent=tree.stories["en"], title="Of others", course_run=other)
    ResourceFactory(parent=tree.resources["en"], title="Of others", project=other.project)
    return tree


def member() -> Client:
    client = Client()
    client.force_login(ProfileFactory(joined=True).user)
    return client


def names(page: Any, *lists: str) -> dict[str, list[str]]:
    return {name: titles(page[name]) for name in lists}


def test_a_programme_lists_its_projects_courses_stories_and_resources(
    told: Tree, client: Client
) -> None:
    page = shown(client, LINE)

    assert names(page, "projects", "courses", "stories", "resources") == {
        "projects": ["Project"],
        "courses": ["Course"],
        "stories": ["Story"],
        "resources": ["Resource"],
    }
    assert page["acknowledgements"] == [make.THANKS["en"]]
    text = client.get(LINE).content.decode()
    assert make.THANKS["en"] in text.split("<footer")[0]
    assert f'href="{PROJECT}"' in text


def test_a_project_shows_donor_partner_dates_and_the_acknowledgement(
    told: Tree, client: Client
) -> None:
    page = shown(client, PROJECT)

    assert (page["donor"], page["administering_partner"]) == ("A donor", "A partner")
    assert names(page, "courses", "stories", "resources") == {
        "courses": ["Course"],
        "stories": ["Story"],
        "resources": ["Resource"],
    }
    main = client.get(PROJECT).content.decode().split("<footer")[0]
    for part in (make.THANKS["en"], "1 January 2026 to 31 December 2027", f'href="{LINE}"'):
        assert part in main
    assert page["courses"][0].starts_on.isoformat() == "2026-02-02"


def test_a_story_told_shortly_stands_there_as_at_its_course(
    told: Tree, run: CourseRun, client: Client
) -> None:
    line = ProgrammePage.objects.get()
    project, story = ProjectPage.objects.get(), StoryPage.objects.get(course_run=run)
    ShortTranslation.objects.create(page=story, language="ar", title="قصة")
    for page in (line, project):
        page.copy_for_translation(make.language("ar")).save_revision().publish()

    for path in (LINE, PROJECT):
        assert names(shown(client, path.replace("/en/", "/ar/")), "stories") == {"stories": ["قصة"]}


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "words"),
    [
        (dt.date(2026, 1, 1), None, "Since 1 January 2026"),
        (None, dt.date(2026, 1, 1), "Until 1 January 2026"),
    ],
)
def test_a_date_that_is_not_known_is_not_made_up(
    told: Tree, run: CourseRun, client: Client, starts_on: Any, ends_on: Any, words: str
) -> None:
    run.project.starts_on, run.project.ends_on = starts_on, ends_on
    run.project.save()

    assert words in client.get(PROJECT).content.decode()


def test_a_project_without_donor_and_dates_has_a_page_too(tree: Tree, client: Client) -> None:
    bare = ProjectFactory(donor={}, acknowledgement={}, administering_partner={})
    ProjectPageFactory(parent=tree.programmes["en"], slug="bare", project=bare)

    text = client.get("/en/programmes/bare/").content.decode()

    assert "Donor" not in text
    assert 'class="thanks"' not in text


def test_the_course_links_both_where_the_reader_may_open_them(told: Tree, client: Client) -> None:
    page = shown(client, COURSE)
    assert (page["programme_url"], page["project_url"]) == (LINE, PROJECT)
    assert names(page, "resources") == {"resources": ["Resource"]}

    hidden = ProjectPage.objects.get(slug="project")
    hidden.audience = "members"
    hidden.save()

    assert shown(client, COURSE)["project_url"] == ""
    assert PROJECT not in client.get(COURSE).content.decode()
    assert shown(member(), COURSE)["project_url"] == PROJECT


@pytest.mark.parametrize("kind", ["project", "course", "story", "resource"])
def test_what_is_for_members_is_listed_to_members_alone(
    tree: Tree, run: CourseRun, client: Client, kind: str
) -> None:
    """Nor is whom it owes thanks: an acknowledgement tells of the project."""
    line = ProgrammePageFactory(
        parent=tree.programmes["en"], slug="line", programme=run.course.programme
    )
    words = {"title": "CANARY", "slug": "canary", "audience": "members"}
    if kind == "project":
        ProjectPageFactory(parent=line, project=run.project, **words)
    if kind == "course":
        CourseFactory(parent=tree.courses["en"], course_run=run, **words)
    if kind == "story":
        StoryFactory(parent=tree.stories["en"], course_run=run, **words)
    if kind == "resource":
        ResourceFactory(parent=tree.resources["en"], course_run=run, **words)

    for address in (LINE, "/en/programmes/", "/sitemap.xml", "/en/search/?q=canary"):
        assert "canary</" not in client.get(address).content.decode().casefold()
    assert make.THANKS["en"] not in client.get(LINE).content.decode()
    page = member().get(LINE).content.decode()
    assert "CANARY" in page
    assert make.THANKS["en"] in page


@pytest.mark.parametrize("address", [LINE, PROJECT])
def test_a_hidden_page_is_not_there_for_others(told: Tree, client: Client, address: str) -> None:
    for kind in (ProgrammePage, ProjectPage):
        for page in kind.objects.all():
            page.audience = "members"
            page.save()

    assert client.get(address).status_code == 404
    answer = member().get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert "ld+json" not in answer.content.decode()
    listed = client.get("/en/programmes/").content.decode()
    assert "Programmes and their projects will stand here" in listed


def test_the_list_has_each_project_beneath_its_programme(told: Tree, client: Client) -> None:
    ProjectPageFactory(parent=told.programmes["en"], title="On its own")

    page = shown(client, "/en/programmes/")

    (line,) = page["programmes"]
    assert (line.title, titles(list(line.projects))) == ("Line", ["Project"])
    assert titles(page["projects"]) == ["On its own"]


def test_the_footer_thanks_whoever_pays_for_a_project_with_a_page(
    tree: Tree, client: Client
) -> None:
    project = ProjectFactory(acknowledgement={"en": "Thanks to them."})
    page = ProjectPageFactory(parent=tree.programmes["en"], project=project, audience="members")

    assert list(shown(client, "/en/stories/")["thanks"]) == []
    page.audience = "public"
    page.save()
    assert list(shown(client, "/en/stories/")["thanks"]) == ["Thanks to them."]


def test_arabic_pages_are_right_to_left_and_know_their_english_ones(
    told: Tree, client: Client
) -> None:
    line = translated(ProgrammePage.objects.get(), "ar", title="برنامج", slug="line")
    arabic = translated(ProjectPage.objects.get(), "ar", title="مشروع", slug="project")

    text = client.get("/ar/programmes/line/project/").content.decode()

    assert arabic.is_child_of(line)
    assert '<html lang="ar" dir="rtl">' in text
    assert "جهة مانحة" in text
    assert make.THANKS["ar"] in text
    for code in ("en", "ar"):
        address = f"{settings.SITE_URL}/{code}/programmes/line/project/"
        assert f'hreflang="{code}" href="{address}"' in text


def test_machines_are_told_who_funds_a_project(told: Tree, client: Client) -> None:
    data = data_of(client, PROJECT)

    assert data["@type"] == "Project"
    assert data["funder"] == {"@type": "Organization", "name": "A donor"}
    assert data["foundingDate"] == "2026-01-01"
    assert data_of(client, LINE)["@type"] == "CollectionPage"


def test_search_and_the_sitemap_know_them(told: Tree, client: Client) -> None:
    for page in (*ProgrammePage.objects.all(), *ProjectPage.objects.all()):
        insert_or_update_object(page)

    for word, path in (("line", LINE), ("project", PROJECT)):
        [hit] = shown(client, f"/en/search/?q={word}")["found"].hits
        assert (hit.title.lower(), hit.url) == (word, path)
    text = client.get("/sitemap.xml").content.decode()
    for path in ("/en/programmes/", LINE, PROJECT, "/ar/resources/"):
        assert text.count(f"<loc>http://testserver{path}</loc>") == 1


@pytest.mark.parametrize("address", ["/en/programmes/", LINE, PROJECT, COURSE])
@pytest.mark.parametrize("signed_in", [False, True])
def test_queries_do_not_grow(
    told: Tree, run: CourseRun, client: Client, address: str, signed_in: bool
) -> None:
    line = ProgrammePage.objects.get()
    picture = make.picture()

    def publish(times: int) -> None:
        for _ in range(times):
            project = ProjectFactory(programme=line.programme, acknowledgement={"en": "Thanks."})
            held = CourseRunFactory(course=run.course, project=project)
            CourseFactory(parent=told.courses["en"], course_run=held, picture=picture)
            CourseFactory(parent=told.courses["en"], course_run=run, picture=picture)
            ProjectPageFactory(parent=line, project=project)
            for made_in in (held, run):
                StoryFactory(parent=told.stories["en"], course_run=made_in, picture=picture)
                kept = ResourceFactory(parent=told.resources["en"], course_run=made_in)
                make.document(kept)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    if signed_in:
        client.force_login(ProfileFactory(joined=True).user)
    publish(1)
    client.get(address)
    one = queries()
    publish(2)
    client.get(address)

    assert queries() == one


def test_setting_up_gives_the_packs_programmes_and_projects_pages(db: None) -> None:
    call_command("setup", no_input=True)

    pack = settings.PACK
    for kind in (ProgrammePage, ProjectPage):
        pages = kind.objects.live()
        assert sorted(page.locale.language_code for page in pages) == sorted(pack.languages)
        assert len({page.translation_key for page in pages}) == 1
    project = ProjectPage.objects.get(locale__language_code="ar")
    assert project.title == pack.training.projects[0].titles["ar"]
    assert project.get_parent().specific.programme == project.project.programme
