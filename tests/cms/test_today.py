"""The front screen of the admin: what waits for the one who looks, a button each, seven at most."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alumni.followup import asking, rounds
from alumni.joining import doors
from alumni.models import (
    Complaint,
    Conversation,
    Enrolment,
    Hiding,
    Invitation,
    Profile,
    RosterRow,
    RosterUpload,
    User,
)
from alumni.privacy import erasure, hiding
from cms import namings, today
from cms.models import BylineChange, Naming, StoryPage
from newsletters import plans
from newsletters.models import Pulse
from newsletters.today import Urgency
from tests.factories.alumni import CourseRunFactory, EnrolmentFactory, ProfileFactory, UserFactory
from tests.factories.cms import StoryFactory, Tree
from tests.factories.newsletters import IssueFactory, NewsletterFactory, own_this_database

pytestmark = pytest.mark.django_db
ENDED = dt.date(2026, 8, 27)
NOON = dt.datetime(2026, 11, 26, 12, tzinfo=dt.UTC)
"""Thirteen weeks later."""


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(NOON, tick=False):
        own_this_database()
        Pulse.objects.update_or_create(name="tick", defaults={"at": timezone.now()})
        yield


def colleague(*rights: str) -> User:
    user = UserFactory()
    user.user_permissions.add(*Permission.objects.filter(codename__in=["access_admin", *rights]))
    return User.objects.get(pk=user.pk)


@pytest.fixture
def officer() -> User:
    return colleague("view_profile", "change_profile", "add_profile", "send_issue", "add_hiding")


@pytest.fixture
def run() -> Any:
    return CourseRunFactory(slug="winter", starts_on=ENDED, ends_on=ENDED)


def said(user: User) -> list[str]:
    """What somebody waits for; what is worth doing sometime has a file of its own."""
    return [one.text for one in today.today(user).sentences if one.urgency < Urgency.SOMETIME]


def someone(run: Any, **fields: Any) -> Profile:
    profile: Profile = ProfileFactory(**fields)
    EnrolmentFactory(run=run, profile=profile)
    return profile


def bounced(profile: Profile, run: Any) -> None:
    Invitation.objects.create(
        profile=profile,
        run=run,
        address=profile.address,
        step="first",
        hash=f"hash of {profile.pk}",
        sent_at=NOON - dt.timedelta(days=2),
        expires_at=NOON + dt.timedelta(days=12),
        bounced_at=NOON - dt.timedelta(days=1),
    )


def held(run: Any, owner: User, *, broken: int, name: str = "winter.csv") -> RosterUpload:
    upload = RosterUpload.objects.create(
        owner=owner, run=run, name=name, language="en", state="read", size=3
    )
    RosterRow.objects.bulk_create(
        RosterRow(upload=upload, number=n, cells=["x"], outcome="broken" if n < broken else "new")
        for n in range(3)
    )
    return upload


def test_a_fresh_installation_begins_with_a_roster(officer: User) -> None:
    [one] = today.today(officer).sentences

    assert one.button == "Import a roster"
    assert str(one.url) == "/cms/rosters/"


def test_nothing_waits(officer: User, run: Any) -> None:
    someone(run, joined=True, reviewed_at=NOON)
    client = Client()
    client.force_login(officer)

    page = client.get("/cms/").content.decode()

    assert said(officer) == []
    assert "Nothing waits for you." in page


def test_how_many_have_joined_and_the_slips_that_bring_the_first(officer: User, run: Any) -> None:
    people = [someone(run) for _person in range(3)]
    [one] = today.today(officer).sentences
    assert one.text == f"Nobody of {run} has joined yet: 3 people wait for a way in."
    assert (one.button, str(one.url)) == ("Print 3 slips", "/cms/joining/winter/slips/")

    user = UserFactory()
    Profile.objects.filter(pk=people[0].pk).update(user=user, accepted_at=NOON, reviewed_at=NOON)

    [one] = today.today(officer).sentences
    assert one.text == f"1 of 3 people of {run} have joined."
    assert str(one.url) == "/cms/joining/winter/"


def test_rosters_wait_for_the_one_who_sent_them(officer: User, run: Any) -> None:
    someone(run, joined=True, reviewed_at=NOON)
    held(run, officer, broken=1)
    held(run, colleague("view_profile", "add_profile"), broken=1, name="of somebody else.csv")

    [sentence] = said(officer)
    assert sentence == f"“winter.csv” for {run} waits for your word: 1 row is to be mended."
    [one] = today.today(officer).sentences
    assert str(one.url) == f"/cms/rosters/{RosterUpload.objects.get(owner=officer).key}/"


def test_is_this_the_person_and_whose_mail_came_back(officer: User, run: Any) -> None:
    someone(run, joined=True, door="slip", reviewed_at=NOON)
    person = someone(run, phone="+1")
    bounced(person, run)

    sentences = said(officer)

    assert f"1 person of {run} came by a slip or a call: is it the person?" in sentences
    assert f"The mailbox of 1 person of {run} does not exist: it is time for a call." in sentences
    person.calls.create(number="+1", result="no_answer", by=officer)
    assert not any("mailbox" in one for one in said(officer))


def test_reports_stale_profiles_and_hidings(run: Any) -> None:
    officer = colleague("view_profile", "view_complaint", "add_hiding")
    one, other = (someone(run, joined=True) for _n in range(2))
    talk = Conversation.objects.create(asker=one, asked=other)
    Complaint.objects.create(conversation=talk, by=other, why="rude")
    Hiding.objects.create(country="ZM", why="unrest", began_at=NOON - dt.timedelta(days=40))
    Profile.objects.update(accepted_at=NOON - dt.timedelta(days=400))

    assert [one.text for one in today.everything(officer)] == [
        "A member reported a conversation.",
        "2 members have not looked at their profile for a year.",
        "Zambia is hidden since 17 October 2026. Is that still needed?",
    ]
    hiding.end(hiding=Hiding.objects.get(), by=officer)
    assert len(today.everything(officer)) == 2


def test_a_question_is_due(officer: User, run: Any) -> None:
    newsletter = NewsletterFactory(slug="after-the-course", kind="written", is_open=False)
    plans.ensure_steps(newsletter, rounds.steps())
    profile = someone(run, joined=True, reviewed_at=NOON)
    assert asking.agree(profile=profile, given=True, language="en", by=profile.user)

    [one] = today.today(officer).sentences

    assert one.text == f"“After three months” is due for {run}: 1 person."
    assert str(one.url) == "/cms/joining/winter/follow-up/send/3-months/"
    assert said(colleague("view_profile")) == []


def signed(page: StoryPage, author: Profile) -> None:
    asked = namings.add(page=page, profile=author, what="byline")
    namings.answer(naming=asked, by=author.user, agrees=True, form="name", language="en")
    page.save_revision().publish()


@pytest.fixture
def story(tree: Tree) -> StoryPage:
    author = ProfileFactory(joined=True, tier="network", reviewed_at=NOON)
    page: StoryPage = StoryFactory(parent=tree.stories["en"], author=author, countries=("ZM",))
    signed(page, author)
    page.refresh_from_db()
    return page


def test_a_byline_that_went_is_told_until_somebody_has_seen_it(
    story: StoryPage, editor: User
) -> None:
    author = story.author
    hiding.hide_me(profile=author, by=author.user)

    one = today.today(editor).sentences[0]
    assert one.text.startswith("Zambia story: byline changed.")
    assert author.name not in one.text
    client = Client()
    client.force_login(editor)
    screen = client.get(one.url).content.decode()
    assert story.title in screen
    key = BylineChange.objects.get().pk
    assert client.get(f"/cms/bylines/{key}/seen/").status_code == 405
    client.post(f"/cms/bylines/{key}/seen/")
    assert said(editor) == []
    assert BylineChange.objects.get().seen_by == editor


def test_a_byline_that_is_back_is_no_news(story: StoryPage, editor: User) -> None:
    author = story.author
    hiding.hide_me(profile=author, by=author.user)
    hiding.show_me(profile=author, by=author.user)

    assert said(editor) == []


def test_of_the_erased_the_news_names_nobody(story: StoryPage, editor: User) -> None:
    erasure.erase(profile=story.author, by=story.author.user, language="en")

    assert said(editor)[0].startswith("Zambia story: byline changed.")
    assert [row.what for row in BylineChange.objects.all()] == ["erased"]


def test_a_byline_taken_back_is_told(story: StoryPage, editor: User) -> None:
    naming = Naming.objects.get()
    namings.answer(naming=naming, by=story.author.user, agrees=False, language="en")

    [text] = said(editor)
    assert text.startswith("Zambia story: byline changed.")


def test_a_story_that_went_with_a_consent_is_told(story: StoryPage, editor: User) -> None:
    StoryPage.objects.update(standfirst=f"Told by {story.author.name}.")
    naming = Naming.objects.get()
    namings.answer(naming=naming, by=story.author.user, agrees=False, language="en")

    story.refresh_from_db()
    assert not story.live
    assert said(editor) == [
        f"“{story.title}” was taken down: somebody in it does not agree to it any more."
    ]


def test_whoever_edits_no_page_is_told_of_no_story(story: StoryPage, officer: User) -> None:
    hiding.hide_me(profile=story.author, by=story.author.user)

    assert said(officer) == []
    client = Client()
    client.force_login(officer)
    key = BylineChange.objects.get().pk
    assert client.post(f"/cms/bylines/{key}/seen/").status_code in {302, 403, 404}
    assert BylineChange.objects.get().seen_at is None
    assert story.title not in client.get("/cms/bylines/").content.decode()


def test_what_stops_mail_comes_first_with_the_way_to_it(run: Any) -> None:
    issue = IssueFactory(state="paused", reason="")
    someone(run)

    found = today.today(colleague("view_issue", "view_profile")).sentences

    assert str(found[0].url) == f"/cms/mailings/{issue.pk}/"
    assert found[0].button == "Open the mailing"


def test_seven_at_most_and_each_with_one_button(run: Any, story: StoryPage) -> None:
    boss = User.objects.get(pk=UserFactory(is_superuser=True).pk)
    for n in range(9):
        held(run, boss, broken=1, name=f"{n}.csv")
        IssueFactory(state="paused", reason="")
    someone(run, joined=True, door="slip")
    Hiding.objects.create(country="ZM", why="unrest")
    found = today.today(boss)

    assert len(found.sentences) == today.MOST == 7
    assert found.more > 0
    client = Client()
    client.force_login(boss)
    page = client.get("/cms/").content.decode()
    listed = re.findall(r"<li[^>]*data-today.*?</li>", page, re.S)
    assert [len(re.findall(r"<a ", one)) for one in listed] == [1] * 7


@pytest.mark.parametrize("rights", [(), ("view_issue",), ("view_profile",), ("add_profile",)])
def test_nobody_is_told_of_what_he_or_she_may_not_do(rights: tuple[str, ...], run: Any) -> None:
    user = colleague(*rights)
    person = someone(run, joined=True, door="slip")
    bounced(someone(run), run)
    Hiding.objects.create(country="ZM", why="unrest")
    talk = Conversation.objects.create(asker=person, asked=someone(run, joined=True))
    Complaint.objects.create(conversation=talk, by=person, why="rude")
    client = Client()
    client.force_login(user)

    refused = [
        one.url
        for one in today.today(user).sentences
        if client.get(str(one.url)).status_code != 200
    ]
    assert refused == []
    if "view_profile" not in rights:
        assert not any("joined" in text or "person" in text for text in said(user))


def test_queries_do_not_grow(run: Any, tree: Tree) -> None:
    boss = UserFactory(is_superuser=True)

    def add() -> None:
        other = CourseRunFactory(starts_on=ENDED, ends_on=ENDED)
        author = someone(other, joined=True, tier="network")
        signed(StoryFactory(parent=tree.stories["en"], author=author), author)
        hiding.hide_me(profile=author, by=author.user)
        someone(other, joined=True, door="slip")
        bounced(someone(other), other)
        held(other, boss, broken=1)
        talk = Conversation.objects.create(asker=author, asked=someone(other, joined=True))
        Complaint.objects.create(conversation=talk, by=author, why="rude")
        Hiding.objects.create(institution=f"Ministry {other.pk}", why="unrest")
        IssueFactory(state="paused", reason="")

    def count() -> int:
        user = User.objects.get(pk=boss.pk)
        with CaptureQueriesContext(connection) as found:
            today.today(user)
        return len(found)

    add()
    add()
    two = count()
    add()
    add()
    assert count() == two
    assert Enrolment.objects.count() == 4 * 4
    assert doors.sums()
