"""Looking at processes from outside, as a person with `ps` would."""

from __future__ import annotations

import time
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] not in {"Z", "X"}


def children(pid: int) -> list[int]:
    """The processes that this one started and that still run."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid and alive(int(stat.parent.name)):
            found.append(int(stat.parent.name))
    return found


def environment(pid: int) -> dict[str, str]:
    """What a process was started with."""
    try:
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    except OSError:
        return {}
    return dict(pair.split("=", 1) for pair in pairs if "=" in pair)


def mentioning(word: str) -> dict[int, str]:
    """Running processes with a word in their command line or environment, by process id."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
        except OSError:
            continue
        if word.encode() in words and alive(int(folder.name)):
            found[int(folder.name)] = words.split(b"\0\0")[0].replace(b"\0", b" ").decode()[:200]
    return found


def gone(word: str, *, within: float = 10) -> dict[int, str]:
    """What still runs after waiting for everything that mentions the word to end."""
    give_up = time.monotonic() + within
    while (left := mentioning(word)) and time.monotonic() < give_up:
        time.sleep(0.1)
    return left
