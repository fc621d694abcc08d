"""A mailing that editors write: for whom and when, and its words, language by language.

Nothing that the engine writes stands here (docs/adr/0050). Whatever is changed here ends an
approval of what stood before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from wagtail.fields import StreamField
from wagtail.models import LockableMixin, PreviewableMixin, Revision, RevisionMixin

from cms.mail_blocks import MailBlock
from newsletters import approving, proposals
from newsletters.addresses import new_key
from newsletters.models import Batch, Issue, Newsletter

REFERENCE = "dispatch:"
WORDS = ("subject", "preheader")
STAYED = (Batch.State.FAILED, Batch.State.CANCELLED, Batch.State.EXPIRED)
"""What became of mails that are certainly nobody's."""


def languages() -> list[tuple[str, str]]:
    """Those that the site speaks."""
    return [(code, str(name)) for code, name in settings.LANGUAGES]


class Dispatch(models.Model):
    """One mailing being prepared. Its criteria are lists of codes, as `alumni.audience` has them.

    One that corrects another has none: those who received that are its readers. Saving it ends an
    approval when audience or window are others than before.
    """

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    newsletter = models.ForeignKey(
        Newsletter,
        models.PROTECT,
        related_name="dispatches",
        limit_choices_to={"kind": Newsletter.Kind.WRITTEN},
        verbose_name=_("newsletter"),
        help_text=_("It goes to people who asked for this newsletter and confirmed, to no others."),
    )
    title = models.CharField(
        _("working title"), max_length=120, help_text=_("For colleagues: readers never see it.")
    )
    criteria = models.JSONField(default=dict, blank=True)
    not_before = models.DateTimeField(
        _("leaves"),
        null=True,
        blank=True,
        help_text=_("Leave it empty and it leaves as soon as it is approved."),
    )
    not_after = models.DateTimeField(
        _("at the latest"),
        null=True,
        blank=True,
        help_text=_("What has not left by then stays. Empty: within two weeks."),
    )
    fallback = models.CharField(
        _("readers of other languages"),
        max_length=12,
        blank=True,
        choices=languages,
        help_text=_("What people get who read none of the languages that it is written in."),
    )
    corrects = models.ForeignKey(
        Issue,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="corrections",
        verbose_name=_("corrects"),
        help_text=_("It goes to those who received this mailing, and to nobody else."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("mailing being written")
        verbose_name_plural = _("mailings being written")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(corrects=None) | models.Q(criteria={}),
                name="a_correction_chooses_no_readers",
            )
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """End an approval that was for other readers or another time.

        Raises ValueError where another mailing would be corrected than the one it was begun for.
        """
        with transaction.atomic():
            before = Dispatch.objects.select_for_update(no_key=True).filter(pk=self.pk).first()
            if before is not None and before.corrects_id != self.corrects_id:
                raise ValueError("what a mailing corrects is settled when it is begun")
            if self.corrects is not None and self.corrects.newsletter_id != self.newsletter_id:
                raise ValueError("a correction goes out under the newsletter of what it corrects")
            super().save(*args, **kwargs)
            if before is not None and (changes := list(self._changes(before))):
                approving.void(self.reference, changes=changes)

    @property
    def reference(self) -> str:
        """What the engine calls its words."""
        return f"{REFERENCE}{self.key}"

    @property
    def plan(self) -> proposals.Plan:
        """What an approval covers besides the words."""
        return proposals.Plan(
            newsletter=self.newsletter,
            reference=self.reference,
            criteria=self.criteria,
            fallback=self.fallback,
            not_before=self.not_before,
            not_after=self.not_after,
            corrects=self.corrects,
        )

    def _changes(self, before: Dispatch) -> list[str]:
        whats = {
            "newsletter": before.newsletter_id != self.newsletter_id,
            "audience": before.criteria != self.criteria,
            "fallback": before.fallback != self.fallback,
            "window": (before.not_before, before.not_after) != (self.not_before, self.not_after),
        }
        return [f"{what}@" for what, differs in whats.items() if differs]


class Manuscript(PreviewableMixin, LockableMixin, RevisionMixin, models.Model):
    """The words of a mailing in one language. There is no draft of it: what is saved stands."""

    dispatch = models.ForeignKey(
        Dispatch, models.CASCADE, related_name="manuscripts", editable=False
    )
    language = models.CharField(_("language"), max_length=12, choices=languages, editable=False)
    subject = models.CharField(
        _("subject"),
        max_length=150,
        blank=True,
        help_text=_("What it is about, in 10 to 78 characters; the rest is cut in most inboxes."),
    )
    preheader = models.CharField(
        _("line after the subject"),
        max_length=200,
        blank=True,
        help_text=_("Inboxes show it beside the subject: 40 to 110 characters that go on."),
    )
    body = StreamField(
        MailBlock(),
        blank=True,
        verbose_name=_("text"),
        help_text=_("Text, stories, calls, pictures and buttons, in the order readers see them."),
    )
    changed_at = models.DateTimeField(auto_now=True)
    _revisions = GenericRelation(Revision, related_query_name="manuscript")

    class Meta:
        verbose_name = _("words of a mailing")
        verbose_name_plural = _("words of mailings")
        ordering = ["pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch", "language"], name="a_mailing_is_written_once_in_a_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dispatch} ({self.get_language_display()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """End an approval of other words, and say which they were."""
        with transaction.atomic():
            # Whoever proposes holds this row: words never change while they are sealed.
            Dispatch.objects.select_for_update(no_key=True).get(pk=self.dispatch_id)
            before = Manuscript.objects.filter(pk=self.pk).first()
            super().save(*args, **kwargs)
            changes = self._changes(before)
            if changes:
                approving.void(self.dispatch.reference, changes=changes)

    def take_out(self) -> None:
        """A language less ends an approval, too; in the transaction that deletes it."""
        dispatch = Dispatch.objects.select_for_update(no_key=True).get(pk=self.dispatch_id)
        if self.is_complete:
            approving.void(dispatch.reference, changes=[f"removed@{self.language}"])

    @property
    def revisions(self) -> Any:
        """What was saved before."""
        return self._revisions

    @property
    def lacks(self) -> list[str]:
        """Names of what is still empty."""
        return [name for name in ("subject", "preheader", "body") if not getattr(self, name)]

    @property
    def is_complete(self) -> bool:
        """Whether it can be read: all three are written."""
        return not self.lacks

    def _changes(self, before: Manuscript | None) -> list[str]:
        if before is None or not before.is_complete:
            return [f"added@{self.language}"] if self.is_complete else []
        if not self.is_complete:
            return [f"removed@{self.language}"]
        differ = {name: getattr(before, name) != getattr(self, name) for name in WORDS}
        differ["body"] = before.body.get_prep_value() != self.body.get_prep_value()
        return [f"{name}@{self.language}" for name in differ if differ[name]]

    @property
    def preview_modes(self) -> list[tuple[str, Any]]:
        """The mail, its text part, and what becomes of it in unkind mail programs."""
        return list(import_string("cms.dispatch_previews.MODES"))

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """The bytes that would leave, in the way that is asked for."""
        answer: HttpResponse = import_string("cms.dispatch_previews.shown")(self, mode_name)
        return answer


def dispatch_of(reference: str) -> Dispatch | None:
    """The mailing that the engine calls so."""
    return dispatches_of([reference]).first()


def dispatches_of(references: Iterable[str]) -> models.QuerySet[Dispatch]:
    """The same for several."""
    keys = [one.removeprefix(REFERENCE) for one in references if one.startswith(REFERENCE)]
    return Dispatch.objects.select_related("newsletter").filter(key__in=keys).order_by("pk")


def last_mailing_before(newsletter: Newsletter) -> dt.datetime | None:
    """When the newsletter last left, written by hand; None when it never has.

    One of which nothing left, and nothing will, has told nobody.
    """
    out = Batch.objects.filter(issue=OuterRef("pk")).exclude(state__in=STAYED)
    issues = newsletter.issues.filter(Exists(out), step=None, follows=None)
    return issues.order_by("-cutoff_at").values_list("cutoff_at", flat=True).first()
