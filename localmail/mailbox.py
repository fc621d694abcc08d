"""All of it, started: a ledger, an inbox, an HTTP server and, with an address, webhooks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from localmail.api import Api
from localmail.client import Client
from localmail.exchange import Answer, BadRequest, Request, as_json
from localmail.hold import Hold
from localmail.inbox import Inbox
from localmail.knobs import Knobs, Settings
from localmail.ledger import Ledger
from localmail.pages import Pages
from localmail.provider import Provider
from localmail.server import Server
from localmail.webhooks import Webhooks


class Mailbox:
    """A running stand-in, in this process; a context manager for tests.

    Port 0 takes a free one. `api_url` is for MAILGUN_API_URL, `client` asks over HTTP.
    """

    def __init__(
        self,
        data: Path,
        *,
        api_key: str,
        host: str = "127.0.0.1",
        port: int = 0,
        webhook_url: str = "",
        webhook_signing_key: str = "",
        test_mode: bool = False,
        durable: bool = False,
        lean: bool = False,
        knobs: Settings | None = None,
    ) -> None:
        if knobs and not test_mode:
            raise ValueError("Knobs are turned only in test mode.")
        self.ledger = Ledger(data, durable=durable, lean=lean)
        try:
            self.inbox = Inbox(self.ledger)
            self.hold = Hold()
            self.knobs = Knobs(self.ledger.note, knobs)
            provider = Provider(self.inbox, self.hold, self.knobs, api_key=api_key)
            api = Api(self.inbox, self.hold, self.knobs, test_mode=test_mode)
            pages = Pages(self.inbox)
            self.webhooks = (
                Webhooks(self.inbox, data, url=webhook_url, signing_key=webhook_signing_key)
                if webhook_url
                else None
            )
            routes = [*provider.routes(), *api.routes(), *pages.routes()]
            self._server = Server((host, port), routes, _complaint(pages))
        except BaseException:
            self.ledger.close()
            raise
        self.host = host
        self.port = int(self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="localmail"
        )

    @property
    def url(self) -> str:
        """Where the mailbox page is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def api_url(self) -> str:
        """Where Anymail posts: its setting MAILGUN_API_URL."""
        return f"{self.url}/v3"

    @property
    def client(self) -> Client:
        """Asks this mailbox over HTTP."""
        return Client(self.url)

    def start(self) -> None:
        """Serve in the background; returns at once, and requests are answered from now on."""
        self._thread.start()
        if self.webhooks is not None:
            self.webhooks.start()

    def stop(self) -> None:
        """Stop serving, release what waits, close the ledger."""
        self.hold.release()
        self.knobs.normal.set()
        if self.webhooks is not None:
            self.webhooks.stop()
        self.inbox.close()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.hang_up()
        self._server.server_close()
        self.ledger.close()

    def __enter__(self) -> Mailbox:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def _complaint(pages: Pages) -> Callable[[Request, BadRequest], Answer]:
    """Programs are told in JSON what is wrong, people on a page."""

    def complain(request: Request, refusal: BadRequest) -> Answer:
        if request.path.startswith(("/v3", "/api")):
            return as_json({"message": refusal.message}, refusal.status)
        return pages.complain(refusal)

    return complain
