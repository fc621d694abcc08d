"""Servers with a thread for each connection, as many as there are places, and an end for all."""

from __future__ import annotations

import logging
import socket
import threading
from socketserver import TCPServer, ThreadingMixIn
from typing import Any

MOST_CONNECTIONS = 128

log = logging.getLogger("localmail")


class Crowd(ThreadingMixIn, TCPServer):
    """The port may be 0."""

    daemon_threads = True
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: Any) -> None:
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._open: set[socket.socket] = set()
        self.stopping = threading.Event()
        if ":" in address[0]:
            self.address_family = socket.AF_INET6
        super().__init__(address, handler)
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name=type(self).__name__
        )

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def start(self) -> None:
        """Serve in the background: what connects from now on is answered."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving, and end every connection so that no thread outlives the server."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.stopping.set()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                log.debug("A connection was closed already.")
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._places.acquire(blocking=False):
            self.turn_away(request)
            request.close()
            return
        self._open.add(request)
        super().process_request(request, client_address)

    def turn_away(self, request: socket.socket) -> None:
        """The last words to whom there is no place for."""

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._open.discard(request)
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log.debug("A connection ended early.", exc_info=True)
