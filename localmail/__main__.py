"""`python -m localmail`: the stand-in in the foreground until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import errno
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localmail.envelopes import PREFIX
from localmail.files import LedgerDamaged
from localmail.mailbox import Mailbox
from localmail.markup import CLOCK


def read_arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m localmail",
        description="Takes mail as Mailgun's HTTP API does, keeps it in a ledger, shows it on a "
        "mailbox page and reports back by signed webhooks. Nothing leaves this machine.",
        epilog="Mail to bounce…@ fails for good, mail to complain…@ is complained about; any "
        "other is delivered. The mailbox page needs no password: keep --host on 127.0.0.1.",
    )
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free one (8001)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="folder of the ledger"
    )
    parser.add_argument("--api-key", required=True, metavar="KEY", help="what senders must show")
    parser.add_argument(
        "--webhook-url", default="", metavar="URL", help="where events go, with user:password@"
    )
    parser.add_argument(
        "--webhook-signing-key", default="", metavar="KEY", help="what events are signed with"
    )
    parser.add_argument(
        "--test-mode", action="store_true", help="allow emptying the mailbox and turning knobs"
    )
    parser.add_argument(
        "--durable", action="store_true", help="fsync each call: survives a power cut, slower"
    )
    parser.add_argument(
        "--lean", action="store_true", help="keep who got which values, and no bodies"
    )
    parser.add_argument("--smtp-port", type=int, help="take mail by SMTP, too; 0 takes a free one")
    parser.add_argument("--smtp-user", default="", metavar="USER", help="ask SMTP senders for it")
    parser.add_argument("--smtp-password", default="", metavar="PASSWORD", help="and for this")
    parser.add_argument(
        "--smtp-variables", default=PREFIX, help=f"headers to record begin with this ({PREFIX})"
    )
    parser.add_argument(
        "--knobs",
        type=_settings,
        metavar="JSON",
        help="faults to begin with, in test mode: "
        '\'{"too_many": {"next": 3}}\'; GET /api/knobs lists them',
    )
    parser.add_argument("--clock", type=_clock, metavar="ZONE", help="whose time the page tells")
    parser.add_argument("--verbose", action="store_true", help="log every request")
    arguments = parser.parse_args(words)
    if arguments.webhook_url and not arguments.webhook_signing_key:
        parser.error("--webhook-url needs --webhook-signing-key")
    if bool(arguments.smtp_user) != bool(arguments.smtp_password):
        parser.error("--smtp-user and --smtp-password go together")
    return arguments


def main() -> int:
    """Serve until told to stop; 2 if that is not possible."""
    arguments = read_arguments()
    logging.basicConfig(
        level=logging.DEBUG if arguments.verbose else logging.WARNING,
        format="localmail: %(message)s",
    )
    if arguments.clock:
        os.environ[CLOCK] = arguments.clock
    # Blocked before any thread starts, so that only sigwait below gets them.
    stops = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, stops)
    try:
        mailbox = Mailbox(
            arguments.data,
            api_key=arguments.api_key,
            host=arguments.host,
            port=arguments.port,
            webhook_url=arguments.webhook_url,
            webhook_signing_key=arguments.webhook_signing_key,
            test_mode=arguments.test_mode,
            durable=arguments.durable,
            lean=arguments.lean,
            smtp_port=arguments.smtp_port,
            smtp_user=arguments.smtp_user,
            smtp_password=arguments.smtp_password,
            smtp_variables=arguments.smtp_variables,
            knobs=arguments.knobs,
        )
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            if arguments.smtp_port:
                return _say(f"Port {arguments.port} or {arguments.smtp_port} is in use.")
            return _say(f"Port {arguments.port} is in use: choose another with --port.")
        return _say(f"{error.filename or arguments.host}: {error.strerror or error}.")
    except (LedgerDamaged, OverflowError, ValueError) as error:
        return _say(str(error))
    with mailbox:
        print(f"Mailbox on {mailbox.url}/", flush=True)  # noqa: T201
        if mailbox.smtp_port is not None:
            print(f"SMTP on {mailbox.host}:{mailbox.smtp_port}", flush=True)  # noqa: T201
        signal.sigwait(stops)
    return 0


def _clock(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise argparse.ArgumentTypeError(f"there is no time zone {name!r}") from None


def _settings(words: str) -> Any:
    try:
        return json.loads(words)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"this is no JSON: {error}") from None


def _say(words: str) -> int:
    print(f"localmail: {words}", file=sys.stderr)  # noqa: T201
    return 2


if __name__ == "__main__":
    sys.exit(main())
