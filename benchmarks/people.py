"""Readers, drawn the same way each time: a number gives the same person in every run.

55 countries, 25 topics, 4 languages. Some follow everything, the others one to three countries and
up to three topics, the well-known ones more often. Everyone has at least one entry of the digest.
"""

from __future__ import annotations

import hashlib
import random
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, count, islice

SEED = 20261101
LANGUAGES = {"en": 50, "fr": 20, "ar": 15, "pt": 15}
COUNTRIES = [f"country:C{number:02}" for number in range(55)]
TOPICS = [f"topic:t{number:02}" for number in range(25)]
WEIGHTS = list(accumulate((place + 1) ** -0.8 for place in range(len(COUNTRIES))))
ENTRIES = 35
ALL_PERCENT = 42
"""Of the readers follow everything."""
HOW_MANY_COUNTRIES, HOW_MANY_TOPICS = (1, 1, 2, 3), (0, 1, 2, 3)

ADDRESS = "reader-{}@post.example.org"


@dataclass(frozen=True)
class Reader:
    """One person, as every contender keeps them."""

    number: int
    """From 1; also the primary key."""
    language: str
    interests: tuple[str, ...]

    @property
    def address(self) -> str:
        return ADDRESS.format(self.number)

    @property
    def unsubscribe(self) -> str:
        return token("u", self.number)

    @property
    def preferences(self) -> str:
        return token("p", self.number)


def readers(size: int) -> Iterator[Reader]:
    """The first so many."""
    return islice(_all(), size)


def entry_interests() -> list[frozenset[str]]:
    """Country and topic of each entry of the digest, in order."""
    dice = random.Random(SEED)
    return [frozenset({_one_of(COUNTRIES, dice), _one_of(TOPICS, dice)}) for _ in range(ENTRIES)]


def number_of(address: str) -> int:
    """The number in an address; 0 where it is not one of ours."""
    digits = address.removeprefix("reader-").partition("@")[0]
    return int(digits) if digits.isdecimal() and address == ADDRESS.format(digits) else 0


def token(kind: str, number: int) -> str:
    """22 characters that cannot be told from chance."""
    made = hashlib.blake2b(f"{SEED}{kind}{number}".encode(), digest_size=16).digest()
    return urlsafe_b64encode(made).decode().rstrip("=")


def _all() -> Iterator[Reader]:
    dice = random.Random(SEED + 1)
    told = frozenset({"all"}).union(*entry_interests())
    languages, shares = list(LANGUAGES), list(accumulate(LANGUAGES.values()))
    for number in count(1):
        language = dice.choices(languages, cum_weights=shares)[0]
        interests = _interests(dice)
        while not told.intersection(interests):
            interests = _interests(dice)
        yield Reader(number, language, interests)


def _interests(dice: random.Random) -> tuple[str, ...]:
    if dice.random() * 100 < ALL_PERCENT:
        return ("all",)
    countries, topics = dice.choice(HOW_MANY_COUNTRIES), dice.choice(HOW_MANY_TOPICS)
    drawn = [_one_of(COUNTRIES, dice) for _ in range(countries)]
    drawn += [_one_of(TOPICS, dice) for _ in range(topics)]
    return tuple(dict.fromkeys(drawn))


def _one_of(things: list[str], dice: random.Random) -> str:
    return dice.choices(things, cum_weights=WEIGHTS[: len(things)])[0]
