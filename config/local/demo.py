"""`make demo`: the whole site in the foreground until somebody stops it."""

from __future__ import annotations

import time
from pathlib import Path

import packs
from config.local import folders, steps, supervisor
from config.local.mailbox import Mailbox
from config.local.site import Site, chosen_pack, refuse_taken_ports
from config.local.steps import step
from config.local.supervisor import Supervisor

FOLDER = folders.ROOT / "var" / "demo"
FIRST = ("send", "--rhythm", "daily", "--rhythm", "monthly")
"""The newsroom's words for the first digests: so that the mailbox is not empty.

The weekly one, which most read, is left for a person to look at and to send.
"""


def run(*, port: int, reset: bool = False, folder: Path | None = None) -> None:
    """Start, show where to look, and stay. Keeps its data for the next run unless `reset`.

    Each pack has a folder of its own: two centres never share a database.
    """
    folder = folder or folder_of(chosen_pack())
    site = Site(folder=folder.resolve(), port=port, mail_port=port + 1)
    refuse_taken_ports(port, port + 1, say=f"make demo PORT={port + 10}")
    print("Rabita demo", flush=True)
    with site.held():
        if reset:
            site.empty()
        with supervisor.running(site) as (processes, sign_ins):
            mails = send_first_digest(processes)
            site.write_environment(_environment(site), processes.servers)
            print(_welcome(site, sign_ins, mails), flush=True)
            processes.watch()


def folder_of(pack: str) -> Path:
    """Where the demonstration of this pack keeps its data."""
    return FOLDER if pack == packs.FIRST else FOLDER.with_name(f"demo-{pack}")


def send_first_digest(processes: Supervisor) -> int:
    """How many mails are there then; a second run finds nothing new and sends nothing."""
    site = processes.site
    mailbox = Mailbox(site.mail_url)
    if mailbox.count():
        return mailbox.count()
    with step("sending the demo digest"):
        newsroom = [*site.manage()[:1], "-m", "config.local.newsroom", *FIRST]
        steps.run(newsroom, env=processes.environment, log=site.log("newsroom"))
        give_up = time.monotonic() + 60
        before = -1
        # A digest leaves in several calls: wait until no more come.
        while time.monotonic() < give_up and (before <= 0 or mailbox.count() > before):
            before = mailbox.count()
            processes.look()
            time.sleep(1.5)
    return mailbox.count()


def _environment(site: Site) -> Path:
    return site.folder.with_suffix(".env")


def _welcome(site: Site, sign_ins: str, mails: int) -> str:
    environment, here = _environment(site), Path.cwd()
    if environment.is_relative_to(here):
        environment = environment.relative_to(here)
    return "\n".join(
        [
            "",
            f"  The site              {site.url}/",
            f"  For editors           {site.url}/cms/",
            f"  The mailbox           {site.mail_url}/   ({mails} mails)",
            f"  Ten minutes           {site.url}/en/demo/",
            "",
            *(f"  {line}" for line in sign_ins.splitlines()),
            "",
            f"  Logs                  {site.logs}",
            f"  Speak to it           set -a; . {environment}; .venv/bin/python manage.py …",
            "  Stop it               Ctrl-C      (make demo RESET=1 begins afresh)",
            "",
        ]
    )
