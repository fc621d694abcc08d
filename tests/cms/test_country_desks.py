"""Country editors work in their countries and are told of nothing elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import Collection, Site

from alumni.models import Profile, User
from cms import desks, moderation, today
from cms.models import CountryDesk, StorySteps, Submission
from cms.models.namings import LacksConsent
from cms.waiting import HELD_BACK
from tests.cms.test_page_forms import preview
from tests.cms.test_submissions import TYPED, author, sent, signed_in
from tests.factories.alumni import UserFactory
from tests.factories.cms import CountryFactory, StoryFactory, Tree, picture

__all__ = ["author"]

SECRET = "Quiet title"
State = Submission.State


@dataclass
class Desks:
    kenya: Any
    uganda: Any
    ours: Any
    theirs: Any
    common: Any
    editor: User
    colleague: User


@pytest.fixture
def world(tree: Tree) -> Desks:
    """A desk for one country, and drafts of it, of another country, and of none."""
    kenya = CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    uganda = CountryFactory(parent=tree.countries["en"], country="UG", slug="uganda")
    desk = desks.set_up(desk=CountryDesk(name="Nairobi", countries=["KE"]))
    editor, colleague = UserFactory(), UserFactory()
    editor.groups.add(desk.group)
    colleague.groups.add(Group.objects.get(name="Editors"))
    draft = {"live": False, "first_published_at": None}
    return Desks(
        kenya=kenya,
        uganda=uganda,
        ours=StoryFactory(parent=kenya, title="Ours", **draft),
        theirs=StoryFactory(parent=uganda, title=SECRET, countries=("UG",), **draft),
        common=StoryFactory(parent=tree.stories["en"], title=SECRET, **draft),
        editor=editor,
        colleague=colleague,
    )


ON_A_PAGE = (
    "pages/{}/edit/",
    "pages/{}/",
    "pages/{}/usage/",
    "pages/{}/history/",
    "pages/{}/view_draft/",
    "pages/{}/delete/",
    "pages/{}/unpublish/",
    "pages/{}/copy/",
    "pages/{}/move/",
    "pages/{}/add_subpage/",
    "pages/{}/privacy/",
    "pages/{}/workflow_history/",
    "choose-page/{}/",
    "choose-page/chosen-multiple/?id={}",
    "api/main/pages/{}/",
    "localize/submit/page/{}/",
    "bulk/wagtailcore/page/delete/?id={}",
    "stories/{}/people/",
)
LISTS = (
    "pages/",
    "pages/search/?q=Quiet",
    "choose-page/",
    "choose-page/search/?q=Quiet",
    "api/main/pages/?fields=title",
    "reports/site-history/",
    "reports/aging-pages/",
    "reports/page-types-usage/",
    "reports/workflow/",
    "pages/usage/cms/storypage/",
    "pages/create/cms/storypage",
    "localize/reports/translations/",
    "submissions/?state=all",
    "bylines/",
    "waiting/",
    "story-list/",
    "story-list/?q=Quiet",
    "reports/translations/",
    "reports/scheduled-pages/",
    "reports/unfinished-pages/",
    "",
)


def test_a_desk_works_in_its_section_and_a_colleague_everywhere(world: Desks) -> None:
    ours, colleague = signed_in(world.editor), signed_in(world.colleague)

    for page in (world.ours, world.kenya):
        assert ours.get(f"/cms/pages/{page.pk}/edit/").status_code == 200
        assert ours.get(f"/cms/choose-page/chosen-multiple/?id={page.pk}").status_code == 200
    for page in (world.theirs, world.common, world.ours):
        assert colleague.get(f"/cms/pages/{page.pk}/edit/").status_code == 200
        assert colleague.get(f"/cms/choose-page/chosen-multiple/?id={page.pk}").status_code == 200


@pytest.mark.parametrize("route", ON_A_PAGE)
def test_a_page_of_elsewhere_answers_as_one_that_is_not_there(world: Desks, route: str) -> None:
    client = signed_in(world.editor)

    for page in (world.theirs, world.common, world.uganda):
        answers = [client.get("/cms/" + route.format(number)) for number in (page.pk, 9_000_000)]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert SECRET not in answers[0].content.decode()


@pytest.mark.parametrize("route", LISTS)
def test_no_list_tells_of_elsewhere(world: Desks, route: str) -> None:
    for page in (world.theirs, world.common):
        page.save_revision(user=world.colleague, log_action=True)

    answer = signed_in(world.editor).get(f"/cms/{route}", follow=True)

    assert SECRET not in answer.content.decode()


def test_countries_of_elsewhere_are_in_no_report_and_no_sentence(world: Desks) -> None:
    published = {"audience": "members", "first_published_at": timezone.now()}
    StoryFactory(parent=world.uganda, countries=("UG",), **published)
    StoryFactory(parent=world.common.get_parent(), countries=("KE",), **published)
    ours, colleague = signed_in(world.editor), signed_in(world.colleague)

    [kenya] = ours.get("/cms/reports/countries/").context["rows"]
    assert (kenya.code, kenya.stories) == ("KE", 0)
    told = {
        row.code: row.stories for row in colleague.get("/cms/reports/countries/").context["rows"]
    }
    assert (told["KE"], told["UG"]) == (1, 1)
    said = [one.text for one in today.everything(world.editor)]
    assert not [one for one in said if "countries have no story" in one]


def test_a_story_that_missed_its_day_leads_a_desk_where_it_may_go(world: Desks) -> None:
    log(instance=world.ours, action=HELD_BACK)

    [held] = [one for one in today.everything(world.editor) if "on its day" in one.text]
    assert signed_in(world.editor).get(held.url).status_code == 200


def test_a_draft_of_elsewhere_is_in_no_preview(tree: Tree, world: Desks) -> None:
    same = {"translation_key": world.ours.translation_key, "title": SECRET, "live": False}
    StoryFactory(parent=tree.stories["ar"], **same).save_revision()
    for mode in ("in-ar", "cards"):
        assert SECRET not in preview(world.ours, mode, world.editor)
        assert SECRET in preview(world.ours, mode, world.colleague)


def test_a_desk_takes_no_day_from_a_page_elsewhere(author: Profile, world: Desks) -> None:
    row = sent(author, country="KE")
    world.common.save_revision(approved_go_live_at=timezone.now() + dt.timedelta(days=1))
    Submission.objects.filter(pk=row.pk).update(
        state=State.TAKEN_ON, story=world.common.translation_key
    )

    with pytest.raises(PermissionDenied):
        moderation.take_down(by=world.editor, row=Submission.objects.get(pk=row.pk))

    assert world.common.revisions.exclude(approved_go_live_at=None).exists()


def test_pictures_of_elsewhere_are_not_chosen(world: Desks) -> None:
    desk = CountryDesk.objects.get()
    ours, theirs = picture(collection=desk.collection), picture()
    client = signed_in(world.editor)
    routes = ("images/chooser/chosen/{}/", "images/{}/", "images/chooser/chosen-multiple/?id={}")

    assert [client.get("/cms/" + route.format(ours.pk)).status_code for route in routes] == [
        *(200, 200, 200),
    ]
    assert [client.get("/cms/" + route.format(theirs.pk)).status_code for route in routes] == [
        *(404, 404, 404),
    ]
    assert client.get("/cms/api/main/images/").status_code == 404
    assert f"/cms/images/{theirs.pk}/" not in client.get("/cms/images/").content.decode()


def test_what_is_live_for_members_elsewhere_is_not_theirs_either(world: Desks) -> None:
    for page in (world.ours, world.theirs):
        page.audience = "members"
        page.save_revision().publish()
    client = signed_in(world.editor)

    assert client.get(world.ours.url).status_code == 200
    assert client.get(world.theirs.url).status_code == 404
    assert SECRET not in client.get("/en/").content.decode()


def test_stories_from_members_by_country(author: Profile, world: Desks) -> None:
    kenyan, ugandan = sent(author), sent(author, country="UG", title=SECRET)
    client = signed_in(world.editor)

    assert client.get(f"/cms/submissions/{kenyan.key}/").status_code == 200
    for answer in (
        client.get(f"/cms/submissions/{ugandan.key}/"),
        client.post(f"/cms/submissions/{ugandan.key}/", {"take": "1"}),
    ):
        assert answer.status_code == 404
    said = [one.text for one in today.today(world.editor).sentences]
    assert [text for text in said if "story waits" in text] == [
        "A story waits for you: “A referral form of one page”."
    ]
    assert "Stories from members (1)" in client.get("/cms/").content.decode()
    page = moderation.take_on(by=world.editor, row=kenyan)
    assert page.get_parent().pk == world.kenya.pk


def test_the_author_s_name_is_for_whoever_looks_after_people(author: Profile, world: Desks) -> None:
    row = sent(author)

    shown = signed_in(world.editor).get(f"/cms/submissions/{row.key}/").content.decode()

    assert "Q. X." in shown
    assert author.family_name not in shown


def test_a_new_section_and_another_country_change_the_rights(tree: Tree, world: Desks) -> None:
    arabic = CountryFactory(parent=tree.countries["ar"], country="KE", slug="kenya")
    assert arabic.permissions_for_user(fresh(world.editor)).can_edit()

    desk = CountryDesk.objects.get()
    desk.countries = ["UG"]
    desks.set_up(desk=desk)

    assert not world.kenya.permissions_for_user(fresh(world.editor)).can_edit()
    assert world.uganda.permissions_for_user(fresh(world.editor)).can_edit()


def test_without_a_desk_nothing_is_left_of_it(world: Desks) -> None:
    CountryDesk.objects.get().delete()

    assert not Group.objects.filter(name="Nairobi").exists()
    assert signed_in(fresh(world.editor)).get("/cms/").status_code == 302
    assert Collection.objects.filter(name="Nairobi").exists()


def test_a_desk_is_made_on_the_screen_by_administrators_alone(world: Desks) -> None:
    chief = UserFactory()
    chief.groups.add(Group.objects.get(name="Administrators"))
    typed = {"name": "Kampala", "countries": ["UG"]}

    assert signed_in(world.colleague).get("/cms/country-editors/new/").status_code != 200
    answer = signed_in(chief).post("/cms/country-editors/new/", typed)

    assert answer.status_code == 302
    desk = CountryDesk.objects.get(name="Kampala")
    assert (desk.countries, desk.group.name) == (["UG"], "Kampala")


def steps(**on: bool) -> None:
    site = Site.objects.get(is_default_site=True)
    StorySteps.objects.update_or_create(site=site, defaults=on)


def test_where_it_is_switched_on_a_country_editor_passes_it_first(
    author: Profile, world: Desks
) -> None:
    steps(country_first=True)
    row = sent(author)
    assert list(moderation.waiting(world.editor)) == [row]
    assert not moderation.waiting(world.colleague).exists()
    for user in (world.editor, world.colleague):
        with pytest.raises(PermissionDenied):
            moderation.take_on(by=user, row=row)

    signed_in(world.editor).post(f"/cms/submissions/{row.key}/", {"pass": "1"})

    assert not moderation.waiting(world.editor).exists()
    assert list(moderation.waiting(world.colleague)) == [row]
    assert moderation.take_on(by=world.colleague, row=row).pk


def test_a_country_without_editors_of_its_own_holds_nothing_up(
    author: Profile, world: Desks
) -> None:
    steps(country_first=True)

    assert moderation.take_on(by=world.colleague, row=sent(author, country="UG")).pk


def test_a_story_that_was_mended_is_passed_again(author: Profile, world: Desks) -> None:
    steps(country_first=True)
    row = sent(author)
    moderation.pass_on(by=world.editor, row=row)
    moderation.give_back(by=world.colleague, row=row, note="Shorter.")

    signed_in(author.user).post(f"/en/members/stories/{row.key}/", TYPED | {"send": "1"})

    assert list(moderation.waiting(world.editor)) == [row]


def test_the_institution_agrees_before_it_is_published(author: Profile, world: Desks) -> None:
    steps(institution_agrees=True)
    row = sent(author)
    page = moderation.take_on(by=world.colleague, row=row)
    with pytest.raises(LacksConsent):
        page.save_revision().publish()
    client = signed_in(world.colleague)
    assert "has not agreed yet" in client.get(f"/cms/submissions/{row.key}/").content.decode()

    client.post(f"/cms/submissions/{row.key}/", {"sign_off": "The registrar, by letter, 3 May"})

    row.refresh_from_db()
    assert (row.sign_off_by, bool(row.sign_off_at)) == (world.colleague, True)
    page.save_revision().publish()
    page.refresh_from_db()
    assert page.live


def test_the_author_may_say_who_agreed(author: Profile, world: Desks) -> None:
    steps(institution_agrees=True)
    assert re.search(
        "Who at your institution",
        signed_in(author.user).get("/en/members/stories/new/").content.decode(),
    )
    row = sent(author, sign_off="My head of unit, 3 May")

    assert (row.sign_off, row.sign_off_by, bool(row.sign_off_at)) == (
        "My head of unit, 3 May",
        None,
        True,
    )
    moderation.take_on(by=world.colleague, row=row).save_revision().publish()


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_a_stranger_to_the_desk_is_led_to_the_sign_in(world: Desks) -> None:
    assert Client().get(f"/cms/pages/{world.theirs.pk}/edit/").status_code == 302
