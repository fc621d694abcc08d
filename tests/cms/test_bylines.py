"""A story and the person who told it: when the person hides, comes back or is erased."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from wagtail.models import Revision

from alumni.models import Profile
from alumni.privacy import erasure, hiding
from cms import namings
from cms.models import StoryPage
from newsletters.models import Fragment, Issue
from tests.factories.alumni import ProfileFactory, UserFactory
from tests.factories.cms import StoryFactory, Tree
from tests.factories.newsletters import EditionFactory, IssueFactory

STORY = "/en/stories/told/"


@pytest.fixture
def author(db: None) -> Profile:
    return ProfileFactory(
        joined=True, tier="network", given_name="Qanarygiven", family_name="Xanaryfamily"
    )


@pytest.fixture
def story(tree: Tree, author: Profile) -> StoryPage:
    page: StoryPage = StoryFactory(parent=tree.stories["en"], slug="told", author=author)
    asked = namings.add(page=page, profile=author, what="byline")
    namings.answer(naming=asked, by=author.user, agrees=True, form="name", language="en")
    page.save_revision().publish()
    page.refresh_from_db()
    return page


def told(client: Client) -> str:
    return client.get(STORY).content.decode()


def found(client: Client) -> bool:
    return STORY in client.get("/en/search/?q=xanaryfamily").content.decode()


def mailed(page: StoryPage, state: str = Issue.State.SENDING) -> Fragment:
    """A card of the story, as its title is now, in a mailing under way."""
    issue = IssueFactory(state=state)
    return Fragment.objects.create(
        issue=issue,
        language="en",
        entry=f"{page.entry_key}@en",
        title=page.title,
        html="",
        text="",
        sha256="0" * 64,
    )


def test_the_byline_stands_as_the_author_chose(story: StoryPage, client: Client) -> None:
    assert "Qanarygiven Xanaryfamily" in told(client)
    assert found(client)


def test_a_hidden_author_is_on_no_page_and_in_no_search(
    story: StoryPage, author: Profile, client: Client
) -> None:
    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]

    assert "anary" not in told(client)
    assert not found(client)

    hiding.show_me(profile=author, by=author.user)  # type: ignore[arg-type]
    assert "Qanarygiven Xanaryfamily" in told(client)
    assert found(client)


def test_hiding_a_country_takes_its_authors_off(
    story: StoryPage, author: Profile, client: Client
) -> None:
    officer = UserFactory()

    row = hiding.hide(by=officer, why="raid", country=author.country)
    assert "anary" not in told(client)

    hiding.end(hiding=row, by=officer)
    assert "Qanarygiven Xanaryfamily" in told(client)


@pytest.mark.parametrize(
    ("words", "held_back"),
    [({"standfirst": "Xanaryfamily and the ledger."}, True), ({}, False)],
)
def test_waiting_mail_that_names_a_hidden_author_does_not_leave(
    story: StoryPage, author: Profile, words: dict[str, Any], held_back: bool
) -> None:
    StoryPage.objects.filter(pk=story.pk).update(**words)
    card = mailed(story)

    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]

    card.refresh_from_db()
    assert (card.withdrawn_at is not None) is held_back


def erase(author: Profile) -> None:
    erasure.erase(profile=author, by=author.user, language="en")


def hide(author: Profile) -> None:
    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]


@pytest.mark.parametrize("go", [hide, erase])
@pytest.mark.parametrize(
    ("then", "taken_down"),
    [("Xanaryfamily and the ledger", True), ("The ledger of then", False)],
)
def test_the_archive_forgets_the_name_that_an_older_title_held(
    story: StoryPage, author: Profile, go: Any, then: str, taken_down: bool
) -> None:
    StoryPage.objects.filter(pk=story.pk).update(title=then)
    story.refresh_from_db()
    card = mailed(story, Issue.State.DONE)
    StoryPage.objects.filter(pk=story.pk).update(title="The ledger")

    go(author)

    card.refresh_from_db()
    assert card.title == then
    assert (card.withdrawn_at is not None) is taken_down


def test_the_archive_forgets_a_written_mailing_that_tells_of_the_story_and_names_its_author(
    story: StoryPage, author: Profile
) -> None:
    issue = IssueFactory(kind="written", frequency="", state=Issue.State.DONE)
    words = Fragment.objects.create(
        issue=issue,
        language="en",
        entry="dispatch:1@en",
        html="<p>Read what Ms\xa0Xanaryfamily did.</p>",
        text="",
        sha256="0" * 64,
    )
    EditionFactory(
        issue=issue,
        language="en",
        selection=[words.entry],
        holds=[f"{story.entry_key}@en"],
    )

    hide(author)

    words.refresh_from_db()
    assert words.withdrawn_at is not None


def test_an_erased_author_is_in_no_version_of_the_story(
    story: StoryPage, author: Profile, client: Client
) -> None:
    erasure.erase(profile=author, by=author.user, language="en")

    assert "anary" not in told(client)
    assert not found(client)
    story.refresh_from_db()
    assert (story.author, story.byline) == (None, "")
    versions = Revision.page_revisions.filter(object_id=str(story.pk))
    assert versions.count() > 0
    assert "anary" not in "".join(str(version.content) for version in versions)
    versions.order_by("pk").first().publish()  # type: ignore[union-attr]
    assert "anary" not in told(client)


def test_a_story_without_an_author_among_the_members_keeps_its_byline(
    tree: Tree, client: Client
) -> None:
    StoryFactory(parent=tree.stories["en"], slug="told", byline="A. O., Kenya")

    assert "A. O., Kenya" in told(client)
