"""Many boxes to tick: in columns, found by typing. Regions are groups of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext


@dataclass(frozen=True)
class Note:
    """What is said beneath the boxes as soon as one of some values is ticked."""

    values: frozenset[str]
    text: str
    """With "{name}" where the names of those that are ticked stand."""
    button: str = ""
    url: str = ""
    """What can be done about it; empty for whoever may not."""


class Ticks(forms.CheckboxSelectMultiple):
    """With scripts a line to type in leaves the boxes that fit; Enter ticks the only one left.

    Without scripts all of them stand there.
    """

    note: Note | None = None

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> list[Any]:
        """What is in no group stands together, where Django makes a group of each."""
        groups = super().optgroups(name, value, attrs)
        if all(group is None for group, _options, _index in groups):
            return [(None, [one for _group, options, _index in groups for one in options], 0)]
        return groups

    def render(
        self,
        name: str,
        value: Any,
        attrs: Mapping[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        """From the project's own templates, whichever renderer forms have."""
        context = self.get_context(name, value, dict(attrs or {}))
        said = {"find": gettext("Type to find"), "left": gettext("{n} of {all}")}
        return render_to_string("cms/admin/ticks.html", context | said | {"note": self.note})
