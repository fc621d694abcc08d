"""How fast pages are: `make bench ARGS=pages`, side by side and in turns, on one machine.

- through nginx with its micro-cache (deploy/nginx.conf), beside a file of the same octets with the
  same headers, served by the same nginx;
- from the application's own cache, beside the same page drawn anew, on the same gunicorn;
- lists drawn anew, beside the home page of an untouched `wagtail start` on a gunicorn with as many
  workers and threads and the same PostgreSQL.

A round takes every pair, one right after the other; a figure is the middle of the rounds' ratios.
Needs nginx and wrk on the path (apt install nginx-light wrk).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from subprocess import Popen
from urllib.request import urlopen

from benchmarks import arena, report
from benchmarks.arena import Arena
from benchmarks.goals import Goal
from benchmarks.paths import FRESH, LISTS, PAGES, SEARCH
from config.local import folders, processes, steps, supervisor
from config.local.processes import LocalError
from config.local.site import HOST, free_ports

SECONDS, ROUNDS, WARM = 3, 5, 1
GUNICORN = ("--worker-class", "gthread", "--workers", "1", "--threads", "4", "--keep-alive", "30")
CONNECTIONS = 8
OWN_HEADERS = {"server", "date", "connection", "content-length", "content-type", "x-accel-expires"}
STOCK = """
import dj_database_url, os
from .production import *
SECRET_KEY = "b" * 50
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": dj_database_url.parse(
    os.environ["DATABASE_URL"], conn_max_age=60, conn_health_checks=True)}
"""


@dataclass
class Pair:
    """What is measured and what beside it; requests a second, round by round."""

    words: str
    ours: str
    other: str
    bound: float
    rates: list[tuple[float, float]] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """The middle of the rounds' ratios."""
        return median(ours / other for ours, other in self.rates)


@dataclass(frozen=True)
class Ground:
    """Where each of the three answers: `http://host:port`."""

    front: str
    site: str
    stock: str


def main(words: list[str]) -> int:
    """Measure and print; `words`: the number of rounds, if not ROUNDS."""
    supervisor.stop_on_signals()
    try:
        with arena.opened(folders.ROOT / "var" / "bench") as ground:
            print("\n" + measured(ground, int(words[0]) if words else ROUNDS), flush=True)
    except LocalError as error:
        steps.complain(error)
        return 1
    return 0


def measured(arena_: Arena, rounds: int = ROUNDS) -> str:
    """Goals and rates as Markdown; LocalError where something lacks."""
    folder = arena_.folder / "pages"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    with _running(arena_, folder) as (ground, queries):
        pairs = list(_pairs(ground))
        for number in range(rounds):
            with steps.step(f"round {number + 1} of {rounds}"):
                for pair in pairs:
                    first, second = pair.ours, pair.other
                    rates = {first: 0.0, second: 0.0}
                    # Whoever goes first changes from round to round.
                    for url in (first, second) if number % 2 else (second, first):
                        rates[url] = rate(url)
                    pair.rates.append((rates[first], rates[second]))
    return _report(pairs, queries, rounds)


def rate(url: str) -> float:
    """Requests a second over CONNECTIONS that are kept open; LocalError for a wrong answer."""
    _wrk(url, WARM)
    said = _wrk(url, SECONDS)
    if "Non-2xx" in said or "connect 0, read 0, write 0" not in said and "Socket errors" in said:
        raise LocalError(f"{url} did not always answer:\n{said}")
    return rate_in(said)


def rate_in(said: str) -> float:
    """The figure in what wrk says."""
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not found:
        raise LocalError(said)
    return float(found[1])


def front(folder: Path, port: int, site: int, same: Mapping[str, Path], headers: str) -> str:
    """deploy/nginx.conf for this machine, without https, and files beside it under `/same/`."""
    shipped = (folders.ROOT / "deploy" / "nginx.conf").read_text()
    begin, end = (
        shipped.index("server {\n    listen 80;"),
        shipped.index("server {\n    listen 443"),
    )
    text = shipped[:begin] + shipped[end:]
    for old, new in {
        "/var/cache/nginx/rabita": str(folder / "cache"),
        "server 127.0.0.1:8000;": f"server {HOST}:{site};",
        "listen 443 ssl http2;": f"listen {HOST}:{port};",
        "    ssl_certificate CERTIFICATE.pem;\n": "",
        "    ssl_certificate_key CERTIFICATE.key;\n": "",
        "server_name HOST;": "server_name _;",
    }.items():
        if old not in text:
            raise LocalError(f"deploy/nginx.conf lacks {old!r}")
        text = text.replace(old, new)
    files = "".join(
        f"    location = /same/{name} {{ alias {path}; types {{ }} "
        f'default_type "text/html; charset=utf-8"; {headers} }}\n'
        for name, path in same.items()
    )
    text = text.rstrip().removesuffix("}") + files + "}\n"
    user = "user root;\n" if os.getuid() == 0 else ""
    return (
        f"{user}worker_processes 1;\ndaemon off;\npid {folder}/nginx.pid;\n"
        f"error_log {folder}/nginx.log;\nevents {{ worker_connections 512; }}\n"
        f"http {{\naccess_log off;\nsendfile on;\nkeepalive_requests 1000000;\n{text}}}\n"
    )


