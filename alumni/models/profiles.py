"""The alumnus as he or she keeps it. What of it anyone sees is decided in `visibility.py` alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Concat
from django.utils.translation import gettext_lazy as _

from alumni import vocabulary
from alumni.directory.folding import Folded, Letter, Together, Words, joined
from newsletters.addresses import new_key, normalise

KNOWN = ~Q(door__in=["slip", "call"]) | Q(identified_at__isnull=False)
"""A code can be found or overheard; a mailbox of the roster, or staff, say who someone is."""
OF_NAME, OF_PLACE, OF_BIOGRAPHY = "A", "B", "C"
"""The marks of words: each belongs to what is shown or hidden as a whole."""
WORDS = Together(
    Words(joined("given_name", "family_name"), OF_NAME),
    Words(joined("institution", "post"), OF_PLACE),
    Words("biography", OF_BIOGRAPHY),
)
LISTED_AS = Folded(
    Case(
        When(
            Q(tier__in=["network", "cohort"], shows_initials=False),
            then=Concat(F("family_name"), Value(" "), F("given_name")),
        ),
        default=Concat(Letter(F("family_name")), Letter(F("given_name"))),
        output_field=models.CharField(),
    )
)
"""Where a person stands in a list: by the name, or by the initials of whoever shows no more."""


class ProfileQuerySet(models.QuerySet["Profile"]):
    """Sets of profiles in an editor's words."""

    def accepted(self) -> ProfileQuerySet:
        """Of people who have joined; everyone else stands on a roster, seen by staff alone."""
        return self.filter(accepted_at__isnull=False)

    def waiting(self) -> ProfileQuerySet:
        """On a roster, not joined yet."""
        return self.filter(accepted_at__isnull=True)

    def members(self) -> ProfileQuerySet:
        """Who has joined and is known to be the person: everyone else is seen by staff alone."""
        return self.accepted().filter(KNOWN)

    def to_identify(self) -> ProfileQuerySet:
        """Who came by slip or call, until staff say that it is the person."""
        return self.filter(~KNOWN, user__isnull=False)


