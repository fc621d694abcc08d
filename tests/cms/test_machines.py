"""What machines are told: a day for calendars, data and pictures for those who show a page."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import pytest
import time_machine
from django.test import Client

from cms import calendars
from tests.factories import cms as make
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import CourseFactory, StoryFactory, Tree, UpdateFactory, translated

TODAY = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
HOSTILE = "Apply, now; or\nBEGIN:VALARM \\ </script><script>alert(1)</script> & é" + "ن" * 80


@pytest.fixture(autouse=True)
def _day() -> Any:
    with time_machine.travel(TODAY, tick=False):
        yield


def call(tree: Tree, **facts: Any) -> Any:
    facts = {"title": "Call", "deadline": dt.date(2026, 11, 30), "slug": "call"} | facts
    return UpdateFactory(parent=tree.updates["en"], **facts)


def properties(body: bytes) -> dict[str, str]:
    """The file as a calendar reads it: unfolded lines by name."""
    lines = body.replace(b"\r\n ", b"").decode().split("\r\n")
    return dict(line.split(":", 1) for line in lines if line)


def test_a_deadline_is_a_whole_day_with_the_same_name_in_every_language(
    tree: Tree, client: Client
) -> None:
    page = call(tree)
    translated(page, "ar", title="دعوة")

    english, arabic = (
        client.get(f"/{code}/calendar/{page.translation_key}.ics") for code in ("en", "ar")
    )

    told = properties(english.content)
    assert english["Content-Type"] == "text/calendar; charset=utf-8"
    assert told["DTSTART;VALUE=DATE"] == "20261130"
    assert told["DTEND;VALUE=DATE"] == "20261201"
    assert told["SUMMARY"] == "Last day: Call"
    assert told["URL"] == page.address
    assert "دعوة" in properties(arabic.content)["SUMMARY"]
    assert properties(arabic.content)["UID"] == told["UID"]


def test_a_course_is_all_of_its_days_at_its_place(tree: Tree, client: Client) -> None:
    run = make.course_run("a", starts_on=dt.date(2026, 12, 1), ends_on=dt.date(2026, 12, 4))
    page = CourseFactory(parent=tree.courses["en"], slug="spring", course_run=run)

    told = properties(client.get(f"/en/calendar/{page.translation_key}.ics").content)

    days = (told["DTSTART;VALUE=DATE"], told["DTEND;VALUE=DATE"])
    assert days == ("20261201", "20261205")
    assert told["LOCATION"] == "A town"
    assert "calendar/" in client.get("/en/courses/spring/").content.decode()


def test_a_hostile_title_adds_no_line_and_no_line_is_too_long(tree: Tree, client: Client) -> None:
    page = call(tree, title=HOSTILE.replace("\n", " ")[:250], standfirst=HOSTILE)

    body = client.get(f"/en/calendar/{page.translation_key}.ics").content

    assert body.endswith(b"END:VCALENDAR\r\n")
    lines = body.split(b"\r\n")
    assert max(map(len, lines)) <= calendars.LONGEST_LINE
    assert all(line.decode() is not None for line in lines)
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert [line for line in lines if line.startswith(b"BEGIN")] == [
        b"BEGIN:VCALENDAR",
        b"BEGIN:VEVENT",
    ]
    described = properties(body)["DESCRIPTION"]
    assert described.startswith("Apply\\, now\\; or\\nBEGIN:VALARM \\\\ ")


def test_a_day_is_for_whoever_may_read_its_page(tree: Tree, client: Client) -> None:
    page = call(tree, audience="members")
    address = f"/en/calendar/{page.translation_key}.ics"

    assert client.get(address).status_code == 404

    client.force_login(ProfileFactory(joined=True).user)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"


def test_there_is_no_day_to_keep_of_what_has_none_or_is_over(tree: Tree, client: Client) -> None:
    without, over = call(tree, deadline=None), call(tree, slug="x", deadline=dt.date(2026, 11, 1))

    assert client.get(f"/en/calendar/{without.translation_key}.ics").status_code == 404
    for page in (without, over):
        assert "/calendar/" not in client.get(page.get_url()).content.decode()


def data_of(client: Client, address: str) -> dict[str, Any]:
    page = client.get(address).content.decode()
    [found] = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    return dict(json.loads(found))


def test_pages_say_what_they_are(tree: Tree, client: Client) -> None:
    StoryFactory(parent=tree.stories["en"], slug="told", byline="Somebody", picture=make.picture())
    call(tree, kind="course", slug="offer")
    run = make.course_run("a")
    CourseFactory(parent=tree.courses["en"], slug="spring", course_run=run)

    story = data_of(client, "/en/stories/told/")

    assert story["@type"] == "Article"
    assert story["image"].startswith("http")
    assert "Somebody" not in json.dumps(story)
    assert data_of(client, "/en/calls/offer/")["@type"] == "Course"
    course = data_of(client, "/en/courses/spring/")
    assert (course["@type"], course["startDate"]) == ("EducationEvent", run.starts_on.isoformat())
    head = client.get("/en/stories/told/").content.decode().partition("</head>")[0]
    assert f'<meta property="og:image" content="{story["image"]}">' in head
    assert '<meta property="og:type" content="article">' in head


def test_data_cannot_end_its_element(tree: Tree, client: Client) -> None:
    StoryFactory(parent=tree.stories["en"], slug="told", title=HOSTILE[:200].replace("\n", " "))

    assert "</script><script>" in data_of(client, "/en/stories/told/")["headline"]
    assert "<script>alert" not in client.get("/en/stories/told/").content.decode()


@pytest.mark.parametrize("kind", ["story", "call"])
def test_nothing_is_told_of_what_is_for_members(tree: Tree, client: Client, kind: str) -> None:
    page = (
        StoryFactory(parent=tree.stories["en"], audience="members")
        if kind == "story"
        else call(tree, audience="members")
    )
    client.force_login(ProfileFactory(joined=True).user)

    body = client.get(page.get_url()).content.decode()

    assert "og:title" not in body
    assert "ld+json" not in body
