"""The reader's pages: GET changes nothing, unknown links all look alike, nothing typed is lost."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from newsletters import issues, letters, subscriptions
from newsletters.models import Batch, Edition, Issue, Letter, Newsletter, Subscriber, Subscription
from newsletters.pipeline import freeze
from tests.factories.newsletters import (
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
)
from tests.newsletters.fake_source import linked, permitted, publish


@pytest.fixture(autouse=True)
def no_bell(monkeypatch: Any) -> None:
    monkeypatch.setattr(letters, "ring", lambda letter_id: None)


@pytest.fixture
def subscription(newsletter: Newsletter) -> Subscription:
    return SubscriptionFactory(
        newsletter=newsletter,
        subscriber=SubscriberFactory(address="amina@example.org", languages=["en", "ar"]),
    )


@pytest.fixture
def client() -> Client:
    """A reader whose network has asked for nothing yet."""
    cache.clear()
    return Client(enforce_csrf_checks=False)


def opened(client: Client, path: str) -> dict[str, str]:
    """The hidden field of a form that was opened two seconds ago."""
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)):
        page = client.get(path).content.decode()
    return {"opened": re.search(r'name="opened" value="([^"]+)"', page)[1]}  # type: ignore[index]


def ask(client: Client, newsletter: Newsletter, address: str, **more: Any) -> Any:
    path = "/en/newsletters/subscribe/"
    answers = {"newsletter": newsletter.slug, "language": "ar", "frequency": "monthly", **more}
    return client.post(path, {**opened(client, path), "address": address, **answers})


def mailed_path() -> str:
    """Where the link of the one confirmation mail leads."""
    url: str = Letter.objects.get(kind="confirm").params["confirm_url"]
    return url.removeprefix("http://testserver")


def shown(answer: Any) -> str:
    """The words of a page, without its tags."""
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", answer.content.decode()))


def carried(answer: Any) -> list[str]:
    """The codes that the form on a page sends along unseen."""
    return re.findall(r'type="hidden" name="follow" value="([^"]+)"', answer.content.decode())


def test_subscribing_answers_the_same_for_known_and_unknown(
    client: Client, subscription: Subscription
) -> None:
    known = ask(client, subscription.newsletter, "amina@example.org")
    unknown = ask(client, subscription.newsletter, "badr@example.org")

    assert (
        (known.status_code, known.url)
        == (unknown.status_code, unknown.url)
        == (
            302,
            "/en/newsletters/asked/",
        )
    )
    assert sorted(Letter.objects.values_list("kind", flat=True)) == ["confirm", "preferences_link"]


def test_a_new_reader_gets_what_was_asked_for(client: Client, newsletter: Newsletter) -> None:
    ask(client, newsletter, "Badr@Example.org")

    client.post(mailed_path())

    subscription = Subscription.objects.get()
    assert (subscription.state, subscription.frequency) == ("confirmed", "monthly")
    assert subscription.subscriber.languages == ["ar"]


def test_what_a_page_is_about_is_followed_from_its_form_to_the_preferences(
    client: Client, newsletter: Newsletter
) -> None:
    codes = ["topic:referral", "country:KE"]

    answer = ask(client, newsletter, "badr@example.org", language="en", follow=codes)

    assert (answer.status_code, Subscription.objects.get().interests) == (302, ["all"])
    assert Letter.objects.get().params["interests"] == "Kenya · Referral"
    assert "You will follow: Kenya · Referral." in shown(client.get(mailed_path()))
    assert "You follow: Kenya · Referral." in shown(client.post(mailed_path()))
    subscription = Subscription.objects.get()
    assert subscription.interests == ["country:KE", "topic:referral"]
    page = client.get(f"/n/p/{subscription.subscriber.key}/").content.decode()
    ticked = re.findall(r'value="([^"]+)"[^>]* checked', page)
    assert ticked == ["monthly", "chosen", "country:KE", "topic:referral"]


def test_without_a_subject_everything_is_followed_and_said_so(
    client: Client, newsletter: Newsletter
) -> None:
    ask(client, newsletter, "badr@example.org", language="en")

    assert "You will follow: everything." in shown(client.get("/en/newsletters/subscribe/"))
    assert Letter.objects.get().params["interests"] == "everything"
    assert "You will follow: everything." in shown(client.get(mailed_path()))
    client.post(mailed_path())
    assert Subscription.objects.get().interests == ["all"]


def test_a_form_that_comes_back_keeps_what_was_to_be_followed(
    client: Client, newsletter: Newsletter
) -> None:
    codes = ["country:KE", "country:XX", '"><b>', "all"]

    answer = ask(client, newsletter, "amina at example", follow=codes)

    assert answer.status_code == 400
    assert carried(answer) == ["country:KE"]
    assert "You will follow: Kenya." in shown(answer)
    assert '<option value="monthly" selected>' in answer.content.decode()


def test_codes_nobody_offers_are_dropped(client: Client, newsletter: Newsletter) -> None:
    ask(client, newsletter, "badr@example.org", follow=["country:XX", "country:ZM", "all"])

    client.post(mailed_path())

    assert Subscription.objects.get().interests == ["country:ZM"]


def test_everything_instead_of_what_is_gone_is_asked_about(
    client: Client, newsletter: Newsletter
) -> None:
    answer = ask(client, newsletter, "badr@example.org", follow=["topic:gone"])

    assert answer.status_code == 400
    assert "can no longer be followed" in shown(answer)
    assert "You will follow: everything." in shown(answer)
    assert (carried(answer), Letter.objects.count()) == ([], 0)
    assert 'value="badr@example.org"' in answer.content.decode()


def test_subscribing_with_a_subject_answers_the_same_for_known_and_unknown(
    client: Client, subscription: Subscription
) -> None:
    answers = [
        ask(client, subscription.newsletter, address, follow=["country:KE"])
        for address in ("amina@example.org", "badr@example.org")
    ]

    assert len({(answer.status_code, answer.url) for answer in answers}) == 1
    subscription.refresh_from_db()
    assert subscription.interests == ["all"]


@pytest.mark.parametrize("path", ["/en/newsletters/", "/en/newsletters/subscribe/"])
def test_every_rhythm_is_offered_and_weekly_chosen(
    client: Client, newsletter: Newsletter, path: str
) -> None:
    page = client.get(path).content.decode()

    assert re.findall(r'<option value="(\w+ly)"( selected)?>', page) == [
        ("daily", ""),
        ("weekly", " selected"),
        ("monthly", ""),
    ]


def test_the_only_newsletter_is_chosen_already(client: Client, newsletter: Newsletter) -> None:
    page = client.get("/en/newsletters/subscribe/").content.decode()

    assert re.findall(r'name="newsletter".*?<option value="([^"]*)"', page, re.DOTALL) == [
        newsletter.slug
    ]


def test_the_way_back_leads_to_the_form_that_was_sent(
    client: Client, newsletter: Newsletter
) -> None:
    path = "/en/newsletters/link/"
    asked_for_link = client.post(path, {**opened(client, path), "address": "amina@example.org"})
    subscribed = ask(client, newsletter, "badr@example.org", follow=["country:KE"])

    def back(answer: Any) -> str:
        page = client.get(answer.url).content.decode()
        return re.search(r'href="([^"]+)">Back to the form', page)[1]  # type: ignore[index]

    assert back(asked_for_link) == path
    assert carried(client.get(back(subscribed))) == ["country:KE"]


def test_nonsense_gets_a_sentence_and_keeps_what_was_typed(
    client: Client, newsletter: Newsletter
) -> None:
    answer = ask(client, newsletter, "amina at example")

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Write it like" in page
    assert 'value="amina at example"' in page
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("haste", [{"opened": ""}, {"opened": "forged:x"}, {"website": "x"}])
def test_programs_are_asked_to_press_again(
    client: Client, newsletter: Newsletter, haste: dict[str, str]
) -> None:
    path = "/en/newsletters/link/"
    form = {**opened(client, path), "address": "amina@example.org", **haste}

    answer = client.post(path, form)

    assert answer.status_code == 400
    assert "press the button once more" in answer.content.decode()


def test_confirming_takes_a_post(client: Client, newsletter: Newsletter) -> None:
    ask(client, newsletter, "badr@example.org")
    path = mailed_path()

    for _ in range(100):
        assert client.get(path).status_code == 200
        assert client.head(path).status_code == 200
    assert Subscription.objects.get().state == Subscription.State.PENDING

    answer = client.post(path)
    assert 'lang="ar"' in answer.content.decode()
    assert Subscription.objects.get().state == Subscription.State.CONFIRMED


def test_a_link_that_was_pressed_says_so_and_leads_to_the_preferences(
    client: Client, newsletter: Newsletter
) -> None:
    ask(client, newsletter, "badr@example.org", language="en")
    assert "You are on the list already" not in shown(client.post(mailed_path()))
    before = Subscription.objects.values().get()

    answer = client.get(mailed_path())

    assert answer.status_code == 200
    assert "You are on the list already" in shown(answer)
    assert b"<form" not in answer.content
    assert f"/n/p/{Subscriber.objects.get().key}/" in answer.content.decode()
    assert Subscription.objects.values().get() == before


def test_who_has_left_is_told_so_and_how_to_come_back(
    client: Client, subscription: Subscription
) -> None:
    path = f"/n/u/{subscription.key}/"
    assert "Leave “" in shown(client.get(path))
    client.post(path)
    before = Subscription.objects.values().get()

    answer = client.get(path)

    assert answer.status_code == 200
    assert "You have left already" in shown(answer)
    assert b"<form" not in answer.content
    assert f"/n/p/{subscription.subscriber.key}/" in answer.content.decode()
    assert Subscription.objects.values().get() == before


def test_one_click_leaves_without_cookie_token_or_second_page(
    subscription: Subscription,
) -> None:
    client = Client(enforce_csrf_checks=True)
    path = f"/n/u/{subscription.key}/"
    body = "List-Unsubscribe=One-Click"
    forms = [
        {"data": body, "content_type": "application/x-www-form-urlencoded"},
        {"data": {"List-Unsubscribe": "One-Click"}},
        {"data": "", "content_type": "text/plain"},
    ]

    for form in forms:
        answer = client.post(path, **form)
        assert answer.status_code == 200

    subscription.refresh_from_db()
    assert (subscription.state, subscription.left_how) == ("left", "button in the mail")


def test_scanners_unsubscribe_nobody(client: Client, subscription: Subscription) -> None:
    for _ in range(100):
        for _ in range(3):
            assert client.get(f"/n/u/{subscription.key}/").status_code == 200
        client.head(f"/n/u/{subscription.key}/")

    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.CONFIRMED


def test_unknown_links_look_alike(client: Client, subscription: Subscription) -> None:
    answers = [
        client.get(f"/n/{kind}/{token}/", headers={"Accept-Language": "fr"})
        for kind in "puc"
        for token in ("x", "a" * 22, subscription.pk, "%00")
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({re.sub(rb'/n/[^"]*', b"", answer.content) for answer in answers}) == 1


def test_private_pages_are_neither_cached_nor_indexed(
    client: Client, subscription: Subscription
) -> None:
    for path in (f"/n/p/{subscription.subscriber.key}/", f"/n/u/{subscription.key}/"):
        answer = client.get(path)
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        assert "amina@example.org" not in answer.content.decode()


def preferences(subscription: Subscription, **changes: Any) -> dict[str, Any]:
    prefix = f"s{subscription.pk}-"
    answers = {"frequency": "weekly", "follows": "all", "pause": ""} | changes
    form = {prefix + name: value for name, value in answers.items() if "language" not in name}
    languages = {name: value for name, value in changes.items() if "language" in name}
    return {"language_0": "en", "language_1": "ar"} | languages | form


def test_preferences_are_saved_together(client: Client, subscription: Subscription) -> None:
    path = f"/n/p/{subscription.subscriber.key}/"
    form = preferences(
        subscription,
        frequency="daily",
        follows="chosen",
        interests=["country:KE", "topic:referral"],
        pause="30",
        language_0="ar",
        language_1="en",
    )

    answer = client.post(path, form)

    assert (answer.status_code, answer.url) == (302, f"{path}?saved=1")
    subscription.refresh_from_db()
    assert subscription.frequency == "daily"
    assert subscription.interests == ["country:KE", "topic:referral"]
    assert subscription.paused_until is not None
    assert Subscriber.objects.get().languages == ["ar", "en"]
    assert 'dir="rtl"' in client.get(path).content.decode()


def test_only_what_can_stay_empty_is_called_so(client: Client, subscription: Subscription) -> None:
    page = client.get(f"/n/p/{subscription.subscriber.key}/").content.decode()

    optional = re.findall(r"<(?:legend|label)[^>]*>([^<]+?) <span class=\"optional\">", page)

    assert optional == ["Rest for a while", "Second language", "Third language", "Fourth language"]


def test_following_nothing_is_asked_about(client: Client, subscription: Subscription) -> None:
    path = f"/n/p/{subscription.subscriber.key}/"

    answer = client.post(path, preferences(subscription, follows="chosen", frequency="daily"))

    assert answer.status_code == 400
    assert "Tick at least one" in answer.content.decode()
    subscription.refresh_from_db()
    assert subscription.frequency == "weekly"


def test_who_left_by_mistake_comes_back(client: Client, subscription: Subscription) -> None:
    client.post(f"/n/u/{subscription.key}/")
    path = f"/n/p/{subscription.subscriber.key}/"
    assert "Receive it again" in client.get(path).content.decode()

    client.post(path, {"return": subscription.key})

    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.CONFIRMED


def test_the_archive_shows_what_was_public(client: Client, issue: Issue) -> None:
    archived = f"/en/newsletters/{issue.newsletter.slug}/{issue.key}/"
    publish("open", at=issue.cutoff_at - dt.timedelta(hours=1))
    publish("closed", at=issue.cutoff_at - dt.timedelta(hours=1), audience="members")
    SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    assert client.get(archived).status_code == 404
    Batch.objects.update(state=Batch.State.ACCEPTED)

    page = client.get(archived).content.decode()

    assert "open in en" in page
    assert "closed" not in page


def test_the_archive_forgets_what_was_taken_down(client: Client, issue: Issue) -> None:
    for key in ("open", "gone"):
        publish(key, at=issue.cutoff_at - dt.timedelta(hours=1))
    SubscriptionFactory(newsletter=issue.newsletter)
    freeze.freeze(issue.pk)
    Batch.objects.update(state=Batch.State.ACCEPTED)

    issues.withdraw("gone", ["en"])

    for path in ("/en/newsletters/", f"/en/newsletters/{issue.newsletter.slug}/{issue.key}/"):
        page = client.get(path).content.decode()
        assert "open in en" in page
        assert "gone" not in page
    issues.withdraw("open", ["en"])
    assert client.get(path).status_code == 404


def test_the_way_to_a_language_without_the_issue_says_where_it_is(
    client: Client, issue: Issue
) -> None:
    archived = f"newsletters/{issue.newsletter.slug}/{issue.key}/"
    before = issue.cutoff_at - dt.timedelta(hours=1)
    publish("closed", at=before, languages="ar", audience="members")
    publish("open", at=before, languages="en")
    for languages in (["en"], ["ar"]):
        reader = SubscriberFactory(languages=languages)
        SubscriptionFactory(newsletter=issue.newsletter, subscriber=reader)
    permitted["members"] = set(Subscriber.objects.values_list("address", flat=True))
    freeze.freeze(issue.pk)
    assert client.get(f"/ar/{archived}").status_code == 404
    Batch.objects.update(state=Batch.State.ACCEPTED)

    for language in ("ar", "fr"):
        answer = client.get(f"/{language}/{archived}")
        page = answer.content.decode()
        assert (answer.status_code, answer["X-Robots-Tag"]) == (200, "noindex")
        assert re.findall(r'class="target" href="([^"]+)" lang="(\w+)"', page) == [
            (f"/en/{archived}", "en")
        ]
        assert "open in en" not in page
        assert "closed" not in page
    nobody_got_it = f"/fr/newsletters/{issue.newsletter.slug}/nothing/"
    assert client.get(nobody_got_it).status_code == 404


def test_a_list_of_newsletters_costs_the_same_for_one_issue_and_for_three(
    client: Client, newsletter: Newsletter
) -> None:
    reached(newsletter, 0, state="done")
    with CaptureQueriesContext(connection) as one:
        client.get("/en/newsletters/")
    reached(newsletter, 1, state="done")
    reached(newsletter, 2, state="done")
    with CaptureQueriesContext(connection) as three:
        assert client.get("/en/newsletters/").content.count(b"<time") == 3
    assert len(one) == len(three)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("--x", "multipart/form-data"),
        ("--x", "multipart/form-data; boundary=y"),
        ("--y\r\nContent-Disposition: form-data", "multipart/form-data; boundary=y"),
        ("x" * 3_000_000, "application/x-www-form-urlencoded"),
        ("&".join(f"f{n}=1" for n in range(12_000)), "application/x-www-form-urlencoded"),
        ("a=b", "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)
def test_a_broken_form_still_leaves(subscription: Subscription, body: str, kind: str) -> None:
    answer = Client().generic("POST", f"/n/u/{subscription.key}/", body, content_type=kind)

    assert answer.status_code == 200
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.LEFT


def reached(newsletter: Newsletter, number: int, **facts: Any) -> Issue:
    """A written issue that somebody got."""
    issue = IssueFactory(newsletter=newsletter, frequency="", kind="written", **facts)
    issue.fragments.create(
        language="en", entry=f"e{number}", title="T", url="/", html="<table>", text=""
    )
    edition = Edition.objects.create(issue=issue, language="en", selection=[], sha256="x")
    issue.batches.create(edition=edition, number=0, size=1, state=Batch.State.ACCEPTED)
    return issue


@pytest.mark.parametrize("state", ["sending", "paused", "halted", "cancelled", "done"])
def test_the_archive_serves_what_reached_somebody(
    client: Client, newsletter: Newsletter, state: str
) -> None:
    issue = reached(newsletter, 0, state=state)
    path = f"/en/newsletters/{newsletter.slug}/{issue.key}/"

    assert client.get(path).status_code == 200
    Batch.objects.update(state=Batch.State.CANCELLED)
    assert client.get(path).status_code == 404


def test_the_list_shows_ten_issues_each_and_loads_no_mails(
    client: Client, newsletter: Newsletter
) -> None:
    for number in range(12):
        reached(newsletter, number, state="done")

    with CaptureQueriesContext(connection) as queries:
        page = client.get("/en/newsletters/").content

    assert page.count(b"<time") == 10
    assert not [query for query in queries if '"newsletters_fragment"."html"' in query["sql"]]


def test_a_form_kept_for_days_is_asked_to_press_again(
    client: Client, newsletter: Newsletter
) -> None:
    path = "/en/newsletters/link/"
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(days=1, seconds=2)):
        kept = opened(client, path)

    answer = client.post(path, {**kept, "address": "amina@example.org"})

    assert answer.status_code == 400


def test_the_confirmation_page_speaks_the_language_that_was_asked_for(
    client: Client, subscription: Subscription
) -> None:
    client.post(f"/n/u/{subscription.key}/")
    ask(client, subscription.newsletter, "amina@example.org")
    path = mailed_path()

    assert 'lang="ar"' in client.get(path).content.decode()
    client.post(path)

    assert Subscriber.objects.get().languages == ["ar", "en"]


def test_coming_back_later_asks_the_mailbox_again(
    client: Client, subscription: Subscription
) -> None:
    client.post(f"/n/u/{subscription.key}/")
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    Subscription.objects.update(left_at=long_ago)

    answer = client.post(f"/n/p/{subscription.subscriber.key}/", {"return": subscription.key})

    assert answer.url == f"/n/p/{subscription.subscriber.key}/?asked=1"
    assert "a message is on its way" in shown(client.get(answer.url))
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.LEFT
    assert Letter.objects.get().kind == "confirm"


@pytest.mark.django_db
def test_a_personal_link_leads_to_the_readers_page_and_nowhere_else(client: Client) -> None:
    linked["answer:winter"] = "/en/pages/answer/"
    reader = SubscriberFactory()

    assert client.get(f"/n/go/{reader.key}/answer:winter/")["Location"] == "/en/pages/answer/"
    assert client.post(f"/n/go/{reader.key}/answer:winter/").status_code == 405
    missing = [f"/n/go/{reader.key}/answer:summer/", f"/n/go/{'x' * 22}/answer:winter/"]
    assert [client.get(path).status_code for path in missing] == [404, 404]


def test_plain_text_is_a_preference_and_stands_as_it_was_saved(
    client: Client, subscription: Subscription
) -> None:
    address = f"/n/p/{subscription.subscriber.key}/"
    prefix = f"s{subscription.pk}"
    wanted = {
        "language_0": "en",
        f"{prefix}-frequency": "weekly",
        f"{prefix}-follows": "all",
        f"{prefix}-pause": "",
    }

    client.post(address, wanted | {"plain_text": "on"})
    assert Subscriber.objects.get().plain_text
    assert 'id="id_plain_text" checked' in client.get(address).content.decode()
    client.post(address, wanted)

    assert not Subscriber.objects.get().plain_text


def test_the_page_says_why_each_newsletter_comes(
    client: Client, subscription: Subscription
) -> None:
    subscriptions.record_consent(subscription, given=True, language="en", how="confirmation link")

    page = shown(client.get(f"/n/p/{subscription.subscriber.key}/"))

    assert "Why do I get this?" in page
    assert "until I say stop" in page


def test_another_newsletter_asks_the_mailbox_first(
    client: Client, subscription: Subscription
) -> None:
    other = NewsletterFactory(slug="other")
    closed = NewsletterFactory(slug="closed", is_open=False)
    address = f"/n/p/{subscription.subscriber.key}/"
    page = client.get(address).content.decode()
    assert 'name="ask" value="other"' in page
    assert 'value="closed"' not in page

    for slug in ("other", "closed", "nothing"):
        client.post(address, {"ask": slug})

    assert Subscription.objects.get(newsletter=other).state == Subscription.State.PENDING
    assert not Subscription.objects.filter(newsletter=closed).exists()
    assert Letter.objects.get().kind == "confirm"


def test_programs_that_fill_in_what_nobody_sees_are_stopped(
    client: Client, newsletter: Newsletter
) -> None:
    path = "/en/newsletters/link/"
    with time_machine.travel(dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)):
        kept = opened(client, path)

    answer = client.post(path, {**kept, "website": "x", "address": "amina@example.org"})

    assert answer.status_code == 400
    assert not Letter.objects.exists()
