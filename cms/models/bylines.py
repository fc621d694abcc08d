"""That a story is not as it was, because somebody in it hides or is erased; names nobody."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cms.models.stories import StoryPage


class BylineChange(models.Model):
    """One story whose byline went, or that went with it; an editor has a look at it once."""

    class What(models.TextChoices):
        HIDDEN = "hidden", _("its author is hidden now")
        NAMED = "named", _("somebody named or pictured in it is hidden now")
        ERASED = "erased", _("its author has left for good")
        WITHDRAWN = "withdrawn", _("its author does not want to be named any more")
        TAKEN_DOWN = "taken_down", _("somebody in it took the consent back: it was taken down")

    wagtail_reference_index_ignore = True

    page = models.ForeignKey(StoryPage, models.CASCADE, related_name="byline_changes")
    what = models.CharField(max_length=10, choices=What)
    at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["page"],
                condition=models.Q(seen_at=None),
                name="a_changed_byline_waits_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.page_id}, {self.at:%Y-%m-%d}: {self.what}"
