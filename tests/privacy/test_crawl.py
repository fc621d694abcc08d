"""Whoever walks through the whole site meets of other people what privacy.md's table allows."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from wagtail.models import Page

from alumni.models import (
    Access,
    ActionPlan,
    Answer,
    Certificate,
    Change,
    Enrolment,
    Hiding,
    Message,
    PlanStep,
    Position,
    Profile,
    User,
)
from cms.models import StoryPage
from newsletters import schedule
from newsletters.models import Consent, Issue, Newsletter, Subscriber, Subscription
from newsletters.pipeline import freeze
from tests.privacy.canaries import NOT_FILLED, Canary, name_of, personal_texts, plant
from tests.privacy.crawl import Met, crawl
from tests.test_every_address_has_a_rule import addresses

Canaries = dict[str, Canary]

# privacy.md's table, field by field: which choices of a person show it to whom. `own` is the
# person's own record; staff's columns are the matrix's.
NAME = {"Profile.given_name", "Profile.family_name"}
WORK = {"Profile.institution", "Profile.post", "Position.institution", "Position.post"}
THEN = {"Enrolment.institution", "Enrolment.post"}
ABOUT = {"Profile.biography"}


@pytest.fixture(scope="module")
def canaries(
    django_db_setup: Any, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[Canaries]:
    """The demonstration, a digest that left, and a string of its own in every personal text."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEMO=True, MEDIA_ROOT=media):
            call_command("demo", stdout=io.StringIO(), stderr=io.StringIO())
            _send_the_digest()
            planted = plant()
        with django_db_blocker.block():
            yield planted
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def site(canaries: Canaries, db: None, settings: Any, tmp_path: Any) -> None:
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path
    cache.clear()


def _send_the_digest() -> None:
    """It stands in the archive."""
    newsletter = Newsletter.objects.get(kind="digest")
    schedule.bring_forward(newsletter)
    for _rhythm in range(3):
        for issue in schedule.open_due():
            freeze.freeze(issue.pk)
        Issue.objects.exclude(state="done").update(state="done", closed_at="2026-01-01T00:00Z")


def seeds(*languages: str) -> list[str]:
    """Every address of the resolver, and every page that is on line, in these languages."""
    routes = [address.path for address in addresses()]
    found = [path.replace("/en/", f"/{one}/", 1) for one in languages for path in routes]
    pages = [page.url for page in Page.objects.live().specific() if page.url]
    return [*found, *(page for page in pages if page[1:3] in languages)]


def signed() -> set[tuple[str, int]]:
    """Bylines are published with their stories, under the author's own consent."""
    live = StoryPage.objects.live().values_list("pk", flat=True)
    return {("cms.StoryPage.byline", pk) for pk in live}


def unexpected(met: set[Met], canaries: Canaries, allowed: set[tuple[str, int]]) -> list[str]:
    return sorted(
        f"{canaries[one.canary]} on {one.path}"
        for one in met
        if (key(canaries[one.canary])) not in allowed
    )


def key(canary: Canary) -> tuple[str, int]:
    return (f"{canary.model}.{canary.field}", canary.row)


def test_every_personal_text_has_a_canary_or_a_reason(canaries: Canaries) -> None:
    filled = {f"{canary.model}.{canary.field}" for canary in canaries.values()}
    named = {name_of(model, field) for model, field in personal_texts()}

    assert named - filled - set(NOT_FILLED) == set()
    assert set(NOT_FILLED) - named == set()
    assert filled & set(NOT_FILLED) == set()


def test_a_stranger_meets_nobody_who_did_not_choose_it(canaries: Canaries) -> None:
    everywhere = seeds(*dict(settings.LANGUAGES))
    met, statuses = crawl(Client(raise_request_exception=False), everywhere)

    assert unexpected(met, canaries, signed()) == []
    # The crawl can see: pages were there, and what is public was met.
    assert statuses[200] > 100
    assert {canaries[one.canary].model for one in met} == {"cms.StoryPage"}


