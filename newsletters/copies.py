"""In: the mail of a stand-in, and a reader. Out: the reader's; what is the same is made once.

Django needs some 2 ms to put a mail into octets; to put a reader's own words where the stand-in's
are takes a hundredth of that. The words are an address, opaque tokens, Date and Message-ID: ASCII.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from email.utils import formatdate, make_msgid

from django.conf import settings
from django.core.mail import DNS_NAME, EmailMessage, EmailMultiAlternatives

from newsletters.providers import Recipient


class Copy(EmailMessage):
    """One reader's, ready to leave."""

    def __init__(self, *, from_email: str, to: str, octets: bytes) -> None:
        super().__init__(from_email=from_email, to=[to])
        self._octets = octets

    def message(self) -> Copy:  # type: ignore[override]
        """What a back-end turns into octets: itself."""
        return self

    def as_bytes(self, *, linesep: str = "\r\n") -> bytes:
        """As it goes over the wire."""
        return self._octets


@dataclass(frozen=True)
class Pattern:
    """A mail taken apart at the places where each reader's own words come."""

    from_email: str
    pieces: tuple[bytes, ...]
    """Octets that are the same for all, and between each two of them a place."""
    places: tuple[int, ...]
    """Which of the own words comes there, in their order in `copy`."""

    def copy(self, reader: Recipient) -> Copy:
        """This reader's mail, with a Date and a Message-ID of its own."""
        own = [
            reader.address,
            reader.unsubscribe,
            reader.preferences,
            make_msgid(domain=DNS_NAME),
            formatdate(localtime=settings.EMAIL_USE_LOCALTIME),
        ]
        octets = [self.pieces[0]]
        for place, piece in zip(self.places, self.pieces[1:], strict=True):
            octets += own[place].encode(), piece
        return Copy(from_email=self.from_email, to=reader.address, octets=b"".join(octets))


def stand_in() -> Recipient:
    """Nobody; words that can stand nowhere by chance."""
    return Recipient(0, f"{_word()}@example.org", _word(), _word())


def pattern(mail: EmailMultiAlternatives, nobody: Recipient) -> Pattern | None:
    """The stand-in's mail as a pattern; None where an encoding has broken or hidden a word."""
    message_id, date = f"<{_word()}@{DNS_NAME}>", _word()
    mail.extra_headers |= {"Message-ID": message_id, "Date": date}
    words = [nobody.address, nobody.unsubscribe, nobody.preferences, message_id, date]
    octets = mail.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]
    said = [mail.body, *(content for content, _kind in mail.alternatives)]
    said += [*mail.extra_headers.values(), *mail.to]
    for word in words:
        if octets.count(word.encode()) != sum(str(text).count(word) for text in said):
            return None
    pieces = re.split(f"({'|'.join(map(re.escape, words))})".encode(), octets)
    places = (words.index(word.decode()) for word in pieces[1::2])
    return Pattern(mail.from_email, tuple(pieces[::2]), tuple(places))


def _word() -> str:
    return secrets.token_hex(11)
