"""A story a member hands in: kept as typed until an editor takes it on, returns or declines it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import new_key


class Submission(models.Model):
    """One story on its way to the editors."""

    class State(models.TextChoices):
        DRAFT = "draft", _("not sent yet")
        SENT = "sent", _("waits for an editor")
        RETURNED = "returned", _("came back with a note")
        TAKEN_ON = "taken_on", _("an editor works on it")
        PUBLISHED = "published", _("on the site")
        TAKEN_DOWN = "taken_down", _("not on the site any more")
        DECLINED = "declined", _("not taken")
        WITHDRAWN = "withdrawn", _("withdrawn by you")

    HAVE_A_PAGE = (State.TAKEN_ON, State.PUBLISHED, State.TAKEN_DOWN)

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    author = models.ForeignKey("alumni.Profile", models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    title = models.CharField(_("title"), max_length=200, blank=True)
    standfirst = models.CharField(_("the story in one sentence"), max_length=300, blank=True)
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language"), max_length=12)
    country = models.CharField(_("country"), max_length=2, blank=True)
    topics = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    course_run = models.ForeignKey(
        "alumni.CourseRun", models.SET_NULL, null=True, blank=True, related_name="+"
    )
    form = models.CharField(_("how it is signed"), max_length=10, blank=True)
    people = models.TextField(_("people named in it"), blank=True)
    people_agreed = models.BooleanField(_("they have agreed"), default=False)
    sign_off = models.CharField(
        _("who at the institution agreed, and when"), max_length=300, blank=True
    )
    sign_off_at = models.DateTimeField(_("noted"), null=True)
    sign_off_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        help_text=_("Empty where the author said it."),
    )
    passed_at = models.DateTimeField(_("passed by a country editor"), null=True)
    passed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    note = models.TextField(_("the editor's note"), blank=True)
    story = models.UUIDField(null=True, help_text=_("The page it became, in all its languages."))
    saved_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("story from a member")
        verbose_name_plural = _("stories from members")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["taken_on", "published", "taken_down"])
                | models.Q(story__isnull=False),
                name="a_story_taken_on_has_a_page",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        """Whether its author can still write on it."""
        return self.state in {self.State.DRAFT, self.State.RETURNED}


class SubmissionPicture(models.Model):
    """A picture of such a story, in the database: it has no address of its own on the web.

    It was drawn anew and made smaller when it came; a page gets its own copy, `picture`.
    """

    class Shows(models.TextChoices):
        NOBODY = "nobody", _("Nobody can be recognised in it.")
        AGREED = "agreed", _("People can be recognised, and each of them has agreed.")

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    submission = models.ForeignKey(Submission, models.CASCADE, related_name="pictures")
    place = models.PositiveSmallIntegerField(_("place"))
    data = models.BinaryField(_("picture"))
    alt = models.CharField(_("what can be seen in it"), max_length=250, blank=True)
    caption = models.CharField(_("caption"), max_length=250, blank=True)
    shows = models.CharField(_("people in it"), max_length=10, choices=Shows, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)
    picture = models.ForeignKey(
        "cms.Picture", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("picture of a story from a member")
        verbose_name_plural = _("pictures of stories from members")
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission", "place"], name="a_place_of_a_story_holds_one_picture"
            )
        ]

    def __str__(self) -> str:
        return self.alt or self.key
