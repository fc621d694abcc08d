"""Where words stand in a text: the text in pieces, each with whether it is one of the words.

Words are compared as the search compares them, folded (alumni.directory.folding): what it found is
marked, with the accents it stands there with.
"""

from __future__ import annotations

import re

from alumni.directory.folding import fold
from cms.arabic import bare

Marked = tuple[tuple[str, bool], ...]
"""(piece, whether it is one of the words) pairs; together they are the text."""

WORD = re.compile("[\\w\u0300-\u036f\u064b-\u065f\u0670]+")
BEFORE, LONGEST = 70, 220
"""Letters shown before the first of the words, and altogether."""


def words_of(text: str) -> frozenset[str]:
    """The words of a text, folded and bare."""
    return frozenset(WORD.findall(bare(fold(text))))


def marked(text: str, words: frozenset[str]) -> Marked:
    """The whole text."""
    pieces: list[tuple[str, bool]] = []
    at = 0
    for found in WORD.finditer(text):
        if bare(fold(found.group())) in words:
            pieces += [(text[at : found.start()], False), (found.group(), True)]
            at = found.end()
    pieces.append((text[at:], False))
    return tuple(piece for piece in pieces if piece[0])


def around(text: str, words: frozenset[str]) -> Marked:
    """The part of the text around the first of the words; nothing where none stands in it."""
    text = " ".join(text.split())
    first = next((one for one in WORD.finditer(text) if bare(fold(one.group())) in words), None)
    if first is None:
        return ()
    start = max(0, first.start() - BEFORE)
    if start:
        start = text.find(" ", start, first.start()) + 1 or first.start()
    end = start + LONGEST
    if end < len(text):
        end = max(text.rfind(" ", start, end), first.end())
    cut = ("… " if start else "") + text[start:end] + (" …" if end < len(text) else "")
    return marked(cut, words)
