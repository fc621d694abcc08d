"""Strings that stand nowhere else, planted by looking at the models: new fields are covered.

`plant(model, tier, **given)` makes a row and fills every text-like field that was not given. Where
a field cannot be filled, NOT_FILLED says why; the crawl's test refuses one that says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageBlock

from alumni.texts import TextsField
from cms.blocks import TextBlock

MARK = re.compile(rb"zq[0-9]{5}x")
WORD = re.compile(rb"[\w-]{12,}")

CODE = "a code that stands in the pack or in the code, not words of a person"
NUMBER = "leads to another row by its number"
SEALED = "what Django or allauth has sealed; a canary in it would break the row it opens"
NOT_FILLED = {
    "alumni.Answer.first": CODE,
    "alumni.Answer.language": CODE,
    "alumni.Profile.expertise": CODE,
    "alumni.Profile.languages": CODE,
    "alumni.RosterRow.asked": CODE,
    "alumni.RosterRow.needs": CODE,
    "alumni.RosterRow.outcome": CODE,
    "alumni.RosterUpload.columns": CODE,
    "alumni.RosterUpload.language": CODE,
    "alumni.Vouching.languages": CODE,
    "newsletters.Consent.language": CODE,
    "newsletters.Edition.holds": CODE,
    "newsletters.Edition.language": CODE,
    "newsletters.Edition.pieces": CODE,
    "newsletters.Edition.selection": CODE,
    "newsletters.Fragment.entry": CODE,
    "newsletters.Fragment.form": CODE,
    "newsletters.Fragment.language": CODE,
    "newsletters.Issue.criteria": CODE,
    "newsletters.Issue.excluded": CODE,
    "newsletters.Letter.kind": CODE,
    "newsletters.Letter.language": CODE,
    "newsletters.OneTimeLink.asked": "the language, rhythm and interests that were chosen",
    "newsletters.Passage.anchor": "the short name of a course run",
    "newsletters.ReaderRow.interests": CODE,
    "newsletters.ReaderRow.languages": CODE,
    "newsletters.Report.batch": NUMBER,
    "newsletters.Report.delivery": NUMBER,
    "newsletters.Report.kind": CODE,
    "newsletters.Subscriber.languages": CODE,
    "newsletters.Subscription.interests": CODE,
    "alumni.Access.subject": "a person's key, a canary already",
    "newsletters.Consent.subject": "a person's key, a canary already",
    "sessions.Session.session_data": SEALED,
    "usersessions.UserSession.data": "emptied by allauth before it is shown",
    "wagtailcore.ModelLogEntry.action": CODE,
    "wagtailcore.ModelLogEntry.object_id": NUMBER,
    "wagtailcore.PageLogEntry.action": CODE,
    "wagtailcore.Revision.object_id": NUMBER,
    "wagtailcore.WorkflowState.object_id": NUMBER,
    "wagtailadmin.EditingSession.object_id": NUMBER,
    "wagtailadmin.FormState.object_id": NUMBER,
    "wagtailadmin.FormState.parent_object_id": NUMBER,
    "wagtailcore.Page.path": "the tree's own order",
    "wagtailcore.Page.url_path": "made of the slugs, canaries already",
    "cms.CountryPage.audience": CODE,
    "cms.CoursePage.audience": CODE,
    "cms.Dispatch.criteria": CODE,
    "cms.ProgrammePage.audience": CODE,
    "cms.ProjectPage.audience": CODE,
    "cms.ResourceDocument.language": CODE,
    "cms.ResourcePage.audience": CODE,
    "cms.ResourcePage.countries": CODE,
    "cms.ResourcePage.topics": CODE,
    "cms.StoryPage.audience": CODE,
    "cms.Submission.country": CODE,
    "cms.Submission.form": CODE,
    "cms.Submission.language": CODE,
    "cms.Submission.topics": CODE,
    "cms.UpdatePage.audience": CODE,
    "cms.StoryPage.countries": CODE,
    "cms.StoryPage.topics": CODE,
    "cms.UpdatePage.eligible_countries": CODE,
    "cms.UpdatePage.topics": CODE,
    "cms.ShortTranslation.language": CODE,
    "cms.Picture.file_hash": "made of the picture's bytes",
    "wagtaildocs.Document.file_hash": "made of the document's bytes",
    "wagtailusers.UserProfile.current_time_zone": CODE,
    "wagtailusers.UserProfile.preferred_language": CODE,
}


@dataclass(frozen=True)
class Place:
    """Where a canary was planted."""

    model: str
    field: str
    tier: str

    def __str__(self) -> str:
        return f"{self.model}.{self.field} ({self.tier})"


@dataclass
class Canaries:
    """All canaries of one world."""

    places: dict[bytes, Place] = field(default_factory=dict)
    seen_fields: set[str] = field(default_factory=set)
    """`app.Model.field` of every text-like field that was filled or had a secret of its own."""
    models: set[str] = field(default_factory=set)

    def new(self, model: str, name: str, tier: str) -> str:
        """A string of eight characters, lower case, that no other place has."""
        word = f"zq{len(self.places):05d}x"
        self.places[word.encode()] = Place(model, name, tier)
        return word

    def plant(self, model: type[models.Model], tier: str, /, **given: Any) -> Any:
        """One row; past `save()` and its signals, as an import or a careless script would."""
        filled = self.values(model, tier, given)
        row = model(**given | filled)
        model._base_manager.bulk_create([row])
        self.note_secrets(row, tier)
        for name, value in filled.items():
            kept = getattr(row, name)
            if isinstance(kept, str) and kept != value:  # a hash that the field made itself
                self.places[kept.encode()] = Place(model._meta.label, name, tier)
        return row

    def values(
        self, model: type[models.Model], tier: str, given: Iterable[str] = ()
    ) -> dict[str, Any]:
        """What the text-like fields that are not given are filled with."""
        label = model._meta.label
        self.models.add(label)
        filled = {}
        for one in text_fields(model):
            if one.name in given or named(one) in NOT_FILLED or _has_its_own(one):
                continue
            if isinstance(one, StreamField):
                continue  # `body` fills those part by part
            self.seen_fields.add(named(one))
            filled[one.name] = fitting(one, lambda one=one: self.new(label, one.name, tier))
        return filled

    def note_secrets(self, row: models.Model, tier: str) -> None:
        """Keys and hashes that the row was given by its own defaults."""
        for one in text_fields(type(row)):
            if _has_its_own(one):
                place = Place(row._meta.label, one.name, tier)
                self.places[str(getattr(row, one.attname)).encode()] = place
                self.seen_fields.add(named(one))

    def body(
        self,
        model: str,
        name: str,
        tier: str,
        picture: int,
        vocabulary: type[blocks.StreamBlock] = TextBlock,
    ) -> str:
        """Every kind of part that a text may have, each with words of its own."""

        def new() -> str:
            return self.new(model, name, tier)

        self.seen_fields.add(f"{model}.{name}")
        parts = vocabulary().child_blocks.items()
        return json.dumps(
            [{"type": kind, "value": _part(block, new, picture)} for kind, block in parts]
        )

    def found_in(self, text: bytes) -> set[bytes]:
        """The canaries that stand in it."""
        small = text.lower()
        marks = {mark for mark in MARK.findall(small) if mark in self.places}
        return marks | {word for word in WORD.findall(text) if word in self.places}


def named(one: models.Field[Any, Any]) -> str:
    """`app.Model.field`, by the model whose table the field stands in."""
    return f"{one.model._meta.label}.{one.name}"


def text_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Every field that can hold words, whoever declared it; lists of choices cannot."""
    found = []
    for one in model._meta.concrete_fields:
        base = one.base_field if isinstance(one, ArrayField) else one
        wordy = isinstance(
            base, models.CharField | models.TextField | models.JSONField | StreamField
        )
        if wordy and not one.choices and not getattr(base, "choices", None):
            found.append(one)
    return found