def test_a_readers_link_shows_nobody_else(canaries: Canaries) -> None:
    for reader in Subscriber.objects.order_by("pk")[:5]:
        row = reader.subscriptions.order_by("pk")[0]
        own = [f"/n/p/{reader.key}/", f"/n/u/{row.key}/"]

        met, statuses = crawl(Client(raise_request_exception=False), own, stay="/n/")

        assert statuses[200] >= 2
        assert unexpected(met, canaries, signed()) == []


@pytest.mark.parametrize("choice", ["network", "cohort", "protected"])
def test_a_member_meets_others_as_far_as_they_chose(canaries: Canaries, choice: str) -> None:
    viewer = Profile.objects.members().filter(tier=choice).order_by("pk")[0]
    client = Client(raise_request_exception=False)
    client.force_login(viewer.user)

    in_english = [path for path in seeds("en") if not path.startswith("/cms/")]
    met, statuses = crawl(client, in_english, stay="/en/")

    assert unexpected(met, canaries, signed() | may_meet(viewer) | own(viewer)) == []
    # What the table allows is there: names of others of the own course, and of the network.
    named = {canaries[one.canary] for one in met}
    assert {one.row for one in named if one.field == "family_name"} - {viewer.pk}
    assert statuses[200] > 100


def may_meet(viewer: Profile) -> set[tuple[str, int]]:
    """The table, written down a second time without asking the policy."""
    runs = set(viewer.enrolments.taken_up().values_list("run", flat=True))
    hidden = set(Hiding.objects.filter(ended_at=None).values_list("profile", flat=True))
    allowed: set[tuple[str, int]] = set()
    for person in Profile.objects.exclude(pk=viewer.pk).exclude(accepted_at=None):
        of_the_course = bool(runs & set(person.enrolments.taken_up().values_list("run", flat=True)))
        is_known = person.door not in {"slip", "call"} or person.identified_at
        if person.pk in hidden or not is_known or not person.user.is_active:
            continue
        fields: set[str] = set()
        if person.tier == "network" or (person.tier == "cohort" and of_the_course):
            fields = set(ABOUT)
            if not person.shows_initials:
                fields |= NAME
            if of_the_course or person.shares_institution:
                fields |= WORK
        allowed |= {(f"alumni.{field}", person.pk) for field in fields if "Profile" in field}
        if fields >= WORK:
            rows = Position.objects.filter(profile=person).values_list("pk", flat=True)
            allowed |= {(f"alumni.{field}", row) for field in WORK for row in rows}
    return allowed


def own(viewer: Profile) -> set[tuple[str, int]]:
    """Everything of the viewer's own, the record of who looked among it."""
    of_the_viewer: list[tuple[Any, dict[str, Any]]] = [
        (Profile, {"pk": viewer.pk}),
        (User, {"pk": viewer.user_id}),
        (EmailAddress, {"user": viewer.user_id}),
        (Enrolment, {"profile": viewer}),
        (Position, {"profile": viewer}),
        (Answer, {"enrolment__profile": viewer}),
        (ActionPlan, {"enrolment__profile": viewer}),
        (PlanStep, {"plan__enrolment__profile": viewer}),
        (Change, {"profile": viewer}),
        (Certificate, {"enrolment__profile": viewer}),
        (Message, {"conversation__asker": viewer}),
        (Message, {"conversation__asked": viewer}),
        (Access, {"subject": viewer.key}),
        (Consent, {"subject": f"profile:{viewer.key}"}),
        (Consent, {"subject": f"subscriber:{viewer.subscriber_id}"}),
        (Subscriber, {"pk": viewer.subscriber_id}),
        (Subscription, {"subscriber": viewer.subscriber_id}),
    ]
    return {
        (f"{model._meta.label}.{field.name}", row)
        for model, mine in of_the_viewer
        for row in model.objects.filter(**mine).values_list("pk", flat=True)
        for field in model._meta.get_fields()
    }
