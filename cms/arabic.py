"""What Arabic writes onto the beginning of a word: “and”, “the”, “in”, “for” stand without a space.

Light stemming as search engines do it: the article with what may stand before it, and “and” alone
before a word long enough to be one without it. Both the texts and what is asked lose them.
"""

from __future__ import annotations

import re

_MARKS = re.compile("[،؛؟٪٫٬۔]")
"""PostgreSQL takes Arabic punctuation for a part of the word before it."""
_BEFORE = re.compile(
    r"(?<!\w)(?:"
    r"[وف]?[بك]?ال(?=\w{3})"  # the; and the; in the; like the
    r"|[وف]?لل(?=\w{3})"  # for the
    r"|و(?=[\u0621-\u064a]{4})"  # and
    r")"
)


def bare(folded: str) -> str:
    """A text that `alumni.directory.folding.fold` has folded, its Arabic words without those."""
    folded = _MARKS.sub(" ", folded)
    # Again for a word that begins so by itself: الوزارة and وزارة have to meet.
    while (shorter := _BEFORE.sub("", folded)) != folded:
        folded = shorter
    return folded
