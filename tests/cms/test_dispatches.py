"""A mailing that editors write: its words, its stories, and what ends an approval."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from cms import digest, dispatching, mailings
from cms.models import Dispatch, Manuscript, ShortTranslation, UpdatePage
from newsletters import approving, reports
from newsletters.approving import CannotPropose
from newsletters.models import Edition, Issue, Newsletter
from newsletters.sources import Button, Entry, Figure, Words
from tests.factories.alumni import CourseRunFactory, UserFactory
from tests.factories.cms import (
    StoryFactory,
    Tree,
    UpdateFactory,
    course_run,
    picture,
    translated,
)
from tests.factories.newsletters import (
    BatchFactory,
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)

pytestmark = pytest.mark.django_db
TEXT = ("text", "<p>Read <a href='https://example.org/a/'>this</a>.</p>")


@pytest.fixture
def newsletter(tree: Tree) -> Newsletter:
    own_this_database()
    return NewsletterFactory(kind="written")


@pytest.fixture
def dispatch(newsletter: Newsletter) -> Dispatch:
    for name, languages in (("amina", ["en"]), ("badr", ["ar"])):
        subscriber = SubscriberFactory(address=f"{name}@example.org", languages=languages)
        SubscriptionFactory(newsletter=newsletter, subscriber=subscriber)
    return Dispatch.objects.create(newsletter=newsletter, title="Spring letter")


def write(dispatch: Dispatch, language: str = "en", *blocks: Any, **words: str) -> Manuscript:
    facts = {
        "subject": "What we learned this spring",
        "preheader": "Three stories, one call, and a question to all of you.",
    } | words
    return Manuscript.objects.create(
        dispatch=dispatch, language=language, body=list(blocks or (TEXT,)), **facts
    )


@pytest.fixture
def proposed(dispatch: Dispatch) -> Issue:
    write(dispatch, "en")
    write(
        dispatch, "ar", subject="ما تعلمناه في الربيع", preheader="ثلاث قصص ودعوة واحدة وسؤال لكم"
    )
    return dispatching.propose(dispatch, by=UserFactory())


def ended(issue: Issue) -> str:
    issue.refresh_from_db()
    return reports.reason(issue) if issue.state == Issue.State.CANCELLED else ""


def test_every_block_becomes_a_part(dispatch: Dispatch, tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"], title="A door at night")
    row = write(
        dispatch,
        "en",
        ("heading", "To all"),
        TEXT,
        ("story", story),
        ("quotation", {"words": "It works.", "speaker": "A judge, Kenya"}),
        ("picture", {"picture": picture(), "caption": "Drawn"}),
        ("button", {"label": "Read on", "page": story, "url": ""}),
        ("divider", None),
        ("acknowledgement", course_run().project.slug),
    )

    found = mailings.as_written(row)

    kinds = [type(part).__name__ for part in found.parts]
    assert kinds == [
        "Words", "Words", "Entry", "Words", "Figure", "Button", "Divider", "Words"
    ]  # fmt: skip
    words = [part for part in found.parts if isinstance(part, Words)]
    assert words[1].text == "Read this (https://example.org/a/)."
    assert "With thanks to the donor." in words[3].text
    assert next(p.url for p in found.parts if isinstance(p, Button)).endswith(story.slug + "/")
    assert next(p.picture.width for p in found.parts if isinstance(p, Figure)) == 568
    assert found.holds == (f"{story.entry_key}@en",)


def cards(row: Manuscript) -> list[tuple[str, str, str]]:
    parts = mailings.as_written(row).parts
    return [
        (part.texts[0].title, part.texts[0].note, part.texts[0].words_in)
        for part in parts
        if isinstance(part, Entry)
    ]


def test_a_chosen_story_stands_in_the_language_of_the_words(dispatch: Dispatch, tree: Tree) -> None:
    story = StoryFactory(parent=tree.stories["en"], title="A door at night")
    translated(story, "ar", title="باب في الليل")
    ShortTranslation.objects.create(page=story, language="fr", title="Une porte", standfirst="Dit.")
    rows = {code: write(dispatch, code, ("story", story)) for code in ("en", "ar", "fr", "pt")}

    assert cards(rows["en"]) == [("A door at night", "", "")]
    assert cards(rows["ar"]) == [("باب في الليل", "", "")]
    assert cards(rows["fr"]) == [("Une porte", "Texte intégral en anglais.", "")]
    ((title, note, words_in),) = cards(rows["pt"])
    assert (title, words_in) == ("A door at night", "en")
    assert "inglês" in note


def test_a_story_that_is_not_for_these_readers_is_refused(dispatch: Dispatch, tree: Tree) -> None:
    hidden = StoryFactory(parent=tree.stories["en"], title="For members", audience="members")
    draft = StoryFactory(parent=tree.stories["en"], title="A draft", live=False)
    row = write(dispatch, "en", TEXT, ("story", hidden), ("story", draft))

    texts = [one.text for one in mailings.findings(row) if one.severity == "block"]

    assert texts == [
        "“For members” is not for everybody this mailing goes to: take it out.",
        "“A draft” is not published: publish it, or take it out.",
    ]
    assert cards(row) == []
    with pytest.raises(CannotPropose, match="For members"):
        dispatching.propose(dispatch, by=UserFactory())


def test_a_members_story_may_go_to_members(dispatch: Dispatch, tree: Tree) -> None:
    run = CourseRunFactory()
    hidden = StoryFactory(parent=tree.stories["en"], title="For members", audience="members")
    dispatch.criteria = {"runs": [run.slug]}
    dispatch.save()

    assert mailings.findings(write(dispatch, "en", ("story", hidden))) == []


def test_a_call_that_is_over_is_refused_and_one_that_ends_soon_is_told(
    dispatch: Dispatch, tree: Tree
) -> None:
    today = timezone.localdate()
    calls = [
        UpdateFactory(parent=tree.updates["en"], title=title, deadline=today + dt.timedelta(days))
        for title, days in (("Over", -1), ("Soon", 1), ("Later", 9))
    ]
    row = write(dispatch, "en", TEXT, *(("call", call) for call in calls))

    found = [(one.code, one.severity) for one in mailings.findings(row)]

    assert UpdatePage.objects.count() == 3
    assert found == [("over", "block"), ("soon_over", "warn")]


def test_the_newest_since_the_last_mailing_stand_by_themselves(
    dispatch: Dispatch, tree: Tree
) -> None:
    mailed(dispatch, days_ago=2)
    told = StoryFactory(parent=tree.stories["en"], title="Told before")
    told.first_live.update(mailable_at=timezone.now() - dt.timedelta(days=3))
    picked, *_new = [StoryFactory(parent=tree.stories["en"], title=f"New {n}") for n in range(4)]
    StoryFactory(parent=tree.stories["en"], title="Not for all", audience="members")

    row = write(dispatch, "en", ("story", picked), ("newest", {"most": 2}))

    assert [title for title, _note, _in in cards(row)] == ["New 0", "New 3", "New 2"]


def mailed(dispatch: Dispatch, days_ago: int, batch: str = "accepted") -> None:
    """A mailing of the newsletter of which one batch ended so; "" for one without any."""
    issue = IssueFactory(
        newsletter=dispatch.newsletter,
        kind="written",
        frequency="",
        state=Issue.State.DONE,
        frozen_at=timezone.now(),
        cutoff_at=timezone.now() - dt.timedelta(days=days_ago),
    )
    if batch:
        BatchFactory(edition__issue=issue, state=batch)


@pytest.mark.parametrize(
    ("batch", "has_told"),
    [
        ("accepted", True),
        ("unknown", True),
        ("queued", True),
        ("cancelled", False),
        ("failed", False),
        ("expired", False),
        ("", False),
    ],
)
def test_a_mailing_of_which_nothing_left_has_told_nobody(
    dispatch: Dispatch, tree: Tree, batch: str, has_told: bool
) -> None:
    story = StoryFactory(parent=tree.stories["en"], title="New since the one that left")
    story.first_live.update(mailable_at=timezone.now() - dt.timedelta(days=2))
    mailed(dispatch, days_ago=3)
    mailed(dispatch, days_ago=1, batch=batch)

    row = write(dispatch, "en", ("newest", {"most": 2}))

    assert bool(cards(row)) is not has_told


def test_words_are_written_when_all_three_are_there(dispatch: Dispatch) -> None:
    write(dispatch, "en")
    write(dispatch, "ar", subject="")

    found = digest.written(dispatch.reference)

    assert [one.language for one in found] == ["en"]
    assert digest.written("dispatch:nothing") == []


def test_a_new_language_takes_over_what_says_the_same_in_each(
    dispatch: Dispatch, tree: Tree
) -> None:
    story = StoryFactory(parent=tree.stories["en"])
    write(dispatch, "en", TEXT, ("story", story), ("newest", {"most": 2}))

    row = dispatching.add_language(dispatch, "fr")

    assert [block.block_type for block in row.body] == ["story", "newest"]
    assert row.body[0].value.pk == story.pk
    assert row.lacks == ["subject", "preheader"]
    assert dispatching.add_language(dispatch, "fr") == row


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("subject", "Another subject for it", "The subject was changed (English)."),
        ("preheader", "Another line after the subject", "The line after the subject was changed"),
        ("body", [("text", "<p>Other words.</p>")], "The text was changed (English)."),
        ("subject", "", "A language was taken out: English."),
    ],
)
def test_changed_words_end_an_approval(proposed: Issue, field: str, value: Any, says: str) -> None:
    row = Manuscript.objects.get(language="en")
    setattr(row, field, value)

    row.save()

    assert says in ended(proposed)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("criteria", {"languages": ["en"]}, "It was to go to other readers."),
        ("fallback", "en", "Readers of other languages were to be treated otherwise."),
        ("not_before", timezone.now(), "It was to leave at another time."),
        ("not_after", timezone.now(), "It was to leave at another time."),
    ],
)
def test_another_audience_or_time_ends_an_approval(
    proposed: Issue, dispatch: Dispatch, field: str, value: Any, says: str
) -> None:
    setattr(dispatch, field, value)

    dispatch.save()

    assert says in ended(proposed)


def test_a_language_more_or_less_ends_an_approval(proposed: Issue, dispatch: Dispatch) -> None:
    write(dispatch, "fr")
    assert "A language was added: French." in ended(proposed)

    again = dispatching.propose(dispatch, by=UserFactory())
    Manuscript.objects.get(language="ar").delete()
    assert "A language was taken out: Arabic." in ended(again)


def test_languages_that_are_deleted_together_end_an_approval(proposed: Issue) -> None:
    Manuscript.objects.filter(language="ar").delete()

    assert "A language was taken out: Arabic." in ended(proposed)


def test_another_sender_is_told_before_it_would_stop_the_mailing(proposed: Issue) -> None:
    assert dispatching.sender_differs(proposed) == ""

    Newsletter.objects.update(reply_to="other@example.net")

    issue = Issue.objects.get(pk=proposed.pk)
    assert "the one for answers" in dispatching.sender_differs(issue)


def test_what_changes_nothing_ends_nothing(proposed: Issue, dispatch: Dispatch) -> None:
    row = Manuscript.objects.get(language="en")
    row.save()
    row.save_revision()
    dispatch.title = "Another name among colleagues"
    dispatch.save()
    dispatching.add_language(dispatch, "fr")

    assert ended(proposed) == ""


def test_an_edit_writes_to_no_edition(proposed: Issue) -> None:
    before = set(Edition.objects.values_list("pk", "subject", "sha256"))
    row = Manuscript.objects.get(language="en")
    row.subject = "Another subject for it"

    row.save()

    assert set(Edition.objects.values_list("pk", "subject", "sha256")) == before


def test_a_look_says_which_language_is_missing_and_for_how_many(dispatch: Dispatch) -> None:
    write(dispatch, "en")

    look = dispatching.look(dispatch)

    (missing,) = [one for one in look.findings if one.code == "language_missing"]
    assert missing.text == (
        "Arabic is not written: 1 person of the audience reads it first. "
        "Whoever reads none of its languages gets nothing."
    )
    assert (look.reach.people, look.complete, look.blocks) == (1, ("en",), [])
    assert approving.standing(dispatch.reference) is None


def test_nothing_finished_is_said_and_blocks(dispatch: Dispatch) -> None:
    (finding,) = dispatching.look(dispatch).blocks

    assert finding.code == "nothing_written"


def test_a_test_goes_to_each_colleague_in_each_language(dispatch: Dispatch) -> None:
    write(dispatch, "en")
    write(dispatch, "ar")
    write(dispatch, "fr", subject="")

    assert dispatching.send_tests(dispatch, to=["a@example.org", "b@example.org"]) == 4


def test_a_story_edited_since_is_told_and_what_was_proposed_stays(
    dispatch: Dispatch, tree: Tree
) -> None:
    story = StoryFactory(parent=tree.stories["en"], title="A door at night")
    write(dispatch, "en", TEXT, ("story", story))
    issue = dispatching.propose(dispatch, by=UserFactory())
    assert dispatching.differing(dispatch, issue) == []

    story.title = "A door by day"
    story.save_revision().publish()

    assert dispatching.differing(dispatch, issue) == ["en"]
    assert ended(issue) == ""
