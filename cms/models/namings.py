"""Who of the network is named or pictured in a story, and whether he or she agreed to it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from alumni import appearance
from alumni.models import Profile
from cms.models.desks import StorySteps
from cms.models.submissions import Submission
from newsletters.addresses import new_key


class Naming(models.Model):
    """One person in one story, in all its languages, by one way of appearing."""

    class What(models.TextChoices):
        BYLINE = "byline", _("tells it: stands beneath the title")
        TEXT = "text", _("is named in the text")
        PICTURE = "picture", _("can be seen in a picture")

    class Form(models.TextChoices):
        NAME = "name", _("my name")
        INITIALS = "initials", _("my initials")
        ROLE = "role", _("my role and country or region")

    class State(models.TextChoices):
        WAITING = "waiting", _("has not answered")
        GIVEN = "given", _("has agreed")
        REFUSED = "refused", _("does not want it")

    wagtail_reference_index_ignore = True

    key = models.CharField(max_length=22, unique=True, default=new_key, editable=False)
    story = models.UUIDField(help_text=_("What all languages of the story share."), db_index=True)
    profile = models.ForeignKey("alumni.Profile", models.CASCADE, related_name="+")
    what = models.CharField(_("how the person appears"), max_length=10, choices=What)
    form = models.CharField(_("named by"), max_length=10, choices=Form, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    asked_at = models.DateTimeField(_("asked"), null=True)
    answered_at = models.DateTimeField(_("answered"), null=True)
    how = models.CharField(
        _("how"), max_length=200, blank=True, help_text=_("On paper: which, and when.")
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("person in a story")
        verbose_name_plural = _("people in stories")
        constraints = [
            models.UniqueConstraint(
                fields=["story", "profile", "what"], name="asked_once_for_each_appearance"
            ),
            models.CheckConstraint(
                condition=~models.Q(what="byline", state="given") | ~models.Q(form=""),
                name="a_byline_says_how_it_names",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()}: {self.get_state_display()}"

    def signature(self, language: str) -> str:
        """The byline as the person chose it."""
        return signature_of(self.profile, self.form, language)


def signature_of(profile: Profile, form: str, language: str) -> str:
    """How the person would stand beneath a title, by a form that may yet be chosen."""
    with override(language):
        if form == Naming.Form.NAME:
            return profile.name
        if form == Naming.Form.INITIALS:
            return appearance.initials(profile)
        return appearance.role_and_place(profile)


class LacksConsent(PermissionDenied):
    """Somebody in the story has not agreed: ask the person first."""


@dataclass(frozen=True)
class Appearance:
    """Somebody in a story, asked or not."""

    profile: Profile
    what: Naming.What
    naming: Naming | None
    holds_up: bool
    """The story cannot be published as it stands."""

    @property
    def label(self) -> str:
        """How the person appears, in words."""
        return str(Naming.What(self.what).label)


def people_of(page: Any) -> list[Appearance]:
    """The author and whoever else is named or pictured; two queries."""
    rows = Naming.objects.filter(story=page.translation_key).select_related("profile")
    found = {(row.profile_id, row.what): row for row in rows.order_by("pk")}
    everybody = []
    author = page.author
    if author is not None:
        row = found.pop((author.pk, Naming.What.BYLINE), None)
        unanswered = row is None or row.state == Naming.State.WAITING
        # Who refuses is not named: the story stands without, unless its words name the person.
        refused = row is not None and row.state == Naming.State.REFUSED
        holds_up = unanswered or (refused and names_in_text(page, author))
        everybody.append(Appearance(author, Naming.What.BYLINE, row, holds_up))
    for row in found.values():
        if row.what == Naming.What.BYLINE:
            continue  # somebody who was the author once
        everybody.append(
            Appearance(
                row.profile, Naming.What(row.what), row, holds_up=row.state != Naming.State.GIVEN
            )
        )
    return everybody


def may_be_published(page: Any) -> bool:
    """Whether everybody in it has agreed, or is not named, and its author has not taken it back.

    Where the site asks for that: and whether the author's institution has agreed, too.
    """
    sent = Submission.objects.filter(story=page.translation_key)
    if sent.filter(state=Submission.State.WITHDRAWN).exists() or lacks_sign_off(page):
        return False
    return not any(one.holds_up for one in people_of(page))


def lacks_sign_off(page: Any) -> bool:
    """Whether a member's story waits for a word of his or her institution."""
    unsigned = Submission.objects.filter(story=page.translation_key, sign_off="")
    return unsigned.exists() and StorySteps.now().institution_agrees


def names_in_text(page: Any, person: Profile) -> bool:
    """Whether the story itself holds the person's name: in a title, a lead, short or in full."""
    short = [f"{row.title}\n{row.standfirst}" for row in page.short_translations.all()]
    body = strip_tags(page.body.render_as_block())
    said = comparable("\n".join([page.title, page.standfirst, *short, body]))
    names = (comparable(name) for name in (person.name, person.family_name))
    return any(len(name) > 2 and name in said for name in names)


def comparable(text: str) -> str:
    """Without what an editor's program or the page's markup does to letters and blanks."""
    plain = unicodedata.normalize("NFKC", unescape(text)).replace("’", "'")
    return " ".join(plain.casefold().split())
