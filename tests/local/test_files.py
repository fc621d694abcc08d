"""Files that must agree with one another."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def pins(name):
    lines = (ROOT / name).read_text().splitlines()
    return dict(re.match(r"([\w.-]+)==([^\s;]+)", line).groups() for line in lines if "==" in line)


def test_lock_files_build_on_one_another():
    runtime, local, dev = (pins(f"requirements{suffix}.txt") for suffix in ("", "-local", "-dev"))

    assert runtime.items() <= local.items() <= dev.items()


def test_what_a_slim_or_old_machine_lacks_is_locked_in():
    """Debian's own 3.11.2 needs async-timeout, which a lock made on 3.11.7 lacks."""
    text = (ROOT / "requirements.txt").read_text()

    assert re.search(r"^async-timeout==\S+ ; python_full_version < '3\.11\.3'", text, re.MULTILINE)
    assert {"tzdata", "python-dateutil"} <= pins("requirements.txt").keys()
    assert "--universal --python-version 3.11 " in (ROOT / "Makefile").read_text()


def test_every_setting_read_from_the_environment_stands_in_the_example():
    read = set()
    for path in (ROOT / "config" / "settings").glob("*.py"):
        read |= set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", path.read_text()))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert sorted(read - offered) == []


def test_make_says_what_every_target_is_for():
    text = (ROOT / "Makefile").read_text()
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split()

    silent = [name for name in phony if not re.search(rf"^{name}:.*## \w", text, re.MULTILINE)]

    assert silent == []
