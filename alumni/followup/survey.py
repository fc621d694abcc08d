"""The pack's survey as everyone here sees it: only the settings read a pack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from django.conf import settings

from alumni.vocabulary import Term


class Question(Protocol):
    """One question, of kind `one`, `many`, `number` or `text`."""

    @property
    def code(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def titles(self) -> dict[str, str]: ...
    @property
    def answers(self) -> Sequence[Term]: ...
    @property
    def after(self) -> Sequence[str]: ...


class Wave(Term, Protocol):
    """A moment at which everyone of a course is asked."""

    @property
    def weeks(self) -> int: ...


class Figure(Protocol):
    """What others found in a year."""

    @property
    def year(self) -> int: ...
    @property
    def percent(self) -> int: ...


class Benchmark(Protocol):
    """Figures of others, and their source."""

    @property
    def source(self) -> dict[str, str]: ...
    @property
    def figures(self) -> Sequence[Figure]: ...


class Survey(Protocol):
    """Waves, questions and the benchmark."""

    @property
    def newsletter(self) -> str: ...
    @property
    def waves(self) -> Sequence[Wave]: ...
    @property
    def asked_when(self) -> dict[str, str]: ...
    @property
    def remind_after_days(self) -> Sequence[int]: ...
    @property
    def questions(self) -> Sequence[Question]: ...
    @property
    def applied(self) -> str: ...
    @property
    def barriers(self) -> str: ...
    @property
    def benchmark(self) -> Benchmark | None: ...
    def question(self, code: str) -> Question | None: ...
    def wave(self, code: str) -> Wave | None: ...
    def asked_after(self, first: str) -> Sequence[Question]: ...


def survey() -> Survey:
    """The questions of this network."""
    return cast(Survey, settings.PACK.followup)


def asked_when(language: str) -> str:
    """How often and when people are asked, as it stands within a sentence."""
    return str(settings.PACK.name_of(survey().asked_when, language))
