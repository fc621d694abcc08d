"""All of it, started: a ledger, an inbox, the doors and, with an address, webhooks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from localmail.api import Api
from localmail.client import Client
from localmail.envelopes import PREFIX, Reader
from localmail.exchange import Answer, BadRequest, Request, as_json
from localmail.hold import Hold
from localmail.inbox import Inbox
from localmail.knobs import Knobs, Settings
from localmail.ledger import Ledger
from localmail.login import Login
from localmail.pages import Pages
from localmail.provider import Provider
from localmail.server import Server
from localmail.smtp import Smtp
from localmail.transaction import Desk
from localmail.webhooks import Webhooks


class Mailbox:
    """A running stand-in, in this process; a context manager for tests.

    Port 0 takes a free one; without `smtp_port` there is no SMTP. `api_url` is for
    MAILGUN_API_URL, `client` asks over HTTP.
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
        smtp_port: int | None = None,
        smtp_user: str = "",
        smtp_password: str = "",
        smtp_variables: str = PREFIX,
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
            self._smtp = None
            if smtp_port is not None:
                desk = Desk(self.inbox, self.hold, self.knobs, Reader(smtp_variables))
                login = Login(smtp_user, smtp_password) if smtp_user else None
                self._smtp = Smtp((host, smtp_port), desk, login)
        except BaseException:
            self.ledger.close()
            raise
        self.host = host
        self.port = self._server.port
        self.smtp_port = self._smtp.port if self._smtp is not None else None

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
        self._server.start()
        if self._smtp is not None:
            self._smtp.start()
        if self.webhooks is not None:
            self.webhooks.start()

    def stop(self) -> None:
        """Stop serving, release what waits, close the ledger."""
        self.hold.release()
        self.knobs.normal.set()
        if self.webhooks is not None:
            self.webhooks.stop()
        self.inbox.close()
        self._server.stop()
        if self._smtp is not None:
            self._smtp.stop()
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
