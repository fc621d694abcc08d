"""What a cell's signs are: those nobody sees, those a spreadsheet or a mail service would act on.

In: the text of one cell. Out: the text as it is kept, or what is wrong with it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from newsletters.providers import PROVIDERS

FORMULA = tuple("=+-@\t\r＝＋－＠")
ERROR = re.compile(r"#(REF|N/A|NAME|VALUE|DIV/0|NULL|NUM|SPILL|CALC)[!?]?", re.IGNORECASE)
EMPTY = {"", "-", "–", "—", "n/a", "na", "none", "nil", "?"}
MERGE_SIGNS = tuple(
    sorted(
        {opener for provider in PROVIDERS.values() for opener in provider.openers}
        | {"{%", "%%", "${", "<%"}
    )
)
"""What some mail service would fill in when it stands in a mail."""
JOINERS = {"\u200c", "\u200d"}  # they join or part letters in Arabic and Indian scripts
UNSEEN = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}


@lru_cache(maxsize=8192)
def clean(cell: str) -> str:
    """One line, composed letters, no invisible marks that could hide or turn text round."""
    text = " ".join(cell.split())
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", cell)
        kept = "".join(
            " " if letter.isspace() else letter
            for before, letter in zip(" " + text, text, strict=False)
            if letter.isspace() or not _is_unseen(letter, before)
        )
        text = " ".join(kept.split())
    return "" if text.casefold() in EMPTY else text


@lru_cache(maxsize=8192)
def holds_unseen(cell: str) -> bool:
    """Whether cleaning takes out what no reader of the list could have seen."""
    return not (cell.isascii() and cell.isprintable()) and any(
        not letter.isspace() and _is_unseen(letter, before)
        for before, letter in zip(" " + cell, cell, strict=False)
    )


def is_formula(raw: str, cell: str) -> bool:
    """Whether a spreadsheet would reckon with it, or has reckoned and failed."""
    begins = raw.startswith(("\t", "\r")) and raw.strip() != "" or cell.startswith(FORMULA)
    return begins or ERROR.fullmatch(cell) is not None


def merge_signs(cell: str) -> str | None:
    """The signs in it that a mail service would fill in."""
    lowered = cell.lower() if cell.isascii() else unicodedata.normalize("NFKC", cell).lower()
    if lowered.isalnum():
        return None
    return next((signs for signs in MERGE_SIGNS if signs in lowered), None)


def _is_unseen(letter: str, before: str) -> bool:
    """Marks that show nothing; a joiner is one wherever no letter before it could need it."""
    if letter in JOINERS:
        return not ("\u0600" <= before < "\u1100" and before.isalpha())
    return (
        unicodedata.category(letter) in {"Cc", "Cf", "Cn", "Co", "Cs"}
        or letter in UNSEEN
        or "\ufe00" <= letter <= "\ufe0f"
        or "\U000e0100" <= letter <= "\U000e01ef"
    )
