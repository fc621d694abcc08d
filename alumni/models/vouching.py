"""People on no list whom one colleague proposes and another one confirms, and the check behind it.

No foreign key leads to the two colleagues: deleting one would have to change rows that stand.
"""

from __future__ import annotations

import datetime as dt

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.models.profiles import Profile
from alumni.models.training import CourseRun, Enrolment
from newsletters.addresses import new_key, normalise

WAITS_FOR = dt.timedelta(days=60)
"""For a second look; docs/data-retention.yaml says the same."""


class VouchingQuerySet(models.QuerySet["Vouching"]):
    """Sets of these in an editor's words."""

    def unconfirmed(self) -> VouchingQuerySet:
        """Nobody came of it: it waits, or was refused."""
        return self.exclude(state=Vouching.State.CONFIRMED)

    def waiting(self) -> VouchingQuerySet:
        """For a second look, and not for too long: the others are as good as gone."""
        return self.filter(state=Vouching.State.OPEN, proposed_at__gt=timezone.now() - WAITS_FOR)


class Vouching(models.Model):
    """Somebody on no list, brought in by two colleagues; seen by staff alone until then.

    The database refuses a change once it is decided, and another word in it before that.
    """

    class State(models.TextChoices):
        OPEN = "open", _("waits for a second look")
        CONFIRMED = "confirmed", _("confirmed")
        REFUSED = "refused", _("refused")

    class How(models.TextChoices):
        SWITCHBOARD = "switchboard", _("call to the switchboard of the institution")
        NOMINATOR = "nominator", _("call to a colleague of the nominating body")
        MET = "met", _("met in person")
        LETTER = "letter", _("letter on headed paper")

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    run = models.ForeignKey(
        CourseRun, models.PROTECT, related_name="vouchings", verbose_name=_("course run")
    )
    given_name = models.CharField(_("given name"), max_length=120, blank=True)
    family_name = models.CharField(_("family name"), max_length=120, blank=True)
    address = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True, choices=vocabulary.countries)
    role = models.CharField(_("role"), max_length=40, blank=True, choices=vocabulary.roles)
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    institution_type = models.CharField(
        _("kind of institution"),
        max_length=40,
        blank=True,
        choices=vocabulary.institution_types,
    )
    post = models.CharField(_("post"), max_length=200, blank=True)
    languages = ArrayField(
        models.CharField(max_length=12), default=list, blank=True, verbose_name=_("languages")
    )
    completion = models.CharField(
        _("completion"),
        max_length=20,
        choices=[choice for choice in Enrolment.Completion.choices if choice[0] != "nominated"],
        default=Enrolment.Completion.ATTENDED,
    )
    how = models.CharField(_("how it was checked"), max_length=20, choices=How)
    answered_by = models.CharField(_("who answered"), max_length=200)
    checked_on = models.DateField(_("when it was checked"))
    said = models.TextField(_("what was said"), max_length=500)
    state = models.CharField(_("how far"), max_length=10, choices=State, default=State.OPEN)
    proposed_by = models.BigIntegerField(help_text=_("The colleague's number."))
    proposed_by_name = models.CharField(_("proposed by"), max_length=300)
    proposed_at = models.DateTimeField(_("proposed"), default=timezone.now)
    decided_by = models.BigIntegerField(null=True, help_text=_("The other colleague's number."))
    decided_by_name = models.CharField(_("decided by"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("decided"), null=True)
    word = models.TextField(_("what the second one did, or why not"), max_length=500, blank=True)
    profile = models.ForeignKey(
        Profile,
        models.CASCADE,
        null=True,
        related_name="vouchings",
        help_text=_("Who came of it; what was told of the person stands there from then on."),
    )

    objects = VouchingQuerySet.as_manager()

    class Meta:
        verbose_name = _("check of somebody on no list")
        verbose_name_plural = _("checks of people on no list")
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(decided_by=F("proposed_by")),
                name="two_colleagues_bring_somebody_in",
            ),
            models.CheckConstraint(
                condition=Q(how__in=["switchboard", "nominator", "met", "letter"]),
                name="a_check_is_made_outside_mail",
            ),
            models.CheckConstraint(
                condition=~Q(answered_by="") & ~Q(said=""), name="a_check_says_who_and_what"
            ),
            models.CheckConstraint(
                condition=Q(
                    state="open",
                    decided_by__isnull=True,
                    decided_at__isnull=True,
                    word="",
                    profile__isnull=True,
                )
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(word="")
                    & (
                        Q(state="confirmed", profile__isnull=False)
                        | Q(state="refused", profile__isnull=True)
                    )
                ),
                name="a_decision_says_who_when_and_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(given_name="", family_name="", address="", phone="", institution="", post=""),
                name="who_was_brought_in_stands_with_the_person",
            ),
        ]
        indexes = [
            models.Index(fields=["proposed_at"], condition=Q(state="open"), name="vouching_waiting")
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.proposed_at:%Y-%m-%d}"

    def clean(self) -> None:
        """Two spellings of an address are one address."""
        if self.address:
            self.address = normalise(self.address)

    @property
    def name(self) -> str:
        """Given and family name, for staff."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def waits(self) -> bool:
        """As `waiting` says in a query."""
        return self.state == self.State.OPEN and self.proposed_at > timezone.now() - WAITS_FOR
