"""localmail, which also counts what comes in: octets on the wire, read from the kernel.

python -m benchmarks.sink FILE …    FILE gets the number at the end; the rest is localmail's
"""

from __future__ import annotations

import socket
import struct
import sys
import time
from pathlib import Path
from typing import Any

from localmail.__main__ import main
from localmail.crowd import Crowd

RECEIVED = struct.Struct("=Q")
OFFSET = 128
"""Of tcpi_bytes_received in Linux's struct tcp_info."""
PATIENCE = 5

octets: list[int] = []
standing: set[Any] = set()
serve = Crowd.finish_request


def finish_request(self: Crowd, request: Any, client_address: Any) -> None:
    """Serve, and ask the kernel at the end of the connection: costs nothing while mail comes in."""
    standing.add(request)
    try:
        serve(self, request, client_address)
    finally:
        info = request.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, OFFSET + RECEIVED.size)
        octets.append(*RECEIVED.unpack_from(info, OFFSET))
        standing.discard(request)


if __name__ == "__main__":
    place = Path(sys.argv.pop(1))
    Crowd.finish_request = finish_request  # type: ignore[method-assign, assignment]
    code = main()
    give_up = time.monotonic() + PATIENCE
    while standing and time.monotonic() < give_up:
        time.sleep(0.01)
    place.write_text(str(sum(octets)))
    sys.exit(code)
