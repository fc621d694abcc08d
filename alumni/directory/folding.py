"""Names without their accents, in Python and in PostgreSQL by one table, so that both agree.

`translate()` is part of every PostgreSQL and immutable: columns can be made of it, which `unaccent`
allows only through a function of one's own and with a superuser (see docs/adr/0020).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from django.contrib.postgres.search import SearchVectorField
from django.db.models import CharField, F, Func, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

ARABIC = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ئ": "ي", "ؤ": "و", "ة": "ه"}
DROPPED = [chr(code) for code in (*range(0x300, 0x370), *range(0x64B, 0x660), 0x640, 0x670)]
ONE_LETTER = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "ŋ": "n", "ɛ": "e", "ɔ": "o", "ɓ": "b"}
APOSTROPHES = dict.fromkeys("'’‘ʼ`-", " ")


def _pairs() -> Iterator[tuple[str, str]]:
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        letter = chr(code)
        base = unicodedata.normalize("NFD", letter)[0].lower()
        if base.isascii() and base.isalpha():
            yield letter, base
    for letter, base in ONE_LETTER.items():
        yield letter, base
        yield letter.upper(), base
    yield from ARABIC.items()
    yield from APOSTROPHES.items()


TABLE = dict(_pairs())
_TRANSLATION = str.maketrans(TABLE | dict.fromkeys(DROPPED, ""))
AS_THEY_ARE = " aeinorstludmchpgbkfywvzjxqEAISNRTOLMDCKHBPGFWYJVUZXQاليمنرودبعحسفهقكتجشص0123456789"
"""translate() looks through its table for every letter: the commonest first, which stay."""
# The apostrophe is doubled for SQL; what stands beyond the shorter text is dropped by translate().
_FROM = "".join([*AS_THEY_ARE, *TABLE, *DROPPED]).replace("'", "''")
_TO = "".join([*AS_THEY_ARE, *TABLE.values()])


def fold(text: str) -> str:
    """`Ousmané`, `OUSMANE` and `ousmane` are one; so are the forms of alef, ya and ta marbuta."""
    return text.translate(_TRANSLATION).lower()


class Folded(Func):
    """The same of a column."""

    template = f"lower(translate(%(expressions)s, '{_FROM}', '{_TO}'))"
    output_field = CharField()


class Words(Func):
    """The folded words of a text, each marked with a letter by which it can be asked for alone."""

    template = (
        "setweight(to_tsvector('simple'::regconfig, "
        f"translate(%(expressions)s, '{_FROM}', '{_TO}')), '%(mark)s')"
    )
    output_field = SearchVectorField()

    def __init__(self, expression: str | Combinable, mark: str = "D") -> None:
        super().__init__(expression, mark=mark)


class Together(Func):
    """All words of several texts."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = SearchVectorField()


class Letter(Func):
    """The first letter."""

    template = "left(%(expressions)s, 1)"
    output_field = CharField()


def joined(first: str, second: str) -> Combinable:
    """Two columns with a blank between, as one text."""
    blank = Value(" ", output_field=CharField())
    return Concat(F(first), blank, F(second), output_field=CharField())
