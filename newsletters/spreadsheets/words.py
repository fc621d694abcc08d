"""Headings and values as people type them, made comparable."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WORDS = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=8192)
def folded(text: str) -> str:
    """Small letters without accents, marks and punctuation, single blanks: what is compared."""
    if text.isascii():
        return " ".join(WORDS.findall(text.lower()))
    letters = (
        letter if letter.isalnum() else " "
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )
    return " ".join("".join(letters).split())
