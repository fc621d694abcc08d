"""Where root's servers live, and how long a socket's path may be."""

import os
import socket

import pytest

from config.local import folders
from config.local.processes import LocalError

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends its servers another uid")


@as_root
def test_what_an_ordinary_uid_cannot_enter_is_put_elsewhere(tmp_path):
    """Root's checkout under a closed home: initdb would find neither its binaries nor its data."""
    closed = tmp_path / "home" / "checkout"
    closed.mkdir(parents=True)
    closed.parent.chmod(0o700)

    elsewhere = folders.reachable(closed)

    assert elsewhere != closed
    assert folders._open_to_all(elsewhere / "postgres")
    assert folders.reachable(closed) == elsewhere
    assert not folders._open_to_all(closed)


@as_root
def test_postgres_never_runs_as_root(tmp_path):
    assert folders.server_uid(tmp_path / "nothing-here-yet") not in {None, 0}


@pytest.mark.parametrize("length", [10, 90, 200])
def test_a_socket_s_path_is_short_enough_however_deep_the_checkout(tmp_path, length):
    folder = tmp_path
    while len(str(folder)) < length:
        folder = folder / "deeper"
    folder.mkdir(parents=True, exist_ok=True)

    place = folders.sockets(folder, None)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place / ".s.PGSQL.5432"))
    assert len(str(place / ".s.PGSQL.5432.lock").encode()) <= 107
    assert place.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_somebody_planted_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(LocalError, match="belongs to another user"):
        folders.sockets(tmp_path, None)
