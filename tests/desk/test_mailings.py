"""The editors' screens of mailings: what they show, who may press what."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alumni.models import User
from newsletters import schedule, tallies
from newsletters.models import Batch, Edition, Issue, Newsletter
from tests.factories.newsletters import (
    BatchFactory,
    CadenceFactory,
    EditionFactory,
    IssueFactory,
)

pytestmark = pytest.mark.django_db


def test_the_list_says_what_happened_and_what_is_next(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    CadenceFactory(newsletter=newsletter)
    IssueFactory(newsletter=newsletter, state=Issue.State.DONE, reason="nothing_published")

    page = client.get(reverse("mailings")).content.decode()

    assert "No new stories or calls since the last mailing" in page
    assert "The worker has never run" in page
    assert "every week" in page
    assert "no mail sent" in page
    assert not re.search(r"w-status[^>]*>\s*sent", page)


def test_a_written_mailing_stands_there_with_its_subject(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = IssueFactory(newsletter=newsletter, kind="written", state=Issue.State.DONE)
    for language, discreet, subject in (
        ("ar", False, "رسالة"),
        ("en", True, "Neutral"),
        ("en", False, "What the spring taught us"),
    ):
        Edition.objects.create(
            issue=issue,
            language=language,
            discreet=discreet,
            selection=[],
            subject=subject,
            preheader="",
            sha256=f"{language}{discreet}",
        )

    page = client.get(reverse("mailings")).content.decode()

    assert "<bdi>What the spring taught us</bdi>" in page
    assert "رسالة" not in page


def test_what_is_sent_again_stands_there_with_the_same_subject(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    letter = IssueFactory(newsletter=newsletter, kind="written", state=Issue.State.DONE)
    edition = EditionFactory(issue=letter, language="en", subject="What the spring taught us")
    again = IssueFactory(
        newsletter=newsletter, kind="written", state=Issue.State.DONE, follows=letter, why="retry"
    )
    BatchFactory(edition=edition, issue=again, number=7)

    page = client.get(reverse("mailings")).content.decode()

    assert page.count("<bdi>What the spring taught us</bdi>") == 2


def test_one_and_three_mailings_cost_the_same_but_for_their_sums(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("mailings")).status_code == 200
        return len(captured)

    def add(days: int) -> None:
        cutoff = dt.datetime.now(dt.UTC) - dt.timedelta(days=days)
        IssueFactory(newsletter=newsletter, state=Issue.State.DONE, cutoff_at=cutoff)

    add(1)
    one = queries()
    add(2)
    add(3)

    assert queries() == one


def test_a_mailing_shows_the_sum(client: Client, editor: User, newsletter: Newsletter) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING)

    page = client.get(reverse("mailing", args=[issue.pk])).content.decode()

    assert "Where everyone is" in page


def test_the_button_makes_it_due_and_rings(
    client: Client, editor: User, newsletter: Newsletter, rings: list[int]
) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    cadence = CadenceFactory(newsletter=newsletter, next_at=later)

    address = reverse("mailings_send", args=[newsletter.slug])
    answer = client.post(address, {"seen": client.get(address).context["seen"]})

    assert (answer.status_code, rings) == (302, [1])
    cadence.refresh_from_db()
    assert cadence.next_at < later


def test_what_is_on_its_way_is_not_overtaken(
    client: Client, editor: User, newsletter: Newsletter, rings: list[int]
) -> None:
    CadenceFactory(newsletter=newsletter)
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.HALTED)
    address = reverse("mailings_send", args=[newsletter.slug])

    for answer in (client.get(address), client.post(address)):
        assert "has to end first" in answer.content.decode()
        assert reverse("mailing", args=[issue.pk]) in answer.content.decode()
    assert rings == []


def test_a_press_says_what_happens_and_the_page_follows(
    client: Client, editor: User, newsletter: Newsletter, rings: list[int]
) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=3)
    CadenceFactory(newsletter=newsletter, next_at=later)
    before = client.get(reverse("mailings")).content.decode()

    address = reverse("mailings_send", args=[newsletter.slug])
    seen = client.get(address).context["seen"]
    answer = client.post(address, {"seen": seen}, follow=True).content.decode()

    assert "data-moves" not in before
    assert "Nothing is on its way at the moment." in before
    assert "this page shows what becomes of it" in answer
    assert "The digest of “What countries learned” is being drawn up." in answer
    assert "data-moves" in answer
    assert 'href="">Refresh</a>' in answer
    assert "/static/follow.js" in answer


def test_a_digest_that_is_opened_while_the_page_is_made_is_followed_all_the_same(
    client: Client, editor: User, newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    CadenceFactory(newsletter=newsletter, next_at=dt.datetime.now(dt.UTC))
    counted = tallies.tallies

    def meanwhile(issues: Any) -> Any:
        schedule.open_due()
        return counted(issues)

    monkeypatch.setattr(tallies, "tallies", meanwhile)
    page = client.get(reverse("mailings")).content.decode()

    assert Issue.objects.filter(newsletter=newsletter).exists()
    assert "data-moves" in page


def test_what_moves_is_asked_for_without_the_rest_of_the_screen(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING)

    for address in (reverse("mailings"), reverse("mailing", args=[issue.pk])):
        page = client.get(address).content.decode()
        parts = client.get(address, {"parts": ""}).content.decode()

        assert "<html" not in parts
        assert "csrfmiddlewaretoken" not in parts
        assert set(re.findall(r'data-part="\w+"', page)) == set(
            re.findall(r'data-part="\w+"', parts)
        )
        assert "data-moves" in parts


def test_what_is_over_asks_for_nothing(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.DONE)

    for address in (reverse("mailings"), reverse("mailing", args=[issue.pk])):
        assert "data-moves" not in client.get(address).content.decode()


def test_a_mailing_on_its_way_has_a_bar_with_its_figures(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING, audience=1214)
    edition = Edition.objects.create(issue=issue, language="en", selection=[])
    for number, (state, size) in enumerate((("accepted", 1120), ("queued", 94))):
        Batch.objects.create(issue=issue, edition=edition, number=number, size=size, state=state)

    for address in (reverse("mailings"), reverse("mailing", args=[issue.pk])):
        page = client.get(address).content.decode()

        assert f'<progress max="1214" value="1120" aria-label="{issue}">' in page
        assert "1,120 of 1,214 done, 94 to come." in page


def test_who_reads_other_languages_is_named_among_those_left_out(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = IssueFactory(
        newsletter=newsletter, state=Issue.State.DONE, excluded={"not_in_their_language": 3}
    )

    page = client.get(reverse("mailing", args=[issue.pk])).content.decode()

    assert "something new, but in no language they read" in page


def test_cancelling_is_asked_first_and_then_done(
    client: Client, editor: User, newsletter: Newsletter, rings: list[int]
) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING, audience=94)
    edition = Edition.objects.create(issue=issue, language="en", selection=[])
    Batch.objects.create(issue=issue, edition=edition, number=0, size=94, state="queued")
    address = reverse("mailing_cancel", args=[issue.pk])
    assert f'href="{address}"' in client.get(reverse("mailing", args=[issue.pk])).content.decode()

    question = client.get(address).content.decode()

    assert "94 people have not got this mailing yet and will not get it." in question
    assert "This cannot be undone." in question
    issue.refresh_from_db()
    assert issue.state == Issue.State.SENDING
    assert client.post(address).status_code == 302
    issue.refresh_from_db()
    assert issue.state == Issue.State.CANCELLED


def test_what_is_over_cannot_be_cancelled(
    client: Client, editor: User, newsletter: Newsletter, rings: list[int]
) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.DONE)
    address = reverse("mailing_cancel", args=[issue.pk])

    for answer in (client.get(address, follow=True), client.post(address, follow=True)):
        assert "The mailing had changed meanwhile: look again." in answer.content.decode()


def test_pausing_and_going_on_are_one_press(
    client: Client, editor: User, newsletter: Newsletter, rings: list[int]
) -> None:
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING)

    for verb, state in (("pause", "paused"), ("resume", "approved")):
        page = client.get(reverse("mailing", args=[issue.pk])).content.decode()
        address = reverse(f"mailing_{verb}", args=[issue.pk])
        assert f'formaction="{address}"' in page
        client.post(address)
        issue.refresh_from_db()
        assert issue.state == state


def test_who_may_only_look_finds_no_command(
    client: Client, newsletter: Newsletter, rings: list[int]
) -> None:
    reader = User.objects.create_user("reader@example.org", "a long pass phrase")
    reader.user_permissions.add(
        *Permission.objects.filter(codename__in=["access_admin", "view_issue"])
    )
    client.force_login(reader)
    issue = IssueFactory(newsletter=newsletter, state=Issue.State.SENDING)

    page = client.get(reverse("mailing", args=[issue.pk])).content.decode()
    cancelling = reverse("mailing_cancel", args=[issue.pk])

    assert "Where everyone is" in page
    assert cancelling not in page
    assert "formaction" not in page
    assert "This cannot be undone" not in client.get(cancelling, follow=True).content.decode()
    client.post(cancelling)
    issue.refresh_from_db()
    assert issue.state == Issue.State.SENDING


def test_sending_is_a_right_of_its_own(
    client: Client, newsletter: Newsletter, rings: list[int]
) -> None:
    reader = User.objects.create_user("reader@example.org", "a long pass phrase")
    reader.user_permissions.add(
        *Permission.objects.filter(codename__in=["access_admin", "view_issue"])
    )
    client.force_login(reader)

    assert client.get(reverse("mailings")).status_code == 200
    assert b"Send what is due" not in client.get(reverse("mailings")).content
    answer = client.post(reverse("mailings_send", args=[newsletter.slug]))

    assert answer.status_code in {302, 403}
    assert rings == []


def test_strangers_are_sent_to_the_one_door(client: Client) -> None:
    answer = client.get(reverse("mailings"))

    assert answer.status_code == 302
    assert "/accounts/login/" in answer.url
