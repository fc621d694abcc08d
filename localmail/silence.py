"""Connections that end badly: in comes a socket, out comes nothing more."""

from __future__ import annotations

import os
import socket
import struct
import threading

LONGEST_SECONDS = 3600
LOOK_AGAIN = 0.2


def keep(connection: socket.socket, until: threading.Event) -> None:
    """Say nothing until the other side hangs up, `until` is set or an hour has passed."""
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


def reset(connection: socket.socket) -> None:
    """End it with a reset, as a machine does that has forgotten the connection."""
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        # By its number: files made of the socket would keep it open.
        os.close(connection.detach())
    except OSError:
        return
