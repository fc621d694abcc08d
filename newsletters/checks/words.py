"""What is wrong with words: subject, line after it, text part, and what was left unfinished."""

from __future__ import annotations

import re
from collections.abc import Iterator

from newsletters import providers
from newsletters.checks.sentences import Fault
from newsletters.checks.sight import plain
from newsletters.markup import (
    FSI,
    JOINER,
    PDI,
    PREHEADER_LENGTH,
    RLM,
    SUBJECT_LENGTH,
    direction,
    isolate,
)

SHOWN = 40
"""Characters of a faulty place that are quoted."""
LONGEST_LINE = 998
OURS = re.compile("\ue000[up]\ue001")
"""Where a reader's keys come; anything else that looks so was left over."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
LEFT_OVER = re.compile(r"@h\d+@|@card@|@drac@|\ue000\w\ue001|[\ue000-\uf8ff]")
UNFINISHED = re.compile(r"(?<![\w/=-])(?:(?:TK)+|XXX+)(?![\w/=-])|(?i:lorem ipsum)")
"""Not within an address: keys are random letters."""
PLACEHOLDER = re.compile(
    r"\{\{[^{}]{0,60}\}\}|\{%[^{}]{0,60}%\}|\*\|[^|]{1,60}\|\*|\[\[[^\[\]]{1,60}\]\]"
    r"|\[%[^\[\]]{1,60}%\]|<%[^<>]{1,60}%>|[$#]\{[^{}]{1,60}\}|%recipient\.\w+%"
)
_MARKS = re.compile(f"[{FSI}{PDI}{RLM}{JOINER}]")


def subject_faults(subject: str, language: str) -> Iterator[Fault]:
    """Missing, broken, too short or long, or with a Latin name loose among Arabic."""
    seen = _MARKS.sub("", subject)
    if not seen.strip():
        yield "subject_missing", ""
    elif len(seen) < SUBJECT_LENGTH.start:
        yield "subject_short", str(len(seen))
    elif len(seen) >= SUBJECT_LENGTH.stop:
        yield "subject_long", str(len(seen))
    if re.search(r"[\r\n\0\u2028\u2029]", subject) or subject.count(FSI) != subject.count(PDI):
        yield "subject_broken", ""
    if direction(language) == "rtl":
        outside = re.sub(f"{FSI}[^{PDI}]*{PDI}", "", subject)
        if isolate(outside, language) != outside and not seen.isascii():
            yield "subject_loose", seen[:SHOWN]


def preheader_faults(preheader: str) -> Iterator[Fault]:
    """Too short or too long."""
    length = len(plain(preheader))
    if length < PREHEADER_LENGTH.start:
        yield "preheader_short", str(length)
    elif length >= PREHEADER_LENGTH.stop:
        yield "preheader_long", str(length)


def unfinished(*texts: str) -> Iterator[Fault]:
    """Marks of an editor, places to be filled in, and what of ours was not filled in."""
    openers = [opener.casefold() for opener in providers.current().openers]
    for text in texts:
        for found in LEFT_OVER.finditer(OURS.sub("", text)):
            yield "left_over", ascii(found.group())
        read = text.replace(JOINER, "")
        for pattern, code in ((UNFINISHED, "unfinished"), (PLACEHOLDER, "placeholder")):
            for found in pattern.finditer(read):
                yield code, found.group()[:SHOWN]
        folded = read.casefold()
        for opener in openers:
            place = folded.find(opener)
            if place >= 0:
                yield "merge", read[place:].split()[0][:SHOWN]


def broken_text(*texts: str) -> Iterator[Fault]:
    """Control characters, and words that no line of a mail could hold."""
    for text in texts:
        for found in CONTROL.finditer(text):
            yield "control", plain(text[max(0, found.start() - SHOWN) : found.start()])
        for word in re.split(r"[\s<>]+", text):
            if len(word.encode()) > LONGEST_LINE:
                yield "line_long", word[:SHOWN]
