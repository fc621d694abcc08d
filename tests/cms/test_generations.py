"""What pages share is kept in memory until it changes; and who else may keep a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as shipped
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.models import PageViewRestriction
from wagtail.search.index import insert_or_update_object

from alumni.models import CourseRun
from cms import generations, submission_pictures
from cms.models import StoryPage, Topic, UpdatePage
from cms.page_cache import FRONT_SECONDS
from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import CountryFactory, CourseFactory, StoryFactory, Tree, UpdateFactory
from tests.factories.newsletters import NewsletterFactory

ANEW = "fresh=1"
LISTS = (
    "/en/stories/?",
    "/en/countries/?",
    "/en/courses/?",
    "/en/calls/?",
    "/en/topics/law/?",
    "/en/search/?q=learned&",
)
MOST_QUERIES = 6


@pytest.fixture(autouse=True)
def as_shipped(settings: Any) -> Iterator[None]:
    settings.PAGE_CACHE_SECONDS = 300
    settings.KEEP_SURROUNDINGS = True
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        text(client, address)
    return len(captured)


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("signed_in", [False, True])
def test_a_list_drawn_anew_takes_few_queries_however_long_it_is(
    tree: Tree, client: Client, committed: Any, address: str, signed_in: bool
) -> None:
    make.topic("law", en="Law")
    run, picture = make.course_run("spring"), make.picture()
    if signed_in:
        client.force_login(ProfileFactory(joined=True).user)

    def publish(times: int) -> None:
        with committed():
            for _ in range(times):
                story = StoryFactory(
                    parent=tree.stories["en"],
                    title="What they learned",
                    topics=("law",),
                    course_run=run,
                    picture=picture,
                )
                call = UpdateFactory(parent=tree.updates["en"], title="Learned", topics=["law"])
                CountryFactory(parent=tree.countries["en"], country="UG")
                CourseFactory(parent=tree.courses["en"], course_run=run, picture=picture)
                for page in (story, call):
                    insert_or_update_object(page)

    kept, first = [], []
    for times in (1, 2, 20):
        publish(times)
        text(client, address + ANEW)
        kept.append(queries(client, address + ANEW))
        with committed():
            for page in (StoryPage.objects.latest("pk"), UpdatePage.objects.latest("pk")):
                page.save_revision().publish()
        first.append(queries(client, address + ANEW))

    assert (max(kept), max(first)) == (kept[0], first[0])
    assert signed_in or first[0] <= MOST_QUERIES


def test_what_pages_share_is_seen_at_the_next_look(
    tree: Tree, client: Client, committed: Any
) -> None:
    make.topic("law", en="Law")
    story = StoryFactory(parent=tree.stories["en"], title="First words", topics=("law",))
    address = f"/en/stories/?{ANEW}"
    before = text(client, address)
    assert "Law" in before
    assert "First words" in before

    with committed():
        topic = Topic.objects.get()
        topic.title = "Rules of evidence"
        topic.save()
        story.title = "Second words"
        story.save_revision().publish()
        calls = tree.updates["en"]
        calls.title = "Everything open"
        calls.save_revision().publish()

    after = text(client, address)
    assert "Rules of evidence" in after
    assert "Second words" in after
    assert "First words" not in after
    assert "Everything open" in after


def test_a_story_taken_down_is_off_every_page_that_is_drawn_anew(
    tree: Tree, client: Client, committed: Any
) -> None:
    make.topic("law", en="Law")
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    story = StoryFactory(parent=tree.stories["en"], title="First words", topics=("law",))
    shown = ("/en/", "/en/stories/", "/en/countries/kenya/", "/en/topics/law/")
    assert all("First words" in text(client, f"{address}?{ANEW}") for address in shown)

    with committed():
        StoryPage.objects.get(pk=story.pk).unpublish()

    assert not any("First words" in text(client, f"{address}?{ANEW}") for address in shown)
    assert client.get(f"{story.url}?{ANEW}").status_code == 404


def test_what_members_see_is_kept_for_no_stranger(tree: Tree, client: Client) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya", audience="members")
    StoryFactory(
        parent=tree.stories["en"], title="For us alone", countries=("KE",), audience="members"
    )
    member = Client()
    member.force_login(ProfileFactory(joined=True).user)

    for address in ("/en/", "/en/stories/", "/en/countries/"):
        inside = text(member, f"{address}?{ANEW}")
        outside = text(client, f"{address}?{ANEW}")
        assert ("For us alone" in inside) is (address != "/en/countries/")
        assert "For us alone" not in outside
        assert ("/en/countries/kenya/" in inside) is (address != "/en/stories/")
        assert "/en/countries/kenya/" not in outside
        assert inside == text(member, f"{address}?{ANEW}")
    assert client.get(f"/en/countries/kenya/?{ANEW}").status_code == 404


def shelves() -> str:
    """All that this process keeps, names and things alike, as far as it can be spelled out."""
    return repr([shelf.things for shelf in generations._shelves.values()])


@pytest.mark.parametrize(
    "address",
    [
        "/en/search/?q={}",
        "/en/stories/?topic={}",
        "/en/stories/?country={}&in={}",
        "/en/stories/?page={}",
        "/en/stories/?{}",
        "/en/newsletters/?{}",
        "/en/topics/{}/",
        "/en/{}/",
        "/{}/",
    ],
)
def test_nothing_that_a_visitor_types_is_kept(tree: Tree, client: Client, address: str) -> None:
    make.topic("law", en="Law")
    StoryFactory(parent=tree.stories["en"], topics=("law",), countries=("KE",))
    text(client, f"/en/stories/?topic=law&country=KE&{ANEW}")
    text(client, f"/en/search/?q=law&{ANEW}")
    assert "law" in shelves()
    before = len(shelves())

    for n in range(5):
        typed = f"typedbyastranger{n}" * 20
        assert client.get(address.replace("{}", typed)).status_code in {200, 302, 404}

    assert "typedbyastranger" not in shelves()
    assert len(shelves()) < before + 200_000


def test_a_restriction_of_wagtails_own_is_obeyed_from_the_next_look(
    tree: Tree, client: Client, committed: Any
) -> None:
    address = f"/en/stories/?{ANEW}"
    assert client.get(address).status_code == 200

    with committed():
        PageViewRestriction.objects.create(page=tree.home["en"], restriction_type="login")

    assert client.get(address).status_code == 302
    assert client.get("/en/stories/").status_code == 302


def test_a_web_server_in_front_may_keep_public_pages_for_two_seconds(
    tree: Tree, client: Client
) -> None:
    story = StoryFactory(parent=tree.stories["en"])

    for address in ("/en/", "/en/stories/", story.url):
        for answer in (client.get(address), client.get(address), Client().get(address)):
            assert answer["X-Accel-Expires"] == str(FRONT_SECONDS)
            assert "Cache-Control" not in answer
            assert "Set-Cookie" not in answer
            assert not answer.cookies
            assert "*" not in answer.get("Vary", "")
    assert 1 <= FRONT_SECONDS <= 5


def test_nobody_may_keep_what_is_for_one_person_or_a_form(tree: Tree, client: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"])
    hidden = StoryFactory(parent=tree.stories["en"], audience="members")
    member = Client()
    member.force_login(ProfileFactory(joined=True).user)
    client.get("/en/")  # now a kept page lies ready

    for address in ("/en/", "/en/stories/", story.url, hidden.url, "/en/members/me/"):
        answer = member.get(address)
        assert answer.status_code == 200
        assert "X-Accel-Expires" not in answer
        assert {"private", "no-store"} & set(answer["Cache-Control"].split(", "))
    for address in (
        hidden.url,
        "/en/accounts/login/",
        "/en/search/?q=law",
        "/en/?said=1",
        "/en/members/me/",
        "/en/nothing/",
    ):
        assert "X-Accel-Expires" not in client.get(address), address


def test_the_shipped_nginx_keeps_nothing_else_and_nothing_stale() -> None:
    lines = (Path(shipped.BASE_DIR) / "deploy" / "nginx.conf").read_text().splitlines()
    rules = [line.strip() for line in lines if not line.strip().startswith("#")]
    cookie = f"$cookie_{shipped.SESSION_COOKIE_NAME}"

    [most] = [line.split()[1] for line in rules if line.startswith("client_max_body_size")]
    a_story = submission_pictures.MOST * submission_pictures.MOST_BYTES
    assert int(most.removesuffix("m;")) * 1024 * 1024 > a_story
    for rule in ("proxy_cache_bypass", "proxy_no_cache"):
        assert [line.split()[1] for line in rules if line.startswith(rule)] == [cookie]
    # A lock would let those who ask for the same sign-in page wait for one another.
    for forbidden in (
        *("proxy_cache_valid", "proxy_cache_use_stale", "proxy_ignore_headers"),
        "proxy_cache_lock",
    ):
        assert not [line for line in rules if line.startswith(forbidden)]


def retitled_topic(tree: Tree) -> str:
    topic = Topic.objects.get()
    topic.title = "Rules of evidence"
    topic.save()
    return topic.title


def retitled_index(tree: Tree) -> str:
    calls = tree.updates["en"]
    calls.title = "Everything open"
    calls.save_revision().publish()
    return calls.title


def thanked_donor(tree: Tree) -> str:
    project = CourseRun.objects.get().project
    project.acknowledgement = {"en": "Paid for by nobody in particular"}
    project.save()
    return "Paid for by nobody in particular"


def renamed_newsletter(tree: Tree) -> str:
    newsletter = NewsletterFactory(is_open=True, slug="a-first-one")
    return f'value="{newsletter.slug}"'


@pytest.mark.parametrize(
    "change", [retitled_topic, retitled_index, thanked_donor, renamed_newsletter]
)
def test_each_thing_around_pages_is_seen_at_the_next_look(
    tree: Tree, client: Client, committed: Any, change: Callable[[Tree], str]
) -> None:
    make.topic("law", en="Law")
    run = make.course_run("spring")
    CourseFactory(parent=tree.courses["en"], course_run=run)
    StoryFactory(parent=tree.stories["en"], topics=("law",))
    address = f"/en/stories/?{ANEW}"
    before = text(client, address)

    with committed():
        told = change(tree)

    assert told not in before
    assert told in text(client, address)
