"""The archive and its feeds: what everybody may read of an issue, language by language."""

from __future__ import annotations

import datetime as dt
from typing import Any
from xml.etree import ElementTree

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from newsletters import archive
from newsletters.models import Batch, Edition, Fragment, Issue, Newsletter
from newsletters.pipeline import freeze
from newsletters.sources import PersonalLink
from tests.factories.newsletters import IssueFactory, SubscriberFactory, SubscriptionFactory
from tests.newsletters.fake_source import publish, write

HOUR = dt.timedelta(hours=1)


def written(newsletter: Newsletter, **facts: Any) -> Issue:
    """A written mailing in English and Arabic that reached somebody, public as a whole."""
    write("letter", "en ar", **facts)
    for language in ("en", "ar"):
        SubscriptionFactory(
            newsletter=newsletter, subscriber=SubscriberFactory(languages=[language])
        )
    issue = IssueFactory(newsletter=newsletter, kind="written", frequency="", reference="letter")
    freeze.freeze(issue.pk)
    Batch.objects.filter(issue=issue).update(state=Batch.State.ACCEPTED)
    Fragment.objects.filter(issue=issue).exclude(entry="").update(is_public=True)
    return issue


def path_of(issue: Issue, language: str = "en") -> str:
    return f"/{language}/newsletters/{issue.newsletter.slug}/{issue.key}/"


def test_a_written_mailing_reads_as_it_was_sent_without_a_reader_s_own(
    client: Client, newsletter: Newsletter
) -> None:
    issue = written(newsletter, links=(PersonalLink("Answer now", "answer:x"),))

    page = client.get(path_of(issue)).content.decode()

    assert "<h1><bdi>A letter to all of you (en)</bdi></h1>" in page
    assert "<h2>To all</h2>" in page
    assert "not translated" not in page
    assert 'href="http://testserver/"' in page
    for own in ("Answer now", "/n/go/", "/n/u/", "\ue000", "<table", "style=", "alert("):
        assert own not in page


def test_what_was_taken_down_is_not_there(client: Client, newsletter: Newsletter) -> None:
    issue = written(newsletter)
    Fragment.objects.filter(issue=issue).update(withdrawn_at=issue.created_at)

    assert client.get(path_of(issue)).status_code == 404
    assert path_of(issue) not in client.get("/en/newsletters/").content.decode()


def test_what_is_not_for_everyone_is_in_no_list_feed_or_search_engine(
    client: Client, newsletter: Newsletter
) -> None:
    """Whoever got the mail can read it by its address, which nobody can guess."""
    issue = written(newsletter)
    Fragment.objects.filter(issue=issue).update(is_public=False)

    assert client.get(path_of(issue))["X-Robots-Tag"] == "noindex"
    for address in ("/en/newsletters/", f"/en/newsletters/{newsletter.slug}/feed/"):
        assert issue.key not in client.get(address).content.decode()


def test_each_page_names_the_languages_in_which_it_exists(
    client: Client, newsletter: Newsletter
) -> None:
    issue = written(newsletter)

    page = client.get(path_of(issue))

    assert dict(page.context["hreflang_links"]) == {
        language: f"http://testserver{path_of(issue, language)}" for language in ("en", "ar")
    }


def test_a_feed_for_each_newsletter_and_language(client: Client, issue: Issue) -> None:
    publish("kenya", at=issue.cutoff_at - HOUR, languages="en ar")
    publish("inside", at=issue.cutoff_at - HOUR, audience="members")
    for language in ("en", "ar"):
        SubscriptionFactory(
            newsletter=issue.newsletter, subscriber=SubscriberFactory(languages=[language])
        )
    freeze.freeze(issue.pk)
    Batch.objects.update(state=Batch.State.ACCEPTED)

    feeds = {
        language: client.get(f"/{language}/newsletters/{issue.newsletter.slug}/feed/")
        for language in ("en", "ar", "fr")
    }

    items = {
        language: ElementTree.fromstring(feed.content).findall("channel/item")  # noqa: S314
        for language, feed in feeds.items()
    }
    assert {language: len(found) for language, found in items.items()} == {
        "en": 1,
        "ar": 1,
        "fr": 0,
    }
    assert items["ar"][0].findtext("link") == f"http://testserver{path_of(issue, 'ar')}"
    assert "kenya in en" in (items["en"][0].findtext("description") or "")
    assert b"inside" not in feeds["en"].content
    assert client.get("/en/newsletters/nothing/feed/").status_code == 404
    assert client.post(f"/en/newsletters/{issue.newsletter.slug}/feed/").status_code == 405


def test_the_feed_costs_the_same_for_one_and_for_three(
    client: Client, newsletter: Newsletter
) -> None:
    def issue() -> None:
        made = IssueFactory(newsletter=newsletter, kind="written", frequency="")
        made.fragments.create(language="en", entry="e", title="T", url="/", html="", text="")
        edition = Edition.objects.create(issue=made, language="en", selection=[], sha256="x")
        made.batches.create(edition=edition, number=0, size=1, state=Batch.State.ACCEPTED)

    address = f"/en/newsletters/{newsletter.slug}/feed/"
    issue()
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    issue()
    issue()

    with CaptureQueriesContext(connection) as many:
        assert client.get(address).content.count(b"<item>") == 3

    assert len(many) == len(few)


def test_pictures_come_from_our_own_host_and_empty_frames_go() -> None:
    words = archive.words_of(
        '<table><tr><td style="x"><p> </p><p>Read <a href="https://x.example/">this</a></p>'
        '<img src="https://elsewhere.example/p.png" alt="A">'
        '<img src="http://testserver/media/p.png" alt="B" height="auto" onerror="x">'
        "</td></tr></table>"
        '<a href="http://testserver/n/go/\ue000p\ue001/answer/">Mine</a><style>p{}</style>'
    )

    assert words == (
        '<p>Read <a href="https://x.example/">this</a></p>'
        '<img alt="A"><img src="http://testserver/media/p.png" alt="B">'
    )
