"""Resources: what a page offers, to whom its documents open, and what mails and machines tell."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail.documents.models import Document
from wagtail.search.index import insert_or_update_object

from alumni.models import CourseRun
from cms import digest, materials
from cms.models import ResourceDocument, ResourcePage
from tests.cms.test_machines import data_of
from tests.cms.test_pages import shown
from tests.factories import cms as make
from tests.factories.alumni import EnrolmentFactory, ProfileFactory, ProjectFactory, UserFactory
from tests.factories.cms import CountryFactory, ResourceFactory, Tree, translated

LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
PEOPLE = ("stranger", "waiting", "member", "classmate", "editor")


@pytest.fixture
def run(tree: Tree) -> CourseRun:
    return make.course_run("spring")


@pytest.fixture
def people(run: CourseRun) -> dict[str, Client]:
    """One client for each kind of person."""
    classmate = EnrolmentFactory(profile=ProfileFactory(joined=True), run=run).profile
    editor = UserFactory()
    editor.groups.add(Group.objects.get(name="Editors"))
    users = {
        "waiting": ProfileFactory(user=UserFactory()).user,
        "member": ProfileFactory(joined=True).user,
        "classmate": classmate.user,
        "editor": editor,
    }
    clients = {name: Client() for name in PEOPLE}
    for name, user in users.items():
        clients[name].force_login(user)
    return clients


def who_opens(people: dict[str, Client], address: str) -> list[str]:
    return [name for name, client in people.items() if status(client, address) == 200]


def status(client: Client, address: str) -> int:
    """The answer's; a file that it hands out is read to its end, which closes it."""
    answer = client.get(address)
    assert b"".join(answer)
    return answer.status_code


def resource(tree: Tree, **facts: Any) -> ResourcePage:
    made: ResourcePage = ResourceFactory(parent=tree.resources["en"], **facts)
    return made


@pytest.mark.parametrize(
    ("audience", "readers"),
    [
        ("public", list(PEOPLE)),
        ("members", ["member", "classmate", "editor"]),
        ("run:spring", ["classmate", "editor"]),
    ],
)
def test_a_document_opens_to_whoever_may_read_its_page(
    tree: Tree, people: dict[str, Client], audience: str, readers: list[str]
) -> None:
    page = resource(tree, slug="sheet", audience=audience)
    kept = make.document(page)

    assert who_opens(people, "/en/resources/sheet/") == readers
    assert who_opens(people, kept.url) == readers
    assert people["member"].get(f"/media/{kept.file.name}").status_code == 404


@pytest.mark.parametrize("state", ["draft", "taken down", "expired", "on no page"])
def test_a_document_of_no_live_page_is_the_desks(
    tree: Tree, people: dict[str, Client], state: str
) -> None:
    page = resource(tree, live=state in {"taken down", "on no page"})
    kept = make.document(page)
    if state == "taken down":
        page.unpublish()
    if state == "on no page":
        ResourceDocument.objects.filter(page=page).delete()

    assert who_opens(people, kept.url) == ["editor"]


def test_a_document_that_a_draft_alone_offers_is_not_out_yet(
    tree: Tree, people: dict[str, Client]
) -> None:
    page = resource(tree)
    kept = make.document(resource(tree, live=False))
    copy = ResourcePage.objects.get(pk=page.pk)
    copy.documents.add(ResourceDocument(document=kept, title="Soon", language="en"))
    copy.save_revision()

    assert who_opens(people, kept.url) == ["editor"]

    copy.save_revision().publish()
    assert who_opens(people, kept.url) == list(PEOPLE)


def test_a_document_two_pages_offer_has_the_wider_audience(
    tree: Tree, people: dict[str, Client]
) -> None:
    kept = make.document(resource(tree, audience="members"))
    other = resource(tree)
    ResourceDocument.objects.create(page=other, document=kept, title="Same", language="en")

    assert who_opens(people, kept.url) == list(PEOPLE)


def test_what_is_not_for_everyone_is_kept_by_no_cache(
    tree: Tree, people: dict[str, Client]
) -> None:
    hidden = make.document(resource(tree, audience="members"), name="canary-file.pdf")
    public = make.document(resource(tree))

    closed, still_open = (people["member"].get(one.url) for one in (hidden, public))
    for answer in (closed, still_open):
        assert b"".join(answer)

    assert closed["Cache-Control"] == "private, no-store"
    assert "noindex" in closed["X-Robots-Tag"]
    assert still_open["Cache-Control"] == "no-cache"
    missing = Client().get(hidden.url.replace("canary", "yranac"))
    refused = Client().get(hidden.url)
    assert refused.status_code == missing.status_code == 404
    assert refused.content.replace(b"canary", b"") == missing.content.replace(b"yranac", b"")


