"""Every address, opened by strangers, readers and members: each meets what is for him or her.

Strings that stand nowhere else are in every field of everybody and of all content (`canaries.py`,
`world.py`, `content.py`); `shown.py` is the table of who sees what.
"""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from wagtail.documents.models import Document
from wagtail.models import Page

from alumni.models import Change, Conversation, Profile, ProjectReport
from cms.models import Submission, SubmissionPicture
from newsletters.models import Issue
from tests import addresses
from tests.factories.alumni import EnrolmentFactory, ProfileFactory, UserFactory
from tests.factories.newsletters import SubscriptionFactory
from tests.privacy import canaries
from tests.privacy.crawler import Crawl
from tests.privacy.shown import leaks, must_find
from tests.privacy.world import World

LANGUAGES = [code for code, _name in settings.LANGUAGES]
OTHER_LANGUAGES = tuple(f"/{code}/" for code in LANGUAGES if code != "en")
"""Strangers go through all of them; the others through one, for the same views answer in each."""
HOLDS_NO_WORDS = {
    "wagtailcore.Page": "planted as each kind of page",
    "wagtailcore.Revision": "made of the pages, whose every field is planted",
    "wagtailcore.PageSubscription": "two numbers and a tick",
    "wagtailcore.UploadedFile": "a file on its way, with a number",
    "wagtailcore.WorkflowState": "numbers and a state",
    "wagtailadmin.EditingSession": "numbers and a moment",
    "wagtailadmin.FormState": "what was typed and not saved, behind its writer's sign-in",
    "wagtailimages.Image": "empty: pictures are cms.Picture",
    "wagtail_localize.StringTranslation": "sentences on their way into a page, planted as drafts",
    "wagtail_localize.SegmentOverride": "parts on their way into a page, planted as drafts",
}
"""Models with people in the retention file that no row is planted in, and why."""
CONTENT = {"cms.StoryPage", "cms.UpdatePage", "cms.CountryPage", "cms.CoursePage"} | {
    "cms.ProgrammePage",
    "cms.ProjectPage",
    "cms.ResourcePage",
    "cms.ResourceDocument",
    "newsletters.Fragment",
    "newsletters.Issue",
    "wagtaildocs.Document",
}


def test_every_field_that_holds_words_holds_a_canary(world: World) -> None:
    """A new model or field of a person is planted by itself; what cannot be says why."""
    told = [label for label in settings.RETENTION.people if label not in HOLDS_NO_WORDS]
    content = [model._meta.label for model in apps.get_models() if model._meta.app_label == "cms"]
    shown = [label for label in content if hasattr(apps.get_model(label), "audience")]

    fields = {
        canaries.named(one)
        for label in {*told, *shown}
        for one in canaries.text_fields(apps.get_model(label))
    }

    assert sorted({*told, *shown} - world.canaries.models) == []
    assert sorted(fields - world.canaries.seen_fields - canaries.NOT_FILLED.keys()) == []
    assert sorted(label for label in HOLDS_NO_WORDS if label in world.canaries.models) == []


@pytest.fixture
def visitors(world: World) -> dict[str, Client]:
    """Who comes; people with an account are signed in."""
    classmate = ProfileFactory(joined=True)
    EnrolmentFactory(profile=classmate, run=world.met)
    elsewhere = ProfileFactory(joined=True)
    EnrolmentFactory(profile=elsewhere, run=world.other)
    waiting = ProfileFactory(user=UserFactory())
    EnrolmentFactory(profile=waiting, run=world.met)
    signed_in = {"classmate": classmate, "member": elsewhere, "waiting": waiting}
    clients = {name: Client() for name in ("stranger", "reader", *signed_in)}
    for name, profile in signed_in.items():
        clients[name].force_login(profile.user)
    return clients


def with_keys() -> list[str]:
    """The addresses of everything that has one, as whoever was told them would type them."""
    keys = {
        "members/{}/": Profile,
        "members/{}/write/": Profile,
        "members/messages/{}/": Conversation,
        "members/messages/{}/report/": Conversation,
        "members/me/changes/{}/": Change,
        "members/stories/{}/": Submission,
        "members/stories/pictures/{}/": SubmissionPicture,
        "reports/{}/": ProjectReport,
        "newsletters/stories/{}/": Issue,
    }
    found = [
        f"/en/{route.format(key)}"
        for route, model in keys.items()
        for key in model.objects.order_by("pk").values_list("key", flat=True)[:20]
    ]
    found += [page.url for page in Page.objects.filter(depth__gt=2).specific() if page.url]
    kept = Page.objects.filter(depth__gt=3).order_by("pk")
    found += [f"/pt/read/{key}/" for key in kept.values_list("translation_key", flat=True)]
    files = [(one.url, f"/media/{one.file.name}") for one in Document.objects.all()]
    runs = ["/en/members/courses/spring/", "/en/members/me/plan/spring/"]
    return [*found, *runs, *(address for pair in files for address in pair)]


def links_of(world: World) -> list[str]:
    """What stands in the mails of a reader without an account."""
    own = SubscriptionFactory(newsletter=world.newsletter)
    return [
        f"/n/p/{own.subscriber.key}/",
        f"/n/u/{own.key}/",
        f"/n/go/{own.subscriber.key}/answer:spring:3-months:used/",
    ]


def starts(visitor: str, world: World) -> list[str]:
    """Every route in every language for strangers; for others those beside the editors' side."""
    if visitor == "stranger":
        return [*(path for code in LANGUAGES for path in addresses.paths(code)), *with_keys()]
    if visitor == "reader":
        return links_of(world)
    routes = [path for path in addresses.paths() if not path.startswith("/cms/")]
    return [*routes, *with_keys(), *facets()]


def facets() -> list[str]:
    """Every choice of the directory's form."""
    choices = {
        "institution_type": [kind.code for kind in settings.PACK.institution_types][:3],
        "expertise": [topic.code for topic in settings.PACK.topics][:3],
        "where": ["KE", *(f"region:{region.code}" for region in settings.PACK.regions)],
    }
    return [f"/en/members/?{name}={code}" for name, codes in choices.items() for code in codes]


@pytest.mark.parametrize("visitor", ["stranger", "reader", "waiting", "member", "classmate"])
def test_each_visitor_meets_what_the_table_shows_and_nothing_else(
    world: World, visitors: dict[str, Client], logged: list[str], visitor: str
) -> None:
    elsewhere = OTHER_LANGUAGES if visitor != "stranger" else ()
    crawl = Crawl(visitors[visitor], world.canaries, elsewhere).walk(starts(visitor, world))

    found = crawl.seen
    assert {str(place): found[place] for place in leaks(visitor, found)} == {}
    assert sorted(map(str, must_find(visitor) - found.keys())) == []
    assert crawl.broken == {}
    assert 429 not in crawl.answers.values()
    told = {str(place) for line in logged for place in of_people(world.canaries, line)}
    assert told == set(), "a line of the log"


def of_people(planted: canaries.Canaries, line: str) -> set[canaries.Place]:
    """What a line tells of anybody; what a page is called is no secret of a person."""
    found = {planted.places[mark] for mark in planted.found_in(line.encode())}
    return {place for place in found if place.model not in CONTENT}
