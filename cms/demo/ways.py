"""Where steps of the demonstration begin: addresses of screens, empty where there is none."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from alumni.followup.survey import survey
from alumni.models import CourseRun, Profile
from cms.models import CoursePage, StoryPage
from newsletters.models import Cadence, Newsletter, Subscription

WEEKLY = "weekly"
A_WEEK = dt.timedelta(weeks=1)


def digest() -> str:
    """What would leave now, to the readers of every week."""
    rows = Cadence.objects.filter(newsletter__kind=Newsletter.Kind.DIGEST, frequency=WEEKLY)
    pk = rows.order_by("next_at", "pk").values_list("pk", flat=True).first()
    return reverse("mailing_due", args=[pk]) if pk else ""


def waiting_story() -> str:
    """The form of a story that the pack wrote and nobody has published."""
    found = settings.PACK.demonstration(timezone.localdate())
    pages = StoryPage.objects.filter(slug__in=found.drafts if found else (), live=False)
    pk = pages.order_by("pk").values_list("pk", flat=True).first()
    return reverse("wagtailadmin_pages:edit", args=[pk]) if pk else ""


def course(language: str) -> str:
    """The page of the newest course that is not invented; the front page where there is none."""
    found = settings.PACK.demonstration(timezone.localdate())
    invented = [run.slug for run in found.training.runs] if found else []
    told = CoursePage.objects.live().filter(locale__language_code=language)
    page = told.exclude(course_run__slug__in=invented).order_by("-course_run__ends_on").first()
    return (page.url if page else None) or f"/{language}/"


def question() -> str:
    """The course whose first question has just fallen due."""
    due = timezone.localdate() - dt.timedelta(weeks=survey().waves[0].weeks)
    runs = CourseRun.objects.filter(ends_on__gt=due - A_WEEK, ends_on__lte=due)
    slug = runs.exclude(enrolments=None).order_by("-ends_on").values_list("slug", flat=True).first()
    return reverse("followup_run", args=[slug]) if slug else ""


def hider(address: str) -> str:
    """The name of whoever signs in with an address; the address where there is none."""
    profile = Profile.objects.filter(user__email=address).first()
    return profile.name if profile else address


def leaver() -> str:
    """The address of the invented reader of every week who follows most by name.

    The same one after he or she has left, as the step asks.
    """
    state = Subscription.State
    readers = Subscription.objects.filter(
        newsletter__kind=Newsletter.Kind.DIGEST,
        frequency=WEEKLY,
        state__in=[state.CONFIRMED, state.LEFT],
        subscriber__discreet=False,
    )
    found = readers.order_by("pk").values_list("interests", "subscriber__address")
    return max(found, key=lambda one: len(one[0]), default=((), ""))[1]
