"""What each page shows, in how many queries, and the doors for machines beside them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.search.index import insert_or_update_object

from cms.contexts.cards import Call, Card
from cms.contexts.front import CountryLine
from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import (
    CountryFactory,
    CourseFactory,
    StoryFactory,
    Tree,
    UpdateFactory,
    translated,
)

TODAY = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)


def shown(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.context


def titles(cards: list[Card] | list[Call]) -> list[str]:
    return [card.title for card in cards]


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == (404 if "nothing" in address else 200)
    return len(captured)


def test_home_shows_the_three_newest_stories_of_its_language(tree: Tree, client: Client) -> None:
    for number in range(4):
        day = TODAY + dt.timedelta(days=number)
        StoryFactory(parent=tree.stories["en"], title=f"Story {number}", first_published_at=day)
    StoryFactory(parent=tree.stories["ar"], title="قصة")

    assert titles(shown(client, "/en/")["stories"]) == ["Story 3", "Story 2", "Story 1"]
    assert titles(shown(client, "/ar/")["stories"]) == ["قصة"]


def test_home_counts_stories_by_country_and_links_its_page(tree: Tree, client: Client) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    StoryFactory(parent=tree.stories["en"], countries=("KE", "UG"))
    StoryFactory(parent=tree.stories["en"], countries=("KE",))
    StoryFactory(parent=tree.stories["en"], countries=("KE",), live=False)

    regions = shown(client, "/en/")["regions"]

    lines = {line.code: line for region in regions for line in region.countries}
    assert lines["KE"] == CountryLine("KE", "Kenya", "/en/countries/kenya/", 2)
    assert lines["UG"] == CountryLine("UG", "Uganda", "/en/stories/?country=UG", 1)
    assert lines["ZM"].stories == 0
    assert set(lines) == set(settings.PACK.countries)
    assert [region.name for region in regions] == [
        region.names["en"] for region in settings.PACK.regions
    ]


@time_machine.travel(TODAY, tick=False)
def test_calls_come_by_deadline_and_go_when_it_is_over(tree: Tree, client: Client) -> None:
    for title, deadline in (
        ("No end", None),
        ("Later", dt.date(2026, 12, 1)),
        ("Today", dt.date(2026, 11, 2)),
        ("Over", dt.date(2026, 11, 1)),
    ):
        UpdateFactory(parent=tree.updates["en"], title=title, deadline=deadline)

    for address in ("/en/", "/en/calls/"):
        calls = shown(client, address)["calls"]
        assert titles(calls) == ["Today", "Later", "No end"]
        assert [call.days_left for call in calls] == [0, 29, None]
        assert [call.closes_soon for call in calls] == [True, False, False]


def test_home_shows_its_course_in_its_language_else_the_newest(tree: Tree, client: Client) -> None:
    chosen = CourseFactory(
        parent=tree.courses["en"], title="The first", course_run=make.course_run("a")
    )
    arabic = translated(chosen, "ar", title="الأولى")
    CourseFactory(
        parent=tree.courses["en"],
        title="The newest",
        course_run=make.course_run("b", starts_on=dt.date(2026, 9, 1), ends_on=dt.date(2026, 9, 4)),
    )

    assert shown(client, "/en/")["course"].title == "The newest"

    for home in tree.home.values():
        home.course = chosen
        home.save()
    assert shown(client, "/en/")["course"].title == "The first"
    assert shown(client, "/ar/")["course"].title == arabic.title


def test_country_shows_newest_large_and_the_others_by_topic(tree: Tree, client: Client) -> None:
    make.topic("law", en="Law")
    make.topic("referral", en="Referral")
    kenya = CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    for number, (topics, parent) in enumerate(
        ((("law",), kenya), ((), tree.stories["en"]), (("law", "referral"), kenya), ((), kenya))
    ):
        StoryFactory(
            parent=parent,
            title=f"Story {number}",
            topics=topics,
            first_published_at=TODAY + dt.timedelta(days=number),
        )
    StoryFactory(parent=tree.stories["en"], title="Elsewhere", countries=("UG",))
    UpdateFactory(parent=tree.updates["en"], title="For all")
    UpdateFactory(parent=tree.updates["en"], title="For Kenya", eligible_countries=["KE"])
    UpdateFactory(parent=tree.updates["en"], title="For Uganda", eligible_countries=["UG"])

    page = shown(client, "/en/countries/kenya/")

    assert page["newest"].title == "Story 3"
    assert [(group.title, titles(list(group.stories))) for group in page["topics"]] == [
        ("Law", ["Story 2", "Story 0"])
    ]
    assert titles(page["other_stories"]) == ["Story 1"]
    assert sorted(titles(page["calls"])) == ["For Kenya", "For all"]
    assert (page["country_name"], page["own_name"]) == ("Kenya", "Kenya")
    assert page["region"]


def test_story_shows_where_it_belongs_and_what_others_did(tree: Tree, client: Client) -> None:
    make.topic("law", en="Law")
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    run = make.course_run()
    CourseFactory(parent=tree.courses["en"], slug="spring", course_run=run)
    StoryFactory(
        parent=tree.stories["en"],
        slug="told",
        byline="A. O., Kenya",
        countries=("KE", "UG"),
        topics=("law",),
        course_run=run,
    )
    for title, fields in (
        ("Other country", {"countries": ("ZM",), "topics": ("law",)}),
        ("Same country", {"countries": ("UG", "ZM"), "topics": ("law",)}),
        ("Other topic", {"countries": ("ZM",), "topics": ("referral",)}),
    ):
        StoryFactory(parent=tree.stories["en"], title=title, **fields)

    page = shown(client, "/en/stories/told/")

    assert page["byline"] == "A. O., Kenya"
    assert page["countries"] == [
        ("Kenya", "/en/countries/kenya/"),
        ("Uganda", "/en/stories/?country=UG"),
    ]
    assert page["topics"] == (("Law", "/en/topics/law/"),)
    assert page["course"] == str(run.course.title)
    assert page["course_url"] == "/en/courses/spring/"
    assert titles(page["related"]) == ["Other country"]
    text = client.get("/en/stories/told/").content.decode()
    assert make.THANKS["en"] in text
    assert "A. O., Kenya" in text


def test_story_without_country_topic_course_or_picture_is_a_page_too(
    tree: Tree, client: Client
) -> None:
    StoryFactory(parent=tree.stories["en"], slug="bare", countries=(), topics=())

    page = shown(client, "/en/stories/bare/")

    assert (page["countries"], page["topics"], page["course"]) == ([], (), "")
    assert (page["acknowledgement"], page["related"]) == ("", [])


def test_course_shows_modules_and_the_acknowledgement(tree: Tree, client: Client) -> None:
    run = make.course_run(country="KE", languages=["en", "fr"])
    CourseFactory(parent=tree.courses["en"], slug="spring", course_run=run)
    StoryFactory(parent=tree.stories["en"], title="Came of it", course_run=run)

    page = shown(client, "/en/courses/spring/")

    assert [title for title, _text in page["modules"]] == ["Frameworks", "Practice"]
    assert (page["place"], page["country"]) == ("A town", "Kenya")
    assert page["spoken"] == ["English", "French"]
    assert page["donor"] == "A donor"
    assert titles(page["stories"]) == ["Came of it"]
    text = client.get("/en/courses/spring/").content.decode()
    assert make.THANKS["en"] in text
    assert "Practice" in text


def test_every_part_of_a_text_is_drawn(tree: Tree, client: Client) -> None:
    picture = {"image": make.picture(credit="Drawn here"), "alt_text": "Two rings"}
    StoryFactory(
        parent=tree.stories["en"],
        slug="parts",
        body=[
            ("heading", "What was wrong"),
            ("paragraph", "<p>It <b>took</b> weeks.</p>"),
            ("picture", {"picture": picture | {"decorative": False}, "caption": "The rings"}),
            ("quotation", {"words": "We asked once.", "speaker": "An officer"}),
            ("advice", {"title": "To a colleague", "points": ["Ask first", "Write down"]}),
            ("links", {"title": "More", "links": [{"text": "A", "url": "https://example.org/"}]}),
        ],
    )

    text = client.get("/en/stories/parts/").content.decode()

    for part in (
        "What was wrong",
        "<b>took</b>",
        'alt="Two rings"',
        "The rings",
        "Drawn here",
        "We asked once.",
        "An officer",
        "To a colleague",
        "Write down",
        'href="https://example.org/"',
    ):
        assert part in text


def test_lists_are_leafed_through_and_nonsense_gives_a_leaf(tree: Tree, client: Client) -> None:
    for number in range(13):
        day = TODAY + dt.timedelta(days=number)
        StoryFactory(parent=tree.stories["en"], title=f"Story {number}", first_published_at=day)

    assert len(shown(client, "/en/stories/")["stories"]) == 12
    assert titles(shown(client, "/en/stories/?page=2")["stories"]) == ["Story 0"]
    assert shown(client, "/en/stories/?page=99")["leaf"].number == 2
    assert shown(client, "/en/stories/?page=x")["leaf"].number == 1


def test_arabic_page_is_right_to_left_and_names_countries_in_arabic(
    tree: Tree, client: Client
) -> None:
    story = StoryFactory(parent=tree.stories["en"], slug="told", countries=("KE",))
    translated(story, "ar", title="قصة", slug="qissa")

    text = client.get("/ar/stories/qissa/").content.decode()

    assert '<html lang="ar" dir="rtl">' in text
    assert "كينيا" in text


def test_switch_of_language_stays_on_the_page_where_it_exists(tree: Tree, client: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"], slug="told")
    translated(story, "ar", slug="qissa")

    page = shown(client, "/en/stories/told/")

    urls = {link.code: (link.url, link.same_page) for link in page["language_links"]}
    assert urls["ar"] == ("/ar/stories/qissa/", True)
    assert urls["fr"] == (f"/fr/read/{story.translation_key}/", False)
    assert [link.code for link in page["language_links"] if link.current] == ["en"]
    assert page["hreflang_links"] == [
        ("en", f"{settings.SITE_URL}/en/stories/told/"),
        ("ar", f"{settings.SITE_URL}/ar/stories/qissa/"),
    ]
    text = client.get("/en/stories/told/").content.decode()
    assert f'hreflang="ar" href="{settings.SITE_URL}/ar/stories/qissa/"' in text


def test_switch_on_a_screen_keeps_the_screen_and_machine_addresses_have_none(
    tree: Tree, client: Client
) -> None:
    links = {link.code: link.url for link in shown(client, "/en/search/?q=law")["language_links"]}

    assert links["ar"] == "/ar/search/?q=law"
    missing = client.get("/n/u/unknown/")
    assert list(missing.context["language_links"]) == []


def test_menu_has_the_sections_and_the_footer_its_thanks(tree: Tree, client: Client) -> None:
    CourseFactory(parent=tree.courses["en"], course_run=make.course_run())

    page = shown(client, "/en/stories/")

    assert [(section.url, section.current) for section in page["menu"]] == [
        ("/en/countries/", False),
        ("/en/stories/", True),
        ("/en/calls/", False),
        ("/en/courses/", False),
        ("/en/programmes/", False),
        ("/en/resources/", False),
    ]
    assert list(page["thanks"]) == [make.THANKS["en"]]


@pytest.mark.parametrize(
    "address",
    [
        "/en/",
        "/en/countries/",
        "/en/countries/kenya/",
        "/en/stories/",
        "/en/stories/told/",
        "/en/calls/",
        "/en/courses/",
        "/en/courses/spring/",
        "/en/stories/?country=KE",
        "/en/topics/",
        "/en/feeds/",
        "/en/nothing-here/",
        "/en/search/?q=learned",
        "/en/search/?q=learned&in=all&country=KE",
        "/en/feed/",
        "/sitemap.xml",
    ],
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_queries_do_not_grow_with_what_there_is_to_show(
    tree: Tree, client: Client, address: str, signed_in: bool
) -> None:
    make.topic("law", en="Law")
    run = make.course_run("spring")
    picture = make.picture()
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    StoryFactory(
        parent=tree.stories["en"], slug="told", topics=("law",), countries=("ET",), course_run=run
    )
    CourseFactory(parent=tree.courses["en"], slug="spring", course_run=run, picture=picture)

    def publish(times: int) -> None:
        for _ in range(times):
            story = StoryFactory(
                parent=tree.stories["en"],
                title="What they learned",
                topics=("law",),
                course_run=run,
                picture=picture,
            )
            call = UpdateFactory(parent=tree.updates["en"], title="Learned calls", topics=["law"])
            CountryFactory(parent=tree.countries["en"], country="UG")
            CourseFactory(parent=tree.courses["en"], course_run=run, picture=picture)
            for page in (story, call):
                insert_or_update_object(page)

    if signed_in:
        client.force_login(ProfileFactory(joined=True).user)
    publish(1)
    client.get(address)  # makes renditions, fills what is kept in memory
    one = queries(client, address)
    publish(2)
    client.get(address)

    assert queries(client, address) == one


def test_feed_tells_the_language_of_its_address(tree: Tree, client: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"], title="Told & heard", slug="told")
    translated(story, "ar", title="قصة", slug="qissa")

    english = client.get("/en/feed/")
    arabic = client.get("/ar/feed/").content.decode()

    assert english["Content-Type"].startswith("application/rss+xml")
    text = english.content.decode()
    assert "<title>Told &amp; heard</title>" in text
    assert f"<link>{settings.SITE_URL}/en/stories/told/</link>" in text
    assert "قصة" not in text
    assert f"{settings.SITE_URL}/ar/stories/qissa/" in arabic


def test_sitemap_lists_every_language_once(tree: Tree, client: Client) -> None:
    story = StoryFactory(parent=tree.stories["en"], slug="told")
    translated(story, "ar", slug="qissa")

    text = client.get("/sitemap.xml").content.decode()

    for path in ("/en/", "/ar/", "/en/stories/told/", "/ar/stories/qissa/", "/en/calls/"):
        assert text.count(f"<loc>http://testserver{path}</loc>") == 1


def test_robots_are_told_what_is_not_for_them(client: Client, db: None) -> None:
    text = client.get("/robots.txt").content.decode()

    assert "Disallow: /cms/" in text
    assert "Disallow: /ar/members/" in text
    assert f"Sitemap: {settings.SITE_URL}/sitemap.xml" in text


@pytest.mark.parametrize("words", ["", "   ", "\x00", "%_'\"\\", "a" * 500, "قانون", "&|!<->:*"])
def test_search_takes_any_words(tree: Tree, client: Client, words: str) -> None:
    answer = client.get("/en/search/", {"q": words})

    assert answer.status_code == 200
    assert answer.context["found"].count == 0


def test_search_finds_by_title_standfirst_and_text_in_its_language(
    tree: Tree, client: Client
) -> None:
    story = StoryFactory(
        parent=tree.stories["en"],
        title="Screening",
        standfirst="Ten questions",
        body=[("paragraph", "<p>A referral sheet</p>")],
    )
    arabic = translated(story, "ar", title="الفرز")
    for page in (story, arabic):
        insert_or_update_object(page)

    for word in ("screening", "questions", "referral sheet"):
        assert titles(list(shown(client, f"/en/search/?q={word}")["found"].hits)) == ["Screening"]
    assert titles(list(shown(client, "/ar/search/?q=الفرز")["found"].hits)) == ["الفرز"]
    assert shown(client, "/en/search/?q=الفرز")["found"].count == 0


def test_site_without_a_single_page_answers(db: None, client: Client) -> None:
    cache.clear()

    assert client.get("/en/search/").status_code == 200
    assert client.get("/en/feed/").status_code == 200
    assert client.get("/sitemap.xml").status_code == 200


def test_a_country_tells_its_people_as_a_band_and_shows_members_the_door(
    tree: Tree, client: Client
) -> None:
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    for number in range(5):
        ProfileFactory(joined=True, country="KE", tier="network", family_name=f"Canary{number}")
        page = client.get("/en/countries/kenya/").content.decode()
        assert ("5 to 9 members" in page) is (number == 4)
        assert "Canary" not in page

    assert 'href="/en/members/?where=KE"' in page
    assert client.get("/en/members/?where=KE").status_code == 302