def _pairs(ground: Ground) -> Iterator[Pair]:
    for name, path in PAGES.items():
        yield Pair(
            f"{name} through nginx, of a file of the same octets",
            f"{ground.front}{path}",
            f"{ground.front}/same/{name}",
            0.7,
        )
    for name, path in PAGES.items():
        yield Pair(
            f"{name} from the application's cache, times drawn anew",
            f"{ground.site}{path}",
            f"{ground.site}{path}?{FRESH}",
            10,
        )
    for path, name in LISTS.items():
        # A search answers words that nobody foresaw: its rate is said, and judged by nothing.
        yield Pair(
            f"list drawn anew ({name}), times a stock home page",
            f"{ground.site}{path}",
            f"{ground.stock}/",
            0 if name == SEARCH else 1,
        )


@contextmanager
def _running(arena_: Arena, folder: Path) -> Iterator[tuple[Ground, dict[str, list[int]]]]:
    for program in ("nginx", "wrk"):
        if not _found(program):
            raise LocalError(f"No {program} on the path: apt install nginx-light wrk")
    site, stock, front_port = free_ports(3)
    ours = arena_.pages_environment(f"{HOST}:{site}", folder)
    theirs = _stock(arena_, folder)
    with ExitStack() as stack:
        start = (sys.executable, "-m", "gunicorn", *GUNICORN, "--worker-tmp-dir", folder)
        for command, port, env, place in (
            ("config.wsgi:application", site, ours, folders.ROOT),
            ("stock.wsgi:application", stock, theirs, folder / "stock"),
        ):
            log = folder / f"{command.partition('.')[0]}.log"
            child = processes.start(
                [*start, "--chdir", place, "--bind", f"{HOST}:{port}", command], log=log, env=env
            )
            stack.callback(processes.stop, child)
            _wait(f"http://{HOST}:{port}{'/en/' if env is ours else '/'}", child, log)
        same, headers = _same(f"http://{HOST}:{site}", folder)
        (folder / "nginx.conf").write_text(front(folder, front_port, site, same, headers))
        log = folder / "nginx.log"
        child = processes.start(
            [_found("nginx") or "", "-e", log, "-p", folder, "-c", folder / "nginx.conf"],
            log=log,
            env=ours,
        )
        stack.callback(processes.stop, child)
        _wait(f"http://{HOST}:{front_port}/en/", child, log)
        place = folder / "queries.json"
        call = f"site.count({str(place)!r}, {HOST!r})"
        script = f"import django; django.setup(); from benchmarks import site; {call}"
        steps.run([sys.executable, "-c", script], env=ours, log=folder / "queries.log")
        ground = Ground(*(f"http://{HOST}:{port}" for port in (front_port, site, stock)))
        yield ground, json.loads(place.read_text())


def _stock(arena_: Arena, folder: Path) -> dict[str, str]:
    """An untouched `wagtail start`, migrated, its static files collected; its environment."""
    place = folder / "stock"
    place.mkdir()
    env = arena_.empty_environment("stock") | {
        "DJANGO_SETTINGS_MODULE": "stock.settings.bench",
        "PYTHONPATH": str(place),
    }
    log = folder / "stock.log"
    with steps.step("making a stock site"):
        start = "from wagtail.bin.wagtail import main; main()"
        steps.run(
            [sys.executable, "-c", start, "start", "stock", place],
            env=env | {"DJANGO_SETTINGS_MODULE": ""},
            log=log,
        )
        (place / "stock" / "settings" / "bench.py").write_text(STOCK)
        for words in (("migrate",), ("collectstatic", "--no-input")):
            steps.run([sys.executable, place / "manage.py", *words], env=env, log=log)
    return env


def _same(site: str, folder: Path) -> tuple[dict[str, Path], str]:
    """Each page as a file, and the headers of the site's answers in nginx's words."""
    files, headers = {}, ""
    for name, path in PAGES.items():
        with urlopen(f"{site}{path}") as answer:  # noqa: S310
            files[name] = folder / f"{name}.html"
            files[name].write_bytes(answer.read())
            headers = " ".join(
                f'add_header {key} "{value}";'
                for key, value in answer.headers.items()
                if key.lower() not in OWN_HEADERS
            )
    return files, headers


def _wait(url: str, child: Popen[bytes], log: Path) -> None:
    arena.wait_until(lambda: supervisor.answers(url), child, log)


def _wrk(url: str, seconds: int) -> str:
    command = [
        _found("wrk") or "",
        "-t1",
        f"-c{CONNECTIONS}",
        f"-d{seconds}s",
        "--timeout=30s",
        url,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _report(pairs: list[Pair], queries: Mapping[str, list[int]], rounds: int) -> str:
    goals = [Goal(pair.words, pair.ratio, "≥", pair.bound) for pair in pairs]
    goals += [
        Goal(f"queries of the first page after a publication ({LISTS[path]})", first, "≤", 6)
        for path, (_alone, first, _very_first) in queries.items()
    ]
    rates = [
        (
            pair.words,
            f"{median(ours for ours, _ in pair.rates):,.0f}",
            f"{median(other for _, other in pair.rates):,.0f}",
            f"{min(ours / other for ours, other in pair.rates):.3g}",
            f"{max(ours / other for ours, other in pair.rates):.3g}",
        )
        for pair in pairs
    ]
    counted = [
        ", ".join(f"{LISTS[path]} {counts[place]}" for path, counts in queries.items())
        for place in (0, 2)
    ]
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return "\n\n".join(
        (
            "## Pages, this run",
            report.goals_table(goals),
            report.table(("pair", "a second", "beside it", "least", "most"), rates),
            f"Queries of each page after that: {counted[0]}.",
            f"Queries of a process's very first page: {counted[1]}.",
            f"{rounds} rounds of {SECONDS} s, {CONNECTIONS} connections; load at the end: {load}.",
        )
    )
