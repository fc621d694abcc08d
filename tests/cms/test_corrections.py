"""Corrections on the screens: who begins one, what it says of its readers, where each leads."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cms import corrections, dispatching
from cms.models import Dispatch
from newsletters import approving
from newsletters.models import Delivery, Issue, Newsletter, Subscription
from newsletters.pipeline import freeze
from tests.cms.test_dispatch_screens import colleague, press, shows
from tests.cms.test_dispatches import write
from tests.factories.alumni import UserFactory
from tests.factories.cms import Tree
from tests.factories.newsletters import (
    BatchFactory,
    DeliveryFactory,
    EditionFactory,
    IssueFactory,
    NewsletterFactory,
    SubscriberFactory,
    SubscriptionFactory,
    own_this_database,
)

pytestmark = pytest.mark.django_db
State = Issue.State


def ended(newsletter: Newsletter, people: int = 3, **facts: Any) -> Issue:
    """A mailing in English that so many have received."""
    moment = dt.datetime(2026, 6, 3, 7, 0, tzinfo=dt.UTC)
    issue = IssueFactory(
        newsletter=newsletter,
        **({"state": State.DONE, "closed_at": moment, "frozen_at": moment} | facts),
        audience=people,
    )
    batch = BatchFactory(edition=EditionFactory(issue=issue), state="accepted", size=people)
    for _n in range(people):
        reader = SubscriptionFactory(newsletter=newsletter, subscriber=SubscriberFactory())
        DeliveryFactory(batch=batch, reader=reader)
    return issue


@pytest.fixture
def newsletter(tree: Tree) -> Newsletter:
    own_this_database()
    return NewsletterFactory()


@pytest.fixture
def mailing(newsletter: Newsletter) -> Issue:
    return ended(newsletter)


@pytest.fixture
def writer(db: None) -> Client:
    return colleague("compose_issue", name="writer")


@pytest.fixture
def second(db: None) -> Client:
    return colleague("approve_issue", name="second")


def of(client: Client, issue: Issue) -> str:
    return client.get(reverse("mailing", args=[issue.pk])).content.decode()


def begin(client: Client, issue: Issue) -> Any:
    return client.post(reverse("mailing_correct", args=[issue.pk]), follow=True)


def test_one_press_begins_it_and_leads_there(mailing: Issue, writer: Client) -> None:
    SubscriptionFactory(newsletter=mailing.newsletter)
    assert "Write a correction" in of(writer, mailing)

    answer = begin(writer, mailing)

    made = Dispatch.objects.get()
    assert answer.redirect_chain == [(reverse("dispatch", args=[made.key]), 302)]
    assert (made.corrects, made.newsletter) == (mailing, mailing.newsletter)
    assert made.title == f"Correction: {mailing.newsletter}"
    assert made.created_by == writer.user  # type: ignore[attr-defined]
    page = answer.content.decode()
    named = f"“\u2068{mailing.newsletter}\u2069” of 3 June 2026"
    assert f"Only the 3 people who received {named} get it." in page
    assert f'href="{reverse("mailing", args=[mailing.pk])}"' in page
    assert "everyone who receives it" not in page
    assert "Choose whom it is for" not in page


def test_a_second_press_leads_to_the_one_that_is_written(mailing: Issue, writer: Client) -> None:
    begin(writer, mailing)
    (made,) = Dispatch.objects.all()

    answer = begin(colleague("compose_issue"), mailing)

    assert answer.redirect_chain == [(reverse("dispatch", args=[made.key]), 302)]
    assert "It has a correction already" in answer.content.decode()
    assert Dispatch.objects.count() == 1
    page = of(writer, mailing)
    assert "Its correction has not been sent yet" in page
    assert reverse("dispatch", args=[made.key]) in page
    assert "Write a correction" not in page


def test_after_one_was_sent_another_can_be_written(
    mailing: Issue, writer: Client, second: Client
) -> None:
    sent = corrected(mailing, writer, second)
    assert "Write a correction" in of(writer, mailing)
    assert f'href="/cms/mailings/{sent.pk}/"' in of(writer, mailing)

    begin(writer, mailing)

    assert Dispatch.objects.filter(corrects=mailing).count() == 2


def corrected(mailing: Issue, writer: Client, second: Client) -> Issue:
    """Written, proposed and approved on the screens; its mails went out."""
    begin(writer, mailing)
    made = Dispatch.objects.filter(corrects=mailing).latest("pk")
    write(made, "en")
    press(writer, "propose", made)
    issue = Issue.objects.get(reference=made.reference)
    press(second, "approve", made, seal=issue.seal)
    freeze.freeze_or_halt(issue.pk)
    issue.batches.update(state="accepted")
    Issue.objects.filter(pk=issue.pk).update(state=State.DONE, closed_at=timezone.now())
    issue.refresh_from_db()
    return issue


@pytest.fixture(autouse=True)
def no_bell(monkeypatch: Any) -> None:
    monkeypatch.setattr("cms.dispatch_views.ring", lambda: True)


def test_it_goes_the_way_of_every_mailing_and_each_shows_the_other(
    mailing: Issue, writer: Client, second: Client
) -> None:
    Delivery.objects.filter(pk=mailing.deliveries.earliest("pk").pk).update(exception="failed")
    SubscriptionFactory(newsletter=mailing.newsletter)

    issue = corrected(mailing, writer, second)

    received = mailing.deliveries.filter(exception="").values_list("subscriber_id", flat=True)
    got = issue.deliveries.values_list("subscriber_id", flat=True)
    assert (sorted(got), len(got)) == (sorted(received), 2)
    assert (issue.follows, issue.why) == (mailing, "correct")
    assert (issue.proposed_by, issue.approved_by) == (writer.user, second.user)  # type: ignore[attr-defined]
    before, after = of(writer, mailing), of(writer, issue)
    report = writer.get(reverse("mailing_report", args=[issue.pk])).content.decode()
    assert f'It was corrected by <a href="/cms/mailings/{issue.pk}/">' in before
    for page in (after, report):
        assert f'It corrects <a href="/cms/mailings/{mailing.pk}/">{mailing}</a>' in page
    made = Dispatch.objects.get()
    page = shows(writer, made)
    assert "What becomes of it" in page
    assert "Propose it for" not in page


def test_whoever_left_since_is_counted_apart(mailing: Issue, writer: Client) -> None:
    first, second, _third = Subscription.objects.order_by("pk")
    Subscription.objects.filter(pk=first.pk).update(state="left")
    Subscription.objects.filter(pk=second.pk).update(paused_until=timezone.now() + dt.timedelta(9))

    begin(writer, mailing)
    write(Dispatch.objects.get(), "en")
    page = shows(writer, Dispatch.objects.get())

    assert "Only the 3 people who received" in page
    assert "<strong>1 person</strong>" in page
    assert "Left out: have left" in page
    assert "Left out: have paused" in page
    assert "are not among those chosen" not in page


def test_only_time_and_language_are_left_to_choose(mailing: Issue, writer: Client) -> None:
    begin(writer, mailing)
    made = Dispatch.objects.get()
    address = reverse("dispatch_edit", args=[made.key])

    asked = writer.get(reverse("dispatch_audience", args=[made.key]))
    assert asked.headers["Location"] == address
    form = writer.get(address)
    assert list(form.context["form"].fields) == ["title", "not_before", "not_after", "fallback"]
    assert "There is no newsletter yet" not in form.content.decode()
    other = NewsletterFactory(kind="written")
    writer.post(
        address, {"title": "Sorry", "fallback": "ar", "newsletter": other.pk, "criteria": "{}"}
    )
    writer.post(reverse("dispatch_audience", args=[made.key]), {"languages": ["ar"]})

    made.refresh_from_db()
    assert (made.title, made.fallback, made.criteria) == ("Sorry", "ar", {})
    assert (made.newsletter, made.corrects) == (mailing.newsletter, mailing)


def test_what_it_corrects_is_settled(mailing: Issue, newsletter: Newsletter) -> None:
    other = ended(newsletter, frequency="daily")
    made, is_new = corrections.begin(mailing, by=UserFactory())
    assert is_new
    made.corrects = other
    with pytest.raises(ValueError, match="settled"):
        made.save()
    made = Dispatch.objects.get()
    made.newsletter = NewsletterFactory()
    with pytest.raises(ValueError, match="newsletter of what it corrects"):
        made.save()
    made = Dispatch.objects.get()
    made.criteria = {"languages": ["en"]}
    with pytest.raises(IntegrityError, match="chooses_no_readers"), transaction.atomic():
        made.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        mailing.delete()


def test_any_change_ends_its_approval(mailing: Issue, writer: Client) -> None:
    begin(writer, mailing)
    made = Dispatch.objects.get()
    row = write(made, "en")
    press(writer, "propose", made)
    assert approving.standing(made.reference) is not None

    row.subject = "Another subject for it"
    row.save()
    assert "The subject was changed (English)." in shows(writer, made)
    press(writer, "propose", made)
    made.fallback = "en"
    made.save()

    assert "Readers of other languages were to be treated otherwise." in shows(writer, made)
    assert "corrected by" not in of(writer, mailing)


def test_each_right_opens_what_it_is_for(mailing: Issue, second: Client) -> None:
    sending = colleague("send_issue")
    looking = colleague()
    for client in (second, sending, looking):
        assert "Write a correction" not in of(client, mailing)
        begin(client, mailing)
    assert not Dispatch.objects.exists()
    made, _is_new = corrections.begin(mailing, by=UserFactory())
    write(made, "en")

    assert "Its correction has not been sent yet" in of(second, mailing)
    for client in (sending, looking):
        assert "orrection" not in of(client, mailing)
        assert client.get(reverse("dispatch", args=[made.key])).status_code == 302
        press(client, "propose", made)
    press(second, "propose", made)
    assert not Issue.objects.filter(why="correct").exists()
    composing = colleague("compose_issue")
    press(composing, "propose", made)
    issue = Issue.objects.get(why="correct")
    for client in (composing, sending, looking):
        press(client, "approve", made, seal=issue.seal)
    issue.refresh_from_db()
    assert issue.state == State.DRAFT
    assert "A colleague has to look at it and approve." in shows(composing, made)
    assert "Approve: send to 3 people now" in shows(second, made)
    assert corrections.ways(mailing, AnonymousUser()).written == ()


@pytest.mark.parametrize("state", ["approved", "sending", "paused", "halted"])
def test_what_has_not_ended_refuses_and_says_why(
    newsletter: Newsletter, writer: Client, state: str
) -> None:
    under_way = ended(newsletter, state=state, closed_at=None)
    assert "Write a correction" not in of(writer, under_way)

    answer = begin(writer, under_way)

    assert answer.redirect_chain == [(reverse("mailing", args=[under_way.pk]), 302)]
    assert "This mailing has not ended yet." in answer.content.decode()
    assert not Dispatch.objects.exists()


def test_what_nobody_received_offers_nothing(newsletter: Newsletter, writer: Client) -> None:
    nobody = ended(newsletter, people=0)

    assert "Write a correction" not in of(writer, nobody)
    assert "Nobody received this mailing" in begin(writer, nobody).content.decode()


def test_from_what_was_sent_again_it_is_that_of_the_first(mailing: Issue, writer: Client) -> None:
    again = ended(mailing.newsletter, people=1, frequency="", follows=mailing, why="retry")

    begin(writer, again)

    made = Dispatch.objects.get()
    assert made.corrects == mailing
    assert "Only the 4 people who received" in shows(writer, made)


def test_a_written_mailing_is_named_by_its_subject(tree: Tree, writer: Client) -> None:
    own_this_database()
    newsletter = NewsletterFactory(kind="written")
    mailing = ended(newsletter, kind="written", frequency="", fallback="en")
    mailing.editions.update(subject="What we learned " * 12)

    begin(writer, mailing)

    made = Dispatch.objects.get()
    assert (made.title[:32], len(made.title)) == ("Correction: What we learned What", 120)
    assert made.fallback == "en"
    assert dispatching.look(made).reach.people == 3


def test_the_screens_cost_the_same_for_one_and_for_many(
    newsletter: Newsletter, writer: Client
) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert writer.get(address).status_code == 200
        return len(captured)

    def addresses(issue: Issue) -> tuple[str, str]:
        made = Dispatch.objects.filter(corrects=issue).latest("pk")
        return reverse("mailing", args=[issue.pk]), reverse("dispatch", args=[made.key])

    few, many = ended(newsletter, 1), ended(newsletter, 5, frequency="daily")
    for issue in (few, many):
        write(corrections.begin(issue, by=UserFactory())[0], "en")
    for _n in range(3):
        title = {"title": "another", "newsletter": newsletter}
        write(Dispatch.objects.create(corrects=many, **title), "en")
    few_of, many_of = addresses(few), addresses(many)
    for warm in few_of:
        queries(warm)

    assert [queries(one) for one in few_of] == [queries(one) for one in many_of]
