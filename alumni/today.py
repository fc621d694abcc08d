"""In: a colleague, the clock. Out: what the people of the network want of this colleague now.

Each sentence for those alone who may act on it; the number of queries does not grow. Of a kind
that could stand here often, the sentence names one course, or says how many there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from alumni import reviews, vocabulary
from alumni.followup.rounds import Round, rounds
from alumni.joining import doors
from alumni.models import (
    Call,
    Complaint,
    CourseRun,
    Enrolment,
    Hiding,
    Invitation,
    Profile,
    RosterUpload,
    User,
    Vouching,
    Wave,
)
from alumni.visibility import is_staff
from newsletters import plans
from newsletters.today import Sentence

OF_A_KIND = 2
"""Rosters and questions that are told one by one."""
LIST_IS_MISSED = dt.timedelta(days=90)
"""So long after a course its list is asked for."""


def sentences(user: User, now: dt.datetime) -> Iterator[Sentence]:
    """What waits, the most pressing first."""
    may = user.has_perm
    if not is_staff(user):
        return
    if may("alumni.view_complaint"):
        yield from _reported()
    if may("alumni.change_profile"):
        yield from _to_identify()
    if may("alumni.add_profile"):
        yield from _second_looks(user)
        yield from _rosters(user)
    if may("newsletters.send_issue"):
        yield from _questions(timezone.localdate(now))
    yield from _joining(may_print=may("alumni.change_profile"))
    if may("alumni.change_profile"):
        yield from _stopped_inviting()
        yield from _bounced()
    yield from _stale(now)
    if may("alumni.add_hiding"):
        yield from _hidden()


def _reported() -> Iterator[Sentence]:
    keys = list(Complaint.objects.filter(settled_at=None).order_by("at").values_list("pk"))
    if keys:
        text = ngettext(
            "A member reported a conversation.",
            "Members reported %(n)d conversations.",
            len(keys),
        )
        url = reverse("complaint", args=keys[0]) if len(keys) == 1 else reverse("complaints")
        yield Sentence(text % {"n": len(keys)}, gettext("Read what happened"), url)


def _to_identify() -> Iterator[Sentence]:
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


def _second_looks(user: User) -> Iterator[Sentence]:
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


def _rosters(user: User) -> Iterator[Sentence]:
    if not Profile.objects.exists():
        yield Sentence(
            gettext("Nobody is here yet. Bring in the people of a course from a list."),
            gettext("Import a roster"),
            reverse("rosters:start"),
        )
    else:
        yield from _without_a_list(timezone.localdate())
    State = RosterUpload.State
    broken = Q(rows__outcome="broken", rows__written_at=None)
    uploads = (
        RosterUpload.objects.current()
        .filter(owner=user, state__in=[State.COLUMNS, State.READ, State.DONE])
        .annotate(broken=Count("rows", filter=broken))
        .exclude(state=State.DONE, broken=0)
        .select_related("run__course")
    )
    for upload in uploads[:OF_A_KIND]:
        words = {"file": upload.name or upload.run, "run": upload.run, "n": upload.broken}
        if upload.state == State.COLUMNS:
            text = gettext("“%(file)s” for %(run)s waits: say what its columns hold.")
        elif upload.broken and upload.state == State.READ:
            text = ngettext(
                "“%(file)s” for %(run)s waits for your word: %(n)d row is to be mended.",
                "“%(file)s” for %(run)s waits for your word: %(n)d rows are to be mended.",
                upload.broken,
            )
        elif upload.broken:
            text = ngettext(
                "“%(file)s” for %(run)s: %(n)d row still waits to be mended.",
                "“%(file)s” for %(run)s: %(n)d rows still wait to be mended.",
                upload.broken,
            )
        else:
            text = gettext("“%(file)s” for %(run)s waits for your word.")
        url = reverse("rosters:roster", args=[upload.key])
        yield Sentence(text % words, gettext("Go on with the list"), url)


def _questions(day: dt.date) -> Iterator[Sentence]:
    named = {one.code: one for one in rounds()}
    due = [one for one in plans.due(day) if one.step.code in named][:OF_A_KIND]
    slugs = {one.anchor for one in due}
    runs = {
        run.slug: run for run in CourseRun.objects.filter(slug__in=slugs).select_related("course")
    }
    for one in due:
        if one.anchor in runs:
            text = ngettext(
                "“%(question)s” is due for %(run)s: %(n)d person.",
                "“%(question)s” is due for %(run)s: %(n)d people.",
                one.people,
            )
            question = _in_words(named[one.step.code])
            yield Sentence(
                text % {"question": question, "run": runs[one.anchor], "n": one.people},
                gettext("Look and ask"),
                reverse("followup_run", args=[one.anchor]),
            )


def _in_words(one: Round) -> str:
    name = str(settings.PACK.name_of(one.wave.names, vocabulary.language_now()))
    return gettext("%(question)s: a reminder") % {"question": name} if one.number else name


def _joining(*, may_print: bool) -> Iterator[Sentence]:
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


def _without_a_list(today: dt.date) -> Iterator[Sentence]:
    """The newest course that has begun lately and has nobody on its list."""
    lately = CourseRun.objects.filter(
        starts_on__lte=today, ends_on__gt=today - LIST_IS_MISSED, enrolments=None
    )
    for run in lately.select_related("course").order_by("-ends_on")[:1]:
        text = gettext("Nobody is on the list of %(run)s yet.") % {"run": run}
        address = f"{reverse('rosters:start')}?run={run.slug}"
        yield Sentence(text, gettext("Import a roster"), address)


def _stopped_inviting() -> Iterator[Sentence]:
    stopped = Wave.objects.filter(state=Wave.State.STOPPED, why=Wave.Why.BOUNCES)
    for wave in stopped.select_related("run__course").order_by("-stopped_at")[:OF_A_KIND]:
        text = gettext("Inviting for %(run)s stopped: too many invitations came back.")
        address = reverse("joining_run", args=[wave.run.slug])
        yield Sentence(text % {"run": wave.run}, gettext("Mend the addresses"), address)


def _bounced() -> Iterator[Sentence]:
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


def _stale(now: dt.datetime) -> Iterator[Sentence]:
    n = reviews.stale(now).count()
    if n:
        text = ngettext(
            "%(n)d member has not looked at the profile for a year.",
            "%(n)d members have not looked at their profile for a year.",
            n,
        )
        url = reverse("people_to_look_after")
        yield Sentence(text % {"n": n}, gettext("See whom to ask"), url)


def _hidden() -> Iterator[Sentence]:
    rows = Hiding.objects.in_force().filter(is_own=False).order_by("began_at", "pk")
    found = list(rows.select_related("profile"))
    if not found:
        return
    since = timezone.localtime(found[0].began_at)
    words = {"what": found[0], "n": len(found), "day": date_format(since, "DATE_FORMAT")}
    text = gettext("%(what)s is hidden since %(day)s. Is that still needed?")
    if len(found) > 1:
        text = ngettext(
            "%(n)d hiding is still on, since %(day)s. Is it still needed?",
            "%(n)d hidings are still on, the first since %(day)s. Are they still needed?",
            len(found),
        )
    yield Sentence(text % words, gettext("Look at the hidings"), reverse("hidings"))


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