class Profile(models.Model):
    """One person. May stand, unseen by anyone but staff, before the person has accepted."""

    class Tier(models.TextChoices):
        NETWORK = "network", _("The whole network")
        COHORT = "cohort", _("People of my course")
        PROTECTED = (
            "protected",
            _("Nobody; people of the course see initials, region, kind of institution"),
        )

    class Gender(models.TextChoices):
        WOMAN = "f", _("Woman")
        MAN = "m", _("Man")
        OTHER = "x", _("Other")

    class Door(models.TextChoices):
        MAIL = "mail", _("mail to the address on the list")
        SLIP = "slip", _("joining slip")
        CALL = "call", _("call")

    class Contact(models.TextChoices):
        NOBODY = "nobody", _("Nobody")
        COHORT = "cohort", _("People of my course")
        MEMBERS = "members", _("Every member who may find me")

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="profile",
        help_text=_("Who signs in as this person. Empty until the person has joined."),
    )
    subscriber = models.OneToOneField(
        "newsletters.Subscriber",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="profile",
        help_text=_("The address at which this person reads newsletters, once confirmed."),
    )
    given_name = models.CharField(_("given name"), max_length=120, blank=True)
    family_name = models.CharField(_("family name"), max_length=120, blank=True)
    gender = models.CharField(
        _("gender"),
        max_length=1,
        choices=Gender,
        blank=True,
        help_text=_("Used in the count of women and men trained, nowhere else."),
    )
    address = models.EmailField(
        _("e-mail address"),
        blank=True,
        db_index=True,
        help_text=_(
            "Where the centre reaches this person. Two people can share one. "
            "Never shown to members."
        ),
    )
    phone = models.CharField(
        _("phone"),
        max_length=40,
        blank=True,
        help_text=_("From the nomination. Never shown to members."),
    )
    country = models.CharField(_("country"), max_length=2, blank=True, choices=vocabulary.countries)
    role = models.CharField(
        _("role"),
        max_length=40,
        blank=True,
        choices=vocabulary.roles,
        help_text=_("Decides who may find this person until he or she has chosen."),
    )
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    institution_type = models.CharField(
        _("kind of institution"),
        max_length=40,
        blank=True,
        choices=vocabulary.institution_types,
    )
    post = models.CharField(_("post"), max_length=200, blank=True)
    languages = ArrayField(
        models.CharField(max_length=12),
        default=list,
        blank=True,
        verbose_name=_("languages"),
        help_text=_("The languages this person works in, best first."),
    )
    expertise = ArrayField(
        models.CharField(max_length=60),
        default=list,
        blank=True,
        verbose_name=_("expertise"),
        help_text=_("What others may ask this person about."),
    )
    biography = models.TextField(_("about"), max_length=2000, blank=True)
    tier = models.CharField(
        _("who may find this person"),
        max_length=10,
        choices=Tier,
        blank=True,
        help_text=_("The person's own choice. Empty means: not chosen yet, so nobody."),
    )
    public_name = models.BooleanField(
        _("name shown to everyone"),
        default=False,
        help_text=_("Only with the person's own consent."),
    )
    shares_institution = models.BooleanField(
        _("institution and post shown to members"),
        default=False,
        help_text=_("Only with the person's own consent."),
    )
    shows_initials = models.BooleanField(
        _("initials instead of the name"),
        default=False,
        help_text=_("Members see initials. Offered to everyone."),
    )
    answers_questions = models.BooleanField(
        _("may be asked about the course"),
        default=False,
        help_text=_("Only with the person's own consent, apart from newsletters."),
    )
    contact = models.CharField(
        _("who may write to me"),
        max_length=10,
        choices=Contact,
        default=Contact.MEMBERS,
        help_text=_("Through the site; the address is never shown."),
    )
    post_since = models.DateField(
        _("there since"), null=True, blank=True, help_text=_("Where the person works now.")
    )
    reviewed_at = models.DateTimeField(
        _("found right"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When the person last said that the profile is still right."),
    )
    asked_to_review_at = models.DateTimeField(null=True, blank=True, editable=False)
    accepted_at = models.DateTimeField(
        _("joined"), null=True, blank=True, editable=False, help_text=_("When the person joined.")
    )
    door = models.CharField(
        _("came by"),
        max_length=4,
        choices=Door,
        blank=True,
        editable=False,
        help_text=_("How this person proved to be the person. Empty: staff linked the sign-in."),
    )
    identified_at = models.DateTimeField(
        _("known to be the person since"), null=True, blank=True, editable=False
    )
    identified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("who said so"),
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    # Kept by the database, whoever writes the row and how.
    words = models.GeneratedField(
        expression=WORDS, output_field=SearchVectorField(), db_persist=True
    )
    listed_as = models.GeneratedField(
        expression=LISTED_AS, output_field=models.TextField(), db_persist=True
    )

    objects = ProfileQuerySet.as_manager()

    class Meta:
        ordering = ["family_name", "given_name", "id"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=~Q(given_name="") | ~Q(family_name=""), name="a_person_has_a_name"
            ),
            models.CheckConstraint(
                condition=Q(tier__in=["", "network", "cohort", "protected"]),
                name="who_may_find_me_is_known",
            ),
            models.CheckConstraint(
                condition=Q(gender__in=["", "f", "m", "x"]), name="gender_is_known_or_empty"
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=False)
                | Q(tier="", public_name=False, shares_institution=False),
                name="nobody_shows_before_accepting",
            ),
            models.CheckConstraint(
                condition=Q(door__in=["", "mail", "slip", "call"]), name="the_door_is_known"
            ),
            models.CheckConstraint(
                condition=Q(identified_by__isnull=True) | Q(identified_at__isnull=False),
                name="who_identified_says_when",
            ),
            models.CheckConstraint(
                condition=Q(contact__in=["nobody", "cohort", "members"]),
                name="who_may_write_to_me_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["country"],
                condition=Q(accepted_at__isnull=False),
                name="profile_accepted_country",
            ),
            models.Index(fields=["listed_as", "key"], name="profile_listed_as"),
            models.Index(fields=["institution_type"], name="profile_institution_type"),
            GinIndex(fields=["words"], name="profile_words"),
            GinIndex(fields=["expertise"], name="profile_expertise"),
            GinIndex(fields=["languages"], name="profile_languages"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Two spellings of an address are one address."""
        if self.address:
            self.address = normalise(self.address)

    @property
    def name(self) -> str:
        """Given and family name, for staff and for the person; others ask `visibility`."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def has_accepted(self) -> bool:
        """Whether the person has joined."""
        return self.accepted_at is not None

    @property
    def is_identified(self) -> bool:
        """Whether it is known that whoever signs in is this person; as `KNOWN` says in a query."""
        return self.door not in {self.Door.SLIP, self.Door.CALL} or self.identified_at is not None

    @property
    def is_member(self) -> bool:
        """Whether the person has joined and is known to be the person."""
        return self.has_accepted and self.is_identified
