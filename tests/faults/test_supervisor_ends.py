"""However the supervisor ends, nothing that it started stays; a taken port is told at once."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from config.local.site import OWN_SITE
from tests.plugins import clusters, proc

ROOT = Path(__file__).resolve().parents[2]
NOT_FOR_IT = {
    "DATABASE_URL", "CELERY_BROKER_URL", "CACHE_URL", "MAKELEVEL", "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY", "SITE_URL", clusters.RUN_FOLDER,
}  # fmt: skip


@pytest.fixture
def launch():
    """Start `python -m config.local …` as a person would; what a test leaves running is ended."""
    started = []

    def start(*words):
        env = {name: value for name, value in os.environ.items() if name not in NOT_FOR_IT}
        started.append(
            subprocess.Popen(
                [sys.executable, "-m", "config.local", *words],
                cwd=ROOT,
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                # A shell's background jobs are born deaf to it.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def read_until(process, words):
    """What it printed up to these words; the test fails if it ends before."""
    said = ""
    while words not in said:
        piece = os.read(process.stdout.fileno(), 4096).decode()
        assert piece, f"it ended early:\n{said}"
        said += piece
    return said


def folder_of(smoke):
    """Where the run keeps its data, as the first of its children was told."""
    while True:
        for child in proc.children(smoke.pid):
            if folder := proc.environment(child).get(OWN_SITE):
                return folder
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "after", "running"),
    [
        (signal.SIGKILL, "publishing a story", 8),
        (signal.SIGTERM, "preparing the database", 4),
        (signal.SIGINT, "preparing the database", 4),
    ],
)
def test_supervisor_leaves_no_process_behind(launch, how, after, running):
    smoke = launch("smoke")
    read_until(smoke, after)
    folder = folder_of(smoke)
    while len(proc.mentioning(folder)) < running:
        time.sleep(0.05)

    smoke.send_signal(how)
    smoke.wait(30)

    assert proc.gone(folder) == {}


@pytest.mark.slow
def test_smoke_run_succeeds(launch):
    smoke = launch("smoke")

    said, _ = smoke.communicate(timeout=600)

    assert smoke.returncode == 0, said
    assert "got no second digest" in said


def test_taken_port_is_told_with_the_line_that_helps(launch):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        demo = launch("demo", "--port", str(port))
        said, _ = demo.communicate(timeout=30)

    assert demo.returncode == 1
    assert said.strip() == f"Port {port} is in use: make demo PORT={port + 10}"
