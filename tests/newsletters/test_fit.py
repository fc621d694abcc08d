"""Before a list stands, its mails are read: what must not leave stops it, with a sentence."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from newsletters import issues, reports
from newsletters.models import Batch, Delivery, Edition, Fragment, Issue, Newsletter
from newsletters.pipeline import compile, editions, fit, freeze, render
from newsletters.typeset import weight
from tests.factories.newsletters import (
    IssueFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)
from tests.newsletters import fake_source
from tests.newsletters.fake_source import publish, write
from tests.newsletters.test_interleavings import _nobody

HOUR = dt.timedelta(hours=1)
KES = [f"country:{letter}{other}" for letter in "ABCDEF" for other in "ABCDEF"]


def reader(newsletter: Newsletter, *interests: str, languages: str = "en") -> None:
    SubscriptionFactory(
        newsletter=newsletter,
        subscriber=SubscriberFactory(languages=languages.split()),
        interests=list(interests) or ["all"],
    )


def draw_up(issue: Issue) -> Issue:
    freeze.freeze_or_halt(issue.pk)
    issue.refresh_from_db()
    return issue


def told(key: str, issue: Issue, language: str = "en", **words: str) -> None:
    """A story whose words in a language are these."""
    entry = publish(key, at=issue.cutoff_at - HOUR, languages="en ar", interests=key)
    fake_source.published[-1] = replace(
        entry,
        texts=tuple(
            replace(text, **words) if text.language == language else text for text in entry.texts
        ),
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"title": "What TK learned in a year"}, "“TK” marks a place that is not finished"),
        ({"standfirst": "Two weeks. Lorem ipsum."}, "“Lorem ipsum” marks a place"),
        ({"url": "https://staging.network.example.org/en/x/"}, "where only we can look"),
        ({"standfirst": "much to say " * 8_000}, "From 100 KB on it is cut off"),
    ],
)
def test_a_digest_that_must_not_leave_stops_before_anything_is_frozen(
    issue: Issue, words: dict[str, str], sentence: str
) -> None:
    told("country:KE", issue, **words)
    reader(issue.newsletter)

    draw_up(issue)

    assert issue.state == Issue.State.HALTED
    assert sentence in reports.reason(issue)
    assert "Then go on." in reports.reason(issue)
    for nothing in (Edition, Fragment, Batch, Delivery):
        assert not nothing.objects.exists()

    fake_source.published.clear()
    told("country:KE", issue)
    issues.resume(issue, by=_nobody())
    assert draw_up(issue).audience == 1


def test_a_fault_in_one_readers_language_stops_it_for_all(issue: Issue) -> None:
    told("country:KE", issue, language="ar", standfirst="TK")
    reader(issue.newsletter)
    reader(issue.newsletter, languages="ar")

    assert draw_up(issue).state == Issue.State.HALTED


def test_what_nobody_is_to_get_stops_nothing(issue: Issue) -> None:
    told("country:KE", issue, title="What TK learned in a year")
    # Not for anyone who follows nothing of it: few matches are filled up from elsewhere.
    fake_source.published[-1] = replace(fake_source.published[-1], audience="members")
    told("country:ZM", issue)
    reader(issue.newsletter, "country:ZM")

    assert draw_up(issue).state == Issue.State.SENDING


def test_what_ought_to_be_mended_stops_nobodys_digest(issue: Issue) -> None:
    told("country:KE", issue, title="Kenya", standfirst="x" * 1200)
    reader(issue.newsletter)

    assert draw_up(issue).state == Issue.State.SENDING


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("<p>TK</p>", "“TK” marks a place"),
        ("<p>As <a href='http://testserver/en/stories/draft/'>told there</a>.</p>",
         "a page that is not published"),
        ("<p>As <a href='https://bit.ly/x'>bit.ly/x</a> says.</p>", "bit.ly"),
    ],
)  # fmt: skip
def test_a_written_mailing_that_must_not_leave_stops(
    newsletter: Newsletter, body: str, sentence: str
) -> None:
    fake_source.standings["/en/stories/draft/"] = "draft"
    write("letter")
    (manuscript,) = fake_source.manuscripts["letter"]
    fake_source.manuscripts["letter"] = [replace(manuscript, html=body)]
    reader(newsletter)

    issue = draw_up(
        IssueFactory(newsletter=newsletter, kind="written", frequency="", reference="letter")
    )

    assert issue.state == Issue.State.HALTED
    assert sentence in reports.reason(issue)


def test_thanks_that_a_card_lacks_stop_it(issue: Issue) -> None:
    told("country:KE", issue, acknowledgement="Funded by the Ministry of Example.")
    reader(issue.newsletter)

    with transaction.atomic():
        drawn = compile.draw_up(issue)
        editions.make(issue, drawn)
        fit.look(issue, drawn.entries)
        card = Fragment.objects.exclude(entry="").get()
        Fragment.objects.filter(pk=card.pk).update(text=card.text.replace("Ministry", "Bank"))

        with pytest.raises(fit.Unfit, match=r"no_thanks\|Funded by the Ministry"):
            fit.look(issue, drawn.entries)


def test_every_sum_is_reckoned_and_the_heaviest_read_with_twenty_others(issue: Issue) -> None:
    for number, key in enumerate(KES):
        told(key, issue, standfirst="a word more " * number)
    for first in range(len(KES)):
        reader(issue.newsletter, *KES[: first + 1])

    with transaction.atomic():
        editions.make(issue, compile.draw_up(issue))
        drawn = [
            fit.Drawn(*row)
            for row in Edition.objects.values_list(
                "id", "language", "discreet", "subject", "preheader", "selection", "pieces"
            )
        ]
        pieces = fit._pieces(issue, "en", False)
        read = list(fit._sample(pieces, drawn, seed=7))

        assert len(read) == len({one.id for one in read}) == 21
        assert len(read[0].selection) == len(KES)
        assert read == list(fit._sample(pieces, drawn, seed=7))
        assert all(weight(pieces.mail(one).html) <= render.MOST_WEIGHT + 1024 for one in read)
        least = min(read, key=pieces.weight)
        mail, joined = pieces.mail(least), editions.mail(Edition.objects.get(pk=least.id))
        assert (mail.html, mail.text) == (joined.html, joined.text)
        assert abs(pieces.weight(least) - weight(mail.html)) < 2 * 1024


def test_reading_takes_as_many_statements_for_one_selection_and_for_many(db: None) -> None:
    own_this_database()
    counts = []
    for selections in (1, 8):
        issue = IssueFactory()
        for key in KES[:8]:
            told(key, issue)
        for first in range(selections):
            reader(issue.newsletter, *KES[: first + 1])
        with transaction.atomic():
            drawn = compile.draw_up(issue)
            editions.make(issue, drawn)
            with CaptureQueriesContext(connection) as asked:
                fit.look(issue, drawn.entries)
        counts.append(len(asked))
        fake_source.published.clear()

    assert counts[0] == counts[1]
