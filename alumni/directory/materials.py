"""What was published for the people of one course; the pages live in the module settings name."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from django.conf import settings
from django.http import HttpRequest


@dataclass(frozen=True)
class Material:
    """A page or document for one course run."""

    title: str
    standfirst: str
    url: str


class Materials(Protocol):
    """What the source promises."""

    def of_run(self, slug: str, request: HttpRequest) -> list[Material]:
        """What this run alone may read, newest first. The caller knows that the reader may."""


def source() -> Materials:
    """The module named by RABITA_MATERIALS_SOURCE."""
    return cast(Materials, import_module(settings.RABITA_MATERIALS_SOURCE))
