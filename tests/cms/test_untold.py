"""What newsletters leave out for as long as somebody hides whom its words name."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alumni.models import Profile
from alumni.privacy import hiding
from cms import digest, mailings, namings
from cms.models import Dispatch, Manuscript, ShortTranslation, StoryPage
from newsletters.sources import Entry
from tests.factories.alumni import ProfileFactory
from tests.factories.cms import StoryFactory, Tree
from tests.factories.newsletters import NewsletterFactory


@pytest.fixture
def author(db: None) -> Profile:
    return ProfileFactory(joined=True, tier="network", family_name="D'Ávilafamily")


def tell(tree: Tree, title: str, author: Profile | None = None, **facts: str) -> StoryPage:
    page: StoryPage = StoryFactory(parent=tree.stories["en"], title=title, author=author, **facts)
    if author is not None:
        agree(page, author, "byline", "name")
    return page


def agree(page: StoryPage, person: Profile, what: str, form: str = "") -> None:
    row = namings.add(page=page, profile=person, what=what)
    namings.answer(naming=row, by=person.user, agrees=True, form=form, language="en")


def told() -> set[str]:
    now = timezone.now()
    found = digest.entries(now - dt.timedelta(days=1), now)
    return {text.title for entry in found for text in entry.texts}


def test_a_digest_names_no_author_who_is_hidden_and_does_again_afterwards(
    tree: Tree, author: Profile
) -> None:
    tell(tree, "In the title: D’Ávilafamily", author)
    tell(tree, "In the standfirst", author, standfirst="Ms D'ávilafamily tells.")
    short = tell(tree, "In another language", author)
    ShortTranslation.objects.create(page=short, language="fr", title="D'Ávilafamily raconte")
    tell(tree, "Beneath the title alone", author)
    tell(tree, "Of somebody else: D'Ávilafamily")
    everything = told()
    assert len(everything) == 5

    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]
    assert told() == {"Beneath the title alone", "Of somebody else: D'Ávilafamily"}

    hiding.show_me(profile=author, by=author.user)  # type: ignore[arg-type]
    assert told() == everything


@pytest.mark.parametrize("what", ["text", "picture"])
def test_a_digest_leaves_out_in_whose_story_somebody_hidden_is_named_or_pictured(
    tree: Tree, author: Profile, what: str
) -> None:
    agree(tell(tree, "With her"), author, what)
    tell(tree, "Without")

    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]

    assert told() == {"Without"}


def test_what_is_left_out_takes_no_place_of_another(
    tree: Tree, author: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cms.published.MOST_ENTRIES", 2)
    titles = {tell(tree, title).title for title in ("One", "Two")}
    tell(tree, "The newest: D'Ávilafamily", author)

    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]

    assert told() == titles


def test_a_written_mailing_tells_no_story_that_names_whoever_is_hidden(
    tree: Tree, author: Profile
) -> None:
    picked = tell(tree, "Picked: D'Ávilafamily", author)
    tell(tree, "New: D'Ávilafamily", author)
    tell(tree, "New")
    dispatch = Dispatch.objects.create(newsletter=NewsletterFactory(kind="written"), title="One")
    body = [("story", picked), ("newest", {"most": 3})]
    row = Manuscript.objects.create(dispatch=dispatch, language="en", body=body)

    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]

    parts = mailings.as_written(row).parts
    assert [part.texts[0].title for part in parts if isinstance(part, Entry)] == ["New"]
    [finding] = mailings.findings(row)
    assert "who is hidden now" in finding.text


def test_the_same_queries_find_one_story_and_many(tree: Tree, author: Profile) -> None:
    hiding.hide_me(profile=author, by=author.user)  # type: ignore[arg-type]

    def queries(stories: int) -> int:
        for n in range(stories):
            page = tell(tree, f"D'Ávilafamily {n}", author)
            agree(tell(tree, "With her"), author, "text")
            ShortTranslation.objects.create(page=page, language="fr", title="Une femme raconte")
        with CaptureQueriesContext(connection) as captured:
            assert told() == set()
        return len(captured)

    assert queries(1) == queries(3)
