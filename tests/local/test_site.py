"""A site of this machine: its ports, its folder, its environment."""

import socket
import stat
from collections import defaultdict

import pytest

import packs
from config.local import demo, postgres, site, valkey
from config.local.processes import LocalError
from config.local.servers import Servers
from config.local.site import Site


@pytest.fixture
def named_servers():
    return Servers("postgres://db/rabita", "redis://broker/0", "redis://broker/1", None, None)


def test_taken_port_is_named_with_the_line_that_helps():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(LocalError) as raised:
            site.refuse_taken_ports(port, say="make demo PORT=8010")

    assert str(raised.value) == f"Port {port} is in use: make demo PORT=8010"


def test_second_supervisor_is_kept_out_of_a_folder(tmp_path):
    here = Site(tmp_path / "demo", 8000, 8001)

    with here.held(), pytest.raises(LocalError, match="already runs from"), here.held():
        pass


def test_folder_stays_held_while_it_is_emptied(tmp_path, named_servers):
    here = Site(tmp_path / "demo", 8000, 8001)
    here.environment(named_servers)

    with here.held():
        here.empty()

        assert [path.name for path in here.folder.iterdir()] == ["lock"]
        with pytest.raises(LocalError, match="already runs from"), here.held():
            pass


def test_secrets_are_made_once_and_for_their_owner_alone(tmp_path, named_servers):
    here = Site(tmp_path / "demo", 8000, 8001)

    first, second = (here.environment(named_servers)["SECRET_KEY"] for _ in range(2))

    assert first == second
    assert len(first) >= 50
    assert stat.S_IMODE((tmp_path / "demo" / "secrets").stat().st_mode) == 0o600


def test_environment_file_can_be_sourced_and_is_for_its_owner_alone(tmp_path, named_servers):
    here = Site(tmp_path / "demo", 8000, 8001)
    path = tmp_path / "demo.env"

    here.write_environment(path, named_servers)
    lines = dict(
        line.split("=", 1) for line in path.read_text().splitlines() if not line.startswith("#")
    )

    assert lines["DATABASE_URL"] == "postgres://db/rabita"
    assert lines["DJANGO_SETTINGS_MODULE"] == "config.settings.demo"
    assert lines["SITE_URL"] == "http://localhost:8000"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_each_centre_s_demonstration_keeps_its_data_apart_and_says_its_pack(
    tmp_path, named_servers, monkeypatch
):
    monkeypatch.setenv("PACK", "bridgetown")

    settings = Site(tmp_path, 1, 2).own_settings(named_servers, defaultdict(str))

    assert settings["PACK"] == "bridgetown"
    assert demo.folder_of("bridgetown") != demo.folder_of(packs.FIRST) == demo.FOLDER


def test_forgetting_leaves_nothing(tmp_path, named_servers):
    here = Site(tmp_path / "demo", 8000, 8001)
    here.environment(named_servers)

    here.forget()

    assert not here.folder.exists()


def test_wheels_bring_both_servers(tmp_path):
    assert postgres.binaries(tmp_path / "bin").joinpath("postgres").is_file()
    assert valkey.binary().is_file()
