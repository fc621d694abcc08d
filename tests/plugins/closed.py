"""No test speaks to the world: loopback and Unix sockets only."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

_connect = socket.socket.connect
_look_up = socket.getaddrinfo


class OutsideWorldError(Exception):
    """A test tried to reach an address that is not on this machine."""


@pytest.fixture(autouse=True)
def closed_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse connections and name look-ups that leave the machine, and say which."""

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_outside(str(address[0]))
        _connect(self, address)

    def look_up(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_outside(host.decode() if isinstance(host, bytes) else str(host or "localhost"))
        return _look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", look_up)


def _refuse_outside(host: str) -> None:
    if host == "localhost":
        return
    try:
        inside = ipaddress.ip_address(host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise OutsideWorldError(f"A test tried to reach {host}; tests stay on this machine.")
