"""Where the servers' data, binaries and sockets may live, as root and as an ordinary user."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import tempfile
from pathlib import Path

from config.local.processes import LocalError, group_of

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SOCKET = 107  # bytes; sun_path of Linux
OPEN_TO_ALL = Path("/var/tmp")  # noqa: S108 (for root, with owner and mode checked)


def server_uid(folder: Path) -> int | None:
    """Whom the servers run as: nobody special for a user, an ordinary uid for root.

    PostgreSQL refuses to run as root. A folder that exists keeps the owner it has.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return owner
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        raise LocalError(
            "Root may not run PostgreSQL and this system has no user “nobody”. "
            "Run as an ordinary user, or set DATABASE_URL and CELERY_BROKER_URL."
        ) from None


def reachable(folder: Path) -> Path:
    """The folder itself, or one under /var/tmp where the servers' own uid could not get to it.

    That is root with a checkout under a closed home. The name is fixed by the path, so a second run
    finds its data again. Nothing is made here.
    """
    if os.geteuid() != 0 or _open_to_all(folder):
        return folder
    return OPEN_TO_ALL / f"rabita-{_short(folder)}"


def sockets(folder: Path, uid: int | None) -> Path:
    """A short folder for sockets that only the servers' user (and root) can enter."""
    inside = folder / "run"
    place = inside
    if len(str(inside).encode()) + len("/.s.PGSQL.5432.lock") > LONGEST_SOCKET:
        place = Path(tempfile.gettempdir()) / f"rabita-run-{_short(folder)}"
    _own(place, mode=0o700, uid=uid)
    return place


def handed_over(folder: Path, uid: int | None, *, mode: int = 0o700) -> Path:
    """The folder, made if need be and given to the servers' user."""
    _own(folder, mode=mode, uid=uid)
    return folder


def copied(source: Path, target: Path) -> Path:
    """A copy of the wheel's binaries that an ordinary uid can reach; made once."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.parent.chmod(0o755)
        half = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copy-"))
        shutil.copytree(source, half / "whole", symlinks=True)
        for path in (half / "whole", *(half / "whole").rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o444))
        try:
            (half / "whole").rename(target)
        except OSError:
            if not target.exists():  # a run beside this one was not quicker: a real error
                raise
        shutil.rmtree(half, ignore_errors=True)
    return target


def _own(folder: Path, *, mode: int, uid: int | None = None) -> None:
    """Make the folder ours; one that somebody else planted under that name is refused."""
    expected = os.geteuid() if uid is None else uid
    folder.mkdir(parents=True, exist_ok=True)
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode) or found.st_uid not in {os.geteuid(), expected}:
        raise LocalError(f"{folder} belongs to another user. Remove it and start again.")
    if found.st_uid != expected:
        os.chown(folder, expected, group_of(expected))
    os.chmod(folder, mode)


def _open_to_all(folder: Path) -> bool:
    return all(
        part.stat().st_mode & stat.S_IXOTH for part in folder.resolve().parents if part.exists()
    )


def _short(folder: Path) -> str:
    return hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]
