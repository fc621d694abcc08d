"""Stories from members: nothing typed is lost, one editor decides, the author can take it back."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page

from alumni.models import Profile, User
from alumni.privacy import erasure, hiding
from cms import moderation, submissions, today
from cms.models import Naming, StoryPage, Submission
from cms.models.namings import LacksConsent
from newsletters.models import Batch, Consent, Letter
from tests.cms.test_takedown import waiting as mail_that_waits
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.cms import CountryFactory, Tree, translated

NEW = "/en/members/stories/new/"
MINE = "/en/members/me/stories/"
TYPED = {
    "title": "A referral form of one page",
    "standfirst": "One page did what ten could not.",
    "text": "First <b>part</b> & {{ more }}.\n\nSecond <script>alert(1)</script> part.",
    "language": "en",
    "country": "KE",
    "form": "initials",
    "no_case": "on",
}
State = Submission.State


@pytest.fixture
def author(tree: Tree) -> Profile:
    return ProfileFactory(
        joined=True, tier="network", given_name="Qanary", family_name="Xanary", country="KE"
    )


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def editor_of(page: Any) -> User:
    group = Group.objects.create(name=f"Editors of {page.pk}")
    rights = ["add_page", "change_page", "publish_page"]
    for right in Permission.objects.filter(codename__in=rights, content_type__model="page"):
        GroupPagePermission.objects.create(group=group, page=page, permission=right)
    user = UserFactory()
    user.groups.add(group)
    sees = Permission.objects.filter(codename__in=["access_admin", "view_profile"])
    user.user_permissions.add(*sees)
    return User.objects.get(pk=user.pk)


def sent(author: Profile, **changes: Any) -> Submission:
    answer = signed_in(author.user).post(NEW, TYPED | {"send": "1"} | changes)
    assert answer.status_code == 302, answer.context["form"].errors
    return Submission.objects.filter(author=author).latest("pk")


def taken_on(author: Profile, tree: Tree) -> StoryPage:
    return moderation.take_on(by=editor_of(tree.home["en"]), row=sent(author))


def test_a_draft_needs_nothing_and_is_written_on(author: Profile) -> None:
    client = signed_in(author.user)
    client.post(NEW, {"language": "en", "title": "Half a thought", "save": "1"})
    row = Submission.objects.get()
    address = f"/en/members/stories/{row.key}/"
    assert "Half a thought" in client.get(address).content.decode()

    client.post(address, {"language": "en", "title": "A whole one", "save": "1"})

    row.refresh_from_db()
    assert (row.title, row.state) == ("A whole one", State.DRAFT)
    assert "A whole one" in client.get(MINE).content.decode()


def test_what_lacks_is_asked_for_and_nothing_is_lost(author: Profile) -> None:
    typed = TYPED | {"send": "1", "country": "", "people": "Somebody"}
    del typed["no_case"]
    answer = signed_in(author.user).post(NEW, typed)

    assert sorted(answer.context["form"].errors) == ["country", "no_case", "people_agreed"]
    assert "One page did what ten could not." in answer.content.decode()
    row = Submission.objects.get()
    assert (row.state, row.title, row.people) == (State.DRAFT, TYPED["title"], "Somebody")


def test_a_text_that_is_too_long_stands_in_the_form_still(author: Profile) -> None:
    long = "word " * 5000
    answer = signed_in(author.user).post(NEW, TYPED | {"send": "1", "text": long})

    assert list(answer.context["form"].errors) == ["text"]
    assert "word word word" in answer.content.decode()
    assert Submission.objects.get().state == State.DRAFT


def test_sent_taken_on_published_as_the_author_said(author: Profile, tree: Tree) -> None:
    page = taken_on(author, tree)

    assert not page.live
    assert Client().get(page.url).status_code == 404
    row = Naming.objects.get()
    assert (row.profile, row.state, row.form) == (author, Naming.State.GIVEN, "initials")
    assert Consent.objects.filter(purpose=f"byline:{page.translation_key}", given=True).exists()
    page.save_revision().publish()
    shown = Client().get(page.url).content.decode()
    assert "Q. X." in shown
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown


def test_the_consent_is_of_the_moment_at_which_it_was_sent(author: Profile, tree: Tree) -> None:
    row = sent(author)
    before = timezone.now() - dt.timedelta(days=9)
    Submission.objects.filter(pk=row.pk).update(sent_at=before)

    moderation.take_on(by=editor_of(tree.home["en"]), row=row)

    assert Naming.objects.get().answered_at == before
    assert Consent.objects.get(purpose__startswith="byline:").at == before


def letters_to(author: Profile) -> int:
    return Letter.objects.filter(kind="story_news").count()


def test_the_author_is_told_when_it_is_published_and_taken_down(
    author: Profile, tree: Tree
) -> None:
    page = taken_on(author, tree)
    row = Submission.objects.get()
    assert letters_to(author) == 2
    page.save_revision().publish()
    assert letters_to(author) == 3
    row.refresh_from_db()
    assert row.state == State.PUBLISHED
    mine = signed_in(author.user).get(MINE).content.decode()
    assert "on the site" in mine
    assert page.url in mine

    page.refresh_from_db()
    page.title = "Another title"
    page.save_revision().publish()
    assert letters_to(author) == 3
    page.refresh_from_db()
    page.unpublish()

    assert letters_to(author) == 4
    row.refresh_from_db()
    assert row.state == State.TAKEN_DOWN


def test_an_editor_takes_it_down_in_one_step_with_its_translations_and_waiting_mail(
    author: Profile, tree: Tree
) -> None:
    page = taken_on(author, tree)
    page.save_revision().publish()
    arabic = translated(page, "ar", title="عنوان")
    mail_that_waits(page)
    row, before = Submission.objects.get(), letters_to(author)

    editor = signed_in(editor_of(Page.get_first_root_node()))
    editor.post(f"/cms/submissions/{row.key}/", {"down": "1"})

    for one in (page, arabic):
        one.refresh_from_db()
        assert not one.live
        assert Client().get(one.url).status_code == 404
    assert Batch.objects.get().state == Batch.State.CANCELLED
    row.refresh_from_db()
    assert (row.state, letters_to(author)) == (State.TAKEN_DOWN, before + 1)


def test_what_is_deleted_is_down_too(author: Profile, tree: Tree) -> None:
    page = taken_on(author, tree)
    page.save_revision().publish()

    StoryPage.objects.get(pk=page.pk).delete()

    assert Submission.objects.get().state == State.TAKEN_DOWN


def test_the_list_is_paged_and_chosen_from_at_the_same_cost(
    author: Profile, tree: Tree, django_assert_num_queries: Any
) -> None:
    client = signed_in(editor_of(tree.home["en"]))
    facts = {"author": author, "language": "en", "form": "name", "sent_at": timezone.now()}
    for number in range(25):
        country, state = (("KE", "sent"), ("UG", "declined"))[number % 2]
        Submission.objects.create(title=f"Story {number:02}", country=country, state=state, **facts)
    address = "/cms/submissions/"

    def shown(query: str) -> list[str]:
        return sorted(re.findall(r"Story \d\d", client.get(address + query).content.decode()))

    assert len(shown("")) == 13
    assert len(shown("?state=all")) == 20
    assert len(shown("?state=all&p=2")) == 5
    assert len(shown("?state=all&country=UG")) == 12
    assert shown("?state=sent&country=UG") == []
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    Submission.objects.filter(state="sent").exclude(
        pk=Submission.objects.filter(state="sent").first().pk
    ).delete()
    with django_assert_num_queries(len(many)):
        client.get(address)


def test_each_step_is_told_by_a_letter_without_the_title(author: Profile, tree: Tree) -> None:
    row = sent(author)
    moderation.give_back(by=editor_of(tree.home["en"]), row=row, note="Shorter, please.")

    letters = list(Letter.objects.order_by("pk"))
    assert [letter.kind for letter in letters] == ["story_news", "story_news"]
    assert all("referral" not in str(letter.params) for letter in letters)
    assert "Shorter, please." in signed_in(author.user).get(MINE).content.decode()


def test_given_back_is_mended_and_sent_again_declined_is_not(author: Profile, tree: Tree) -> None:
    row, editor = sent(author), editor_of(tree.home["en"])
    with pytest.raises(ValidationError):
        moderation.give_back(by=editor, row=row, note=" ")
    moderation.give_back(by=editor, row=row, note="Shorter, please.")
    address = f"/en/members/stories/{row.key}/"
    signed_in(author.user).post(address, TYPED | {"send": "1", "title": "Shorter"})
    row.refresh_from_db()
    assert (row.state, row.title) == (State.SENT, "Shorter")

    moderation.give_back(by=editor, row=row, note="No.", finally_=True)
    signed_in(author.user).post(address, TYPED | {"send": "1", "title": "Again"})

    row.refresh_from_db()
    assert (row.state, row.title) == (State.DECLINED, "Shorter")


def test_taking_back_takes_the_page_and_waiting_mail_and_nobody_republishes(
    author: Profile, tree: Tree
) -> None:
    page = taken_on(author, tree)
    page.save_revision().publish()
    page.refresh_from_db()
    mail_that_waits(page)
    row = Submission.objects.get()
    address = f"/en/members/stories/{row.key}/back/"
    signed_in(author.user).get(address)
    page.refresh_from_db()
    assert page.live

    signed_in(author.user).post(address)

    page.refresh_from_db()
    assert not page.live
    assert Client().get(page.url).status_code == 404
    assert Batch.objects.get().state != Batch.State.QUEUED
    with pytest.raises(LacksConsent):
        page.save_revision().publish()


def test_a_country_editor_sees_the_own_country_alone(author: Profile, tree: Tree) -> None:
    kenya = CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    uganda = CountryFactory(parent=tree.countries["en"], country="UG", slug="uganda")
    row = sent(author)
    ours, theirs = editor_of(kenya), editor_of(uganda)

    assert [row.pk for row in moderation.waiting(ours)] == [row.pk]
    assert not moderation.waiting(theirs).exists()
    assert TYPED["title"] not in signed_in(theirs).get("/cms/submissions/").content.decode()
    with pytest.raises(PermissionDenied):
        moderation.take_on(by=theirs, row=row)
    page = moderation.take_on(by=ours, row=row)
    assert page.get_parent().pk == kenya.pk


def test_today_says_it_and_the_list_takes_it_on(author: Profile, tree: Tree) -> None:
    editor = editor_of(tree.home["en"])
    row = sent(author)

    said = [one.text for one in today.today(editor).sentences]
    assert "A story waits for you: “A referral form of one page”." in said
    client = signed_in(editor)
    assert row.title in client.get("/cms/submissions/").content.decode()
    address = f"/cms/submissions/{row.key}/"
    assert "One page did" in client.get(address).content.decode()
    client.post(address, {"take": "1"})

    row.refresh_from_db()
    assert row.state == State.TAKEN_ON
    assert not moderation.waiting(editor).exists()


def test_nobody_else_reads_writes_or_takes_it_back(author: Profile) -> None:
    row = sent(author)
    other = signed_in(ProfileFactory(joined=True, tier="network").user)

    for path in (f"/en/members/stories/{row.key}/", f"/en/members/stories/{row.key}/back/"):
        assert other.get(path).status_code == 404
        assert other.post(path, TYPED).status_code == 404
        assert Client().get(path).status_code == 302
    assert signed_in(UserFactory()).get(NEW).status_code == 404


def test_only_so_many_drafts_and_so_many_sent_a_day(
    author: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(submissions, "MOST_KEPT", 1)
    monkeypatch.setattr(submissions, "MOST_SENT_A_DAY", 1)
    sent(author)
    client = signed_in(author.user)

    assert "several stories today" in client.post(NEW, TYPED | {"send": "1"}).content.decode()
    assert "drafts already" in client.post(NEW, TYPED | {"save": "1"}).content.decode()
    assert sorted(Submission.objects.values_list("state", flat=True)) == ["draft", "sent"]


def test_who_hides_waits_for_nobody_and_who_is_erased_leaves_nothing(
    author: Profile, tree: Tree
) -> None:
    editor = editor_of(tree.home["en"])
    sent(author)
    hiding.hide_me(profile=author, by=author.user)
    assert not moderation.waiting(editor).exists()

    erasure.erase(profile=author, by=author.user, language="en")

    assert not Submission.objects.exists()
