"""Who is hidden now, since when, by whom and why. Hiding ends; its row stays."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models.directory import Position
from alumni.models.profiles import Profile
from alumni.models.training import Enrolment


class HidingQuerySet(models.QuerySet["Hiding"]):
    """Sets of hidings in an editor's words."""

    def in_force(self) -> HidingQuerySet:
        """Not ended yet."""
        return self.filter(ended_at=None)

    def of_each(self) -> Exists:
        """For rows of `Profile`: whether anything hides that person now.

        Institution and country count as they are and as they were, at a course or in an earlier
        post: moving on shows nobody again, and newcomers are hidden with the others.
        """
        then = Enrolment.objects.filter(profile=OuterRef(OuterRef("pk")))
        at_institution = Exists(then.filter(institution__iexact=OuterRef("institution")))
        before = Position.objects.filter(profile=OuterRef(OuterRef("pk")))
        earlier = Exists(before.filter(institution__iexact=OuterRef("institution")))
        at_country = Exists(then.filter(country=OuterRef("country")))
        return Exists(
            self.in_force().filter(
                Q(profile=OuterRef("pk"))
                | ~Q(institution="")
                & (Q(institution__iexact=OuterRef("institution")) | Q(at_institution) | Q(earlier))
                | ~Q(country="") & (Q(country=OuterRef("country")) | Q(at_country))
            )
        )


class Hiding(models.Model):
    """One person, one institution or one country taken out of sight, by the person or by staff."""

    wagtail_reference_index_ignore = True

    profile = models.ForeignKey(
        Profile,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="hidings",
        verbose_name=_("person"),
    )
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, choices=vocabulary.countries)
    is_own = models.BooleanField(
        default=False, help_text=_("The person did it: only the person ends it.")
    )
    why = models.CharField(_("why"), max_length=300, blank=True)
    began_at = models.DateTimeField(_("since"), default=timezone.now)
    began_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = HidingQuerySet.as_manager()

    class Meta:
        verbose_name = _("hiding")
        verbose_name_plural = _("hidings")
        ordering = ["-began_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(profile__isnull=False, institution="", country="")
                | Q(profile__isnull=True, country="", is_own=False) & ~Q(institution="")
                | Q(profile__isnull=True, institution="", is_own=False) & ~Q(country=""),
                name="hides_a_person_or_an_institution_or_a_country",
            ),
            models.UniqueConstraint(
                Coalesce("profile", 0),
                "institution",
                "country",
                "is_own",
                condition=Q(ended_at=None),
                name="hidden_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.institution or self.get_country_display() or str(self.profile)
