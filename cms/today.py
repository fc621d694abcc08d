"""In: a colleague. Out: what waits, the most urgent first; "Today" shows seven of it.

Each sentence has exactly one button, and is for those alone who may act on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from wagtail.permissions import page_permission_policy

import alumni.today
import newsletters.today
from alumni import vocabulary
from cms import byline_desk, moderation, titles, waiting
from cms.models import BylineChange
from cms.models.manuscripts import dispatches_of
from newsletters.models import Issue
from newsletters.today import Sentence, Urgency

MOST = 7


@dataclass(frozen=True)
class Today:
    """What waits for one colleague first; and how much more."""

    sentences: tuple[Sentence, ...]
    more: int


@dataclass(frozen=True)
class Suggestion:
    """Something worth doing when nothing waits."""

    button: str
    url: str


def today(user: Any, now: dt.datetime | None = None) -> Today:
    """The seven most urgent sentences."""
    found = everything(user, now)
    return Today(tuple(found[:MOST]), max(0, len(found) - MOST))


def everything(user: Any, now: dt.datetime | None = None) -> list[Sentence]:
    """All that waits; of the same urgency, what stops mail first, then people, then pages."""
    now = now or timezone.now()
    found = chain(
        newsletters.today.sentences(user, now),
        _proposals(user),
        _bylines(user),
        _submissions(user),
        alumni.today.sentences(user, now),
        newsletters.today.next_digests(user, now),
        waiting.sentences(user, now),
    )
    return sorted(found, key=lambda sentence: sentence.urgency)


def suggestions(user: Any) -> Iterator[Suggestion]:
    """For a quiet day: what this colleague may begin."""
    if page_permission_policy.user_has_permission(user, "add"):
        yield Suggestion(gettext("Write a story"), reverse("stories:choose_parent"))
        yield Suggestion(gettext("Translate a page"), reverse("translations"))
    if user.has_perm("alumni.add_profile"):
        yield Suggestion(gettext("Import a roster"), reverse("rosters:start"))
    elif user.has_perm("newsletters.view_issue"):
        yield Suggestion(gettext("Look at the mailings"), reverse("mailings"))


def _proposals(user: Any) -> Iterator[Sentence]:
    """Mailings that somebody else wrote, for those who may approve."""
    if not user.has_perm("newsletters.approve_issue"):
        return
    proposed = Issue.objects.filter(state=Issue.State.DRAFT).exclude(seal="")
    references = proposed.exclude(proposed_by_id=user.pk).values_list("reference", flat=True)
    for dispatch in dispatches_of(references):
        text = gettext("“%(mailing)s” waits for your approval.") % {"mailing": dispatch}
        url = reverse("dispatch", args=[dispatch.key])
        yield Sentence(text, gettext("Look at it"), url, Urgency.SOON)


def _bylines(user: Any) -> Iterator[Sentence]:
    """Stories of members who have hidden or left."""
    rows = list(byline_desk.waiting(user))
    if len(rows) == 1:
        story = rows[0].page
        theirs = page_permission_policy.instances_user_has_permission_for(user, "change")
        words = {"title": titles.quoted(story, theirs.values("pk")).title}
        if rows[0].what == BylineChange.What.TAKEN_DOWN:
            text = gettext(
                "“%(title)s” was taken down: somebody in it does not agree to it any more."
            )
        elif rows[0].what == BylineChange.What.NAMED:
            text = gettext("“%(title)s” names or shows somebody who is hidden now.")
        elif story.countries:
            words["country"] = vocabulary.country_name(story.countries[0])
            text = gettext(
                "%(country)s story: byline changed. “%(title)s” is told without a name now."
            )
        else:
            text = gettext("Story: byline changed. “%(title)s” is told without a name now.")
        yield Sentence(text % words, gettext("Look at the story"), reverse("bylines"), Urgency.NOW)
    elif rows:
        text = ngettext(
            "%(n)d story changed because of somebody in it.",
            "%(n)d stories changed because of somebody in them.",
            len(rows),
        )
        url = reverse("bylines")
        yield Sentence(text % {"n": len(rows)}, gettext("Look at the stories"), url, Urgency.NOW)


def _submissions(user: Any) -> Iterator[Sentence]:
    """Stories from members that nobody has taken on."""
    found = list(moderation.waiting(user).values_list("title", "key"))
    if len(found) == 1:
        title, key = found[0]
        text = gettext("A story waits for you: “%(title)s”.") % {"title": title}
        yield Sentence(text, gettext("Read it"), reverse("submission", args=[key]))
    elif found:
        text = ngettext("%(n)d story waits for you.", "%(n)d stories wait for you.", len(found))
        yield Sentence(text % {"n": len(found)}, gettext("Read them"), reverse("submissions"))
