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
        DECLINED = "declined", _("not taken")
        WITHDRAWN = "withdrawn", _("withdrawn by you")

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
                condition=~models.Q(state="taken_on") | models.Q(story__isnull=False),
                name="a_story_taken_on_has_a_page",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}: {self.get_state_display()}"

    @property
    def is_open(self) -> bool:
        """Whether its author can still write on it."""
        return self.state in {self.State.DRAFT, self.State.RETURNED}
