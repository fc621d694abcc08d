"""What is asked after a course: waves, questions with fixed codes, and a benchmark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from packs.values import Words


@dataclass(frozen=True)
class Answer:
    """One of the answers to choose from; the code is never translated."""

    code: str
    names: Words


@dataclass(frozen=True)
class Question:
    """One question. The first of a survey is of kind `one` and stands in the mail as links."""

    code: str
    kind: Literal["one", "many", "number", "text"]
    titles: Words
    answers: tuple[Answer, ...] = ()
    after: tuple[str, ...] = ()
    """Answers to the first question after which it is asked; none named: always."""


@dataclass(frozen=True)
class Wave:
    """A moment at which everyone of a course is asked."""

    code: str
    weeks: int
    """After the last day of the course."""
    names: Words


@dataclass(frozen=True)
class Figure:
    """What others found: shown beside the network's own result."""

    year: int
    percent: int


@dataclass(frozen=True)
class Benchmark:
    """Where the figures come from."""

    source: Words
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class FollowUp:
    """The survey of a network."""

    newsletter: str
    """The slug of the written newsletter that asks."""
    waves: tuple[Wave, ...]
    asked_when: Words
    """How often and when, as it stands in the sentence people agree to: “may ask me … what came of
    it”."""
    remind_after_days: tuple[int, ...]
    questions: tuple[Question, ...]
    applied: str
    """The answer to the first question that counts as having used the course."""
    change_kinds: tuple[Answer, ...]
    """What a change at work can be."""
    barriers: str = ""
    """The question whose answers say what stands in the way; empty: none does."""
    benchmark: Benchmark | None = None

    def question(self, code: str) -> Question | None:
        """The question with this code."""
        return next((question for question in self.questions if question.code == code), None)

    def wave(self, code: str) -> Wave | None:
        """The wave with this code."""
        return next((wave for wave in self.waves if wave.code == code), None)

    def asked_after(self, first: str) -> tuple[Question, ...]:
        """The questions that follow this answer to the first one."""
        return tuple(one for one in self.questions[1:] if not one.after or first in one.after)
