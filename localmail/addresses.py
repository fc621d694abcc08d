"""Addresses as Mailgun takes them: in come `to` values, out come address and name."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header, make_header

LONGEST = 254
LONGEST_PIECE = 1000

ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9-]*[A-Za-z][A-Za-z0-9-]*"
)

BREAKS = re.compile("[\0\n\v\f\r\x1c-\x1e\x85\u2028\u2029]")
TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^",]+|,')
NAMED = re.compile(
    r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^"<>@,]*))\s*<(?P<address>[^<>\s]+)>'
)
ESCAPED = re.compile(r"\\(.)")


class NotAnAddress(ValueError):
    """The value holds something that no mail can be sent to."""


def is_address(text: str) -> bool:
    """A plain `local@domain.tld` in ASCII, as the wire needs it."""
    return len(text) <= LONGEST and ADDRESS.fullmatch(text) is not None and text.index("@") <= 64


def read_addresses(value: str) -> list[tuple[str, str]]:
    """The (address, name) pairs of one `to` value, which may list several with commas.

    Raises NotAnAddress if any of them is none.
    """
    if is_address(value):
        return [(value, "")]
    if BREAKS.search(value):
        raise NotAnAddress(value)
    return [_read_one(piece.strip()) for piece in _split(value)]


def _split(value: str) -> list[str]:
    """Cut at the commas that do not stand in quotes."""
    pieces, end = [""], 0
    while end < len(value):
        token = TOKEN.match(value, end)
        if token is None:
            raise NotAnAddress(value)
        end = token.end()
        if token[0] == ",":
            pieces.append("")
        else:
            pieces[-1] += token[0]
    return pieces


def _read_one(piece: str) -> tuple[str, str]:
    if is_address(piece):
        return piece, ""
    found = NAMED.fullmatch(piece) if len(piece) <= LONGEST_PIECE else None
    if found is None or not is_address(found["address"]):
        raise NotAnAddress(piece)
    name = ESCAPED.sub(r"\1", found["quoted"] or "") or found["plain"] or ""
    if "=?" in name:
        try:
            name = str(make_header(decode_header(name)))
        except (HeaderParseError, LookupError, UnicodeError):
            raise NotAnAddress(piece) from None
    return found["address"], BREAKS.sub(" ", name).strip()
