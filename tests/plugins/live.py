"""A whole site for one test: real processes, a database of its own, the provider stand-in.

The processes are the ones `make demo` runs, started from the same place; only the servers are those
of the test run, with a database and two Valkey databases that no other test uses.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery import Celery
from kombu import Connection

import packs
from config.local import processes, steps, supervisor
from config.local.mailbox import Mailbox
from config.local.servers import Servers
from config.local.site import Site, free_ports
from config.local.supervisor import Process, Supervisor
from tests.mailcheck import check_mail
from tests.plugins import clusters

PATIENCE = 60
BELLS = Celery("bells", set_as_current=False)
VALKEY_DATABASES, PLAIN_TESTS_USE = 1024, 20
# Two Valkey databases a site; xdist workers share the server and must never meet there.
_of_each_worker = (VALKEY_DATABASES - PLAIN_TESTS_USE) // (
    2 * int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
)
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_first = PLAIN_TESTS_USE // 2 + _worker * _of_each_worker
_numbers = iter(range(_first, _first + _of_each_worker))

STATES = "SELECT state FROM newsletters_issue WHERE NOT starts_with(reference, 'dispatch:')"


class Live:
    """A site whose processes a test starts, kills and asks about one by one."""

    def __init__(self, site: Site, servers: Servers) -> None:
        self.site = site
        self.supervisor = Supervisor(site, servers)
        self.mailbox = Mailbox(site.mail_url)
        # A dead worker's batch is freed in seconds, not in minutes.
        self.supervisor.environment |= {"LEASE_SECONDS": "3"}

    @property
    def environment(self) -> dict[str, str]:
        return self.supervisor.environment

    def start_mail(self) -> Process:
        mail = self.supervisor.start("mail provider", self.site.localmail())
        self.supervisor.until(mail, lambda: supervisor.answers(f"{self.site.mail_url}/api/healthz"))
        return mail

    def start_web(self) -> Process:
        web = self.supervisor.start("site", self.site.web())
        address = f"http://127.0.0.1:{self.site.port}/healthz"
        self.supervisor.until(web, lambda: supervisor.answers(address))
        return web

    def start_worker(self) -> Process:
        """A worker with a pool of processes, ready for work."""
        log = self.site.log("worker")
        log.unlink(missing_ok=True)
        worker = self.supervisor.start("worker", self.site.worker())
        self.supervisor.until(worker, lambda: " ready." in steps.tail(log, 1000))
        return worker

    def work_until_killed_at(self, point: str) -> None:
        """A worker that is one process and dies like in a power cut once it gets to that point."""
        killed = self.environment | {"RABITA_KILL_AT": point}
        log = self.site.log("killed worker")
        child = processes.start([*self.site.worker(), "--pool", "solo"], log=log, env=killed)
        try:
            self.until(lambda: child.poll() is not None)
        finally:
            processes.stop(child)
        assert child.returncode == -signal.SIGKILL, steps.tail(log)

    def start_beat(self, name: str = "beat") -> Process:
        command = [
            str(part).replace("beat-schedule", f"{name}-schedule") for part in self.site.beat()
        ]
        return self.supervisor.start(name, list(command))

    def kill(self, process: Process) -> None:
        """kill -9, and nothing else: its children are left to find out by themselves."""
        process.child.kill()
        process.child.wait()

    def ring(self, *tasks: str, times: int = 1) -> None:
        """Put messages into the broker, as beat and the web processes do."""
        with self._broker() as link:
            for task in tasks:
                for _ in range(times):
                    BELLS.send_task(f"newsletters.tasks.{task}", connection=link)

    def newsroom(self, *words: str) -> dict[str, Any]:
        """One of the verbs of config.local.newsroom."""
        log, said = self.site.log("newsroom"), self.site.folder / "said"
        command: list[str | Path] = [sys.executable, "-m", "config.local.newsroom", *words]
        steps.wait(self.supervisor.spawn("newsroom", command, said), log=log)
        return dict(json.loads(said.read_text()))

    def publish(self, title: str, country: str = "KE") -> list[str]:
        """A story on line and the weekly digest due; who is to get it."""
        readers = self.newsroom("publish", "--title", title, "--country", country)["readers"]
        self.fall_due()
        return list(readers)

    def ring_for_the_digest(self) -> None:
        """The weekly digest falls due and the bell rings."""
        self.fall_due()
        self.ring("send_due")

    def readers_of(self, country: str) -> list[str]:
        """Who is to get what is written in English about a country, whatever the rhythm."""
        return [
            address
            for (address,) in self.sql(
                "SELECT s.address FROM newsletters_subscriber s"
                " JOIN newsletters_subscription x ON x.subscriber_id = s.id"
                " JOIN newsletters_newsletter n ON n.id = x.newsletter_id AND n.kind = 'digest'"
                " WHERE x.state = 'confirmed' AND coalesce(x.paused_until < now(), true)"
                " AND x.interests && ARRAY['all', %s]::varchar[] AND 'en' = ANY(s.languages)"
                " AND s.address NOT IN (SELECT address FROM newsletters_suppression"
                " WHERE address IS NOT NULL)"
                " ORDER BY s.address",
                f"country:{country}",
            )
        ]

    def everything_sent(self) -> bool:
        """Every mailing has closed, there is one, and no rhythm still waits for its turn.

        Letters that the demonstration's editors wrote by hand had left before.
        """
        waiting = self.sql("SELECT 1 FROM newsletters_cadence WHERE next_at <= now()")
        states = {state for (state,) in self.sql(STATES)}
        return not waiting and states == {"done"}

    def fall_due(self) -> None:
        """The weekly digest is due now."""
        self.sql("UPDATE newsletters_cadence SET next_at = now() WHERE frequency = 'weekly'")

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.environment["DATABASE_URL"], autocommit=True) as connection:
            result = connection.execute(statement, values)  # type: ignore[arg-type]
            return result.fetchall() if result.description else []

    def got(self, title: str) -> list[str]:
        """Everybody who got a mail with this story, once for each mail, from A to Z."""
        return sorted(mail.to for mail in self.mailbox.mails(containing=title))

    def told_as_followed(self, title: str, elsewhere: str) -> list[str]:
        """The same without those whose mail has it below the heading of what others follow."""
        return sorted(
            mail.to
            for mail in self.mailbox.mails(containing=title)
            if title in re.split(elsewhere, mail.text)[0]
        )

    def mails_to(self, people: set[str]) -> list[str]:
        """The subjects of all mails to these people."""
        return [mail.subject for mail in self.mailbox.mails() if mail.to in people]

    def hold(self) -> None:
        """The provider takes calls and records them, but does not answer."""
        self._post("hold")

    def release(self) -> None:
        """It answers every call that waits."""
        self._post("release")

    def held(self) -> int:
        """How many calls wait for their answer."""
        with urllib.request.urlopen(f"{self.site.mail_url}/api/hold", timeout=10) as answer:
            return int(json.loads(answer.read())["waiting"])

    def idle(self) -> bool:
        """No message waits in the broker and none is being worked on."""
        return not any(self._messages())

    def _messages(self) -> tuple[list[str], list[str]]:
        """The tasks whose messages wait in the broker, and those that a worker holds."""
        with self._broker() as link:
            client = link.default_channel.client
            held = [json.loads(row)[0] for row in client.hvals("unacked")]
            waiting = [json.loads(row) for row in client.lrange("celery", 0, -1)]
        return _tasks(waiting), _tasks(held)

    def _broker(self) -> Connection:
        # By connection: Celery prefers the address in this process's environment to any other.
        return Connection(self.environment["CELERY_BROKER_URL"])

    def _post(self, verb: str) -> None:
        asked = urllib.request.Request(f"{self.site.mail_url}/api/{verb}", method="POST")
        urllib.request.urlopen(asked, timeout=10).close()

    def final_mails(self) -> list[Message]:
        """Every mail as it would have gone out, octet by octet."""
        if not supervisor.answers(f"{self.site.mail_url}/api/healthz"):
            return []
        found = []
        for mail in self.mailbox.mails():
            address = f"{self.site.mail_url}/api/messages/{mail.id}/raw"
            with urllib.request.urlopen(address, timeout=10) as answer:
                found.append(message_from_bytes(answer.read()))
        return found

    def until(self, happened: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait for something to become true; fail with the worker's last words if it does not."""
        give_up = time.monotonic() + seconds
        while not (answer := happened()):
            if time.monotonic() > give_up:
                pytest.fail(f"Not in {seconds} s. {self.last_words()}")
            time.sleep(0.1)
        return answer

    def last_words(self) -> str:
        """What a failure needs to be understood: messages, and the ends of the logs."""
        waiting, held = self._messages()
        now = time.strftime("%H:%M:%S", time.gmtime())
        return (
            f"It is {now} (UTC). Messages that wait: {waiting}; with a worker: {held}.\n"
            f"Worker:\n{steps.tail(self.site.log('worker'), 30)}\n"
            f"Site:\n{steps.tail(self.site.log('site'), 30)}"
        )


