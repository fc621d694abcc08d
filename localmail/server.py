"""HTTP with limits: in comes a request, a route is called, out goes its answer.

Every request is bounded in time and size and every number of connections too; whatever is wrong
with a request is the asker's fault in words (4xx), never a traceback.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from localmail.crowd import Crowd
from localmail.exchange import Answer, BadRequest, Request, Route
from localmail.silence import NoAnswer, end

LONGEST_BODY = 32 * 1024 * 1024
IDLE_SECONDS = 30

log = logging.getLogger("localmail")


class Server(Crowd, HTTPServer):
    """Calls what the routes say; `complain` makes an answer of what is wrong with a request."""

    def __init__(
        self,
        address: tuple[str, int],
        routes: Iterable[Route],
        complain: Callable[[Request, BadRequest], Answer],
    ) -> None:
        self.routes = [(method, re.compile(path), run) for method, path, run in routes]
        self.complain = complain
        super().__init__(address, Handler)

    def answer(self, request: Request) -> Answer:
        """The route's answer, or words on what is wrong."""
        try:
            return self._route(request)
        except BadRequest as refusal:
            return self.complain(request, refusal)
        except NoAnswer:
            raise
        except Exception:
            log.exception("%s %s", request.method, request.path)
            return self.complain(request, BadRequest("This is a fault of localmail.", 500))

    def _route(self, request: Request) -> Answer:
        asker, own = request.headers.get("origin"), request.headers.get("host")
        if request.method not in ("GET", "HEAD") and asker and urlsplit(asker).netloc != own:
            raise BadRequest("Another site may not do this.", 403)
        method = "GET" if request.method == "HEAD" else request.method
        other_methods = []
        for allowed, path, run in self.routes:
            found = path.fullmatch(request.path)
            if found and allowed == method:
                return run(request, **found.groupdict())
            if found:
                other_methods.append(allowed)
        if other_methods:
            raise BadRequest(f"Only {', '.join(other_methods)} is possible here.", 405)
        raise BadRequest("There is nothing at this address.", 404)


class Handler(BaseHTTPRequestHandler):
    """Reads a request with limits and writes its answer in one piece."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "localmail"
    sys_version = ""
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        try:
            request = self._read()
        except BadRequest as refusal:
            # What follows on this connection cannot be told from the body.
            self.close_connection = True
            request = Request(self.command, self.path, {}, {})
            self._write(self.server.complain(request, refusal))
            return
        try:
            answer = self.server.answer(request)
        except NoAnswer as ending:
            self.close_connection = True
            end(self.connection, ending)
            return
        self._write(answer)

    do_GET = do_HEAD = do_POST = do_DELETE = do_PUT = do_PATCH = do_OPTIONS = _serve

    def _read(self) -> Request:
        if "transfer-encoding" in self.headers:
            raise BadRequest("Send the body with a Content-Length.", 411)
        length = self.headers.get("content-length", "0")
        if not re.fullmatch(r"\d{1,15}", length):
            raise BadRequest("Content-Length is no number.")
        if int(length) > LONGEST_BODY:
            raise BadRequest(f"The body is larger than {LONGEST_BODY} bytes.", 413)
        try:
            address = urlsplit(self.path)
            path = unquote(address.path, errors="strict")
            query = parse_qs(address.query, keep_blank_values=True, max_num_fields=50)
        except ValueError:
            raise BadRequest("The address cannot be read.") from None
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise BadRequest("The body is shorter than its Content-Length.")
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(
            self.command, path, {key: values[-1] for key, values in query.items()}, headers, body
        )

    def _write(self, answer: Answer) -> None:
        self.close_connection |= answer.missing > 0
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body) + answer.missing))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        wire, self.wfile = self.wfile, BytesIO()
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        whole, self.wfile = self.wfile.getvalue(), wire
        step = 1 if answer.drip else len(whole)
        for start in range(0, len(whole), step):
            self.wfile.write(whole[start : start + step])
            self.wfile.flush()
            if answer.drip and self.server.stopping.wait(answer.drip):
                break

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the base class refuses by itself, such as a malformed request line."""
        self.close_connection = True
        if getattr(self, "command", None) is None:
            self.command = "GET"
        self.request_version = self.protocol_version
        words = message or HTTPStatus(code).phrase
        self._write(Answer(f"{words}\n".encode(), code))

    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)
