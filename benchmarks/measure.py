"""Processes from outside: in come process ids, out come CPU seconds and memory of their trees.

Reads /proc, so Linux alone. CPU counts children that have ended, too, as soon as their parent has
collected them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu(roots: Iterable[int]) -> float:
    """Seconds used by these trees since they were started: user and system, ended children too."""
    fields = (_stat(pid) for pid in tree(roots))
    return sum(int(field) for some in fields for field in some[11:15]) / TICK


def peak(roots: Iterable[int]) -> int:
    """Octets of memory that the largest process of these trees ever held (resident)."""
    return max((_high_water(pid) for pid in tree(roots)), default=0)


def tree(roots: Iterable[int]) -> set[int]:
    """The processes and all that descend from them and still exist."""
    parents = {
        int(folder.name): int(fields[1])
        for folder in Path("/proc").glob("[0-9]*")
        if (fields := _stat(int(folder.name)))
    }
    found = set(roots) & parents.keys()
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/pid/stat after the name: state, parent, … (11: user time)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _high_water(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)