@pytest.fixture(scope="session")
def demo_template(
    migrated_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], str]:
    """A pack's code in, a database with that pack and its demo content out, made once a run.

    The style sheets and scripts are collected beside it, as production wants them.
    """

    def fill(pack: str, database: str) -> None:
        clusters.renew(database, template=migrated_template)
        site = Site(tmp_path_factory.mktemp("demo"), *free_ports(2))
        making = Supervisor(site, _servers(database, next(_numbers)))
        making.environment |= _files(f"demo_{pack}") | {"PACK": pack}
        collect = making.spawn("static", site.manage("collectstatic", "--no-input", "-v", "0"))
        try:
            steps.wait(making.spawn("demo", site.manage("demo")), log=site.log("demo"))
        finally:
            steps.wait(collect, log=site.log("static"))

    return lambda pack: clusters.once(f"demo_{pack}", partial(fill, pack))


@pytest.fixture
def live(
    demo_template: Callable[[str], str],
    tmp_path: Path,
    settings: Any,
    request: pytest.FixtureRequest,
) -> Iterator[Live]:
    """A site with the demo's content and no process running yet; mark `pack` names another one."""
    marked = request.node.get_closest_marker("pack")
    pack = marked.args[0] if marked else settings.PACK.code
    template = demo_template(pack)
    number = next(_numbers)
    name = re.sub(r"\W", "_", f"live_{template}_{number}")
    clusters.renew(name, template=template)
    site = Site(tmp_path / "site", *free_ports(2), tick_seconds=2)
    files = _files(template)
    shutil.copytree(files["MEDIA_ROOT"], site.folder / "media", dirs_exist_ok=True)
    running = Live(site, _servers(name, number))
    running.environment["STATIC_ROOT"] = files["STATIC_ROOT"]
    running.environment["PACK"] = pack
    # The copy belongs to another address than the template did.
    running.sql(
        "UPDATE newsletters_siteinstance SET name = %s", running.environment["SITE_INSTANCE"]
    )
    running.sql("UPDATE wagtailcore_site SET hostname = 'localhost', port = %s", site.port)
    yield running
    mails = running.final_mails()
    running.supervisor.stop()
    clusters.drop(name)
    settings.SITE_URL = site.url  # the host that the links of these mails lead to
    settings.PACK = packs.load(pack)
    for mail in mails:
        check_mail(mail, bulk="List-Unsubscribe" in mail)


def _tasks(messages: list[dict[str, Any]]) -> list[str]:
    return [f"{one['headers']['task']} {one['headers']['id'][:8]}" for one in messages]


def _servers(database: str, number: int) -> Servers:
    """The test run's servers, with Valkey databases that this site has for itself."""
    broker = re.sub(r"(virtual_host=)\d+", rf"\g<1>{number * 2}", _env("CELERY_BROKER_URL"))
    cache = re.sub(r"(db=)\d+", rf"\g<1>{number * 2 + 1}", _env("CACHE_URL"))
    return Servers(clusters.url_of(database), broker, cache, None, None)


def _files(name: str) -> dict[str, str]:
    """Where the template's uploads and the collected style sheets stand, as settings."""
    place = Path(_env(clusters.RUN_FOLDER)) / name
    (place / "media").mkdir(parents=True, exist_ok=True)
    return {"MEDIA_ROOT": str(place / "media"), "STATIC_ROOT": str(place / "static")}


def _env(name: str) -> str:
    return os.environ[name]
