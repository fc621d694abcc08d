"""The screens on which a mailing is written: what they show, who may press what."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import GroupPagePermission, Page

from alumni.models import User
from cms import dispatch_previews, dispatching, today
from cms.dispatch_views import manuscript_url
from cms.models import Dispatch, Manuscript
from newsletters import approving, issues
from newsletters.models import Issue, Letter, Newsletter, Step
from newsletters.pipeline import editions, freeze
from newsletters.proofs import without_keys
from tests.cms.test_dispatches import dispatch, newsletter, write  # noqa: F401
from tests.factories.alumni import UserFactory
from tests.factories.cms import StoryFactory, Tree, picture
from tests.factories.newsletters import NewsletterFactory

pytestmark = pytest.mark.django_db
State = Issue.State


def colleague(*rights: str, name: str = "") -> Client:
    user = UserFactory(**({"email": f"{name}@example.org"} if name else {}))
    wanted = Permission.objects.filter(codename__in=["access_admin", "view_issue", *rights])
    user.user_permissions.set(wanted)
    client = Client()
    client.force_login(user)
    client.user = user  # type: ignore[attr-defined]
    return client


@pytest.fixture
def writer(db: None) -> Client:
    return colleague("compose_issue", name="writer")


@pytest.fixture
def second(db: None) -> Client:
    return colleague("approve_issue", name="second")


def press(client: Client, verb: str, dispatch: Dispatch, **data: str) -> str:  # noqa: F811
    address = reverse(f"dispatch_{verb}", args=[dispatch.key])
    return client.post(address, data, follow=True).content.decode()


def shows(client: Client, dispatch: Dispatch) -> str:  # noqa: F811
    return client.get(reverse("dispatch", args=[dispatch.key])).content.decode()


def test_the_screen_leads_from_words_to_approval(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
    second: Client,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("cms.dispatch_views.ring", lambda: True)
    page = shows(writer, dispatch)
    assert "No language is finished" in page
    assert "Add French" in page
    assert re.search(r'class="button"\s+disabled', page)
    press(writer, "language", dispatch, language="en")
    row = Manuscript.objects.get(language="en")
    row.subject, row.preheader = "What we learned", "Three stories and one call, for a quiet hour."
    row.body = [("text", "<p>Words.</p>")]
    row.save()

    page = press(writer, "propose", dispatch)
    assert "A colleague has to look at it and approve." in page
    page = shows(second, dispatch)
    assert "Approve: send to 1 person now" in page
    seal = Issue.objects.get().seal
    assert "It changed meanwhile" in press(second, "approve", dispatch, seal="another")
    press(second, "approve", dispatch, seal=seal)

    issue = Issue.objects.get()
    assert (issue.state, issue.approved_by) == (State.APPROVED, second.user)  # type: ignore[attr-defined]


def test_a_change_is_told_on_the_screen(dispatch: Dispatch, writer: Client) -> None:  # noqa: F811
    row = write(dispatch, "en")
    press(writer, "propose", dispatch)
    row.subject = "Another subject for it"
    row.save()

    assert "The subject was changed (English)." in shows(writer, dispatch)


VERBS = ("propose", "approve", "stop", "test", "language")
SCREENS = ("dispatch", "dispatch_edit", "dispatch_audience", "dispatch_look", "dispatch_delete")


def country_editor() -> Client:
    """Publishes pages, and nothing else."""
    client = colleague()
    group = Group.objects.create(name="Editors of one country")
    for name in ("add_page", "change_page", "publish_page"):
        right = Permission.objects.get(codename=name, content_type__model="page")
        GroupPagePermission.objects.create(
            group=group, page=Page.objects.get(depth=1), permission=right
        )
    client.user.groups.add(group)  # type: ignore[attr-defined]
    return client


def test_publishing_pages_gives_no_right_on_mailings(dispatch: Dispatch) -> None:  # noqa: F811
    write(dispatch, "en")
    client = country_editor()

    for screen in SCREENS:
        answer = client.get(reverse(screen, args=[dispatch.key]))
        assert answer.status_code in {302, 403}, screen
    for verb in VERBS:
        client.post(reverse(f"dispatch_{verb}", args=[dispatch.key]), {"language": "fr"})
    assert client.get(manuscript_url(Manuscript.objects.get())).status_code in {302, 403}
    assert (
        client.get(reverse("dispatch_mail", args=[dispatch.key, "en", "mail"])).status_code == 404
    )
    assert not Issue.objects.exists()
    assert not Letter.objects.exists()
    assert Manuscript.objects.count() == 1
    assert "Being written" not in client.get("/cms/").content.decode()


def test_each_right_opens_what_it_is_for(dispatch: Dispatch) -> None:  # noqa: F811
    write(dispatch, "en")
    composing, approving_, sending = (
        colleague(right) for right in ("compose_issue", "approve_issue", "send_issue")
    )

    def opened(client: Client, screen: str) -> bool:
        return client.get(reverse(screen, args=[dispatch.key])).status_code == 200

    assert [opened(composing, screen) for screen in SCREENS] == [True] * 5
    assert [opened(approving_, screen) for screen in SCREENS] == [True, False, False, True, False]
    assert [opened(sending, screen) for screen in SCREENS] == [False] * 5
    address = manuscript_url(Manuscript.objects.get())
    assert composing.get(address).status_code == 200
    assert approving_.get(address).status_code != 200
    press(approving_, "propose", dispatch)
    press(sending, "propose", dispatch)
    assert not Issue.objects.exists()
    press(composing, "propose", dispatch)
    press(composing, "approve", dispatch, seal=Issue.objects.get().seal)
    press(sending, "approve", dispatch, seal=Issue.objects.get().seal)
    assert Issue.objects.get().state == State.DRAFT
    press(sending, "stop", dispatch)
    assert Issue.objects.get().state == State.DRAFT
    press(approving_, "stop", dispatch)
    assert Issue.objects.get().state == State.CANCELLED


def test_editors_and_administrators_have_both_rights() -> None:
    for name in ("Editors", "Administrators"):
        own = Group.objects.get(name=name).permissions.values_list("codename", flat=True)
        assert {"compose_issue", "approve_issue"} <= set(own)


def test_the_count_follows_what_is_ticked(dispatch: Dispatch, writer: Client) -> None:  # noqa: F811
    write(dispatch, "en")
    write(dispatch, "ar")
    address = reverse("dispatch_audience", args=[dispatch.key])

    page = writer.get(address).content.decode()
    parts = writer.get(address, {"languages": "ar", "count": "", "parts": ""}).content.decode()
    counted = writer.post(address, {"languages": "ar", "count": "1"}).content.decode()

    assert "2 people" in page
    assert "1 person" in parts
    assert "are not among those chosen" in parts
    assert "<html" not in parts
    assert "1 person" in counted
    assert Dispatch.objects.get().criteria == {}
    writer.post(address, {"languages": ["ar"], "countries": ["KE"]})
    assert Dispatch.objects.get().criteria == {"languages": ["ar"], "countries": ["KE"]}
    assert "Kenya" in shows(writer, dispatch)


def previewed(row: Manuscript, mode: str) -> str:
    client = Client()
    client.force_login(UserFactory())
    cookie = client.cookies.output(header="", sep=";").partition(";")[0]
    request = RequestFactory().get("/", HTTP_HOST="testserver", HTTP_COOKIE=cookie)
    return row.make_preview_request(request, mode).content.decode()


def test_the_preview_is_the_mail_as_it_leaves_whatever_is_saved(
    dispatch: Dispatch,  # noqa: F811
    tree: Tree,
) -> None:
    story = StoryFactory(parent=tree.stories["en"], title="A door at night")
    row = write(dispatch, "en", ("text", "<p>Words.</p>"), ("story", story))
    issue = dispatching.propose(dispatch, by=UserFactory())
    key = issue.key
    for mode, discreet in (("", False), ("at-risk", True)):
        edition = issue.editions.get(language="en", discreet=discreet)
        left = without_keys(editions.mail(edition)).html
        # Only the page in the archive has no address yet, so that a line may break elsewhere.
        left = left.replace(f"{edition.issue.newsletter.slug}/{key}/", "")
        assert "".join(previewed(row, mode).split()) == "".join(left.split())

    row.subject = "Not saved yet, only typed"
    row.body = [("text", "<p>Typed this moment.</p>")]

    assert "Typed this moment." in previewed(row, "")
    assert "Typed this moment." in previewed(row, "text")
    assert [mode for mode, _name in row.preview_modes] == [m for m, _n in dispatch_previews.MODES]
    dark = previewed(row, "dark")
    assert "@media all" in dark
    assert "prefers-color-scheme:dark" not in dark


def test_with_pictures_off_their_words_are_left(dispatch: Dispatch, tree: Tree) -> None:  # noqa: F811
    row = write(dispatch, "en", ("picture", {"picture": picture(), "caption": "A court, drawn"}))

    shown = previewed(row, "no-pictures")

    assert 'src="data:,"' in shown
    assert "/media/" not in shown
    assert "A court, drawn" in shown


def test_the_editor_counts_and_warns_of_an_approval(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
) -> None:
    row = write(dispatch, "en")
    press(writer, "propose", dispatch)

    page = writer.get(manuscript_url(row)).content.decode()

    assert 'data-most="78"' in page
    assert "any change here ends its approval" in page
    assert "action-publish" not in page


def test_a_look_through_the_eyes_of_a_reader(dispatch: Dispatch, writer: Client) -> None:  # noqa: F811
    write(dispatch, "en")
    address = reverse("dispatch_look", args=[dispatch.key])

    assert "This reader gets nothing" in writer.get(address, {"language": "ar"}).content.decode()
    Dispatch.objects.update(fallback="en", criteria={"countries": ["KE"]})
    page = writer.get(
        address, {"language": "ar", "country": "ZM", "at_risk": "on", "mode": "mail"}
    ).content.decode()
    assert "it comes in the language for all others" in page
    assert "only by following one of the chosen countries" in page
    assert "Reading for you" in page
    mail = writer.get(reverse("dispatch_mail", args=[dispatch.key, "en", "text"]))
    assert mail["X-Frame-Options"] == "SAMEORIGIN"


def test_a_proposal_waits_in_today_for_the_others(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
    second: Client,
) -> None:
    write(dispatch, "en")
    press(writer, "propose", dispatch)

    def told(client: Client) -> list[str]:
        user = User.objects.get(pk=client.user.pk)  # type: ignore[attr-defined]
        return [one.text for one in today.everything(user) if "Spring letter" in one.text]

    assert told(second) == ["“Spring letter” waits for your approval."]
    assert told(writer) == []


def test_in_a_small_team_the_screen_offers_the_hold(
    dispatch: Dispatch,  # noqa: F811
    second: Client,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("cms.dispatch_views.ring", lambda: True)
    Newsletter.objects.update(small_team=True)
    both = colleague("compose_issue", "approve_issue")
    write(dispatch, "en")
    press(both, "propose", dispatch)
    assert "it waits for thirty minutes" in shows(both, dispatch)

    page = press(both, "approve", dispatch, seal=Issue.objects.get().seal)

    assert "held for 30 minutes" in page
    (copy,) = Letter.objects.all()
    assert f"/cms/writing/{dispatch.key}/" in copy.params["text"]
    press(second, "stop", dispatch)
    assert Issue.objects.get().state == State.CANCELLED


def test_what_was_proposed_is_not_deleted(dispatch: Dispatch, writer: Client) -> None:  # noqa: F811
    write(dispatch, "en")
    press(writer, "propose", dispatch)
    assert "stop it first" in press(writer, "delete", dispatch)
    approving.void(dispatch.reference, changes=["body@en"])

    press(writer, "delete", dispatch)

    assert not Dispatch.objects.exists()


def test_what_went_to_nobody_is_called_the_same_on_every_screen(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
) -> None:
    write(dispatch, "en")
    press(writer, "propose", dispatch)
    Issue.objects.update(state=State.DONE, audience=0, frozen_at=timezone.now())

    for page in (
        shows(writer, dispatch),
        writer.get(reverse("dispatches")).content.decode(),
        writer.get(reverse("mailing", args=[Issue.objects.get().pk])).content.decode(),
    ):
        said = re.findall(r'class="w-status[^>]*>\s*([^<]+?)\s*<', page)
        assert said == ["no mail sent"]


def test_what_has_left_to_some_is_not_deleted(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
    second: Client,
) -> None:
    write(dispatch, "en")
    issue = dispatching.propose(dispatch, by=writer.user)  # type: ignore[attr-defined]
    approving.approve(issue, by=second.user)  # type: ignore[attr-defined]
    freeze.freeze_or_halt(issue.pk)
    issues.cancel(issue, by=second.user)  # type: ignore[attr-defined]
    assert "Delete this mailing" not in shows(writer, dispatch)

    assert "It has left, if not to everybody" in press(writer, "delete", dispatch)

    assert Dispatch.objects.get() == dispatch


@pytest.mark.django_db(transaction=True)
def test_nothing_is_proposed_of_what_is_being_deleted(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
    monkeypatch: Any,
) -> None:
    write(dispatch, "en")
    looked, go_on = threading.Event(), threading.Event()
    standing = approving.standing

    def slowly(reference: str) -> Any:
        found = standing(reference)
        if threading.current_thread() is deletes:
            looked.set()
            go_on.wait(20)
        return found

    monkeypatch.setattr(approving, "standing", slowly)
    refused: list[str] = []

    def propose() -> None:
        try:
            dispatching.propose(dispatch, by=writer.user)  # type: ignore[attr-defined]
        except approving.CannotPropose as why:
            refused.append(str(why))

    deletes = threading.Thread(target=on_its_own(lambda: press(writer, "delete", dispatch)))
    deletes.start()
    assert looked.wait(20)
    proposes = threading.Thread(target=on_its_own(propose))
    proposes.start()
    proposes.join(0.5)
    go_on.set()
    deletes.join(20)
    proposes.join(20)

    assert refused == ["It was deleted meanwhile."]
    assert not Dispatch.objects.exists()
    assert not Issue.objects.exists()


def on_its_own(job: Any) -> Any:
    """On a connection of its own, closed behind it."""

    def run() -> None:
        try:
            job()
        finally:
            connection.close()

    return run


def test_one_and_three_mailings_cost_the_same(newsletter: Newsletter, writer: Client) -> None:  # noqa: F811
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert writer.get(reverse("dispatches")).status_code == 200
        return len(captured)

    def add(title: str) -> None:
        write(Dispatch.objects.create(newsletter=newsletter, title=title), "en")

    add("one")
    queries()
    one = queries()
    add("two")
    add("three")

    assert queries() == one


def test_a_mailing_is_begun_with_its_title_and_newsletter(
    newsletter: Newsletter,  # noqa: F811
    writer: Client,
) -> None:
    address = reverse("dispatch_new")
    asks = NewsletterFactory(kind="written")
    Step.objects.create(newsletter=asks, code="asks", order=0, criteria={})
    names = str(writer.get(address).context["form"]["newsletter"])
    assert (names.count("<option"), f'value="{newsletter.pk}"' in names) == (1, True)
    assert "Cairo time" in writer.get(address).content.decode()
    wrong = {
        "title": "Letter",
        "newsletter": newsletter.pk,
        "not_before": "2026-12-02 09:00",
        "not_after": "2026-12-01 09:00",
    }
    assert "before it leaves" in writer.post(address, wrong).content.decode()

    writer.post(address, wrong | {"not_after": ""})

    made = Dispatch.objects.get()
    assert (made.created_by, made.not_before.hour) == (writer.user, 7)  # type: ignore[attr-defined, union-attr]


def test_what_has_left_offers_nothing_more_to_choose(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
    second: Client,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("cms.dispatch_views.ring", lambda: True)
    write(dispatch, "en")
    press(writer, "propose", dispatch)
    press(second, "approve", dispatch, seal=Issue.objects.get().seal)
    names = f"Proposed by <bdi>{writer.user}</bdi>, approved by <bdi>{second.user}</bdi>"  # type: ignore[attr-defined]
    assert names in shows(writer, dispatch)
    freeze.freeze_or_halt(Issue.objects.get().pk)

    page = shows(writer, dispatch)

    assert names in page
    assert "It went to <strong>1 person</strong>." in page
    assert "write a correction" in page
    for gone in ("It would go to", "Add French", "Choose whom it is for", "worth a thought"):
        assert gone not in page


def test_what_is_saved_leads_back_to_the_steps(dispatch: Dispatch, writer: Client) -> None:  # noqa: F811
    row = write(dispatch, "en")
    page = writer.get(manuscript_url(row))
    form = {"subject": "Another subject for it", "preheader": row.preheader, "body-count": "0"}

    answer = writer.post(manuscript_url(row), form)

    assert page.status_code == 200
    assert answer.headers["Location"] == reverse("dispatch", args=[dispatch.key])
    listed = writer.get(reverse("wagtailsnippets_cms_manuscript:list"))
    assert listed.headers["Location"] == reverse("dispatches")


def test_the_page_of_what_was_written_speaks_of_its_languages(
    dispatch: Dispatch,  # noqa: F811
    writer: Client,
    second: Client,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("cms.dispatch_views.ring", lambda: True)
    write(dispatch, "en")
    press(writer, "propose", dispatch)
    issue = Issue.objects.get()
    press(second, "approve", dispatch, seal=issue.seal)
    freeze.freeze_or_halt(issue.pk)

    page = writer.get(reverse("mailing", args=[issue.pk])).content.decode()

    assert "read none of the languages it is written in" in page
    assert "something new" not in page
    assert page.count('data-label="Stories and calls">0<') == 2