def test_no_trace_of_a_hidden_one_in_lists_search_feeds_and_sitemap(
    tree: Tree, run: CourseRun, people: dict[str, Client]
) -> None:
    make.topic("law", en="Law")
    CountryFactory(parent=tree.countries["en"], country="KE", slug="kenya")
    make.CourseFactory(parent=tree.courses["en"], slug="spring", course_run=run)
    facts = {"countries": ["KE"], "topics": ["law"], "course_run": run}
    resource(tree, title="Open words", **facts)
    hidden = resource(tree, title="CANARY words", slug="canary", audience="members", **facts)
    make.document(hidden, title="CANARY file")
    for page in ResourcePage.objects.all():
        insert_or_update_object(page)
    lists = (
        "/en/resources/",
        "/en/resources/?kind=tool",
        "/en/topics/law/",
        "/en/countries/kenya/",
        "/en/courses/spring/",
        "/en/search/?q=words",
        "/en/search/?q=file",
        "/en/feed/",
        "/en/feed/topics/law/",
        "/en/feed/countries/ke/",
        "/sitemap.xml",
    )

    for address in lists:
        answers = {name: people[name].get(address).content.decode() for name in PEOPLE[:3]}
        assert "canary" not in answers["stranger"].casefold(), address
        assert "canary" not in answers["waiting"].casefold(), address
        for_all = "feed" in address or "sitemap" in address
        assert ("canary" in answers["member"].casefold()) is not for_all, address


def test_the_page_shows_each_document_with_language_kind_and_size(
    tree: Tree, run: CourseRun, client: Client
) -> None:
    make.topic("law", en="Law")
    page = resource(tree, slug="sheet", topics=["law"], countries=["KE"], course_run=run)
    make.document(page, title="Sheet", code="en", name="sheet.pdf")
    make.document(page, title="ورقة", code="ar", name="waraqa.docx")

    page_of = shown(client, "/en/resources/sheet/")
    files = page_of["documents"]

    assert [(one.title, one.language, one.kind) for one in files] == [
        ("Sheet", "English", "PDF"),
        ("ورقة", "Arabic", "DOCX"),
    ]
    assert all(one.size for one in files)
    assert (page_of["countries"], page_of["topics"]) == (
        [("Kenya", "")],
        (("Law", "/en/topics/law/"),),
    )
    text = client.get("/en/resources/sheet/").content.decode()
    assert make.THANKS["en"] in text
    assert '<bdi lang="ar">ورقة</bdi>' in text
    assert "Kept: Sheet" not in text


def test_the_acknowledgement_is_its_own_projects_else_that_of_its_course(
    tree: Tree, run: CourseRun, client: Client
) -> None:
    own = ProjectFactory(acknowledgement={"en": "Thanks to another."})
    resource(tree, slug="of-course", course_run=run)
    resource(tree, slug="of-project", project=own)
    resource(tree, slug="of-nobody")

    owed = [
        shown(client, f"/en/resources/{slug}/")["acknowledgement"]
        for slug in ("of-course", "of-project", "of-nobody")
    ]

    assert owed == [make.THANKS["en"], "Thanks to another.", ""]
    with pytest.raises(ValidationError, match="another project"):
        resource(tree, course_run=run, project=own).full_clean()


def test_mails_carry_it_with_its_kind_its_interests_and_the_acknowledgement(
    tree: Tree, run: CourseRun
) -> None:
    page = resource(
        tree, title="Sheet", slug="sheet", countries=["KE"], topics=["law"], course_run=run
    )
    make.document(page)
    translated(page, "ar", title="ورقة", slug="waraqa")

    (entry,) = digest.entries(LONG_AGO, dt.datetime.now(dt.UTC) + dt.timedelta(days=1))

    assert (entry.key, entry.kind) == (f"resource:{page.translation_key}", "resource")
    assert entry.interests == {"all", "country:KE", "topic:law"}
    english, arabic = entry.texts
    assert (english.title, english.kicker) == ("Sheet", "Tool")
    assert english.acknowledgement == make.THANKS["en"]
    assert arabic.acknowledgement == make.THANKS["ar"]


def test_mails_say_for_whom_it_is_and_carry_no_draft(tree: Tree, run: CourseRun) -> None:
    own = ProjectFactory(acknowledgement={"en": "Thanks to another."})
    resource(tree, title="Members", audience="members", project=own)
    resource(tree, title="Draft", live=False)

    (entry,) = digest.entries(LONG_AGO, dt.datetime.now(dt.UTC) + dt.timedelta(days=1))

    assert (entry.audience, entry.texts[0].title) == ("members", "Members")
    assert entry.texts[0].acknowledgement == "Thanks to another."


