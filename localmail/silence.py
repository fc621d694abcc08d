"""Connections that end badly: in comes a socket, out comes nothing more."""

from __future__ import annotations

import os
import socket
import struct
import threading

LONGEST_SECONDS = 3600
LOOK_AGAIN = 0.2


class NoAnswer(Exception):
    """The connection is reset without an answer: at once, or when somebody sets `until`."""

    def __init__(self, until: threading.Event | None = None) -> None:
        super().__init__()
        self.until = until


def end(connection: socket.socket, ending: NoAnswer) -> None:
    """End the connection as a machine does that has forgotten it."""
    if ending.until is not None:
        _keep(connection, ending.until)
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # By its number: files made of the socket would keep it open.
        os.close(connection.detach())
    except OSError:
        return


def _keep(connection: socket.socket, until: threading.Event) -> None:
    """Until it is set, the other side hangs up or an hour has passed."""
    connection.settimeout(LOOK_AGAIN)
    for _ in range(int(LONGEST_SECONDS / LOOK_AGAIN)):
        if until.is_set():
            return
        try:
            if not connection.recv(1, socket.MSG_PEEK):
                return
            until.wait(LOOK_AGAIN)  # It went on talking; nobody listens.
        except TimeoutError:
            continue
        except OSError:
            return
