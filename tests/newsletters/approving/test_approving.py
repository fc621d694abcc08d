"""From words to a mail that a second person has seen: sealed, held, void, or on its way."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from localmail import Client
from newsletters import approving, issues, letters, proofs, proposals, reports
from newsletters.approving import CannotApprove, CannotPropose
from newsletters.models import Edition, Fragment, Issue, Letter, Newsletter, Subscription
from newsletters.pipeline import editions, freeze, written
from newsletters.proposals import Plan
from tests.newsletters import fake_source
from tests.newsletters.hands import REFERENCE, colleague, reader, send, write

State = Issue.State
MINUTE = dt.timedelta(minutes=1)


def test_proposing_renders_every_language_and_sends_nothing(proposed: Issue) -> None:
    made = [(one.language, one.discreet) for one in Edition.objects.order_by("language", "pk")]

    assert made == [("ar", False), ("ar", True), ("en", False), ("en", True)]
    assert (proposed.state, proposed.seen) == (State.DRAFT, 2)
    assert not Issue.objects.to_draw_up(timezone.now()).exists()
    assert freeze.freeze(proposed.pk) is None


def test_a_second_person_approves_and_each_gets_the_own_language(
    proposed: Issue, second: Any, mailbox: Client
) -> None:
    approving.approve(proposed, by=second)

    issue = send(proposed)

    assert (issue.state, issue.audience) == (State.DONE, 2)
    assert issue.excluded == {"not_in_their_language": 1}
    subjects = {mail.to.partition("@")[0]: mail.subject for mail in mailbox.mails()}
    assert "(en)" in subjects["amina"]
    assert "(ar)" in subjects["badr"] or "ar" in subjects["badr"]


def test_whoever_proposed_it_does_not_approve_it(proposed: Issue, writer: Any) -> None:
    with pytest.raises(CannotApprove, match="a colleague has to look"):
        approving.approve(proposed, by=writer)

    proposed.refresh_from_db()
    assert proposed.state == State.DRAFT


def test_what_leaves_is_what_was_sealed_and_nothing_is_rendered_anew(
    proposed: Issue, second: Any, mailbox: Client
) -> None:
    approving.approve(proposed, by=second)
    fake_source.manuscripts.clear()
    before = set(Edition.objects.values_list("pk", "sha256"))

    send(proposed)

    assert set(Edition.objects.values_list("pk", "sha256")) == before
    assert len(mailbox.mails()) == 2


def test_a_changed_byte_breaks_the_seal(proposed: Issue, second: Any) -> None:
    approving.approve(proposed, by=second)
    Fragment.objects.filter(language="en").exclude(entry="").update(html="<p>Other words</p>")

    issue = send(proposed)

    assert issue.state == State.HALTED
    assert "not what was approved any more" in reports.reason(issue)


@pytest.mark.parametrize(("more", "leaves"), [(1, True), (2, False)])
def test_a_list_that_moved_by_more_than_a_tenth_stops(
    newsletter: Newsletter, writer: Any, second: Any, more: int, leaves: bool
) -> None:
    for n in range(10):
        reader(newsletter, f"early-{n}", ["en"])
    write(REFERENCE, "en")
    issue = approving.propose(Plan(newsletter=newsletter, reference=REFERENCE), by=writer)
    approving.approve(issue, by=second)
    for n in range(more):
        reader(newsletter, f"late-{n}", ["en"])

    freeze.freeze_or_halt(issue.pk)

    issue.refresh_from_db()
    assert (issue.state == State.SENDING) is leaves
    if not leaves:
        assert "approved for 10 people and would go to 12" in reports.reason(issue)
        again = approving.propose(Plan(newsletter=newsletter, reference=REFERENCE), by=writer)
        issue.refresh_from_db()
        assert (issue.state, again.seen) == (State.CANCELLED, 12)


@pytest.mark.parametrize("approved", [False, True])
def test_a_change_ends_the_approval_and_says_what_it_was(
    proposed: Issue, second: Any, approved: bool
) -> None:
    if approved:
        approving.approve(proposed, by=second)

    assert approving.void(REFERENCE, changes=["subject@fr", "audience@"])
    assert not approving.void(REFERENCE, changes=["body@fr"])

    proposed.refresh_from_db()
    assert proposed.state == State.CANCELLED
    assert "The subject was changed (French)." in reports.reason(proposed)
    assert "It was to go to other readers." in reports.reason(proposed)
    assert freeze.freeze(proposed.pk) is None
    with pytest.raises(CannotApprove):
        approving.approve(proposed, by=second)


def test_a_change_after_the_list_was_drawn_up_changes_nothing(
    proposed: Issue, second: Any, mailbox: Client
) -> None:
    approving.approve(proposed, by=second)
    freeze.freeze(proposed.pk)

    assert not approving.void(REFERENCE, changes=["body@en"])

    proposed.refresh_from_db()
    assert proposed.state == State.SENDING


def test_in_a_small_team_one_person_approves_and_the_others_can_stop_it(
    newsletter: Newsletter, proposed: Issue, writer: Any, second: Any
) -> None:
    colleague("third", "compose_issue")
    Newsletter.objects.update(small_team=True)

    approving.approve(proposed, by=writer, url=lambda _issue: "http://testserver/cms/writing/x/")

    now = timezone.now()
    copies = Letter.objects.order_by("language")
    assert [(copy.to, copy.language) for copy in copies] == [
        ("second@example.org", "ar"),
        ("second@example.org", "en"),
    ]
    for copy in copies:
        assert "http://testserver/cms/writing/x/" in copy.params["text"]
        assert "To all" in copy.params["text"]
    assert not Issue.objects.to_draw_up(now + 29 * MINUTE).exists()
    assert Issue.objects.to_draw_up(now + 31 * MINUTE).exists()
    assert freeze.freeze(proposed.pk) is None
    proposed.refresh_from_db()
    assert "30 minutes" in approving.held_sentence(proposed)
    assert approving.take_back(proposed, by=second)
    assert not approving.take_back(proposed, by=second)
    with time_machine.travel(now + 31 * MINUTE):
        assert freeze.freeze(proposed.pk) is None


def test_a_second_person_waits_for_no_hold(newsletter: Any, proposed: Issue, second: Any) -> None:
    Newsletter.objects.update(small_team=True)

    approving.approve(proposed, by=second)

    assert Issue.objects.to_draw_up(timezone.now()).exists()
    assert not Letter.objects.exists()


def test_it_does_not_leave_before_its_moment(plan: Plan, writer: Any, second: Any) -> None:
    monday = timezone.now() + dt.timedelta(days=3)
    plan = Plan(newsletter=plan.newsletter, reference=REFERENCE, not_before=monday)
    issue = approving.propose(plan, by=writer)
    approving.approve(issue, by=second)

    assert freeze.freeze(issue.pk) is None
    with time_machine.travel(monday + MINUTE):
        assert freeze.freeze(issue.pk) is not None


def test_whoever_reads_none_of_its_languages_gets_the_fallback(
    plan: Plan, writer: Any, second: Any, mailbox: Client
) -> None:
    plan = Plan(newsletter=plan.newsletter, reference=REFERENCE, fallback="en")
    issue = approving.propose(plan, by=writer)
    approving.approve(issue, by=second)

    send(issue)

    assert (issue.seen, issue.audience, issue.excluded) == (3, 3, {})
    (mail,) = mailbox.mails(to="chanda@example.org")
    assert "(en)" in mail.subject


def test_a_story_that_is_taken_down_ends_the_approval(
    newsletter: Newsletter, readers: list[Subscription], writer: Any, second: Any
) -> None:
    write(REFERENCE, "en", holds=("story:1@en",))
    issue = approving.propose(Plan(newsletter=newsletter, reference=REFERENCE), by=writer)
    approving.approve(issue, by=second)

    issues.withdraw("story:1", ["en"])

    issue.refresh_from_db()
    assert issue.state == State.CANCELLED
    assert "A story that it tells of was taken down." in reports.reason(issue)


def test_what_is_not_ready_is_not_proposed(plan: Plan, writer: Any) -> None:
    nothing = Plan(newsletter=plan.newsletter, reference="dispatch:nothing")
    with pytest.raises(CannotPropose, match="Nothing is written"):
        approving.propose(nothing, by=writer)
    with pytest.raises(CannotPropose, match="language for all others"):
        approving.propose(
            Plan(newsletter=plan.newsletter, reference=REFERENCE, fallback="fr"), by=writer
        )
    fake_source.permitted["nobody"] = {"nobody@example.org"}
    over = timezone.now() - MINUTE
    with pytest.raises(CannotPropose, match="last moment"):
        approving.propose(
            Plan(newsletter=plan.newsletter, reference=REFERENCE, not_after=over), by=writer
        )
    with pytest.raises(CannotPropose, match="to nobody"):
        approving.propose(
            Plan(newsletter=plan.newsletter, reference=REFERENCE, criteria={"audience": "nobody"}),
            by=writer,
        )
    assert not Issue.objects.exists()


def test_the_same_words_are_not_proposed_twice(plan: Plan, proposed: Issue, second: Any) -> None:
    with pytest.raises(CannotPropose, match="already"):
        approving.propose(plan, by=second)


def test_what_the_mail_service_would_fill_in_blocks(plan: Plan, writer: Any) -> None:
    (english, *_others) = fake_source.manuscripts[REFERENCE]
    fake_source.manuscripts[REFERENCE] = [
        type(english)("en", "Dear %recipient.name%, hello", english.preheader, "<p>x</p>", "x")
    ]

    with pytest.raises(CannotPropose, match="would fill something in"):
        approving.propose(plan, by=writer)


def test_everybody_is_counted_once_with_the_reason(plan: Plan, readers: list[Any]) -> None:
    reader(plan.newsletter, "daoud", ["ar"])
    readers[0].paused_until = timezone.now() + dt.timedelta(days=3)
    readers[0].save()
    fake_source.permitted["some"] = {"amina@example.org", "badr@example.org", "chanda@example.org"}
    chosen = Plan(newsletter=plan.newsletter, reference="", criteria={"audience": "some"})

    found = proposals.reach(chosen, ["ar"])

    assert (found.people, dict(found.by_language)) == (1, {"ar": 1})
    assert dict(found.left_out) == {"paused": 1, "not_in_their_language": 1, proposals.OTHERS: 1}
    assert dict(found.first) == {"ar": 1, "pt": 1}


def test_a_test_mail_is_marked_and_carries_nobodys_keys(plan: Plan, mailbox: Client) -> None:
    made = proposals.proofs_of(plan, fake_source.manuscripts[REFERENCE])

    assert proofs.send_test(made[0], to=["editor@example.org"]) == 1
    for letter in letters.due():
        letters.hand_over(letter)

    (mail,) = mailbox.mails()
    assert mail.subject.startswith("Test:")
    assert "/n/u/proof/" in mail.text
    assert "This is a test" in mail.text
    assert "This is a test" in mail.html
    assert "list-unsubscribe" not in mail.headers
    assert Letter.objects.get().params == {}


def test_a_proof_is_the_mail_that_leaves(proposed: Issue, plan: Plan) -> None:
    for manuscript in fake_source.manuscripts[REFERENCE]:
        for discreet in (False, True):
            proof = written.proof(
                manuscript, newsletter=plan.newsletter, discreet=discreet, key=proposed.key
            )
            edition = Edition.objects.get(language=manuscript.language, discreet=discreet)
            assert proof.mail == editions.mail(edition)
            assert (proof.subject, proof.preheader) == (edition.subject, edition.preheader)


def test_what_left_is_read_in_a_browser_by_whoever_has_its_address(
    proposed: Issue, second: Any, client: Any, mailbox: Client
) -> None:
    address = f"/en/newsletters/{proposed.newsletter.slug}/{proposed.key}/"
    assert client.get(address).status_code == 404
    approving.approve(proposed, by=second)
    send(proposed)

    (mail,) = mailbox.mails(to="amina@example.org")
    page = client.get(address).content.decode()

    assert address in mail.html
    assert "Each of us" not in page
    assert "To all" in page
    assert "/n/u/" not in page
    assert "A letter to all of you (en)" in client.get("/en/newsletters/").content.decode()


def test_what_was_taken_down_since_is_read_nowhere(
    newsletter: Newsletter, readers: list[Subscription], writer: Any, second: Any, client: Any
) -> None:
    write(REFERENCE, "en", holds=("story:1@en",))
    issue = approving.propose(Plan(newsletter=newsletter, reference=REFERENCE), by=writer)
    approving.approve(issue, by=second)
    freeze.freeze(issue.pk)
    address = f"/en/newsletters/{newsletter.slug}/{issue.key}/"
    assert client.get(address).status_code == 200

    issues.withdraw("story:1", ["en"])

    assert client.get(address).status_code == 404