def test_a_translation_offers_the_same_documents_to_the_same_people(
    tree: Tree, people: dict[str, Client]
) -> None:
    page = resource(tree, slug="sheet")
    kept = make.document(page)
    arabic = translated(page, "ar", title="ورقة", slug="waraqa")

    text = people["stranger"].get("/ar/resources/waraqa/").content.decode()

    assert '<html lang="ar" dir="rtl">' in text
    assert kept.url in text
    assert "الإنجليزية" in text
    links = shown(people["stranger"], "/ar/resources/waraqa/")["hreflang_links"]
    assert [code for code, _address in links] == ["en", "ar"]
    page.audience = "members"
    page.save_revision().publish()
    arabic.refresh_from_db()
    assert arabic.audience == "members"
    assert who_opens(people, kept.url) == ["member", "classmate", "editor"]


def test_the_list_is_narrowed_by_the_kinds_a_reader_has(
    tree: Tree, people: dict[str, Client]
) -> None:
    resource(tree, title="A tool")
    resource(tree, title="A paper", kind="publication")
    resource(tree, title="Hidden", kind="material", audience="members")

    def listed(name: str, query: str = "") -> list[str]:
        page = shown(people[name], f"/en/resources/{query}")
        return sorted(line.title for line in page["resources"])

    def kinds(name: str) -> list[str]:
        return [way.code for way in shown(people[name], "/en/resources/")["kinds"]]

    assert kinds("stranger") == ["publication", "tool"]
    assert kinds("member") == ["publication", "tool", "material"]
    assert listed("stranger", "?kind=tool") == ["A tool"]
    for nonsense in ("?kind=material", "?kind=nothing", "?kind=%00"):
        assert listed("stranger", nonsense) == ["A paper", "A tool"]
    assert listed("member", "?kind=material") == ["Hidden"]


def test_search_finds_it_by_its_words_and_by_those_of_its_documents(
    tree: Tree, client: Client
) -> None:
    page = resource(tree, title="Referring", body=make.BODY)
    make.document(page, title="Checklist")
    insert_or_update_object(ResourcePage.objects.get(pk=page.pk))

    for word in ("referring", "sheet", "step", "checklist"):
        found = shown(client, f"/en/search/?q={word}")["found"]
        assert [hit.title for hit in found.hits] == ["Referring"], word


def test_machines_are_told_what_it_is_unless_it_is_for_members(tree: Tree, client: Client) -> None:
    resource(tree, slug="sheet", kind="material")
    resource(tree, slug="hidden", audience="members")

    assert data_of(client, "/en/resources/sheet/")["@type"] == "LearningResource"
    client.force_login(ProfileFactory(joined=True).user)
    body = client.get("/en/resources/hidden/").content.decode()
    assert "ld+json" not in body
    assert "Members only" in body


def test_what_is_for_one_course_stands_on_its_peoples_page(
    tree: Tree, run: CourseRun, rf: Any
) -> None:
    resource(tree, title="Slides", audience="run:spring")
    request = rf.get("/en/members/courses/spring/")
    request.user = AnonymousUser()

    assert [one.title for one in materials.of_run("spring", request)] == ["Slides"]


@pytest.mark.parametrize(
    "address", ["/en/resources/", "/en/resources/first/", "/en/topics/law/", "/en/search/?q=sheet"]
)
@pytest.mark.parametrize("signed_in", [False, True])
def test_queries_do_not_grow(
    tree: Tree, run: CourseRun, client: Client, address: str, signed_in: bool
) -> None:
    make.topic("law", en="Law")
    first = resource(tree, slug="first", topics=["law"], countries=["KE"], course_run=run)

    def publish(times: int) -> None:
        for _ in range(times):
            page = resource(tree, topics=["law"], course_run=run)
            for one in (page, first):
                make.document(one)
                make.document(one, code="ar")
            insert_or_update_object(page)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    if signed_in:
        client.force_login(ProfileFactory(joined=True).user)
    publish(1)
    client.get(address)
    one = queries()
    publish(2)
    client.get(address)

    assert queries() == one


def test_an_editor_uploads_a_document_and_offers_it(tree: Tree, people: dict[str, Client]) -> None:
    desk = people["editor"]
    page = resource(tree, slug="sheet")

    chooser = desk.get(reverse("wagtaildocs_chooser:choose"))
    form = desk.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()

    assert chooser.status_code == 200
    assert "Whoever may read the page may open them" in form
    assert desk.get(reverse("wagtaildocs:add_multiple")).status_code == 200


def test_the_library_takes_no_file_that_a_browser_would_run(db: None) -> None:
    for name, taken in (("a.pdf", True), ("a.html", False), ("a.svg", False), ("a.js", False)):
        document = Document(title="A", file=name)
        try:
            document.clean()
        except ValidationError:
            assert not taken
        else:
            assert taken


def test_a_page_that_is_deleted_is_told_of_in_no_mail(tree: Tree) -> None:
    page = resource(tree)
    page.delete()

    assert digest.entries(LONG_AGO, dt.datetime.now(dt.UTC)) == []
    assert json.dumps(list(ResourcePage.objects.values("pk"))) == "[]"