def fitting(one: models.Field[Any, Any], new: Callable[[], str]) -> Any:
    """A canary in the shape that the field takes."""
    if isinstance(one, ArrayField):
        return [new()]
    if isinstance(one, models.EmailField):
        return f"{new()}@canary.example"
    if isinstance(one, models.URLField):
        return f"https://{new()}.example/"
    if isinstance(one, TextsField):
        return {"en": new()}
    if isinstance(one, models.JSONField):
        return {"canary": new()}
    return new()


def _has_its_own(one: models.Field[Any, Any]) -> bool:
    """Whether the row is given a secret of its own: a key, a number that cannot be tried out."""
    return isinstance(one, models.CharField) and one.has_default() and callable(one.default)


def _part(block: blocks.Block, new: Callable[[], str], picture: int) -> Any:
    if isinstance(block, ImageBlock):
        return {"image": picture, "alt_text": new(), "decorative": False}
    if isinstance(block, blocks.StructBlock):
        return {name: _part(child, new, picture) for name, child in block.child_blocks.items()}
    if isinstance(block, blocks.ListBlock):
        return [{"type": "item", "value": _part(block.child_block, new, picture)}]
    if isinstance(block, blocks.URLBlock):
        return f"https://{new()}.example/"
    if isinstance(block, blocks.RichTextBlock):
        return f"<p>{new()}</p>"
    if isinstance(block, blocks.CharBlock | blocks.TextBlock):
        return new()
    if isinstance(block, blocks.PageChooserBlock | blocks.StaticBlock):
        return None
    if isinstance(block, blocks.IntegerBlock):
        return 1
    if isinstance(block, blocks.ChoiceBlock):
        return ""
    raise TypeError(f"A part of a text that no canary fits in: {type(block).__name__}.")
