"""The lines of an SMTP conversation over a socket, with limits on sizes and times.

Answers wait until the other side is silent, so that pipelined commands cost one packet.
"""

from __future__ import annotations

import socket
import struct
import time

IDLE_SECONDS = 300
MAIL_SECONDS = 300
LONGEST_LINE = 16 * 1024
A_READ = 256 * 1024
DOT = b"\r\n.\r\n"


class HungUp(Exception):
    """The other side has closed the connection."""


class TooLong(Exception):
    """What came is longer than the limit, and was thrown away."""


class Wire:
    """One connection; TimeoutError when the other side is silent for too long."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        # The kernel's own time-outs: with Python's, every call is two.
        patience = struct.pack("ll", int(IDLE_SECONDS), int(IDLE_SECONDS % 1 * 1_000_000))
        connection.settimeout(None)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        self._read = bytearray()
        self._said = bytearray()

    def say(self, answer: str) -> None:
        """An answer; each of its lines but the last is written with a hyphen already."""
        self._said += answer.encode() + b"\r\n"

    def flush(self) -> None:
        """Let everything that was said go out."""
        if self._said:
            self._connection.sendall(self._said)
            self._said.clear()

    def line(self) -> str:
        """The next line; raises TooLong, or UnicodeDecodeError when it is no text."""
        start = 0
        while (end := self._read.find(b"\r\n", start)) < 0:
            start = max(0, len(self._read) - 1)
            if start > LONGEST_LINE:
                raise TooLong
            self._more()
        line = bytes(self._read[:end])
        del self._read[: end + 2]
        return line.decode()

    def mail(self, most: int) -> bytes:
        """The lines of a mail until the one that is a dot, with its own dots as they were.

        Only CR LF . CR LF ends it: a bare line feed is a letter like any other, so that no mail
        can hide a second one. Raises TooLong when all of it has come and was more than `most`.
        """
        deadline = time.monotonic() + MAIL_SECONDS
        self._read[:0] = b"\r\n"
        start, dropped = 0, 0
        while (end := self._read.find(DOT, start)) < 0:
            start = max(0, len(self._read) - len(DOT) + 1)
            if dropped + len(self._read) > most:
                dropped += start
                del self._read[:start]
                start = 0
            self._more()
            if time.monotonic() > deadline:
                raise TimeoutError
        mail = bytes(self._read[: end + 2])
        del self._read[: end + len(DOT)]
        if dropped or len(mail) - 2 > most:
            raise TooLong
        return mail.replace(b"\r\n.", b"\r\n")[2:]

    def _more(self) -> None:
        self.flush()
        try:
            chunk = self._connection.recv(A_READ)
        except BlockingIOError:
            raise TimeoutError from None
        if not chunk:
            raise HungUp
        self._read += chunk
