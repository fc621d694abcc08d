"""Columns that hold codes (countries, topics, an audience), with the form fields editors see."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language

from cms import audiences, places
from cms.models.ticks import Ticks
from cms.models.topics import Topic


def _countries() -> list[Any]:
    return list(places.countries_by_region(get_language() or "en"))


def _topics() -> list[tuple[str, str]]:
    return list(Topic.objects.titles(get_language() or "en").items())


class _CodesField(ArrayField):
    """A list of codes, ticked by name; the order is the form's."""

    @staticmethod
    def options() -> list[Any]:
        """What can be ticked."""
        return []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("base_field", models.CharField(max_length=60))
        kwargs.setdefault("default", list)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field:
        """A box to tick for every name."""
        return forms.MultipleChoiceField(
            choices=type(self).options,
            required=not self.blank,
            label=capfirst(self.verbose_name),
            help_text=self.help_text,
            widget=Ticks,
        )


class CountriesField(_CodesField):
    """ISO codes of countries of the pack."""

    options = staticmethod(_countries)


class TopicsField(_CodesField):
    """Codes of topics: values, so that every translation of a page carries the same."""

    options = staticmethod(_topics)


class AudienceField(models.CharField):
    """`public`, `members` or `run:<slug>`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 120)
        kwargs.setdefault("default", audiences.PUBLIC)
        super().__init__(*args, **kwargs)

    def formfield(self, **kwargs: Any) -> forms.Field:
        """Everyone, the members, or one course."""
        return forms.ChoiceField(
            choices=audiences.choices,
            initial=audiences.PUBLIC,
            label=capfirst(self.verbose_name),
            help_text=self.help_text,
        )
