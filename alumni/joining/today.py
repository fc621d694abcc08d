"""In: a colleague. Out: what the people who are not in yet want of this colleague, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from alumni.joining import doors
from alumni.models import Call, CourseRun, Enrolment, Invitation, Profile, User, Vouching, Wave
from newsletters.today import Sentence, Urgency

OF_A_KIND = 2
"""Courses that are told one by one."""


def to_identify() -> Iterator[Sentence]:
    """Who came by a slip or a call and waits to be known."""
    people = Profile.objects.to_identify()
    runs = _runs_of(people)
    if len(runs) == 1:
        text = ngettext(
            "%(n)d person of %(run)s came by a slip or a call: is it the person?",
            "%(n)d people of %(run)s came by a slip or a call: are they the people?",
            runs[0][1],
        )
        yield _about_a_run(runs, text, gettext("Say who it is"))
    elif runs:
        n = people.count()
        text = gettext(
            "%(n)d people of %(runs)d courses came by a slip or a call: are they the people?"
        )
        yield Sentence(
            text % {"n": n, "runs": len(runs)}, gettext("Say who it is"), reverse("joining")
        )


def second_looks(user: User) -> Iterator[Sentence]:
    """Whom a colleague proposed: never for the one who did."""
    waiting = Vouching.objects.waiting().exclude(proposed_by=user.pk)
    found = list(waiting.order_by("proposed_at", "pk").select_related("run__course"))
    if not found:
        return
    text = ngettext(
        "Somebody of %(run)s who is on no list waits for your second look.",
        "%(n)d people who are on no list wait for your second look, the first for %(run)s.",
        len(found),
    )
    first = found[0]
    yield Sentence(
        text % {"n": len(found), "run": first.run},
        gettext("Look at the proposal"),
        reverse("joining_second_look", args=[first.run.slug, first.key]),
    )


def who_is_missing(*, may_print: bool) -> Iterator[Sentence]:
    """The newest course of which somebody is missing."""
    unfinished = [one for one in doors.sums() if one.joined < one.people]
    if not unfinished:
        return
    found = max(unfinished, key=lambda one: (one.run.ends_on, one.run.pk))
    words = {"n": found.people, "joined": found.joined, "run": found.run}
    if found.joined:
        text = ngettext(
            "%(joined)d of %(n)d person of %(run)s have joined.",
            "%(joined)d of %(n)d people of %(run)s have joined.",
            found.people,
        )
    else:
        text = ngettext(
            "Nobody of %(run)s has joined yet: %(n)d person waits for a way in.",
            "Nobody of %(run)s has joined yet: %(n)d people wait for a way in.",
            found.people,
        )
    if found.joined or not may_print:
        button, screen = gettext("See who is missing"), "joining_run"
    else:
        button = ngettext("Print %(n)d slip", "Print %(n)d slips", found.people) % words
        screen = "joining_slips"
    yield Sentence(text % words, button, reverse(screen, args=[found.run.slug]))


def stopped_inviting() -> Iterator[Sentence]:
    """Courses whose invitations came back too often."""
    stopped = Wave.objects.filter(state=Wave.State.STOPPED, why=Wave.Why.BOUNCES)
    for wave in stopped.select_related("run__course").order_by("-stopped_at")[:OF_A_KIND]:
        text = gettext("Inviting for %(run)s stopped: too many invitations came back.")
        address = reverse("joining_run", args=[wave.run.slug])
        yield Sentence(
            text % {"run": wave.run}, gettext("Mend the addresses"), address, Urgency.NOW
        )


def bounced() -> Iterator[Sentence]:
    """Whose mailbox does not exist and whom nobody has called since."""
    called = Call.objects.filter(profile=OuterRef("profile"), at__gt=OuterRef("bounced_at"))
    came_back = Invitation.objects.filter(
        ~Exists(called),
        profile=OuterRef("pk"),
        address=OuterRef("address"),
        bounced_at__isnull=False,
    )
    people = Profile.objects.waiting().filter(Exists(came_back), user=None)
    runs = _runs_of(people)
    if len(runs) == 1:
        text = ngettext(
            "The mailbox of %(n)d person of %(run)s does not exist: it is time for a call.",
            "The mailboxes of %(n)d people of %(run)s do not exist: it is time for calls.",
            runs[0][1],
        )
        yield _about_a_run(runs, text, gettext("Open the call list"), "#calls")
    elif runs:
        text = gettext(
            "The mailboxes of %(n)d people of %(runs)d courses do not exist: it is time for calls."
        )
        yield Sentence(
            text % {"n": people.count(), "runs": len(runs)},
            gettext("Look at the courses"),
            reverse("joining"),
        )


def _runs_of(people: QuerySet[Profile]) -> list[tuple[CourseRun, int]]:
    """Their course runs, the newest first, each with how many of these people it has."""
    theirs = Q(enrolments__profile__in=people.values("pk"))
    came = ~Q(enrolments__completion=Enrolment.Completion.NOMINATED)
    runs = CourseRun.objects.annotate(people=Count("enrolments", filter=theirs & came))
    found = runs.filter(people__gt=0).select_related("course").order_by("-ends_on", "-pk")
    return [(run, run.people) for run in found]


def _about_a_run(
    runs: list[tuple[CourseRun, int]], text: str, button: str, anchor: str = ""
) -> Sentence:
    run, people = runs[0]
    url = reverse("joining_run", args=[run.slug]) + anchor
    return Sentence(text % {"n": people, "run": run}, button, url)
