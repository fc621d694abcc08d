"""What an issue says, frozen: its editions, and the pieces that their mails are joined from."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from newsletters.models.issues import Issue


class Edition(models.Model):
    """An issue in one language and one ordered selection of entries, frozen."""

    wagtail_reference_index_ignore = True

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="editions")
    language = models.CharField(max_length=12)
    discreet = models.BooleanField(default=False)
    selection = ArrayField(
        models.CharField(max_length=120), help_text=_("`<entry key>@<language>`, in order.")
    )
    pieces = ArrayField(
        models.CharField(max_length=190),
        default=list,
        db_default=[],
        help_text=_(
            "What the mail is joined from, in order: `<form> <entry>`; empty: a card for each of "
            "the selection."
        ),
    )
    holds = ArrayField(
        models.CharField(max_length=120),
        default=list,
        help_text=_("What a written one tells of: `<entry key>@<language>`."),
    )
    only_for = models.JSONField(
        default=list,
        db_default=[],
        help_text=_("Criteria; its readers meet them all, and are asked again before each call."),
    )
    subject = models.CharField(max_length=200)
    preheader = models.CharField(max_length=300)
    sha256 = models.CharField(max_length=64, help_text=_("Of everything a reader of it gets."))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "sha256"], name="editions_of_an_issue_differ")
        ]

    def __str__(self) -> str:
        return f"{self.issue} ({self.language})"


class Fragment(models.Model):
    """A story's card, or the frame around the cards, rendered once for an issue and a language."""

    wagtail_reference_index_ignore = True

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="fragments")
    language = models.CharField(max_length=12, help_text=_("The frame's language."))
    entry = models.CharField(
        max_length=120, blank=True, help_text=_("`<entry key>@<language>`; empty: the frame.")
    )
    form = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Empty: a card, or the frame; `line`: title and link alone; else why a card is told, "
            "or what a heading says."
        ),
    )
    discreet = models.BooleanField(default=False, help_text=_("Of a frame; cards know no such."))
    is_public = models.BooleanField(default=True, help_text=_("May stand in the web archive."))
    withdrawn_at = models.DateTimeField(null=True, help_text=_("Taken down: sent to nobody since."))
    title = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=500, blank=True)
    html = models.TextField()
    text = models.TextField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "language", "entry", "form", "discreet"],
                name="fragments_are_made_once",
            )
        ]

    def __str__(self) -> str:
        return self.title or f"frame ({self.language})"
