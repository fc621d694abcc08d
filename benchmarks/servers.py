"""In: an arena. Out: nginx before the site, the site and a stock site, answering side by side."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from urllib.request import urlopen

from benchmarks import arena
from benchmarks.arena import Arena
from benchmarks.paths import PAGES
from config.local import folders, processes, steps, supervisor
from config.local.processes import LocalError
from config.local.site import HOST, free_ports

GUNICORN = ("--worker-class", "gthread", "--workers", "1", "--threads", "4", "--keep-alive", "30")
OWN_HEADERS = {"server", "date", "connection", "content-length", "content-type", "x-accel-expires"}
STOCK = """
import dj_database_url, os
from .production import *
SECRET_KEY = "b" * 50
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": dj_database_url.parse(
    os.environ["DATABASE_URL"], conn_max_age=60, conn_health_checks=True)}
"""


@dataclass(frozen=True)
class Ground:
    """Where each of the three answers: `http://host:port`."""

    front: str
    site: str
    stock: str


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


@contextmanager
def running(arena_: Arena, folder: Path) -> Iterator[tuple[Ground, dict[str, list[int]]]]:
    """All three, and how many queries each list takes, as `site.count` counts them."""
    for program in ("nginx", "wrk"):
        if not found(program):
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
            [found("nginx") or "", "-e", log, "-p", folder, "-c", folder / "nginx.conf"],
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


def found(program: str) -> str | None:
    """Where a program is, if it is; nginx stands where only root looks."""
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
