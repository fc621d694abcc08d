"""`make smoke`: from a published story to a mailbox and out of the list again, without a person."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from config.local import folders, steps, supervisor
from config.local.mailbox import Mailbox, leave_with_one_click
from config.local.processes import LocalError
from config.local.site import Site, free_ports
from config.local.steps import step
from config.local.supervisor import Supervisor

TICK_SECONDS = 5
PATIENCE = 60
FIRST = "Every caller gets a second contact"
SECOND = "The first week, written down"


def run() -> None:
    """Start a site of its own on free ports, walk the path, stop everything; LocalError if not."""
    started = time.monotonic()
    port, mail_port = free_ports(2)
    kept = folders.ROOT / "var"
    kept.mkdir(exist_ok=True)
    _sweep(kept)
    folder = Path(tempfile.mkdtemp(prefix="smoke-", dir=kept))
    site = Site(folder, port, mail_port, tick_seconds=TICK_SECONDS, scratch=True)
    site.folder.chmod(0o755)
    print("Rabita smoke run", flush=True)
    try:
        with site.held(), supervisor.running(site) as (processes, _words):
            _walk(processes)
    except LocalError:
        print(f"\nThe logs are in {site.logs}", file=sys.stderr)
        raise
    except BaseException:
        site.forget()
        raise
    site.forget()
    print(f"All steps done in {time.monotonic() - started:.0f} s.", flush=True)


def _sweep(kept: Path) -> None:
    """Runs that failed keep their logs until the next one."""
    for old in kept.glob("smoke-*"):
        left = Site(old, 0, 0)
        with suppress(LocalError), left.held():
            left.forget()


def _walk(processes: Supervisor) -> None:
    site, mailbox = processes.site, Mailbox(processes.site.mail_url)
    country = _most_followed(processes)
    with step(f"publishing a story about {country}"):
        first = _newsroom(processes, "publish", "--title", FIRST, "--country", country)
        readers = first["readers"]
        if len(readers) < 2:
            raise LocalError(f"The demo has too few readers who follow {country}: {readers}")
    _digest_leaves(processes, mailbox, FIRST, readers)
    leaver = readers[0]
    with step(f"{leaver} leaves with the button in the mail"):
        (mail,) = mailbox.mails(to=leaver, containing=FIRST)
        status = leave_with_one_click(mail.one_click_url)
        if status != 200:
            raise LocalError(f"{mail.one_click_url} answered {status}")
    with step(f"publishing a second story about {country}"):
        second = _newsroom(processes, "publish", "--title", SECOND, "--country", country)
        if second["readers"] != [reader for reader in readers if reader != leaver]:
            raise LocalError(f"Left: {leaver}; still on the list: {second['readers']}")
    _digest_leaves(processes, mailbox, SECOND, second["readers"])
    with step(f"{leaver} got no second digest"):
        if mailbox.mails(to=leaver, containing=SECOND):
            raise LocalError(f"{leaver} left and was written to again; see {site.mail_url}")


def _digest_leaves(processes: Supervisor, mailbox: Mailbox, title: str, readers: list[str]) -> None:
    """The digest falls due, beat rings, the worker sends, exactly these people get the story."""
    with step("the schedule falls due and Celery sends the digest"):
        _fall_due(processes)
        _until(processes, "the digest was not sent", lambda: _last_issue_is_done(processes, title))
    with step(f"the story stands in the mailbox of {', '.join(readers)}"):

        def got_it() -> list[str]:
            return sorted(mail.to for mail in mailbox.mails(containing=title))

        _until(processes, "the digest did not arrive", lambda: len(got_it()) >= len(readers))
        if got_it() != readers:
            raise LocalError(f"“{title}” was to reach {readers} and reached {got_it()}")


def _most_followed(processes: Supervisor) -> str:
    """The country that most of the demo's readers chose."""
    with psycopg.connect(processes.environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT substr(code, 9) FROM newsletters_subscription, unnest(interests) AS code"
            " WHERE state = 'confirmed' AND code LIKE 'country:%'"
            " GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1"
        ).fetchone()
    if row is None:
        raise LocalError("Nobody in the demo follows a country.")
    return str(row[0])


def _fall_due(processes: Supervisor) -> None:
    """The one thing that is not waited for: the clock. Beat's next tick finds the row."""
    with psycopg.connect(processes.environment["DATABASE_URL"]) as connection:
        rows = connection.execute(
            "UPDATE newsletters_cadence SET next_at = now() WHERE frequency = 'weekly'"
        ).rowcount
    if not rows:
        raise LocalError("No newsletter has a weekly digest.")


def _last_issue_is_done(processes: Supervisor, title: str) -> bool:
    with psycopg.connect(processes.environment["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT i.state, i.reason FROM newsletters_issue i"
            " JOIN newsletters_fragment f ON f.issue_id = i.id WHERE f.title = %s"
            " ORDER BY i.id DESC LIMIT 1",
            (title,),
        ).fetchone()
    if row is not None and row[0] in {"halted", "cancelled"}:
        raise LocalError(f"The digest was {row[0]}: {row[1]}")
    return row is not None and row[0] == "done"


def _until(processes: Supervisor, otherwise: str, happened: Callable[[], bool]) -> None:
    give_up = time.monotonic() + PATIENCE
    while not happened():
        processes.look()
        if time.monotonic() > give_up:
            worker = processes.site.log("worker")
            raise LocalError(f"{otherwise} in {PATIENCE} s; the worker said:\n{steps.tail(worker)}")
        time.sleep(0.2)


def _newsroom(processes: Supervisor, *words: str) -> dict[str, Any]:
    log, said = processes.site.log("newsroom"), processes.site.folder / "said"
    child = processes.spawn(
        "newsroom", [sys.executable, "-m", "config.local.newsroom", *words], said
    )
    steps.wait(child, log=log)
    return dict(json.loads(said.read_text()))
