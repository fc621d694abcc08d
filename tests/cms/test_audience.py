"""Content that is not for everyone leaks by no door: page, list, search, feed, sitemap, mail."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.files.base import ContentFile
from django.test import Client
from wagtail.documents.models import Document
from wagtail.search.index import insert_or_update_object

from alumni.models import CourseRun, Enrolment, User
from cms import digest
from cms.models import StoryPage
from tests.factories import cms as make
from tests.factories.alumni import EnrolmentFactory, ProfileFactory, UserFactory
from tests.factories.cms import (
    CountryFactory,
    CourseFactory,
    StoryFactory,
    Tree,
    UpdateFactory,
    translated,
)

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
LISTS = [
    "/en/",
    "/en/countries/",
    "/en/countries/kenya/",
    "/en/stories/",
    "/en/stories/open/",
    "/en/calls/",
    "/en/courses/",
    "/en/courses/spring/",
    "/en/search/?q=words",
    "/en/search/?q=Open",
    "/en/feed/",
    "/sitemap.xml",
    "/ar/",
    "/ar/stories/",
    "/ar/search/?q=words",
    "/ar/feed/",
    "/en/stories/not-there/",
]
CONTENT = {
    "/en/stories/canary-members/": "members",
    "/ar/stories/canary-members/": "members",
    "/en/countries/kenya/canary-run/": "run:spring",
    "/en/calls/canary-call/": "members",
    "/en/countries/canary-country/": "members",
    "/en/courses/canary-course/": "members",
}


@pytest.fixture
def run(tree: Tree) -> CourseRun:
    return make.course_run("spring")


@pytest.fixture
def secrets(tree: Tree, run: CourseRun) -> Tree:
    """Open pages with hidden ones wherever they could show: newest, same topic, same country."""
    make.topic("referral", en="Referral", ar="الإحالة")
    kenya = CountryFactory(parent=tree.countries["en"], title="Kenya", slug="kenya")
    hidden = {"standfirst": "CANARY words", "audience": "members"}
    story = {"topics": ("referral",), "course_run": run}
    open_story = StoryFactory(
        parent=tree.stories["en"], title="Open", slug="open", countries=("UG",), **story
    )
    members = StoryFactory(
        parent=tree.stories["en"], title="CANARY members", slug="canary-members", **story, **hidden
    )
    arabic = translated(members, "ar", title="CANARY بالعربية")
    of_run = StoryFactory(
        parent=kenya,
        title="CANARY run",
        slug="canary-run",
        **story,
        **(hidden | {"audience": "run:spring"}),
    )
    call = UpdateFactory(
        parent=tree.updates["en"], title="CANARY call", slug="canary-call", **hidden
    )
    country = CountryFactory(
        parent=tree.countries["en"],
        title="CANARY country",
        slug="canary-country",
        country="UG",
        **hidden,
    )
    course = CourseFactory(parent=tree.courses["en"], slug="spring", course_run=run)
    hidden_course = CourseFactory(
        parent=tree.courses["en"],
        title="CANARY course",
        slug="canary-course",
        course_run=run,
        **hidden,
    )
    for page in (open_story, members, arabic, of_run, call, country, course, hidden_course):
        insert_or_update_object(page)
    return tree


def member() -> User:
    return ProfileFactory(joined=True).user


def of_the_run(run: CourseRun, **enrolment: Any) -> User:
    profile = ProfileFactory(joined=True)
    EnrolmentFactory(profile=profile, run=run, **enrolment)
    return profile.user


def not_accepted() -> User:
    return ProfileFactory(user=UserFactory()).user


def editor() -> User:
    user = UserFactory()
    user.groups.add(*user.groups.model.objects.filter(name="Editors"))
    return user


@pytest.mark.parametrize("address", LISTS)
def test_stranger_finds_no_trace_anywhere(secrets: Tree, client: Client, address: str) -> None:
    answer = client.get(address)

    assert answer.status_code in {200, 404}
    assert "canary" not in answer.content.decode().casefold()


def test_members_and_editors_do_find_them(secrets: Tree, client: Client) -> None:
    client.force_login(member())

    assert "CANARY members" in client.get("/en/stories/").content.decode()
    assert "CANARY members" in client.get("/en/search/?q=words").content.decode()
    assert "CANARY call" in client.get("/en/").content.decode()


@pytest.mark.parametrize("address", CONTENT)
def test_hidden_page_answers_strangers_like_one_that_never_was(
    secrets: Tree, client: Client, address: str
) -> None:
    hidden = client.get(address)
    parent, slug = address.rstrip("/").rsplit("/", 1)
    missing = client.get(f"{parent}/{slug[::-1]}/")

    assert hidden.status_code == missing.status_code == 404
    assert hidden.content.replace(slug.encode(), b"") == missing.content.replace(
        slug[::-1].encode(), b""
    )
    assert hidden.headers.keys() == missing.headers.keys()


@pytest.mark.parametrize("address", CONTENT)
def test_page_opens_to_those_it_is_for(
    secrets: Tree, run: CourseRun, client: Client, address: str
) -> None:
    def status(user: User) -> int:
        client.force_login(user)
        return client.get(address).status_code

    for_run = CONTENT[address].startswith("run:")
    nominated = of_the_run(run, completion=Enrolment.Completion.NOMINATED)

    assert status(not_accepted()) == 404
    assert status(member()) == (404 if for_run else 200)
    assert status(nominated) == (404 if for_run else 200)
    assert status(of_the_run(make.course_run("autumn"))) == (404 if for_run else 200)
    assert status(of_the_run(run)) == 200
    assert status(editor()) == 200


def test_hidden_page_is_kept_by_no_cache_and_no_robot(secrets: Tree, client: Client) -> None:
    client.force_login(member())

    answer = client.get("/en/stories/canary-members/")

    assert answer["Cache-Control"] == "private, no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert "hreflang" not in answer.content.decode().split("</head>")[0]


def test_visible_to_is_the_same_question_for_lists_and_pages(secrets: Tree, run: CourseRun) -> None:
    people = [AnonymousUser(), not_accepted(), member(), of_the_run(run), editor()]

    for person in people:
        listed = set(StoryPage.objects.visible_to(person))
        opened = {page for page in StoryPage.objects.live() if page.visible_to(person)}
        assert listed == opened
    assert [StoryPage.objects.visible_to(person).count() for person in people] == [1, 1, 3, 4, 4]


def test_entries_of_the_digest_say_whom_they_are_for(secrets: Tree) -> None:
    entries = digest.entries(LONG_AGO, dt.datetime.now(dt.UTC) + dt.timedelta(days=1))

    told = {entry.texts[0].title: entry.audience for entry in entries}
    assert told == {
        "Open": "public",
        "CANARY members": "members",
        "CANARY run": "run:spring",
        "CANARY call": "members",
    }


def test_link_in_a_text_to_a_hidden_page_shows_its_words_without_the_address(
    secrets: Tree, client: Client
) -> None:
    hidden = StoryPage.objects.get(slug="canary-members", locale__language_code="en")
    shown = StoryPage.objects.get(slug="open")
    StoryFactory(
        parent=secrets.stories["en"],
        slug="linking",
        body=[
            (
                "paragraph",
                f'<p><a linktype="page" id="{hidden.pk}">read this</a> and '
                f'<a linktype="page" id="{shown.pk}">that</a></p>',
            )
        ],
    )

    page = client.get("/en/stories/linking/").content.decode()

    assert "<a>read this</a>" in page
    assert '<a href="/en/stories/open/">that</a>' in page


def test_draft_is_not_there(secrets: Tree, client: Client) -> None:
    StoryFactory(parent=secrets.stories["en"], slug="draft", title="CANARY draft", live=False)
    client.force_login(editor())

    assert client.get("/en/stories/draft/").status_code == 404
    assert "CANARY draft" not in client.get("/en/stories/").content.decode()


def test_an_old_address_leads_whom_the_page_is_for_and_nobody_else(
    tree: Tree, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    story = StoryFactory(parent=tree.stories["en"], slug="before", audience="members")
    story.slug = "canary-after"
    with django_capture_on_commit_callbacks(execute=True):
        story.save_revision().publish()
    old, missing = "/en/stories/before/", "/en/stories/nowhere/"

    answer, nothing = client.get(old), client.get(missing)

    assert (answer.status_code, "canary" in answer.content.decode()) == (404, False)
    assert answer.content.replace(b"before", b"nowhere") == nothing.content
    client.force_login(ProfileFactory(joined=True).user)
    assert client.get(old)["Location"].endswith("/en/stories/canary-after/")
    story.unpublish()
    assert client.get(old).status_code == 404


def test_what_lies_in_the_library_is_for_editors_alone(tree: Tree, client: Client) -> None:
    document = Document.objects.create(title="Notes", file=ContentFile(b"notes", name="notes.txt"))
    direct = f"/media/{document.file.name}"
    client.force_login(ProfileFactory(joined=True).user)

    for reader in (Client(), client):
        assert [reader.get(path).status_code for path in (document.url, direct)] == [404, 404]

    editor = UserFactory(email="editor@example.org")
    editor.groups.add(Group.objects.get(name="Editors"))
    client.force_login(editor)
    assert b"".join(client.get(document.url)) == b"notes"
