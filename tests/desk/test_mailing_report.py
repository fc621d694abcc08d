"""The screen that tells what became of a mailing."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alumni.models import User
from newsletters.models import Newsletter
from tests.newsletters.test_figures import ARRIVED, CAME_BACK, handed_over, mailing

pytestmark = pytest.mark.django_db


def test_the_page_of_a_mailing_leads_to_its_report(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = mailing(newsletter)
    address = reverse("mailing_report", args=[issue.pk])

    assert f'href="{address}"' in client.get(reverse("mailing", args=[issue.pk])).content.decode()
    assert (
        "Nothing has been handed to the mail service yet." in client.get(address).content.decode()
    )


def test_a_small_figure_stands_on_neither_page(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 120, **ARRIVED)
    handed_over(issue, 7, **CAME_BACK)

    page = client.get(reverse("mailing_report", args=[issue.pk])).content.decode()
    beside = client.get(reverse("mailing", args=[issue.pk])).content.decode()

    assert "127" in page
    assert "hidden" in page
    assert not any(told in page + beside for told in (">120<", ">7<"))


def test_it_tells_that_nothing_is_known_of_opening_and_has_no_figure_of_it(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    issue = mailing(newsletter)
    handed_over(issue, 12, **ARRIVED)

    page = client.get(reverse("mailing_report", args=[issue.pk])).content.decode()
    heads = page.split("<thead>")[1:]

    assert "is not recorded" in page
    assert not any("open" in head.split("</thead>")[0].lower() for head in heads)
    assert not any("click" in head.split("</thead>")[0].lower() for head in heads)


def test_whoever_may_not_see_mailings_sees_no_report(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    address = reverse("mailing_report", args=[mailing(newsletter).pk])
    editor.groups.clear()

    assert client.get(address).status_code in {302, 403}
    assert Client().get(address).status_code == 302


def test_one_mailing_and_three_beside_one_another_cost_the_same(
    client: Client, editor: User, newsletter: Newsletter
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(reverse("mailing_report", args=[issue.pk]))
        return len(captured)

    before = [mailing(newsletter, days=-7 * week) for week in (3, 2, 1)]
    issue = mailing(newsletter)
    handed_over(issue, 11, **ARRIVED)
    handed_over(before[0], 11)
    one = queries()
    for other in before[1:]:
        handed_over(other, 11, language="ar")
    handed_over(issue, 3, language="fr", interests=["country:KE"])

    assert queries() == one
