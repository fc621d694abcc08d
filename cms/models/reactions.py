"""What readers say beneath a story, as totals: nothing is kept of who said it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Tally(models.Model):
    """How often one thing was said about a story, in all its languages together."""

    class What(models.TextChoices):
        USE = "use", _("I will use it")
        INTERESTING = "interesting", _("Interesting")
        NOT_FOR_ME = "not-for-me", _("Not for me")

    wagtail_reference_index_ignore = True

    story = models.UUIDField(help_text=_("What all languages of the story share."))
    what = models.CharField(max_length=12, choices=What)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("what readers say")
        verbose_name_plural = _("what readers say")
        constraints = [
            models.UniqueConstraint(fields=["story", "what"], name="a_total_stands_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.total}"
