"""Who is named or pictured in what others tell: asked alone, hidden, erased, copied, scheduled."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Revision

from alumni.models import Profile
from alumni.privacy import erasure, export, hiding
from cms import namings
from cms.models import BylineChange, ShortTranslation, StoryPage
from cms.models.namings import LacksConsent, people_of
from cms.tasks import keep_to_the_schedule
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.cms import StoryFactory, Tree

MINE = "/en/members/me/stories/"


@pytest.fixture
def author(db: None) -> Profile:
    return ProfileFactory(joined=True, tier="network", given_name="José", family_name="D'Ávila")


@pytest.fixture
def draft(tree: Tree, author: Profile) -> StoryPage:
    page: StoryPage = StoryFactory(
        parent=tree.stories["en"], slug="told", author=author, live=False
    )
    return page


@pytest.fixture
def named(draft: StoryPage, author: Profile) -> Profile:
    """Somebody whom the live story names, with consent."""
    person: Profile = ProfileFactory(joined=True, tier="network")
    agree(draft, author, "byline", form="name")
    agree(draft, person, "text")
    publish(draft)
    return person


def agree(page: StoryPage, person: Profile, what: str, form: str = "") -> None:
    row = namings.add(page=page, profile=person, what=what)
    namings.answer(naming=row, by=person.user, agrees=True, form=form, language="en")


def publish(page: StoryPage) -> None:
    page.save_revision().publish()
    page.refresh_from_db()


def news() -> list[str]:
    return list(BylineChange.objects.filter(seen_at=None).values_list("what", flat=True))


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_whoever_came_by_a_slip_answers_for_nobody_before_staff_know_the_person(
    draft: StoryPage, client: Client, answer: str
) -> None:
    person = ProfileFactory(joined=True, tier="network", door="slip")
    row = namings.add(page=draft, profile=person, what="text")
    client.force_login(person.user)

    response = client.post(MINE, {"key": row.key, "do": answer})

    row.refresh_from_db()
    assert (response.status_code, row.state) == (404, "waiting")
    with pytest.raises(ValidationError):
        namings.ask(page=draft, profile=person, what="text")


def test_no_paper_is_above_the_persons_own_no(draft: StoryPage, author: Profile) -> None:
    row = namings.add(page=draft, profile=author, what="byline")
    row = namings.answer(naming=row, by=author.user, agrees=False, language="en")
    paper: dict[str, Any] = {"form": "name", "how": "form of 3 May", "language": "en"}

    with pytest.raises(ValidationError):
        namings.note_on_paper(naming=row, agrees=True, **paper)

    row.refresh_from_db()
    assert row.state == "refused"


def test_a_no_on_paper_can_become_a_yes_on_paper(draft: StoryPage, author: Profile) -> None:
    row = namings.add(page=draft, profile=author, what="byline")
    paper: dict[str, Any] = {"form": "name", "how": "form of 3 May", "language": "en"}
    row = namings.note_on_paper(naming=row, agrees=False, **paper)

    assert namings.note_on_paper(naming=row, agrees=True, **paper).state == "given"


@pytest.mark.parametrize("place", ["short", "marked up", "decomposed"])
def test_a_refused_name_is_found_wherever_and_however_it_is_written(
    draft: StoryPage, author: Profile, place: str
) -> None:
    row = namings.add(page=draft, profile=author, what="byline")
    namings.answer(naming=row, by=author.user, agrees=False, language="en")
    if place == "short":
        short = ShortTranslation(language="fr", title="Selon José D'Ávila")
        draft.short_translations.add(short)
    elif place == "marked up":
        draft.body = [("heading", "What D'Ávila did")]
    else:
        draft.standfirst = "What D’A\u0301vila did"

    with pytest.raises(LacksConsent):
        publish(draft)


def test_a_named_person_who_hides_is_told_to_editors_until_he_or_she_is_back(
    named: Profile,
) -> None:
    hiding.hide_me(profile=named, by=named.user)
    hidden = news()
    hiding.show_me(profile=named, by=named.user)

    assert (hidden, news()) == (["named"], [])


def test_hiding_takes_the_place_of_no_other_news(
    draft: StoryPage, author: Profile, named: Profile
) -> None:
    row = namings.add(page=draft, profile=author, what="byline")
    namings.answer(naming=row, by=author.user, agrees=False, language="en")

    hiding.hide_me(profile=author, by=author.user)
    hiding.show_me(profile=author, by=author.user)

    assert news() == ["withdrawn"]


def test_a_story_is_taken_down_when_somebody_named_in_it_is_erased(
    draft: StoryPage, named: Profile
) -> None:
    erasure.erase(profile=named, by=named.user, language="en")

    draft.refresh_from_db()
    assert (draft.live, news()) == (False, ["taken_down"])


def test_a_story_is_taken_down_when_its_words_name_the_author_who_is_erased(
    draft: StoryPage, author: Profile
) -> None:
    agree(draft, author, "byline", form="name")
    draft.standfirst = "How José D'Ávila did it."
    publish(draft)

    erasure.erase(profile=author, by=author.user, language="en")

    draft.refresh_from_db()
    assert (draft.live, news()) == (False, ["taken_down"])


def test_an_older_version_by_somebody_else_keeps_its_author(
    draft: StoryPage, author: Profile
) -> None:
    other = ProfileFactory(joined=True)
    first = draft.save_revision()
    draft.author = other
    draft.save()
    second = draft.save_revision()

    erasure.erase(profile=other, by=other.user, language="en")

    versions = Revision.objects.filter(pk__in=[first.pk, second.pk]).order_by("pk")
    assert [version.content["author"] for version in versions] == [author.pk, None]


def test_the_file_of_everything_says_where_the_person_stands(
    draft: StoryPage, author: Profile, named: Profile
) -> None:
    namings.add(page=draft, profile=author, what="picture")

    [section] = [one for one in export.sections(named, by=named.user) if one.label == "cms.Naming"]

    assert [(row["what"], row["state"], row["title"]) for row in section.rows] == [
        ("text", "given", draft.title)
    ]


def test_a_copy_is_a_draft_and_asks_everybody_anew(
    draft: StoryPage, author: Profile, named: Profile, client: Client
) -> None:
    client.force_login(UserFactory(is_superuser=True))
    typed = {"new_title": "Copy", "new_slug": "copied", "new_parent_page": draft.get_parent().pk}

    client.post(
        reverse("wagtailadmin_pages:copy", args=[draft.pk]), typed | {"publish_copies": "on"}
    )

    copy = StoryPage.objects.get(slug="copied")
    assert not copy.live
    assert [(one.profile, one.what, one.holds_up) for one in people_of(copy)] == [
        (author, "byline", True),
        (named, "text", True),
    ]


def scheduled(page: StoryPage) -> None:
    """As Wagtail leaves it when the hour has come."""
    hour = timezone.now() + dt.timedelta(hours=1)
    page.go_live_at = hour
    version = page.save_revision(approved_go_live_at=hour)
    version.publish()
    past = timezone.now() - dt.timedelta(minutes=1)
    Revision.objects.filter(pk=version.pk).update(
        approved_go_live_at=past, content=version.content | {"go_live_at": past.isoformat()}
    )


def test_what_is_scheduled_goes_live_and_a_story_that_waits_holds_up_nothing(
    tree: Tree, draft: StoryPage, author: Profile
) -> None:
    agree(draft, author, "byline", form="name")
    scheduled(draft)
    namings.add(page=draft, profile=ProfileFactory(joined=True), what="picture")
    other = StoryFactory(parent=tree.stories["en"], slug="other", live=False)
    scheduled(other)

    keep_to_the_schedule()

    live = StoryPage.objects.filter(live=True).values_list("slug", flat=True)
    assert list(live) == ["other"]
    assert not Revision.objects.filter(approved_go_live_at__isnull=False).exists()
