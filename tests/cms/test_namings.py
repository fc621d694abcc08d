"""May we name you? Nobody stands in a story without a yes, and a no acts everywhere at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from alumni.models import Profile
from alumni.privacy import access
from cms import namings
from cms.models import Naming, StoryPage
from cms.models.namings import LacksConsent, may_be_published, people_of
from newsletters.models import Batch, Consent, Letter
from tests.cms.test_takedown import waiting
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.cms import StoryFactory, Tree

MINE = "/en/members/me/stories/"
TOLD = "/en/stories/told/"


@pytest.fixture
def author(db: None) -> Profile:
    return ProfileFactory(
        joined=True,
        tier="network",
        given_name="Qanarygiven",
        family_name="Xanaryfamily",
        role="prosecutor",
        country="KE",
    )


@pytest.fixture
def draft(tree: Tree, author: Profile) -> StoryPage:
    page: StoryPage = StoryFactory(
        parent=tree.stories["en"], slug="told", author=author, live=False
    )
    return page


def agreed(page: StoryPage, person: Profile, what: str = "byline", form: str = "name") -> Naming:
    asked = namings.add(page=page, profile=person, what=what)
    return namings.answer(naming=asked, by=person.user, agrees=True, form=form, language="en")


def take_back(row: Naming) -> None:
    namings.answer(naming=row, by=row.profile.user, agrees=False, language="en")


def publish(page: StoryPage) -> None:
    page.save_revision().publish()
    page.refresh_from_db()


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_story_waits_for_its_author(draft: StoryPage, author: Profile) -> None:
    with pytest.raises(LacksConsent):
        publish(draft)
    agreed(draft, author)
    publish(draft)

    assert draft.live


@pytest.mark.parametrize("what", ["text", "picture"])
def test_a_story_waits_for_whoever_is_named_or_pictured(
    draft: StoryPage, author: Profile, what: str
) -> None:
    agreed(draft, author)
    other = ProfileFactory(joined=True, tier="network")
    row = namings.add(page=draft, profile=other, what=what)

    with pytest.raises(LacksConsent):
        publish(draft)
    take_back(row)
    with pytest.raises(LacksConsent):
        publish(draft)
    agreed(draft, other, what, form="")
    publish(draft)

    assert draft.live


def test_who_refuses_is_not_named_and_holds_nothing_up_unless_the_words_do(
    draft: StoryPage, author: Profile, client: Client
) -> None:
    take_back(namings.add(page=draft, profile=author, what="byline"))
    publish(draft)
    assert "anary" not in client.get(TOLD).content.decode()

    draft.standfirst = "How Xanaryfamily did it."
    with pytest.raises(LacksConsent):
        publish(draft)


@pytest.mark.parametrize(
    ("form", "tier", "shown"),
    [
        ("name", "network", "Qanarygiven Xanaryfamily"),
        ("initials", "network", "Q. X."),
        ("role", "network", "Prosecutor, Kenya"),
        ("role", "protected", "Prosecutor, "),
    ],
)
def test_the_byline_is_what_the_author_chose(
    draft: StoryPage, author: Profile, client: Client, form: str, tier: str, shown: str
) -> None:
    Profile.objects.filter(pk=author.pk).update(tier=tier)
    author.refresh_from_db()
    draft.byline = "An editor's idea"
    agreed(draft, author, form=form)
    publish(draft)

    page = client.get(TOLD).content.decode()
    assert shown in page
    assert "An editor" not in page
    assert ("Kenya" in draft.shown_byline) is (tier == "network" and form == "role")


def test_taking_it_back_takes_the_byline_off_page_and_search(
    draft: StoryPage, author: Profile, client: Client
) -> None:
    row = agreed(draft, author)
    publish(draft)
    assert TOLD in client.get("/en/search/?q=xanaryfamily").content.decode()

    take_back(row)

    assert "anary" not in client.get(TOLD).content.decode()
    assert TOLD not in client.get("/en/search/?q=xanaryfamily").content.decode()


def test_a_story_that_names_who_took_it_back_is_taken_down_everywhere(
    draft: StoryPage, author: Profile, client: Client
) -> None:
    row = agreed(draft, author)
    draft.standfirst = "How Xanaryfamily did it."
    publish(draft)
    waiting(draft)

    take_back(row)

    assert client.get(TOLD).status_code == 404
    for path in ("/en/stories/", "/en/feed/", "/sitemap.xml", "/en/search/?q=xanaryfamily"):
        assert TOLD not in client.get(path).content.decode()
    assert Batch.objects.get().state == Batch.State.CANCELLED


def test_a_picture_that_is_taken_back_takes_every_language_down(
    draft: StoryPage, author: Profile, tree: Tree
) -> None:
    agreed(draft, author)
    row = agreed(draft, author, "picture", form="")
    publish(draft)
    StoryFactory(parent=tree.stories["ar"], translation_key=draft.translation_key, author=author)

    take_back(row)

    live = StoryPage.objects.filter(translation_key=draft.translation_key, live=True)
    assert not live.exists()


def test_what_was_agreed_stands_in_the_record_word_for_word(
    draft: StoryPage, author: Profile
) -> None:
    row = agreed(draft, author, form="initials")
    take_back(row)

    said = [(one.given, one.wording, one.how) for one in reversed(access.consents(author))]
    words = "A story on the public site may be signed “Q. X.”."
    assert said == [(True, words, "web form"), (False, words, "web form")]
    assert set(Consent.objects.values_list("purpose", flat=True)) == {
        f"byline:{draft.translation_key}"
    }


def test_nobody_answers_for_somebody_else(draft: StoryPage, author: Profile) -> None:
    row = namings.add(page=draft, profile=author, what="byline")
    other = ProfileFactory(joined=True)

    with pytest.raises(PermissionDenied):
        namings.answer(naming=row, by=other.user, agrees=True, form="name", language="en")
    page = signed_in(other.user).post(MINE, {"key": row.key, "do": "yes", "form": "name"})

    assert page.status_code == 404
    assert not may_be_published(draft)


def test_a_member_answers_on_the_own_page(draft: StoryPage, author: Profile) -> None:
    row = namings.add(page=draft, profile=author, what="byline")
    mine = signed_in(author.user)

    page = mine.get(MINE).content.decode()
    assert draft.title in page
    assert "Prosecutor, Kenya" in page
    mine.post(MINE, {"key": row.key, "do": "yes"})
    assert not may_be_published(draft)
    mine.post(MINE, {"key": row.key, "do": "yes", "form": "role"})

    row.refresh_from_db()
    assert (row.state, row.form) == ("given", "role")
    mine.post(MINE, {"key": row.key, "do": "no"})
    row.refresh_from_db()
    assert row.state == "refused"


def test_the_own_page_asks_as_often_for_three_stories_as_for_one(
    tree: Tree, author: Profile
) -> None:
    mine, counts = signed_in(author.user), []
    mine.get(MINE)  # what is kept between requests is fetched once
    for n in (1, 2):
        for _story in range(n):
            page = StoryFactory(parent=tree.stories["en"], author=author, live=False)
            namings.add(page=page, profile=author, what="byline")
        with CaptureQueriesContext(connection) as queries:
            mine.get(MINE)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_the_question_is_mailed_and_names_nothing(draft: StoryPage, author: Profile) -> None:
    assert namings.ask(page=draft, profile=author, what="byline")
    assert not namings.ask(page=draft, profile=author, what="byline")

    (letter,) = Letter.objects.all()
    assert (letter.kind, letter.to) == ("story_asks", author.user.email)
    assert draft.title not in str(letter.params)


def test_who_has_no_account_is_asked_on_paper(draft: StoryPage) -> None:
    listed = ProfileFactory(user=None, accepted_at=None)
    row = namings.add(page=draft, profile=listed, what="text")

    with pytest.raises(ValidationError):
        namings.ask(page=draft, profile=listed, what="text")
    said = {"agrees": True, "form": "", "language": "en"}
    with pytest.raises(ValidationError):
        namings.note_on_paper(naming=row, how=" ", **said)
    noted = namings.note_on_paper(naming=row, how="form of 3 May", **said)

    assert (noted.state, noted.how) == ("given", "form of 3 May")
    assert Consent.objects.get().how == "staff, on paper"


@pytest.fixture
def editor(db: None) -> Client:
    return signed_in(UserFactory(is_superuser=True, is_staff=True))


def test_the_editor_is_told_what_to_do(draft: StoryPage, author: Profile, editor: Client) -> None:
    edit = f"/cms/pages/{draft.pk}/edit/"
    people = f"/cms/stories/{draft.pk}/people/"
    form = editor.get(edit).context["form"]
    data = {"action-publish": "1", "title": draft.title, "slug": draft.slug}
    data |= {"standfirst": draft.standfirst, "audience": "public", "author": str(author.pk)}
    data |= {"countries": "KE", "byline": ""}
    data |= nested_form_data(
        {"body": streamfield([("paragraph", rich_text("<p>Step by step.</p>"))])}
    )
    for formset in form.formsets.values():
        data |= {f"{formset.prefix}-{name}_FORMS": "0" for name in ("TOTAL", "INITIAL")}

    response = editor.post(edit, data)

    assert response.status_code == 302, response.context["form"].errors
    assert response["Location"] == people
    draft.refresh_from_db()
    assert not draft.live
    page = editor.get(people).content.decode()
    assert "cannot be published yet" in page
    editor.post(people, {"ask": "1", "who": f"{author.key}:byline"})
    assert Letter.objects.get().kind == "story_asks"
    note = {"note": "1", "who": f"{author.key}:byline", "agrees": "yes", "form": "role"}
    editor.post(people, note | {"how": "call of 3 May"})
    assert may_be_published(draft)
    other = ProfileFactory(joined=True)
    editor.post(people, {"add": "1", "profile": other.pk, "what": "picture"})
    assert [one.what for one in people_of(draft)] == ["byline", "picture"]
    assert not may_be_published(draft)


def test_who_may_not_see_people_does_not_see_who_is_in_it(draft: StoryPage) -> None:
    plain = UserFactory(is_staff=True)

    assert signed_in(plain).get(f"/cms/stories/{draft.pk}/people/").status_code in (302, 403)
