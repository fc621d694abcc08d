"""What the launcher starts ends with it, however it ends."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from config.local import processes, servers
from config.local.processes import LocalError
from tests.plugins import proc
from tests.plugins.clusters import RUN_FOLDER

ROOT = Path(__file__).resolve().parents[2]

HOLDS_SERVERS = """
import sys, time
from pathlib import Path
import redis
from config.local import servers

with servers.running(Path(sys.argv[1]), named={}) as up:
    with up.own_postgres.connect("rabita") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (at timestamptz DEFAULT now())")
        connection.execute("INSERT INTO kept DEFAULT VALUES")
        rows = connection.execute("SELECT count(*) FROM kept").fetchone()[0]
    with redis.Redis(unix_socket_path=str(up.own_valkey.socket)) as client:
        print("rows", rows, "bells", client.rpush("celery", "a bell"), flush=True)
    time.sleep(60)
"""


@pytest.fixture
def short_folder():
    # Beside the run's own servers: as root they run as somebody who cannot enter tmp_path.
    folder = Path(tempfile.mkdtemp(dir=os.environ[RUN_FOLDER]))
    folder.chmod(0o755)
    return folder


def start_holder(folder):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDS_SERVERS, folder],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        # Whoever starts the tests in the background of a shell makes them deaf to interrupts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    return holder, holder.stdout.readline().strip()


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_servers_end_with_the_process_that_holds_them(short_folder, how):
    holder, _said = start_holder(short_folder)
    running = proc.mentioning(str(short_folder))

    holder.send_signal(how)
    holder.wait(20)
    holder.stdout.close()

    assert {"postgres", "valkey"} <= {
        word for word in ("postgres", "valkey") for line in running.values() if word in line
    }
    assert proc.gone(str(short_folder)) == {}


@pytest.mark.slow
def test_data_is_there_again_after_a_kill(short_folder):
    for count in (1, 2):
        holder, said = start_holder(short_folder)
        holder.kill()
        holder.wait(20)
        holder.stdout.close()

        assert said == f"rows {count} bells {count}"
        assert proc.gone(str(short_folder)) == {}


@pytest.mark.slow
def test_second_server_on_the_same_data_is_refused_and_the_first_stays(short_folder):
    with servers.running(short_folder, named={}, scratch=True) as up:
        with (
            pytest.raises(LocalError, match="PostgreSQL did not start"),
            servers.running(short_folder, named={}, scratch=True),
        ):
            pass

        with up.own_postgres.connect() as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)


def test_stop_ends_the_whole_group_of_a_child(tmp_path):
    marker = f"marker-{tmp_path.name}"
    deaf = f"trap '' TERM; sh -c 'sleep 60 # {marker}' & wait # {marker}"
    child = processes.start(["sh", "-c", deaf], log=None)
    while len(proc.mentioning(marker)) < 2:
        time.sleep(0.02)

    processes.stop(child, patience=0.2)

    assert proc.gone(marker) == {}


def test_servers_named_by_the_environment_are_used_and_none_is_started(tmp_path):
    named = {
        "DATABASE_URL": "postgres://db.example.org/rabita",
        "CELERY_BROKER_URL": "redis://broker.example.org/0",
    }

    with servers.running(tmp_path, named=named) as up:
        found = up.environment, up.own_postgres, up.own_valkey

    assert found == (named | {"CACHE_URL": "redis://broker.example.org/0"}, None, None)
    assert list(tmp_path.iterdir()) == []


def test_error_names_both_variables_where_no_server_can_be_found(tmp_path, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")

    with (
        pytest.raises(LocalError, match=r"DATABASE_URL .* and CELERY_BROKER_URL") as raised,
        servers.running(tmp_path, named={}),
    ):
        pass

    assert "PostgreSQL" in str(raised.value)


def test_a_failing_command_says_what_it_said():
    with pytest.raises(LocalError, match="no such wish"):
        processes.run(["sh", "-c", "echo no such wish; exit 3"])
