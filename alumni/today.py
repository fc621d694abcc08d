"""In: a colleague, the clock. Out: what the people of the network want of this colleague now.

Each sentence for those alone who may act on it; the number of queries does not grow. Of a kind
that could stand here often, the sentence names one course, or says how many there are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from alumni import reviews, vocabulary
from alumni.followup.rounds import Round, rounds
from alumni.joining import today as joining
from alumni.models import Complaint, CourseRun, Hiding, User
from alumni.roster import today as lists
from alumni.visibility import is_staff
from newsletters import plans
from newsletters.today import Sentence, Urgency

OF_A_KIND = 2
"""Questions that are told one by one."""


def sentences(user: User, now: dt.datetime) -> Iterator[Sentence]:
    """What waits, the most pressing first."""
    may = user.has_perm
    if not is_staff(user):
        return
    if may("alumni.view_complaint"):
        yield from _reported()
    if may("alumni.change_profile"):
        yield from joining.to_identify()
    if may("alumni.add_profile"):
        yield from joining.second_looks(user)
        yield from lists.rosters(user)
    if may("newsletters.send_issue") and may("alumni.view_profile"):
        yield from _questions(timezone.localdate(now))
    yield from joining.who_is_missing(may_print=may("alumni.change_profile"))
    if may("alumni.change_profile"):
        yield from joining.stopped_inviting()
        yield from joining.bounced()
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
        yield Sentence(text % {"n": len(keys)}, gettext("Read what happened"), url, Urgency.NOW)


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
                reverse("followup_send", args=[one.anchor, one.step.code]),
                Urgency.SOON,
            )


def _in_words(one: Round) -> str:
    name = str(settings.PACK.name_of(one.wave.names, vocabulary.language_now()))
    return gettext("%(question)s: a reminder") % {"question": name} if one.number else name


def _stale(now: dt.datetime) -> Iterator[Sentence]:
    n = reviews.stale(now).count()
    if n:
        text = ngettext(
            "%(n)d member has not looked at the profile for a year.",
            "%(n)d members have not looked at their profile for a year.",
            n,
        )
        url = reverse("people_to_look_after")
        yield Sentence(text % {"n": n}, gettext("See whom to ask"), url, Urgency.SOMETIME)


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
    yield Sentence(
        text % words, gettext("Look at the hidings"), reverse("hidings"), Urgency.SOMETIME
    )
